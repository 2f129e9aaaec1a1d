package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func newDirectoryEntryCommand(p *program) *cobra.Command {
	return nounCommand("entry", "What a State says of itself in the directory",
		newDirectoryEntryEditCommand(p), newDirectoryEntryExportCommand(p))
}

func newDirectoryEntryEditCommand(p *program) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "edit --home ROOT [--file F]",
		Short: "Check F and make it the State's entry.toml; without --file print the present one",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return p.runDirectoryEntryEdit(file) },
	}
	cmd.Flags().StringVar(&file, "file", "", "the facts as TOML; - reads stdin")
	return cmd
}

func (p *program) runDirectoryEntryEdit(file string) error {
	dir, realm, err := p.lookFor(placeRoot, "State's root folder", "valise key ceremony makes one")
	if err != nil {
		return err
	}
	sheet, err := directory.ReadKeySheet(dir, realm)
	if err != nil {
		return err
	}
	folder, err := directory.OpenStateFolder(dir, realm, sheet.State)
	if err != nil {
		return err
	}
	if file == "" {
		facts, err := folder.Facts()
		if err != nil {
			return err
		}
		text := string(directory.EntryTOML(facts))
		return p.result(object{"state": facts.State, "entry": text}, text)
	}
	text, err := p.readText(file)
	if err != nil {
		return err
	}
	facts, err := directory.ParseEntryTOML(text)
	if err != nil {
		return err
	}
	if facts.State != sheet.State.String() {
		return refuse(valisev1.Reason_REASON_BAD_DRAFT, "the entry speaks of another State than the root's folder", "")
	}
	if err := replaceFile(filepath.Join(dir, directory.EntryFile), text); err != nil {
		return err
	}
	p.tell("next: valise directory entry export")
	return p.result(object{"state": facts.State, "points_of_contact": len(facts.Points)}, fmt.Sprintf("entry.toml of %s is ready to be signed", facts.State))
}

type exportFlags struct {
	node, out      string
	passphrase     secret
	nodePassphrase string
}

func newDirectoryEntryExportCommand(p *program) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export --home ROOT --node NODEHOME --out F",
		Short: "Sign the entry with the root and write it, with the node's key bundles, for the manager",
		Long: `The entry joins the facts of ROOT/entry.toml with the public keys of the node; the node's
own keys sign its first key bundles. Nothing secret is in F.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryEntryExport(&f) },
	}
	cmd.Flags().StringVar(&f.node, "node", "", "home of the State's node")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write")
	cmd.Flags().StringVar(&f.nodePassphrase, "node-passphrase-file", "", "file with the passphrase of the node's keys")
	addPassphraseFlags(cmd, &f.passphrase)
	mustHave(cmd, "node", "out")
	return cmd
}

func (p *program) runDirectoryEntryExport(f *exportFlags) error {
	dir, realm, err := p.lookFor(placeRoot, "State's root folder", "valise key ceremony makes one")
	if err != nil {
		return err
	}
	words, err := f.passphrase.read(p)
	if err != nil {
		return err
	}
	root, err := seal.ReadSigningKey(filepath.Join(dir, directory.RootKeyFile), realm, words)
	if err != nil {
		return err
	}
	nodeWords, err := p.readSecret(f.nodePassphrase, "valise-node-passphrase")
	if err != nil {
		return err
	}
	home, err := node.OpenHome(f.node, nodeWords)
	if err != nil {
		return err
	}
	export, view, err := exportEntry(dir, root, home, p.now())
	if err != nil {
		return err
	}
	if err := p.writeNew(f.out, export); err != nil {
		return err
	}
	p.tell("give %s to the manager, and the root's fingerprint by another way", f.out)
	return p.result(object{"file": f.out, "state": view.State, "number": view.Number, "root": view.Root.String(), "fingerprint": view.Root.Fingerprint()},
		fmt.Sprintf("entry %d of %s is in %s", view.Number, view.State, f.out), "root "+view.Root.Fingerprint())
}

// exportEntry puts the node's keys on the root's sheet, signs, and adds the node's bundles.
// docs/protocol.md §8.1, §8.4
func exportEntry(dir string, root *seal.SigningKey, home *node.Home, now time.Time) ([]byte, directory.EntryView, error) {
	realm := home.Config().Realm
	sheet, err := directory.ReadKeySheet(dir, realm)
	if err != nil {
		return nil, directory.EntryView{}, err
	}
	if sheet.State != home.Config().State {
		return nil, directory.EntryView{}, refuse(valisev1.Reason_REASON_WRONG_SIGNER, "the node is another State's than the root", "")
	}
	if addNodeKeys(&sheet, home, now) {
		if err := directory.WriteKeySheet(dir, sheet); err != nil {
			return nil, directory.EntryView{}, err
		}
	}
	folder, err := directory.OpenStateFolder(dir, realm, sheet.State)
	if err != nil {
		return nil, directory.EntryView{}, err
	}
	shown, err := shownEntry(home)
	if err != nil {
		return nil, directory.EntryView{}, err
	}
	_, view, err := folder.SignEntry(root, shown)
	if err != nil {
		return nil, directory.EntryView{}, err
	}
	bundles, err := home.KeyBundles(view.Number, now)
	if err != nil {
		return nil, directory.EntryView{}, err
	}
	export, err := folder.Export(bundles...)
	return export, view, err
}

// shownEntry is the number of our entry as the node's directory shows it, 0 when it shows none:
// a root's folder that was made anew must not begin again. docs/protocol.md §8.1
func shownEntry(home *node.Home) (uint64, error) {
	book, err := home.Directory()
	if err != nil {
		return 0, err
	}
	entry, ok := book.Snapshot().Entry(home.Config().State)
	if !ok {
		return 0, nil
	}
	return entry.GetNumber(), nil
}

// addNodeKeys lists the node's signing keys that the sheet does not know yet.
func addNodeKeys(sheet *directory.KeySheet, home *node.Home, now time.Time) (changed bool) {
	keys := home.PointKeys()
	for _, track := range slices.Sorted(maps.Keys(keys)) {
		id := keys[track].ID(sheet.Realm)
		if slices.ContainsFunc(sheet.Signing, func(k directory.SigningSheetKey) bool { return k.ID == id }) {
			continue
		}
		from := now.UTC().Truncate(time.Second)
		sheet.Signing = append(sheet.Signing, directory.SigningSheetKey{
			SheetKey: directory.SheetKey{Key: keys[track], ID: id, File: fmt.Sprintf("signing-%s.key", track)},
			Address:  ident.Address{State: sheet.State, Track: track}, ValidFrom: from, ValidUntil: from.Add(directory.MaxSigningKeyLife),
		})
		changed = true
	}
	return changed
}
