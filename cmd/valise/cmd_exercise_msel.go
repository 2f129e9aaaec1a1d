package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api/locale"
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// mselFlags say which way a list goes.
type mselFlags struct {
	csv, dryRun           bool
	list, into, mapFile   string
	outFile, listLanguage string
}

func newExerciseMSELCommand(p *program) *cobra.Command {
	var f mselFlags
	cmd := &cobra.Command{
		Use:   "msel [FILE|NAME]",
		Short: "The list of injects: print it, as CSV for a spreadsheet too, or take one into a scenario",
		Annotations: documented("the list of injects of a scenario, one object an inject; `--csv` prints CSV in the language of `--texts`, `--out F` writes it; `--import CSV --into FILE [--map M]` takes a list into a scenario, `--dry-run` says only what that would change; 2 with every faulty line where the list cannot be taken",
			`{"inject","at","when","delay","how","as","to":[],"text","opens","scored"}`,
			`{"file","list","written","added":[],"changed":[],"same":[],"errors":[{"line","column","reason","hint"}],"errors_of_scenario","warnings_of_scenario"}`),
		Long: `Prints the injects of a scenario as the list that planners call MSEL. With --csv it is CSV in UTF-8 with a
title line; no cell begins like a formula.

With --import a list becomes part of a scenario: an inject that is there already keeps what the list has no
column for, and its texts in other languages; a new one is added; none is removed. --map names a TOML file that
says which column holds what, in which language and how times are written; without it the list has the columns
of --csv. --dry-run reads all of it, tells every line that is wrong, and writes nothing. The file is replaced as
a whole or not at all.

` + exitTable,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case f.list != "" && len(args) > 0:
				return usageHint("--import takes no scenario as a word", "--into FILE names it")
			case f.list != "":
				return p.runMSELImport(&f)
			case f.into != "" || f.mapFile != "" || f.dryRun:
				return usage("--into, --map and --dry-run go with --import")
			case len(args) == 0:
				return usageHint("no scenario is named", "a file, or one of "+strings.Join(scenario.Bundled(), ", "))
			}
			return p.runMSEL(args[0], &f)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.csv, "csv", false, "print CSV")
	fs.StringVar(&f.outFile, "out", "", "write CSV into this file, which must not exist")
	fs.StringVar(&f.listLanguage, "texts", "en", "language of the texts: ar, zh, en, fr, ru or es")
	fs.StringVar(&f.list, "import", "", "take this list (CSV) into a scenario; - reads stdin")
	fs.StringVar(&f.into, "into", "", "the scenario that --import changes")
	fs.StringVar(&f.mapFile, "map", "", "says how the list is read (TOML)")
	fs.BoolVar(&f.dryRun, "dry-run", false, "with --import: change nothing")
	return cmd
}

func (p *program) runMSEL(name string, f *mselFlags) error {
	if _, err := locale.ParseLanguage(f.listLanguage); err != nil {
		return usage("--texts must be ar, zh, en, fr, ru or es")
	}
	data, err := p.readScenario(name)
	if err != nil {
		return err
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		return err
	}
	if f.csv || f.outFile != "" {
		return p.writeMSEL(s, f)
	}
	for _, in := range s.Injects {
		if err := p.result(injectObject(in, f.listLanguage), injectLines(in, f.listLanguage)...); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) writeMSEL(s *scenario.Scenario, f *mselFlags) error {
	if p.json {
		return usage("--csv and --out print no JSON")
	}
	var b bytes.Buffer
	if err := scenario.WriteMSEL(&b, s, f.listLanguage); err != nil {
		return err
	}
	if f.outFile != "" {
		return p.writeNew(f.outFile, b.Bytes())
	}
	_, err := p.out.Write(b.Bytes())
	return err
}

// whenOf is what an inject waits for, as --json and people read it; empty: its time.
func whenOf(in scenario.Inject) string {
	switch {
	case in.Manual:
		return "manual"
	case in.When != nil:
		return in.When.Words()
	}
	return ""
}

func injectObject(in scenario.Inject, language string) object {
	o := object{
		"inject": in.ID, "at": nil, "when": whenOf(in), "delay": in.Delay.String(), "how": in.How, "as": in.As.In(language),
		"to": seatsOf(in), "text": in.Text.In(language), "opens": "", "scored": !in.Unscored,
	}
	if whenOf(in) == "" {
		o["at"] = in.At.Clock()
	}
	if in.Opens != nil {
		o["opens"] = in.Opens.To.String()
	}
	return o
}

func seatsOf(in scenario.Inject) []string {
	out := make([]string, len(in.To))
	for i, a := range in.To {
		out[i] = a.String()
	}
	return out
}

func injectLines(in scenario.Inject, language string) []string {
	when := whenOf(in)
	if when == "" {
		when = in.At.Clock()
	} else if in.Delay > 0 {
		when += " + " + in.Delay.String()
	}
	return []string{
		fmt.Sprintf("%s  %s  %s → %s", in.ID, when, in.How, strings.Join(seatsOf(in), ", ")),
		"    " + flat(in.As.In(language)) + ": " + flat(in.Text.In(language)),
	}
}

func (p *program) runMSELImport(f *mselFlags) error {
	if f.into == "" {
		return usageHint("--import does not say into which scenario", "--into FILE; copy a bundled one first")
	}
	m, err := p.mselMapping(f)
	if err != nil {
		return err
	}
	list, err := p.readInput(f.list, scenario.MaxFile)
	if err != nil {
		return err
	}
	data, err := p.readInput(f.into, scenario.MaxFile)
	if err != nil {
		return err
	}
	planned, errs := scenario.ReadMSEL(f.list, bytes.NewReader(list), m)
	var merged scenario.Merged
	if len(errs) == 0 {
		if merged, err = scenario.Merge(f.into, data, f.list, planned, m); err != nil {
			return err
		}
		if !f.dryRun && len(merged.Added)+len(merged.Changed) > 0 {
			if err := replaceFile(f.into, merged.Data); err != nil {
				return err
			}
		}
	}
	var found []scenario.Finding
	if len(errs) == 0 {
		_, found = scenario.Check(f.into, merged.Data)
	}
	if err := p.result(mergedObject(f, merged, errs, found), mergedLines(f, merged, errs, found)...); err != nil {
		return err
	}
	if len(errs) > 0 {
		return ended(valisev1.Reason_REASON_BAD_IMPORT)
	}
	return nil
}

func (p *program) mselMapping(f *mselFlags) (scenario.Mapping, error) {
	if f.mapFile == "" {
		if _, err := locale.ParseLanguage(f.listLanguage); err != nil {
			return scenario.Mapping{}, usage("--texts must be ar, zh, en, fr, ru or es")
		}
		return scenario.DefaultMapping(f.listLanguage), nil
	}
	data, err := p.readInput(f.mapFile, scenario.MaxFile)
	if err != nil {
		return scenario.Mapping{}, err
	}
	return scenario.ParseMapping(f.mapFile, data)
}

func mergedObject(f *mselFlags, merged scenario.Merged, errs []*scenario.Error, found []scenario.Finding) object {
	faults, warnings := countFindings(found)
	told := []object{}
	for _, e := range errs {
		told = append(told, object{"line": e.Line, "column": e.Key, "reason": e.Reason, "hint": e.Hint})
	}
	return object{
		"file": f.into, "list": f.list, "written": !f.dryRun && len(merged.Added)+len(merged.Changed) > 0,
		"added": strs(merged.Added), "changed": strs(merged.Changed), "same": strs(merged.Same),
		"errors": told, "errors_of_scenario": faults, "warnings_of_scenario": warnings,
	}
}

func mergedLines(f *mselFlags, merged scenario.Merged, errs []*scenario.Error, found []scenario.Finding) (lines []string) {
	for _, e := range errs {
		lines = append(lines, clean(e.Error()))
		if e.Hint != "" {
			lines = append(lines, "  hint: "+clean(e.Hint))
		}
	}
	if len(errs) > 0 {
		return append(lines, "nothing is taken: "+f.into+" is as it was")
	}
	verb := "added"
	if f.dryRun {
		verb = "would be added"
	}
	lines = append(lines, fmt.Sprintf("%d injects %s, %d changed, %d the same", len(merged.Added), verb, len(merged.Changed), len(merged.Same)))
	if faults, warnings := countFindings(found); faults+warnings > 0 {
		lines = append(lines, fmt.Sprintf("lint finds %d errors and %d warnings: valise exercise lint %s", faults, warnings, clean(f.into)))
	}
	return lines
}

func countFindings(found []scenario.Finding) (faults, warnings int) {
	for _, f := range found {
		if f.Severity == scenario.Fault {
			faults++
		}
	}
	return faults, len(found) - faults
}
