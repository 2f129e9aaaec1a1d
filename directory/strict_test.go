package directory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valise.example/directory"
)

// TestFilesAreReadStrictly: in every TOML file of a directory a key that no version wrote, and a known key in
// other letters, is an error that names its line.
func TestFilesAreReadStrictly(t *testing.T) {
	p := newPanel(t, 1, 1).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.takeAll(p.propose(0, start).File)
	s := succeeded(t)
	for name, c := range map[string]struct {
		dir  string
		open func(dir string) error
	}{
		"registry.toml":     {p.dirs[0], func(dir string) error { _, err := directory.OpenRegistry(dir, realm); return err }},
		"signed.toml":       {p.dirs[0], func(dir string) error { _, err := directory.OpenRegistry(dir, realm); return err }},
		"book/current.toml": {p.dirs[0], func(dir string) error { _, err := directory.OpenRegistry(dir, realm); return err }},
		"keys.toml":         {s.dir, func(dir string) error { _, err := directory.ReadKeySheet(dir, realm); return err }},
		"entry.toml": {s.dir, func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, "entry.toml"))
			must(t, err)
			_, err = directory.ParseEntryTOML(b)
			return err
		}},
		"manager.card": {p.dirs[0], func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, "manager.card"))
			must(t, err)
			_, err = directory.ParseManagerCard(realm, b)
			return err
		}},
	} {
		path := filepath.Join(c.dir, name)
		honest, err := os.ReadFile(path)
		must(t, err)
		if err := c.open(c.dir); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, line := range []string{"colour = \"blue\"\n", "Realm = \"operational\"\n", "colour\n"} {
			must(t, os.WriteFile(path, append([]byte(line), honest...), 0o600))
			if err := c.open(c.dir); err == nil || !strings.Contains(err.Error(), "line 1") {
				t.Errorf("%s with %q: %v", name, line, err)
			}
		}
		must(t, os.WriteFile(path, honest, 0o600))
	}
}
