package main

import (
	"errors"
	"fmt"
	"path/filepath"

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
		Short: "Check F and make it the State's entry.toml; without --file print the present one",
		Annotations: documented("checks `--file` and makes it the State's `entry.toml`; without it prints the present one",
			`{"state","points_of_contact"}`,
			`{"state","entry"}`+"; without `--file`"),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryEntryEdit(file) },
	}
	cmd.Flags().StringVar(&file, "file", "", "the facts as TOML; - reads stdin")
	return cmd
}

func (p *program) runDirectoryEntryEdit(file string) error {
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	if file == "" {
		facts, err := r.folder.Facts()
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
	if facts.State != r.sheet.State.String() {
		return refuse(valisev1.Reason_REASON_BAD_DRAFT, "the entry speaks of another State than the root's folder", "")
	}
	if err := replaceFile(filepath.Join(r.dir, directory.EntryFile), text); err != nil {
		return err
	}
	p.tell("next: valise directory entry sign")
	return p.result(object{"state": facts.State, "points_of_contact": len(facts.Points)}, fmt.Sprintf("entry.toml of %s is ready to be signed", facts.State))
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
			`{"state","entry","number","root","fingerprint"}`),
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
	text, root := string(directory.EntryTOML(facts)), r.sheet.Root.ID
	o := object{"state": facts.State, "entry": text, "number": nil, "root": root.String(), "fingerprint": root.Fingerprint()}
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
	return p.result(o, line, "# root "+root.Fingerprint(), "", text)
}
