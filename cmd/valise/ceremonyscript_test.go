package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"valise.example/proto/notes"
)

// TestPrintedScriptIsThePage: whoever prints docs/ceremony.md holds the steps that the program prints.
func TestPrintedScriptIsThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/ceremony.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ceremonyRoles {
		if !strings.Contains(string(page), fmt.Sprintf("| %s | %s |\n", r.role, r.does)) {
			t.Errorf("the page does not say what the %s does", r.role)
		}
	}
	for kind, steps := range ceremonyScripts {
		var table strings.Builder
		for i, s := range steps {
			fmt.Fprintf(&table, "| %d | %s | %s |\n", i+1, s.who, s.text)
		}
		_, section, ok := strings.Cut(string(page), "## "+ceremonyTitles[kind]+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || !strings.HasSuffix(strings.TrimRight(section, "\n")+"\n", "|---|---|---|\n"+table.String()) {
			t.Errorf("the page has other steps for %q than the program", kind)
		}
	}
}

// TestScriptExistsWholeOrNotAtAll: a language in which a step is missing is refused.
func TestScriptExistsWholeOrNotAtAll(t *testing.T) {
	for _, language := range notes.Languages() {
		exit, out, errs := runMain("key", "ceremony", "--script", "--lang", language)
		switch {
		case slices.Contains(scriptLanguages, language) && (exit != exitDone || !strings.Contains(out, ceremonyScripts["first"][9].text)):
			t.Errorf("%s: %d %s", language, exit, errs)
		case !slices.Contains(scriptLanguages, language) && (exit != exitUsage || out != ""):
			t.Errorf("%s: ended with %d and printed %q", language, exit, shorten(out))
		}
	}
}
