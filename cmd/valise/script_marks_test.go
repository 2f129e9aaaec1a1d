package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valise.example/proto/ident"
)

// TestScriptsNoticeALineWithoutItsMark: the scripts hold each line for people against the mark of the exercise that the
// home is of. That they have nothing to complain of says something only because they would.
func TestScriptsNoticeALineWithoutItsMark(t *testing.T) {
	played, real := realmHome(t, lanternWard), realmHome(t, ident.Operational)
	for _, c := range []struct {
		args, line string
		wrong      bool
	}{
		{"inquiry list --home " + played, "one", true},
		{"inquiry list --home=" + played, "one", true},
		{"inquiry list --home " + played, "[EXERCISE another] one", true},
		{"inquiry list --home " + played, "one [EXERCISE lantern-ward] ", true},
		{"config check --home " + played, "one", true},
		{"record print --out sheet --home " + played, "one", true},
		{"inquiry show 00 --home " + played, "one", true},
		{"inquiry list --home " + played, "[EXERCISE lantern-ward] one", false},
		{"inquiry list --home " + played, "", false},
		{"node run --home " + played, "ready node XA", false},
		{"inquiry list --home " + real, "one", false},
	} {
		h := holderOf(strings.Fields(c.args))
		if h == nil {
			t.Errorf("nobody looks at what valise %s prints", c.args)
			continue
		}
		if got := len(h.wrong(c.line)) > 0; got != c.wrong {
			t.Errorf("valise %s prints %q: something is wrong: %v", c.args, c.line, got)
		}
	}
	for _, args := range []string{"record print", "inquiry show 00 --format iodef", "inquiry show 00 --as iodef", "config show", "version", "inquiry list --help"} {
		if holderOf(strings.Fields(args+" --home "+played)) != nil {
			t.Errorf("valise %s prints what bears no mark", args)
		}
	}
	t.Setenv("VALISE_HOME", played)
	if h := holderOf([]string{"inquiry", "list"}); h == nil || len(h.wrong("one")) == 0 {
		t.Error("a home that the environment names is not looked at")
	}
}

// TestScriptsNoteEachMark so that scripts which have stopped to look do not pass.
func TestScriptsNoteEachMark(t *testing.T) {
	dir, home := t.TempDir(), realmHome(t, lanternWard)
	t.Setenv(objectsVariable, dir)
	h := holderOf([]string{"inquiry", "list", "--home", home})
	h.Writer = new(strings.Builder)
	for _, c := range []struct {
		said, want string
		files      int
	}{
		{"\n", "*", 0},
		{"[EXERCISE lantern-ward] on", "*", 0},
		{"e\n", markedNames + "*", 1},
		{"two\n", "wrong-*", 1},
	} {
		if _, err := h.Write([]byte(c.said)); err != nil {
			t.Fatal(err)
		}
		if files, err := filepath.Glob(filepath.Join(dir, c.want)); err != nil || len(files) != c.files {
			t.Errorf("after %q there are %v, %v, want %d", c.said, files, err, c.files)
		}
	}
}

// realmHome is a folder that is known as the home of a node in a realm.
func realmHome(t *testing.T, realm ident.Realm) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "valise.toml"), []byte("realm = \""+realm.String()+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
