package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"valise.example/api/locale"
	"valise.example/proto/ident"
)

var update = flag.Bool("update", false, "write the files of testdata/golden anew")

// TestGolden: the same recording gives the same bytes, in a language of each direction, for control and for a State.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		folder   string
		language locale.Language
		reader   ident.State
		only     string // this file alone; empty: all
	}{
		{"en", locale.English, "", ""}, {"ar", locale.Arabic, "", "report.html"}, {"zh", locale.Chinese, "", "report.md"}, {"en-xb", locale.English, "XB", "report.html"},
		{"fr-xa", locale.French, "XA", "report.json"},
	} {
		for name, text := range written(t, smallReport(t, c.language, c.reader)) {
			if c.only != "" && c.only != name {
				continue
			}
			path := filepath.Join("testdata", "golden", c.folder, name)
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s is another: go test ./exercise/report -run Golden -update, and look at what changed", path)
			}
			if again := written(t, smallReport(t, c.language, c.reader))[name]; again != text {
				t.Errorf("%s is not the same twice", path)
			}
		}
	}
}
