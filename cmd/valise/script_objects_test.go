package main

import (
	"bytes"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/term"
)

// objectsVariable tells the program under test where to note what it printed with --json.
const objectsVariable = "VALISE_TEST_OBJECTS"

// objectsFolder is where programs that the scripts run note what they print. When the scripts have
// ended it fails the test for each line that is not as documented or lacks its mark, and, where all scripts ran, for
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
		if marked, err := filepath.Glob(filepath.Join(dir, markedNames+"*")); err != nil || len(marked) < leastMarked {
			t.Errorf("a mark was seen on lines of %d commands only, %v: %v", len(marked), err, marked)
		}
	})
	return dir
}

// markedNames begin the names of files that note a line for people with its mark.
const markedNames = "marked-"

// leastMarked is of how many commands the scripts see such a line at least: with fewer, they have stopped to look.
const leastMarked = 14

func seenName(command string) string { return "seen-" + strings.ReplaceAll(command, " ", "-") }

// held passes on what this process prints, and holds each line of --json against the documented
// forms of the command, and each other line against the mark of the exercise that the home is of.
func held(out *os.File) io.Writer {
	if os.Getenv(objectsVariable) == "" || term.IsTerminal(int(out.Fd())) {
		return out
	}
	h := holderOf(os.Args[1:])
	if h == nil {
		return out
	}
	h.Writer = out
	return h
}

// holderOf says how lines are held that the program prints with these arguments; nil where they are not.
func holderOf(args []string) *holder {
	cmd, _, err := wholeTree().Find(args)
	if err != nil {
		return nil
	}
	h := &holder{described: described{name: commandName(cmd), objects: objectsOf(cmd)}, home: homeOf(args)}
	switch {
	case slices.Contains(args, "--json"):
		h.wrong, h.seen = func(line string) []string { return compareLine(h.objects, line) }, seenName(h.name)
	case h.home != "" && forNoHome[h.name] == "" && !printsData(h.name, args) && cmd.Annotations[annotationRow] != "" && !slices.Contains(args, "--help"):
		h.wrong, h.seen = h.unmarked, markedNames+seenName(h.name)
	default:
		return nil
	}
	return h
}

// printsData reports whether what a command prints is plain data with these arguments.
func printsData(command string, args []string) bool {
	has := func(flag string) bool {
		return slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, flag) })
	}
	switch command {
	case "inquiry show":
		return has("--format") || has("--as")
	case "record export", "record print", "directory check report", "inquiry escalate":
		return !has("--out")
	}
	return plainData[command] != ""
}

// homeOf is the folder that the arguments or the environment name.
func homeOf(args []string) string {
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, "--home="); ok {
			return value
		}
		if a == "--home" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return os.Getenv("VALISE_HOME")
}

type holder struct {
	io.Writer
	described
	home string
	// seen is the name of the file that notes a line as held.
	seen string
	// wrong says what is wrong with a line.
	wrong func(line string) []string
	part  []byte
}

// unmarked looks whether a line bears the mark of the exercise that the home is of; what run verbs say when they are
// ready, and links, are for programs.
func (h *holder) unmarked(line string) []string {
	realm, err := realmIn(h.home)
	if err != nil || realm.Name() == "" || strings.TrimSpace(line) == "" || strings.HasPrefix(line, "[EXERCISE "+realm.Name()+"] ") ||
		strings.HasPrefix(line, "ready ") || strings.HasPrefix(line, "link ") {
		return nil
	}
	return []string{fmt.Sprintf("a line speaks for exercise %s without its mark: %.200s", realm.Name(), line)}
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
	name, text := h.seen, ""
	if problems := h.wrong(line); len(problems) > 0 {
		name, text = "wrong-"+rand.Text(), "valise "+h.name+": "+strings.Join(problems, "; ")
	} else if strings.HasPrefix(name, markedNames) && !strings.HasPrefix(line, "[EXERCISE ") {
		return // of operation, or for a program: no mark was seen
	}
	if err := os.WriteFile(filepath.Join(os.Getenv(objectsVariable), name), []byte(text), 0o600); err != nil {
		os.Stderr.WriteString(err.Error())
	}
}
