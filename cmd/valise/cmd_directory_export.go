package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

type signFlags struct {
	nodeKeys, out string
	passphrase    secret
}

func newDirectoryEntrySignCommand(p *program) *cobra.Command {
	var f signFlags
	cmd := &cobra.Command{
		Use:   "sign --home ROOT --node-keys F --out S",
		Short: "Sign the entry with the root, which stays where it is",
		Annotations: documented("the root signs the entry; `--node-keys` is what `key show --home NODEHOME --json` prints; `--out`",
			`{"file","state","number","root","fingerprint","keys":[{"key","key_id","fingerprint"}]}`),
		Long: `The entry joins the facts of ROOT/entry.toml with the public keys in F, which is what valise
key show --home NODEHOME --json prints. S holds the signed entry and nothing secret; at the node
valise directory entry export --entry S adds what says where its mail goes.

Nothing tells a key in F from another but its fingerprint: compare the fingerprints that this
prints with those that the node prints, by another way than F came.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryEntrySign(&f) },
	}
	cmd.Flags().StringVar(&f.nodeKeys, "node-keys", "", "public keys of the State's node; - reads stdin")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write")
	addPassphraseFlags(cmd, &f.passphrase)
	mustHave(cmd, "node-keys", "out")
	return cmd
}

func (p *program) runDirectoryEntrySign(f *signFlags) error {
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	text, err := p.readText(f.nodeKeys)
	if err != nil {
		return err
	}
	keys, err := parseNodeKeys(text)
	if err != nil {
		return err
	}
	signed, view, err := p.signEntry(r, keys, &f.passphrase)
	if err != nil {
		return err
	}
	file, err := directory.ExportEntry(r.realm, signed)
	if err != nil {
		return err
	}
	if err := p.writeNew(f.out, file); err != nil {
		return err
	}
	p.tell("next, at the node: valise directory entry export --entry %s", f.out)
	o, lines := entryObject(f.out, view)
	o["keys"], lines = signedKeys(r, keys, lines)
	return p.result(o, lines...)
}

// signedKeys names each key that the entry now speaks for, to be compared with the node's own
// sheet. docs/protocol.md §8.5
func signedKeys(r rootFolder, keys nodeKeys, lines []string) ([]object, []string) {
	list := []object{}
	for _, k := range keys.sorted() {
		id := k.key.ID(r.realm)
		list = append(list, object{"key": k.address.String(), "key_id": id.String(), "fingerprint": id.Fingerprint()})
		lines = append(lines, k.address.String()+" "+id.Fingerprint())
	}
	return list, lines
}

// signEntry puts the node's keys on the root's sheet and signs. docs/protocol.md §8.1
func (p *program) signEntry(r rootFolder, keys nodeKeys, passphrase *secret) (*valisev1.SignedObject, directory.EntryView, error) {
	none := directory.EntryView{}
	root, _, err := p.openRoot(r, r.sheet.Root, passphrase)
	if err != nil {
		return nil, none, err
	}
	if keys.realm != r.realm {
		return nil, none, refuse(valisev1.Reason_REASON_WRONG_REALM, "the node is of another realm than the root", "")
	}
	if keys.state != r.sheet.State {
		return nil, none, refuse(valisev1.Reason_REASON_WRONG_SIGNER, "the node is another State's than the root", "")
	}
	if keys.addTo(&r.sheet, p.now()) {
		if err := directory.WriteKeySheet(r.dir, r.sheet); err != nil {
			return nil, none, err
		}
	}
	return r.folder.SignEntry(root, keys.shown)
}

type exportFlags struct {
	node, entry, out string
	passphrase       secret
	nodePassphrase   string
}

func newDirectoryEntryExportCommand(p *program) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export --home NODEHOME --entry S --out F",
		Short: "Join the signed entry with the node's key bundles in a file for the manager",
		Annotations: documented("at the node: the signed `--entry` and the key bundles in one file for the manager, `--out`; or with `--node` both steps at once",
			`{"file","state","number","root","fingerprint"}`),
		Long: `S is what valise directory entry sign wrote; the node's own keys sign where its mail goes.
Nothing secret is in F, and the root's folder is not needed.

Where one machine holds both folders, --home ROOT --node NODEHOME signs and exports at once.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryEntryExport(&f) },
	}
	cmd.Flags().StringVar(&f.entry, "entry", "", "the signed entry; --home is the node's then")
	cmd.Flags().StringVar(&f.node, "node", "", "home of the State's node; --home is the root's folder then")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write")
	cmd.Flags().StringVar(&f.nodePassphrase, "node-passphrase-file", "", "with --node: file with the passphrase of the node's keys")
	addPassphraseFlags(cmd, &f.passphrase)
	mustHave(cmd, "out")
	return cmd
}

func (p *program) runDirectoryEntryExport(f *exportFlags) error {
	var (
		home   *node.Home
		signed *valisev1.SignedObject
		err    error
	)
	switch {
	case (f.entry == "") == (f.node == ""):
		return usageHint("want either --entry or --node", "at the node: valise directory entry export --home NODEHOME --entry S --out F")
	case f.entry != "":
		home, signed, err = p.signedElsewhere(f)
	default:
		home, signed, err = p.signHere(f)
	}
	if err != nil {
		return err
	}
	export, view, err := exportEntry(home, signed, p)
	if err != nil {
		return err
	}
	if err := p.writeNew(f.out, export); err != nil {
		return err
	}
	p.tell("give %s to the manager, and the root's fingerprint by another way", f.out)
	o, lines := entryObject(f.out, view)
	return p.result(o, lines...)
}

// signedElsewhere opens the node and takes the entry that its root signed on another machine.
func (p *program) signedElsewhere(f *exportFlags) (*node.Home, *valisev1.SignedObject, error) {
	if _, _, err := p.lookFor(placeNode, "home of a node", "with --entry the home is the node's"); err != nil {
		return nil, nil, err
	}
	home, err := p.openOffline(&f.passphrase)
	if err != nil {
		return nil, nil, err
	}
	b, err := p.readInput(f.entry, directory.MaxExportSize)
	if err != nil {
		return nil, nil, err
	}
	view, err := directory.ParseEntryExport(home.Config().Realm, b)
	if err != nil {
		return nil, nil, err
	}
	if view.State != home.Config().State {
		return nil, nil, refuse(valisev1.Reason_REASON_WRONG_SIGNER, "the entry is another State's than the node", "")
	}
	file := new(valisev1.EntryExport)
	if err := proto.Unmarshal(b, file); err != nil {
		return nil, nil, err
	}
	return home, file.GetEntry(), nil
}

// signHere is the way of a machine that holds both folders, as a lab's does.
func (p *program) signHere(f *exportFlags) (*node.Home, *valisev1.SignedObject, error) {
	r, err := p.rootFolder()
	if err != nil {
		return nil, nil, err
	}
	words, err := p.readSecret(f.nodePassphrase, "valise-node-passphrase")
	if err != nil {
		return nil, nil, err
	}
	home, err := node.OpenHome(f.node, words)
	if err != nil {
		return nil, nil, err
	}
	keys, err := keysOfNode(home)
	if err != nil {
		return nil, nil, err
	}
	signed, _, err := p.signEntry(r, keys, &f.passphrase)
	return home, signed, err
}

// exportEntry adds the node's bundles to the signed entry; an entry that does not name the
// node's keys is refused by it. docs/protocol.md §8.4
func exportEntry(home *node.Home, signed *valisev1.SignedObject, p *program) ([]byte, directory.EntryView, error) {
	realm := home.Config().Realm
	view, err := directory.ParseEntry(realm, signed)
	if err != nil {
		return nil, view, err
	}
	bundles, err := home.KeyBundles(view.Entry, p.now())
	if err != nil {
		return nil, view, err
	}
	export, err := directory.ExportEntry(realm, signed, bundles...)
	if refusal, ok := errors.AsType[*directory.Refusal](err); ok && refusal.Reason == valisev1.Reason_REASON_UNKNOWN_KEY {
		return nil, view, refuse(refusal.Reason, "the entry was signed for other keys than this node has",
			"give valise key show --json of this node to the root and sign again")
	}
	return export, view, err
}

func entryObject(file string, view directory.EntryView) (object, []string) {
	return object{"file": file, "state": view.State, "number": view.Number, "root": view.Root.String(), "fingerprint": view.Root.Fingerprint()},
		[]string{fmt.Sprintf("entry %d of %s is in %s", view.Number, view.State, file), "root " + view.Root.Fingerprint()}
}
