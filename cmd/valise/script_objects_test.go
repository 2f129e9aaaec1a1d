package main

import (
	"bytes"
	"crypto/rand"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// objectsVariable tells the program under test where to note what it printed with --json.
const objectsVariable = "VALISE_TEST_OBJECTS"

// objectsFolder is where programs that the scripts run note their objects. When the scripts have
// ended it fails the test for each line that is not as documented, and, where all scripts ran, for
// each command whose object no script made it print: that form would be held by nothing.
func objectsFolder(t *testing.T) string {
	dir := t.TempDir()
	t.Cleanup(func() {
		wrong, err := filepath.Glob(filepath.Join(dir, "wrong-*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range wrong {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Error(string(b))
		}
		if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
			return
		}
		for _, d := range catalogue(wholeTree()) {
			if d.name == "node resume" { // succeeds only after a copy ran: TestResumedIsAsDocumented
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, seenName(d.name))); err != nil && len(d.objects) > 0 {
				t.Errorf("no script runs valise %s with --json", d.name)
			}
		}
	})
	return dir
}

func seenName(command string) string { return "seen-" + strings.ReplaceAll(command, " ", "-") }

// held passes on what this process prints, and holds each line of --json against the documented
// forms of the command.
func held(out io.Writer) io.Writer {
	args := os.Args[1:]
	if os.Getenv(objectsVariable) == "" || !slices.Contains(args, "--json") {
		return out
	}
	cmd, _, err := wholeTree().Find(args)
	if err != nil {
		return out
	}
	return &holder{Writer: out, described: described{name: commandName(cmd), objects: objectsOf(cmd)}}
}

type holder struct {
	io.Writer
	described
	part []byte
}

func (h *holder) Write(b []byte) (int, error) {
	h.part = append(h.part, b...)
	for {
		line, rest, whole := bytes.Cut(h.part, []byte("\n"))
		if !whole {
			break
		}
		h.part = rest
		h.note(string(line))
	}
	return h.Writer.Write(b)
}

func (h *holder) note(line string) {
	name, text := seenName(h.name), ""
	if problems := compareLine(h.objects, line); len(problems) > 0 {
		name, text = "wrong-"+rand.Text(), "valise "+h.name+" --json: "+strings.Join(problems, "; ")
	}
	if err := os.WriteFile(filepath.Join(os.Getenv(objectsVariable), name), []byte(text), 0o600); err != nil {
		os.Stderr.WriteString(err.Error())
	}
}
