package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

func newExerciseLintCommand(p *program) *cobra.Command {
	var schema bool
	cmd := &cobra.Command{
		Use:   "lint FILE|NAME",
		Short: "Look at a scenario: does it hold together, and can nobody take it for reality",
		Annotations: documented("everything that is wrong with a scenario, by line; NAME is one that the program brings along: "+strings.Join(scenario.Bundled(), ", ")+"; - reads stdin; 2 where an error is found; `--schema` prints the JSON Schema of the format",
			`{"scenario","digest","playable","errors","warnings","findings":[{"line","severity","code","key","reason","hint"}]}`),
		Long: `Reads a scenario (TOML, docs/scenario.md) and tells everything that is wrong with its form; where it can be
read, what does not hold together: cycles, injects that can never come, seats and names that are not there,
hopes that nobody can meet. And what must not stand in an exercise: names of real States, addresses on which
something can answer, live domains and mail addresses, words that deny the exercise, hidden characters, secrets.
A scenario with an error is not played; a warning is for its writer to judge.

With --schema it prints the form as JSON Schema, for editors.

` + exitTable,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case schema && len(args) > 0:
				return usage("--schema is of the format and takes no file")
			case schema && p.json:
				return usage("--schema is JSON already")
			case schema:
				_, err := p.out.Write(scenario.Schema())
				return err
			case len(args) == 0:
				return usageHint("no scenario is named", "a file, or one of "+strings.Join(scenario.Bundled(), ", "))
			}
			return p.runExerciseLint(args[0])
		},
	}
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of the format")
	return cmd
}

func (p *program) runExerciseLint(name string) error {
	data, err := p.readScenario(name)
	if err != nil {
		return err
	}
	s, found := scenario.Check(name, data)
	id := ""
	if s != nil {
		id = s.ID
	}
	if err := p.result(lintObject(id, data, found), lintLines(name, found)...); err != nil {
		return err
	}
	if !scenario.Playable(found) {
		return ended(valisev1.Reason_REASON_BAD_DRAFT)
	}
	return nil
}

// readScenario gives the bytes of a bundled scenario, or of a file: what has a dot or a slash is one.
func (p *program) readScenario(name string) ([]byte, error) {
	if data, ok := scenario.Open(name); ok {
		return data, nil
	}
	data, err := p.readInput(name, scenario.MaxFile)
	if err != nil && name != "" && !strings.ContainsAny(name, "./") {
		f := explain(err)
		f.hint = "bundled are " + strings.Join(scenario.Bundled(), ", ")
		return nil, f
	}
	return data, err
}

func lintObject(id string, data []byte, found []scenario.Finding) object {
	findings := []object{}
	for _, f := range found {
		findings = append(findings, object{"line": f.Line, "severity": f.Severity, "code": f.Code, "key": f.Key, "reason": f.Reason, "hint": f.Hint})
	}
	faults, warnings := countFindings(found)
	return object{
		"scenario": id, "digest": scenario.Digest(data), "playable": faults == 0,
		"errors": faults, "warnings": warnings, "findings": findings,
	}
}

func lintLines(name string, found []scenario.Finding) []string {
	if len(found) == 0 {
		return []string{clean(name) + ": nothing found"}
	}
	var lines []string
	for _, f := range found {
		at := clean(name)
		if f.Line > 0 {
			at += fmt.Sprintf(":%d", f.Line)
		}
		what := f.Reason
		if f.Key != "" {
			what = f.Key + " " + what
		}
		lines = append(lines, clean(fmt.Sprintf("%s: %s: %s [%s]", at, f.Severity, what, f.Code)))
		if f.Hint != "" {
			lines = append(lines, "  hint: "+clean(f.Hint))
		}
	}
	return lines
}
