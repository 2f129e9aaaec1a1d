package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/api/locale"
	"valise.example/directory"
	"valise.example/proto/ident"
)

func newDirectoryCommand(p *program) *cobra.Command {
	return nounCommand("directory", "Which States take part, their points of contact and their keys",
		newDirectoryAdmitCommand(p),
		newDirectoryBundlesCommand(p),
		newDirectoryCheckCommand(p),
		newDirectoryConfirmCommand(p),
		newDirectoryContactCommand(p),
		newDirectoryEntryCommand(p),
		newDirectoryEvidenceCommand(p),
		newDirectoryImportCommand(p),
		newDirectoryInitCommand(p),
		newDirectoryManagersCommand(p),
		newDirectoryOthersCommand(p),
		newDirectoryPublishCommand(p),
		newDirectoryShowCommand(p),
		newDirectorySignCommand(p),
		newDirectoryVerifyCommand(p),
		newDirectoryWithdrawCommand(p),
	)
}

func newDirectoryAdmitCommand(p *program) *cobra.Command {
	var confirm string
	cmd := &cobra.Command{
		Use:   "admit FILE…",
		Short: "Admit a State's entry export or a relay's card; nothing leaves before publish",
		Annotations: documented("admits entry exports and relay cards; `--confirm-root` after call-back",
			`{"admitted","state","number","root","fingerprint"}`,
			`{"admitted","address","name"}`),
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.runDirectoryAdmit(args, confirm) },
	}
	cmd.Flags().StringVar(&confirm, "confirm-root", "", "fingerprint of a State's new root, after call-back")
	return cmd
}

func (p *program) runDirectoryAdmit(files []string, confirm string) error {
	registry, _, err := p.registry()
	if err != nil {
		return err
	}
	options := directory.AdmitOptions{Now: p.now()}
	if confirm != "" {
		if options.ConfirmRoot, err = ident.ParseFingerprint(confirm); err != nil {
			return usage(err.Error())
		}
	}
	for _, file := range files {
		b, err := p.readInput(file, maxFile)
		if err != nil {
			return err
		}
		admission, err := registry.Admit(b, options)
		if err != nil {
			return err
		}
		if err := p.printAdmission(admission); err != nil {
			return err
		}
	}
	p.tell("next: valise directory publish")
	return nil
}

func (p *program) printAdmission(a directory.Admission) error {
	if a.Relay != nil {
		return p.result(object{"admitted": "relay", "address": a.Relay.GetAddress(), "name": a.Relay.GetName()},
			"admitted the relay at "+a.Relay.GetAddress())
	}
	p.tell("compare the root by telephone with the State's authority before you publish")
	return p.result(object{"admitted": "entry", "state": a.Entry.State, "number": a.Entry.Number, "root": a.Entry.Root.String(), "fingerprint": a.Entry.Root.Fingerprint()},
		fmt.Sprintf("admitted entry %d of %s", a.Entry.Number, a.Entry.State), "root "+a.Entry.Root.Fingerprint())
}

// snapshot is the directory of whatever the home is.
func (p *program) snapshot() (*directory.Snapshot, error) {
	dir, err := p.homeDir()
	if err != nil {
		return nil, err
	}
	is, _, err := look(dir)
	if err != nil {
		return nil, err
	}
	if is == placeRegistry {
		registry, _, err := p.registry()
		if err != nil {
			return nil, err
		}
		return registry.Published(), nil
	}
	book, _, err := p.book()
	if err != nil {
		return nil, err
	}
	return book.Snapshot(), nil
}

// verifyFlags say against what a directory file is held.
type verifyFlags struct {
	realm        string
	fingerprints []string
}

func newDirectoryVerifyCommand(p *program) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check every signature and number of a directory file, or of what the home holds",
		Annotations: documented("checks a file or what the home holds; `--fingerprint`, `--realm`",
			`{"ok","number","hash","states":[],"stale","managers":[],"trusted"}`,
			`{"ok","number","unchanged","changes":[]}`+"; with FILE in a node's home"),
		Long: `Without FILE all that is in force in the home is checked. With FILE and a node's home, the
file is held against what is in force there. With neither, --realm is needed, and
--fingerprint says which manager is trusted; without it the fingerprints are printed to be
compared.

` + exitTable,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return p.runDirectoryVerifyFile(args[0], &f)
			}
			return p.runDirectoryVerify()
		},
	}
	cmd.Flags().StringVar(&f.realm, "realm", "", "with FILE and without a home: the realm the file must be of")
	cmd.Flags().StringArrayVar(&f.fingerprints, "fingerprint", nil, "with FILE: a manager's fingerprint; repeat it for each manager")
	return cmd
}

// runDirectoryVerify: opening verifies everything that is in force. docs/protocol.md §8.6
func (p *program) runDirectoryVerify() error {
	snapshot, err := p.snapshot()
	if err != nil {
		return err
	}
	return p.printVerified(snapshot, true)
}

func (p *program) runDirectoryVerifyFile(file string, f *verifyFlags) error {
	b, err := p.readInput(file, maxFile)
	if err != nil {
		return err
	}
	if f.realm == "" {
		return p.verifyAtHome(b)
	}
	realm, err := p.parseRealm(f.realm)
	if err != nil {
		return err
	}
	trusted, err := parseFingerprints(f.fingerprints)
	if err != nil {
		return err
	}
	options := directory.ImportOptions{TrustManagers: trusted}
	if len(trusted) == 0 {
		// Nobody is trusted by this: the fingerprints are printed for a person to compare.
		options.Confirm = func(directory.ManagerInfo) error { return nil }
	}
	snapshot, _, err := directory.CheckFile(realm, b, options)
	if err != nil {
		return err
	}
	return p.printVerified(snapshot, len(trusted) > 0)
}

// verifyAtHome holds the file against the directory that a node has in force.
func (p *program) verifyAtHome(b []byte) error {
	book, _, err := p.book()
	if err != nil {
		return err
	}
	changes, err := book.Check(b, directory.ImportOptions{})
	if err != nil {
		return err
	}
	s := p.speech()
	return p.result(object{"ok": true, "number": changes.ListNumber, "unchanged": changes.Unchanged, "changes": strs(changes.Lines())},
		append([]string{s.line(s.say(s.Directory.Follows, "number", decimal(changes.ListNumber)))}, changeLines(s, changes)...)...)
}

func parseFingerprints(texts []string) (ids []ident.KeyID, err error) {
	for _, s := range texts {
		id, err := ident.ParseFingerprint(s)
		if err != nil {
			return nil, usage(err.Error())
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// changeLines are what a file would change, for people.
func changeLines(s speech, c directory.Changes) (lines []string) {
	if s.l == locale.English {
		return c.Lines() // what scripts and --json have
	}
	add := func(t locale.Text, values ...string) { lines = append(lines, s.line(s.say(t, values...))) }
	for _, state := range c.Joined {
		add(s.Directory.Joined, "state", s.theirs(state.String()))
	}
	for _, state := range c.Updated {
		add(s.Directory.Updated, "state", s.theirs(state.String()))
	}
	for _, state := range c.Left {
		add(s.Directory.Gone, "state", s.theirs(state.String()))
	}
	for _, k := range c.KeyChanged {
		add(s.Directory.KeyChanged, "state", s.theirs(k.State.String()), "root", s.theirs(k.Offered.Fingerprint()))
	}
	for _, a := range c.NewBundles {
		add(s.Directory.NewKeys, "address", s.theirs(a.String()))
	}
	for _, n := range c.Notices {
		add(s.Directory.NotUsed, "address", s.theirs(n.Address.String()), "reason", s.reason(n.Reason))
	}
	return lines
}

func (p *program) printVerified(snapshot *directory.Snapshot, trusted bool) error {
	hash := fmt.Sprintf("%x", snapshot.Hash())
	states, managers := []string{}, []string{}
	for _, state := range snapshot.States() {
		states = append(states, state.String())
	}
	s := p.speech()
	lines := []string{s.line(s.say(s.Directory.Verified, "number", decimal(snapshot.Number()), "states", fmt.Sprint(len(states)), "hash", s.theirs(hash)))}
	if info, ok := snapshot.Managers(); ok {
		for _, id := range info.Managers {
			managers = append(managers, id.Fingerprint())
			lines = append(lines, s.fact(s.Directory.Manager.String(), 8, s.theirs(id.Fingerprint())))
		}
	}
	if !trusted {
		lines = append(lines, s.line(s.Directory.NobodyCompared.String()))
	}
	return p.result(object{"ok": true, "number": snapshot.Number(), "hash": hash, "states": states, "stale": snapshot.Stale(p.now()), "managers": managers, "trusted": trusted}, lines...)
}
