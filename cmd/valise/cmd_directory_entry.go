package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newDirectoryEntryCommand(p *program) *cobra.Command {
	return nounCommand("entry", "What a State says of itself in the directory",
		newDirectoryEntryEditCommand(p),
		newDirectoryEntryExportCommand(p),
		newDirectoryEntryShowCommand(p),
		newDirectoryEntrySignCommand(p),
	)
}

func newDirectoryEntryEditCommand(p *program) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "edit --home ROOT [--file F]",
		Short: "Go through the State's entry.toml fact by fact at a terminal, or check F and make it the entry.toml",
		Annotations: documented("checks `--file` and makes it the State's `entry.toml`; without it goes through the facts at a terminal, else prints the present one",
			`{"state","points_of_contact","advice":[]}`,
			`{"state","entry"}`+"; without `--file` where there is no terminal"),
		Long: `At a terminal every fact is asked for: Enter keeps it, - leaves it out, ? explains it, ! stops.
What you typed is kept in ROOT/entry.edit.toml until the end and offered again; entry.toml changes only
with a typed "yes", and the one before stays as entry.before.toml. In a script --file F does it at once.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runDirectoryEntryEdit(cmd.Context(), file) },
	}
	cmd.Flags().StringVar(&file, "file", "", "the facts as TOML; - reads stdin")
	return cmd
}

func (p *program) runDirectoryEntryEdit(ctx context.Context, file string) error {
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	if file != "" {
		return p.takeEntryFile(r, file)
	}
	facts, err := r.folder.Facts()
	if err != nil {
		return err
	}
	if p.json || !p.atTerminal() {
		text := string(directory.EntryTOML(facts))
		return p.data(object{"state": facts.State, "entry": text}, text)
	}
	return p.walkEntry(ctx, r, facts, p.in)
}

func (p *program) takeEntryFile(r rootFolder, file string) error {
	text, err := p.readText(file)
	if err != nil {
		return err
	}
	facts, err := directory.ParseEntryTOML(text)
	if err != nil {
		return err
	}
	if facts.State != r.sheet.State.String() {
		return refuse(valisev1.Reason_REASON_BAD_DRAFT, "the entry speaks of another State than the root's folder", "")
	}
	if err := directory.CheckFacts(facts); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(r.dir, directory.EntryFile), text); err != nil {
		return err
	}
	return p.printEntryReady(facts)
}

func (p *program) printEntryReady(facts directory.EntryFacts) error {
	advice := directory.Advise(facts, p.now())
	for _, line := range advice {
		p.tell("think about it: %s", line)
	}
	p.tell("next: valise directory entry sign")
	return p.result(object{"state": facts.State, "points_of_contact": len(facts.Points), "advice": strs(advice)}, fmt.Sprintf("entry.toml of %s is ready to be signed", facts.State))
}

// Files beside entry.toml: what a walk has gathered so far, and what was there before the last one.
const (
	entryEditFile   = "entry.edit.toml"
	entryBeforeFile = "entry.before.toml"
)

// walkEntry goes through the facts with the person at the terminal. in is the terminal.
func (p *program) walkEntry(ctx context.Context, r rootFolder, facts directory.EntryFacts, in io.Reader) error {
	edit := filepath.Join(r.dir, entryEditFile)
	keep := func(f directory.EntryFacts) error { return replaceFile(edit, directory.EntryTOML(f)) }
	w := newEntryWalk(in, p.people(), facts, p.now(), keep)
	begun, err := p.begunEntry(edit, facts.State)
	if err != nil {
		return err
	}
	if begun != nil {
		answer, err := w.answer(ctx, "Something was typed before and not made the entry. Enter takes it up, - lets it go: ")
		if err != nil {
			return entryStopped(err)
		}
		if answer != leaveOut {
			w.facts = *begun
		}
	}
	if err := w.run(ctx); err != nil {
		return entryStopped(err)
	}
	path := filepath.Join(r.dir, directory.EntryFile)
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(r.dir, entryBeforeFile), before); err != nil {
		return err
	}
	if err := replaceFile(path, directory.EntryTOML(w.facts)); err != nil {
		return err
	}
	if err := os.Remove(edit); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return p.printEntryReady(w.facts)
}

// begunEntry is what an earlier walk gathered, if it can still be read and is of this State.
func (p *program) begunEntry(path, state string) (*directory.EntryFacts, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	facts, err := directory.ParseEntryTOML(text)
	if err != nil || facts.State != state {
		p.tell("%s cannot be read and is left where it is", entryEditFile)
		return nil, nil
	}
	return &facts, nil
}

func entryStopped(err error) error {
	if !errors.Is(err, errStopped) {
		return err
	}
	return refuse(valisev1.Reason_REASON_NEEDS_YES, "entry.toml is as it was; what was typed is kept for the next time", "valise directory entry edit goes on with it")
}

// rootFolder is a State's root folder as the verbs of the entry work in it.
type rootFolder struct {
	dir    string
	realm  ident.Realm
	sheet  directory.KeySheet
	folder *directory.StateFolder
}

func (p *program) rootFolder() (r rootFolder, err error) {
	if r.dir, r.realm, err = p.lookFor(placeRoot, "State's root folder", "valise key ceremony makes one"); err != nil {
		return r, err
	}
	if r.sheet, err = directory.ReadKeySheet(r.dir, r.realm); err != nil {
		return r, err
	}
	r.folder, err = directory.OpenStateFolder(r.dir, r.realm, r.sheet.State)
	return r, err
}

func newDirectoryEntryShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show --home ROOT",
		Short: "The facts of entry.toml, the number of the entry signed last, and the root's fingerprint",
		Annotations: documented("the facts, the number of the entry signed last, the root's fingerprint",
			`{"state","entry","number","root","fingerprint","facts":{"state","names":[`+nameObject+`],"nomination":{"authority"?,"note_verbale"?,"note_verbale_date"?},"valid_from"?,"review_by"?,`+
				`"points_of_contact":[{"track",`+factsObject+`}],"further_points_of_contact":[{"track",`+factsObject+`}]},"next_root"?:{"key_id","fingerprint"},`+
				`"keys":[{"key","key_id","fingerprint","valid_from","valid_until","revoked_since"}],"advice":[]}`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryEntryShow() },
	}
}

func (p *program) runDirectoryEntryShow() error {
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	facts, err := r.folder.Facts()
	if err != nil {
		return err
	}
	listing, err := directory.Preview(facts, p.now())
	if err != nil {
		return err
	}
	text, root := string(directory.EntryTOML(facts)), r.sheet.Root.ID
	o := object{
		"state": facts.State, "entry": text, "number": nil, "root": root.String(), "fingerprint": root.Fingerprint(), "facts": listing,
		"keys": sheetKeys(r.sheet), "advice": strs(directory.Advise(facts, p.now())),
	}
	if next := r.sheet.NextRoot.ID; !next.IsZero() {
		o["next_root"] = object{"key_id": next.String(), "fingerprint": next.Fingerprint()}
	}
	line := "# no entry has been signed yet"
	_, view, err := r.folder.Signed()
	if refusal, ok := errors.AsType[*directory.Refusal](err); ok && refusal.Reason == valisev1.Reason_REASON_NOT_FOUND {
		err = nil
	} else if err == nil {
		o["number"] = view.Number
		line = fmt.Sprintf("# entry %d was signed last", view.Number)
	}
	if err != nil {
		return err
	}
	return p.data(o, line, "# root "+root.Fingerprint(), "", text)
}

// sheetKeys are the signing keys of the root's sheet with their dates.
func sheetKeys(sheet directory.KeySheet) []object {
	keys := []object{}
	for _, k := range sheet.Signing {
		keys = append(keys, object{
			"key": k.Address.String(), "key_id": k.ID.String(), "fingerprint": k.ID.Fingerprint(), "valid_from": dateOrNull(k.ValidFrom),
			"valid_until": dateOrNull(k.ValidUntil), "revoked_since": dateOrNull(k.RevokedSince),
		})
	}
	return keys
}

func dateOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
