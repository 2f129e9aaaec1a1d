package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "rewrite what a test compares: docs/cli.md and, of testdata, the manual page and languages")

func wholeTree() *cobra.Command { return newRootCommand(newProgram(nil, io.Discard, io.Discard, nil)) }

// TestPagesAreAsTheProgramIs: docs/cli.md is what the program's own tree and pages/cli.md.tmpl
// make. `make pages` writes it.
func TestPagesAreAsTheProgramIs(t *testing.T) {
	text, err := os.ReadFile("pages/cli.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	page, err := commandPage(catalogue(wholeTree()), string(text))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/cli.md", page)
}

func golden(t *testing.T, path, made string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(string(kept), "\n"), strings.Split(made, "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s is not as the program is, from line %d on: run make pages\n%s", path, i+1, strings.Join(b[min(i, len(b)):min(i+1, len(b))], ""))
		}
	}
}

// commandPage fills the template. Every command has one place in it.
func commandPage(all []described, text string) (string, error) {
	placed := map[string]bool{}
	page, err := template.New("cli.md").Funcs(template.FuncMap{
		"commands": func(nouns ...string) string { return commandTable(all, nouns, placed) },
		"objects":  func() string { return objectTable(all) },
		"realmless": func() string {
			return reasonList(forNoHome) + reasonList(perhapsForNoHome)
		},
		"unmarked": func() string { return reasonList(plainData) },
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := page.Execute(&b, nil); err != nil {
		return "", err
	}
	for _, d := range all {
		if !placed[d.name] {
			return "", fmt.Errorf("valise %s has no place in pages/cli.md.tmpl", d.name)
		}
	}
	return b.String(), nil
}

// reasonList are names with their reasons.
func reasonList(all map[string]string) (b string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		command := name
		for !slices.ContainsFunc(catalogue(wholeTree()), func(d described) bool { return d.name == command }) {
			command = command[:strings.LastIndexByte(command, ' ')]
		}
		b += "- `" + command + "`"
		if key := strings.TrimSpace(strings.TrimPrefix(name, command)); key != "" {
			b += ", `" + key + "`"
		}
		b += ": " + all[name] + "\n"
	}
	return b
}

func commandTable(all []described, nouns []string, placed map[string]bool) string {
	b := "| command | does |\n|---|---|\n"
	for _, noun := range nouns {
		for _, d := range all {
			if d.name == noun || strings.HasPrefix(d.name, noun+" ") {
				b += fmt.Sprintf("| `valise %s` | %s |\n", d.name, d.row)
				placed[d.name] = true
			}
		}
	}
	return b
}

// objectTable has one row for all commands that print the same.
func objectTable(all []described) string {
	var order []string
	verbs := map[string][]string{}
	for _, d := range all {
		if len(d.objects) == 0 {
			continue
		}
		cell := objectCell(d.objects)
		if !slices.Contains(order, cell) {
			order = append(order, cell)
		}
		verbs[cell] = append(verbs[cell], "`"+d.name+"`")
	}
	b := "| verb | object |\n|---|---|\n"
	for _, cell := range order {
		b += fmt.Sprintf("| %s | %s |\n", strings.Join(verbs[cell], ", "), cell)
	}
	return b
}

func objectCell(objects []string) string {
	var cells []string
	for _, o := range objects {
		form, remark := splitObject(o)
		cells = append(cells, "`"+form+"`"+remark)
	}
	return strings.Join(cells, "; or ")
}

// TestEveryCommandIsInThePage: the catalogue leaves none out, and a row fits into a table.
func TestEveryCommandIsInThePage(t *testing.T) {
	var names []string
	for _, d := range catalogue(wholeTree()) {
		names = append(names, "valise "+d.name)
		if strings.ContainsAny(d.row, "|\n") || d.row == "" {
			t.Errorf("valise %s: %q is no row of a table", d.name, d.row)
		}
	}
	for _, path := range leaves(wholeTree()) {
		if !slices.Contains(names, path) {
			t.Errorf("%s is not documented: give it Annotations: documented(…)", path)
		}
	}
	if _, err := commandPage([]described{{name: "lost"}}, `{{commands "demo"}}`); err == nil {
		t.Error("a command without a place in the page is not found")
	}
}
