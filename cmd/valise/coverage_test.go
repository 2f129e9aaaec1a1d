package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryCommandHasAStory lists the commands that are built and fails for one that no script
// runs: a verb that nobody ran is a promise that nobody kept.
func TestEveryCommandHasAStory(t *testing.T) {
	var stories strings.Builder
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range append(files, "../../docs/operator.md") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		stories.Write(b)
	}
	for _, path := range leaves(newRootCommand(newProgram(nil, io.Discard, io.Discard, nil))) {
		if !strings.Contains(stories.String(), path+" ") && !strings.Contains(stories.String(), path+"\n") {
			t.Errorf("no script runs %q", path)
		}
	}
}

// leaves are the full paths of all commands that do something.
func leaves(cmd *cobra.Command) (paths []string) {
	if !cmd.HasSubCommands() {
		return []string{cmd.CommandPath()}
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			paths = append(paths, leaves(sub)...)
		}
	}
	return paths
}

// TestHelpNamesNoVerbOfLater: what is not built is not offered.
func TestHelpNamesNoVerbOfLater(t *testing.T) {
	built := strings.Join(leaves(newRootCommand(newProgram(nil, io.Discard, io.Discard, nil))), "\n") + "\n"
	for _, later := range []string{
		"valise exercise",
	} {
		if strings.Contains(built, later+"\n") {
			t.Errorf("%q is offered", later)
		}
	}
}

// TestEveryCommandHelps: every command says what it does in one line and answers --help with 0.
func TestEveryCommandHelps(t *testing.T) {
	for _, path := range leaves(newRootCommand(newProgram(nil, io.Discard, io.Discard, nil))) {
		var out, errs strings.Builder
		args := append(strings.Fields(path)[1:], "--help")
		if exit := Main(args, strings.NewReader(""), &out, &errs, nil); exit != exitDone || !strings.Contains(out.String(), "Usage:") {
			t.Errorf("%s --help ended with %d: %s", path, exit, errs.String())
		}
	}
}
