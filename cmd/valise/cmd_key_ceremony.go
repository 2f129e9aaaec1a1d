package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

type ceremonyFlags struct {
	state, realm, people   string
	next, change, rotation bool
	script, plain          bool
	passphrase             secret
	nextPassphrase         secret
}

const ceremonyObject = `{"state","realm","keys":[{"key","key_id","fingerprint"}],"ceremony","transcript"}`

func newKeyCeremonyCommand(p *program) *cobra.Command {
	var f ceremonyFlags
	cmd := &cobra.Command{
		Use:   "ceremony --home ROOT --state XX",
		Short: "Make a State's root key in a folder of its own, print its fingerprint sheet, and write down who was there",
		Annotations: documented("a State's root key in a folder of its own, and a transcript that the root signs; `--state`, `--realm`, `--people`, `--plain`; later `--next` and `--switch` for the root that follows, `--rotation`; `--script` prints roles and steps",
			ceremonyObject,
			`{"script","language","roles":[{"role","does"}],"steps":[{"step","who","text"}]}`+"; with `--script`"),
		Long: `Makes root.key, keys.toml and a commented entry.toml in ROOT. The root signs what the
State says of itself in the directory; keep ROOT offline afterwards. In the operational realm the root
is under a passphrase, unless --plain says otherwise, and the transcript names a custodian, a
reader and a witness: from --people F, or asked for at the terminal. F is TOML:

  [[attendant]]
  role = "custodian"        custodian, reader or witness
  name = "A. Example"
  [[deviation]]
  step = 3
  text = "what was done otherwise"

--script prints the steps and makes nothing. --next makes the root that follows; the next entry
announces it. --switch lets it take over, once an entry announced it. --rotation writes down which signing
keys came onto the sheet. No root is ever overwritten.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runKeyCeremony(&f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.state, "state", "", "code of the State, two capital letters")
	fs.StringVar(&f.realm, "realm", ident.Operational.String(), "operational, or exercise:NAME-<32 hexadecimal digits>")
	fs.StringVar(&f.people, "people", "", "file with who has which role, and deviations; - reads stdin")
	fs.BoolVar(&f.plain, "plain", false, "write the new root without a passphrase in the operational realm too")
	fs.BoolVar(&f.next, "next", false, "make the root that follows the present one; --yes in the place of one that is announced already")
	fs.BoolVar(&f.change, "switch", false, "let the announced root take over")
	fs.BoolVar(&f.rotation, "rotation", false, "write down the signing keys that stand on the sheet")
	fs.BoolVar(&f.script, "script", false, "print roles and steps, and make nothing")
	fs.StringVar(&f.nextPassphrase.file, "next-passphrase-file", "", "with --next: file with the passphrase of the new root")
	addPassphraseFlags(cmd, &f.passphrase)
	f.nextPassphrase.descriptor, f.nextPassphrase.credential = -1, "valise-next-passphrase"
	cmd.AddCommand(newKeyCeremonyVerifyCommand(p))
	return cmd
}

func (f *ceremonyFlags) kind() (directory.CeremonyKind, error) {
	kind, chosen := directory.CeremonyFirst, 0
	for _, c := range []struct {
		is   bool
		kind directory.CeremonyKind
	}{{f.next, directory.CeremonyNext}, {f.change, directory.CeremonySwitch}, {f.rotation, directory.CeremonyRotation}} {
		if c.is {
			kind, chosen = c.kind, chosen+1
		}
	}
	if chosen > 1 {
		return "", usage("--next, --switch and --rotation exclude each other")
	}
	if kind != directory.CeremonyFirst && f.state != "" {
		return "", usage("--state is for the first ceremony: the folder knows its State")
	}
	return kind, nil
}

func (p *program) runKeyCeremony(f *ceremonyFlags) error {
	kind, err := f.kind()
	switch {
	case err != nil:
		return err
	case f.script:
		return p.printCeremonyScript(kind)
	case kind == directory.CeremonyFirst:
		return p.firstCeremony(f)
	}
	return p.laterCeremony(f, kind)
}

func (p *program) firstCeremony(f *ceremonyFlags) error {
	if f.state == "" {
		return usageHint("want --state", "valise key ceremony --home ROOT --state XX")
	}
	dir, err := p.ownHome()
	if err != nil {
		return err
	}
	state, err := ident.ParseState(f.state)
	if err != nil {
		return usage(err.Error())
	}
	realm, err := p.parseRealm(f.realm)
	if err != nil {
		return err
	}
	config := directory.CeremonyConfig{Dir: dir, Realm: realm, State: state, ValidFrom: p.now(), Rand: rand.Reader}
	if err := directory.CheckCeremony(config); err != nil {
		return err
	}
	t := directory.Transcript{Kind: directory.CeremonyFirst, Began: p.now()}
	if err := p.attend(&t, f.people, realm); err != nil {
		return err
	}
	words, err := p.newPassphrase(&f.passphrase, f.plain || !realm.IsOperational(), "the root", "--passphrase-file")
	if err != nil {
		return err
	}
	config.RootPassphrase = words
	sheet, err := directory.HoldCeremony(config)
	if err != nil {
		return err
	}
	if _, err := directory.InitStateFolder(dir, realm, blankFacts(state)); err != nil {
		return err
	}
	// Read back: a passphrase that does not open the file is found while everybody is in the room.
	root, err := seal.ReadSigningKey(filepath.Join(dir, sheet.Root.File), realm, words)
	if err != nil {
		return err
	}
	if words == nil {
		p.tell("the root key is a plain file: keep %s offline, or begin again with --passphrase-file", dir)
	}
	return p.writeDown(dir, sheet, root, words != nil, t, fmt.Sprintf("next: fill in %s/%s, then valise node init", dir, directory.EntryFile))
}

// laterCeremony is held in a folder that has a root.
func (p *program) laterCeremony(f *ceremonyFlags, kind directory.CeremonyKind) error {
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	t := directory.Transcript{Kind: kind, Began: p.now()}
	if err := p.attend(&t, f.people, r.realm); err != nil {
		return err
	}
	signer := r.sheet.Root
	if kind == directory.CeremonySwitch {
		if signer = r.sheet.NextRoot; signer.Key.IsZero() {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, "no root is announced to follow", "valise key ceremony --next makes one")
		}
	}
	root, protected, err := p.openRoot(r, signer, &f.passphrase)
	if err != nil {
		return err
	}
	next := "next: valise directory entry sign, export, and the manager admits and publishes"
	switch kind {
	case directory.CeremonyNext:
		if protected, err = p.makeNextRoot(&r, f); err != nil {
			return err
		}
	case directory.CeremonySwitch:
		if r.sheet, err = r.folder.SwitchRoot(root); err != nil {
			return err
		}
	case directory.CeremonyRotation:
		next = "next: valise directory entry export at the node, and the manager admits and publishes"
	}
	return p.writeDown(r.dir, r.sheet, root, protected, t, next)
}

func (p *program) makeNextRoot(r *rootFolder, f *ceremonyFlags) (protected bool, err error) {
	if !r.sheet.NextRoot.Key.IsZero() && !p.yes {
		return false, refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "another root is announced to follow already", "--yes announces a new one in its place; the file of the first stays")
	}
	words, err := p.newPassphrase(&f.nextPassphrase, f.plain || !r.realm.IsOperational(), "the next root", "--next-passphrase-file")
	if err != nil {
		return false, err
	}
	r.sheet, err = directory.MakeNextRoot(directory.NextRootConfig{Dir: r.dir, Sheet: r.sheet, Passphrase: words, Again: p.yes, Rand: rand.Reader})
	if err != nil {
		return false, err
	}
	_, err = seal.ReadSigningKey(filepath.Join(r.dir, r.sheet.NextRoot.File), r.realm, words)
	return words != nil, err
}

// writeDown prints the sheet, asks what was done otherwise, and signs the transcript.
func (p *program) writeDown(dir string, sheet directory.KeySheet, root *seal.SigningKey, protected bool, t directory.Transcript, next string) error {
	rows := sheetRows(sheet)
	if !p.json {
		if err := p.result(nil, sheetLines(inEnglish(), sheet.State.String(), sheet.Realm, rows)...); err != nil {
			return err
		}
	}
	if err := p.askDeviations(&t); err != nil {
		return err
	}
	t.Protected, t.Ended = protected, p.now()
	t, err := directory.RecordCeremony(dir, sheet, root, t)
	if err != nil {
		return err
	}
	p.tell("%s", next)
	return p.result(object{
		"state": sheet.State.String(), "realm": sheet.Realm, "keys": keyRowObjects(rows), "ceremony": string(t.Kind), "transcript": t.Number,
	}, fmt.Sprintf("transcript %d is signed by the root: valise key ceremony verify", t.Number))
}

func sheetRows(sheet directory.KeySheet) []keyRow {
	rows := []keyRow{{"root", sheet.Root.ID}}
	if !sheet.NextRoot.Key.IsZero() {
		rows = append(rows, keyRow{"next root", sheet.NextRoot.ID})
	}
	for _, k := range sheet.Signing {
		rows = append(rows, keyRow{k.Address.String(), k.ID})
	}
	return rows
}

func newKeyCeremonyVerifyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "verify --home ROOT",
		Short: "Check every transcript of the folder: signatures, order, and that one root announced the next",
		Annotations: documented("checks every transcript of a root's folder: signatures, order, and that each root announced the next",
			`{"ok","state","root","fingerprint","transcripts":[{"number","ceremony","began","ended","under_passphrase","attendants":[{"role","name","office"?}],"deviations":[{"step","text"}],"keys":[{"key","key_id"}]}]}`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runKeyCeremonyVerify() },
	}
}

func (p *program) runKeyCeremonyVerify() error {
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	all, err := directory.VerifyCeremonies(r.dir, r.sheet)
	if err != nil {
		return err
	}
	objects := []object{}
	lines := []string{fmt.Sprintf("verified: %d transcripts of %s", len(all), r.sheet.State), "root " + r.sheet.Root.ID.Fingerprint()}
	for _, t := range all {
		keys := []object{}
		uses, ids := t.Keys()
		for i := range uses {
			keys = append(keys, object{"key": uses[i], "key_id": ids[i]})
		}
		objects = append(objects, object{
			"number": t.Number, "ceremony": string(t.Kind), "began": t.Began.UTC().Format(time.RFC3339), "ended": t.Ended.UTC().Format(time.RFC3339),
			"under_passphrase": t.Protected, "attendants": listOf(t.Attendants), "deviations": listOf(t.Deviations), "keys": keys,
		})
		lines = append(lines, transcriptLines(t)...)
	}
	root := r.sheet.Root.ID
	return p.result(object{"ok": true, "state": r.sheet.State.String(), "root": root.String(), "fingerprint": root.Fingerprint(), "transcripts": objects}, lines...)
}

func transcriptLines(t directory.Transcript) []string {
	lines := []string{"", fmt.Sprintf("%d  %s, %s", t.Number, ceremonyTitles[t.Kind], t.Ended.UTC().Format("2006-01-02 15:04 UTC"))}
	for _, a := range t.Attendants {
		office := ""
		if a.Office != "" {
			office = ", " + clean(a.Office)
		}
		lines = append(lines, fmt.Sprintf("    %-10s %s%s", clean(a.Role), clean(a.Name), office))
	}
	for _, d := range t.Deviations {
		lines = append(lines, fmt.Sprintf("    step %d: %s", d.Step, clean(d.Text)))
	}
	return lines
}

// openRoot reads a root of the folder, and asks for its passphrase at a terminal where none was given.
func (p *program) openRoot(r rootFolder, key directory.SheetKey, passphrase *secret) (root *seal.SigningKey, protected bool, err error) {
	words, err := passphrase.read(p)
	if err != nil {
		return nil, false, err
	}
	if !filepath.IsLocal(key.File) {
		return nil, false, refuse(valisev1.Reason_REASON_RECORD_DAMAGED, directory.KeySheetFile+" names a root that is not in its folder", "")
	}
	path := filepath.Join(r.dir, key.File)
	root, err = seal.ReadSigningKey(path, r.realm, nil)
	if err == nil || !errors.Is(err, seal.ErrPassphraseNeeded) {
		return root, false, err
	}
	if words == nil && p.atTerminal() && !p.json {
		if words, err = p.askPassphrase("Passphrase of " + key.File + ": "); err != nil {
			return nil, false, err
		}
	}
	root, err = seal.ReadSigningKey(path, r.realm, words)
	return root, true, err
}
