package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestOperatorGuide runs the very commands of docs/operator.md, in its order, in one shell, so
// that the page and the program cannot drift apart.
func TestOperatorGuide(t *testing.T) {
	page, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script, files := guideParts(string(page))
	if len(files) < 5 || strings.Count(script, "valise ") < 20 {
		t.Fatalf("the guide has %d files and %d commands: its form is not understood any more", len(files), strings.Count(script, "valise "))
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	// Nodes and relay end as a service manager ends them, and must end with 0.
	script = regexp.MustCompile(`(?m) &$`).ReplaceAllLiteralString(script, ` & PIDS="$PIDS $!"`)
	write(t, filepath.Join(dir, "guide.sh"), "set -eu\nPIDS=\ntrap 'kill $PIDS 2>/dev/null || true' EXIT\n"+script+
		"\nfor pid in $PIDS; do kill -TERM $pid; wait $pid; done\nPIDS=\n")
	story := filepath.Join(dir, "guide.txtar")
	write(t, story, "cd $GUIDE\nexec sh guide.sh\nstdout 'outcome = \"full\"'\nstdout 'ready node AA'\ngrep 'roster in force' relay.log\n")
	testscript.Run(t, testscript.Params{
		Files: []string{story},
		Setup: func(env *testscript.Env) error { env.Setenv("GUIDE", dir); return nil },
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	savedBlock = regexp.MustCompile("(?s)Save as `([a-z.-]+)`:\n\n```toml\n(.*?)```")
)

// guideParts takes the shell blocks and the files that a reader is asked to save.
func guideParts(page string) (script string, files map[string]string) {
	for _, m := range shellBlock.FindAllStringSubmatch(page, -1) {
		script += m[1]
	}
	files = map[string]string{}
	for _, m := range savedBlock.FindAllStringSubmatch(page, -1) {
		files[m[1]] = m[2]
	}
	return script, files
}

// TestOperatorGuideKeepsFoldersApart: in reality every folder of the guide is on a machine of its
// own, so no command may name two of them. Only files travel.
func TestOperatorGuideKeepsFoldersApart(t *testing.T) {
	page, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	script, _ := guideParts(string(page))
	folder := regexp.MustCompile(`(?:^|[ =])(manager|relay|aa-root|zz-root|aa-again|aa|zz)(?:/|[ ]|$)`)
	for line := range strings.Lines(script) {
		named := map[string]bool{}
		for word := range strings.FieldsSeq(line) {
			if m := folder.FindStringSubmatch(word); m != nil && !strings.Contains(word, ".") {
				named[m[1]] = true
			}
		}
		delete(named, "relay") // a noun of the program too
		if len(named) > 1 {
			t.Errorf("a command names the folders of two machines: %s", line)
		}
	}
}
