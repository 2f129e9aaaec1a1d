package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

type importFlags struct {
	fingerprints []string
	confirmRoots []string
	log          logFlags
	passphrase   secret
}

func newDirectoryImportCommand(p *program) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take a directory file into force at this node",
		Annotations: documented("takes a directory file into force at a node; `--fingerprint` for the first; `--confirm-root` with `--file`, who was called about it and by which number, as for `directory confirm`, `--means`, `--at`; in the operational realm not without",
			`{"number","unchanged","changes":[],"key_changed":[],"item"?}`+"; `item` where the record tells of the call"),
		Long: `The first import needs the fingerprint of the manager as it came by another way: give it
with --fingerprint, or compare it when asked. Later imports follow from the first. Works
while the node runs and when it does not. Ends with 8 while a State shows another root
than before: call back, then valise directory confirm records who was called and takes it.
--confirm-root 'XB 12345 …' with --file NOTE does both in one. Without --file nothing says who
called; the operational realm refuses that, except for the first list of a home.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runDirectoryImport(cmd.Context(), &f, args[0]) },
	}
	cmd.Flags().StringArrayVar(&f.fingerprints, "fingerprint", nil, "a manager's fingerprint; repeat it for each manager")
	cmd.Flags().StringArrayVar(&f.confirmRoots, "confirm-root", nil, "State and fingerprint of its new root, after call-back")
	cmd.Flags().StringVar(&f.log.file, "file", "", "with --confirm-root: who was called, and by which number, as TOML; - reads stdin")
	cmd.Flags().StringVar(&f.log.means, "means", "call", "with --file: call or meeting")
	cmd.Flags().StringVar(&f.log.at, "at", "", "with --file: when, RFC 3339 (default now)")
	addPassphraseFlags(cmd, &f.passphrase)
	return cmd
}

func (p *program) runDirectoryImport(ctx context.Context, f *importFlags, file string) error {
	book, config, dir, err := p.nodeBook()
	if err != nil {
		return err
	}
	options, err := f.options(p)
	if err != nil {
		return err
	}
	call, err := f.call(p, config.Realm, book.Snapshot().Number() == 0)
	if err != nil {
		return err
	}
	b, err := p.readInput(file, maxFile)
	if err != nil {
		return err
	}
	changes, err := book.Check(b, options)
	if err != nil {
		p.showRefused(ctx, dir, b)
		return err
	}
	if call != nil {
		options.ConfirmRoots = nil // what the record knows of a call confirms it
	}
	if err := p.takeDirectory(ctx, book, dir, b, options); err != nil {
		return err
	}
	item, err := p.recordCall(ctx, f, book, config.State, call)
	if err != nil {
		return err
	}
	return p.printChanges(changes, item)
}

func (f *importFlags) options(p *program) (o directory.ImportOptions, err error) {
	if o.TrustManagers, err = parseFingerprints(f.fingerprints); err != nil {
		return o, err
	}
	if len(f.fingerprints) == 0 {
		o.Confirm = p.confirmManagers
	}
	for _, s := range f.confirmRoots {
		state, root, err := parseRootConfirmation(s)
		if err != nil {
			return o, err
		}
		if o.ConfirmRoots == nil {
			o.ConfirmRoots = map[ident.State]ident.KeyID{}
		}
		o.ConfirmRoots[state] = root
	}
	return o, nil
}

func parseRootConfirmation(s string) (ident.State, ident.KeyID, error) {
	if len(s) < 3 {
		return "", ident.KeyID{}, usageHint("--confirm-root wants a State and a fingerprint", "--confirm-root 'XB 12345 …'")
	}
	state, err := ident.ParseState(s[:2])
	if err != nil {
		return "", ident.KeyID{}, usage(err.Error())
	}
	root, err := ident.ParseFingerprint(s[2:])
	if err != nil {
		return "", ident.KeyID{}, usage(err.Error())
	}
	return state, root, nil
}

// confirmManagers asks a person to compare; without a terminal only --yes says that somebody
// did. docs/protocol.md §8.6
func (p *program) confirmManagers(m directory.ManagerInfo) error {
	if p.yes {
		return nil
	}
	refused := refuse(valisev1.Reason_REASON_NEEDS_YES, "nobody compared the manager's fingerprint",
		"give it with --fingerprint '12345 …' as it came by another way")
	if !p.atTerminal() {
		return refused
	}
	fmt.Fprintf(p.people(), "Managers of this directory (%d of %d must sign):\n", m.Threshold, len(m.Managers))
	for _, id := range m.Managers {
		fmt.Fprintf(p.people(), "  %s\n", id.Fingerprint())
	}
	fmt.Fprint(p.people(), "Are these the fingerprints that came by another way? Type yes: ")
	answer, err := readLine(p.in)
	if err != nil {
		return err
	}
	if answer != "yes" {
		return refused
	}
	return nil
}

// takeDirectory lets a running node take the file, so that it is in force at once; otherwise
// the folder takes it. What a person confirmed goes to the folder first: the node then finds a
// file that follows from what is held.
func (p *program) takeDirectory(ctx context.Context, book *directory.Book, dir string, b []byte, options directory.ImportOptions) error {
	first := book.Snapshot().Number() == 0
	if first || len(options.ConfirmRoots) > 0 || !socketStands(dir) {
		if _, err := book.Import(b, options); err != nil {
			return err
		}
	}
	if !socketStands(dir) {
		return nil
	}
	err := p.atDesk(ctx, func(d *desk) error {
		_, err := d.directory.ImportDirectory(ctx, &valisev1.ImportDirectoryRequest{Bundle: b})
		return err
	})
	if err != nil && passing(err) {
		// The socket was left by a node that ended without closing it.
		_, err = book.Import(b, options)
	}
	return err
}

func socketStands(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, socketName))
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// printChanges says what an import changed; item is where the record tells of a call, nil for none.
func (p *program) printChanges(c directory.Changes, item *uint64) error {
	lines := c.Lines()
	word := fmt.Sprintf("list %d is in force", c.ListNumber)
	if c.Unchanged {
		word += " already; nothing changed"
	}
	changed := []string{}
	for _, k := range c.KeyChanged {
		changed = append(changed, k.State.String())
	}
	slices.Sort(changed)
	answer := object{"number": c.ListNumber, "unchanged": c.Unchanged, "changes": strs(lines), "key_changed": changed}
	if item != nil {
		answer["item"] = *item
		lines = append(lines, fmt.Sprintf("the call is recorded as item %d", *item))
	}
	if err := p.result(answer, append([]string{word}, lines...)...); err != nil {
		return err
	}
	if len(changed) > 0 {
		return refuse(valisev1.Reason_REASON_KEY_CHANGED, "a State shows another root than before; the old entry stays in force",
			"call the State back by a number that you had before, compare, then valise directory confirm XB --fingerprint '12345 …' --file NOTE")
	}
	return nil
}
