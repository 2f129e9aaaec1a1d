package directory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"valise.example/directory"
)

// FuzzQuoteTOML: every string goes out and comes back, alone and in an array; what is no UTF-8 comes back
// as U+FFFD.
func FuzzQuoteTOML(f *testing.F) {
	for _, s := range []string{"", "plain", `"`, `\`, `"""`, "'", "#", "\x00\a\b\t\n\v\f\r\x1b\x7f", "\u0080\u009f\u00a0\u00ad", "\u2028\ufeff\ufffe\uffff", "مرحبا", "🛰", "\xff\xfe", "a\xc3", `\u0041`} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var read struct {
			One string   `toml:"one"`
			All []string `toml:"all"`
		}
		text := "one = " + directory.QuoteTOML(a) + "\nall = " + directory.QuoteTOMLs([]string{b, a}) + "\n"
		if _, err := toml.Decode(text, &read); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		wantA, wantB := string([]rune(a)), string([]rune(b))
		if read.One != wantA || len(read.All) != 2 || read.All[0] != wantB || read.All[1] != wantA {
			t.Fatalf("%q came back as %q and %q", []string{a, b}, read.One, read.All)
		}
	})
}

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
