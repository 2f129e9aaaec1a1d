package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestManualPageIsAsKept holds one whole page against testdata, so that a change of the form is
// seen by whoever makes it.
func TestManualPageIsAsKept(t *testing.T) {
	cmd, err := findCommand(wholeTree(), []string{"inquiry", "send"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/valise-inquiry-send.1", manPage(cmd, "1.0"))
}

// TestManualPagesAreWhole: every page has its sections, every flag of its command and no line that
// troff would take for a macro it does not know.
func TestManualPagesAreWhole(t *testing.T) {
	macro := regexp.MustCompile(`(?m)^[.'](\S*)`)
	known := []string{"TH", "SH", "PP", "TP", "nh", "ad", "nf", "fi"}
	pages := manPages(wholeTree())
	if len(pages) < 60 {
		t.Fatalf("%d pages: the walk looks past most commands", len(pages))
	}
	for _, cmd := range pages {
		page := manPage(cmd, "1.0")
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "NOTES", "SEE ALSO"} {
			if !strings.Contains(page, "\n.SH "+section+"\n") {
				t.Errorf("%s has no section %s", manName(cmd), section)
			}
		}
		for _, m := range macro.FindAllStringSubmatch(page, -1) {
			if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+m[1]+" ") {
				t.Errorf("%s: the line .%s is no macro of a page", manName(cmd), m[1])
			}
		}
		for line := range strings.Lines(cmd.NonInheritedFlags().FlagUsages()) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if name = strings.ReplaceAll(name, "-", `\-`); strings.HasPrefix(name, `\-\-`) && !strings.Contains(page, name) {
				t.Errorf("%s does not name %s", manName(cmd), name)
			}
		}
	}
}

// TestTroffTakesEveryPage asks groff where it is installed, with all its warnings.
func TestTroffTakesEveryPage(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("groff is not installed")
	}
	var all strings.Builder
	for _, cmd := range manPages(wholeTree()) {
		all.WriteString(manPage(cmd, "1.0"))
	}
	check := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-z", "-k", "-Tutf8")
	check.Stdin = strings.NewReader(all.String())
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestRoffEscapes: nothing of ours is obeyed.
func TestRoffEscapes(t *testing.T) {
	for text, want := range map[string]string{
		".SH x\n'y":        `\&.SH x` + "\n" + `\&'y`,
		`a\b --c`:          `a\eb \-\-c`,
		"`--out` DIR":      `\fB\-\-out\fP DIR`,
		"the page valise.": "the page valise.",
	} {
		if got := roffText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
