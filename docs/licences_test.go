package docs_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// phrases by which a licence is known, and whether it may stand in what we hand out.
var phrases = []struct {
	phrase, licence string
	linked          bool
}{
	{"apache license version 2.0", "Apache-2.0", true},
	{"licensed under the apache license, version 2.0", "Apache-2.0", true},
	{"permission is hereby granted, free of charge, to any person obtaining a copy", "MIT", true},
	{"redistribution and use in source and binary forms", "BSD", true},
	{"permission to use, copy, modify, and/or distribute", "ISC or 0BSD", true},
	{"mozilla public license version 2.0", "MPL-2.0", false},
	{"mozilla public license, version 2.0", "MPL-2.0", false},
}

// outside are phrases of licences that we cannot take at all.
var outside = []string{"gnu general public license", "gnu lesser general public license", "gnu affero", "server side public license", "business source license"}

// noticeNames are the files of a module that hold its licence or what it asks to repeat.
var noticeNames = []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "NOTICE", "NOTICE.txt"}

// part is a module that is linked into the binary, or a file that we took over.
type part struct {
	name, version string
	notices       []string
}

// TestLicences compares THIRD_PARTY_LICENSES with the modules that are really linked, on
// every system that we build for, and refuses licences that we cannot hand on. With -update it
// writes the file.
func TestLicences(t *testing.T) {
	linked := modules(t, "./cmd/valise", "./seal", "./relay", "./store", "./directory", "./gateway/...", "./api/...", "./exercise/...")
	if len(linked) < 10 {
		t.Fatalf("only %d modules are linked: the list is not complete", len(linked))
	}
	parts := []part{goItself(t, linked), takenOver(t)}
	for _, m := range linked {
		parts = append(parts, part{m.Path, m.Version, notices(t, m.Dir)})
	}
	for _, p := range parts {
		for _, licence := range licences(t, p) {
			if !licence.linked {
				t.Errorf("%s is under %s and would be linked into the binary", p.name, licence.name)
			}
		}
	}
	compare(t, filepath.Join(root, "THIRD_PARTY_LICENSES"), thirdParty(t, parts))
}

// TestLicencesOfTests looks at the modules that only tests use: they are not handed out, so
// that MPL-2.0 is allowed too.
func TestLicencesOfTests(t *testing.T) {
	for _, m := range modules(t, "-test", "-tags", "browser", "./...") {
		licences(t, part{m.Path, m.Version, notices(t, m.Dir)})
	}
}

// modules lists the modules behind the packages named, over all systems that we build for.
func modules(t *testing.T, packages ...string) []goModule {
	t.Helper()
	found := map[string]goModule{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		environment := []string{"GOOS=" + system, "GOARCH=amd64", "CGO_ENABLED=0"}
		for _, p := range goList(t, environment, append([]string{"-deps"}, packages...)...) {
			if m := p.Module; m != nil && !m.Main {
				if m.Replace != nil {
					m = m.Replace
				}
				found[m.Path] = *m
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b goModule) int { return cmp.Compare(a.Path, b.Path) })
}

func notices(t *testing.T, dir string) (texts []string) {
	t.Helper()
	for _, name := range noticeNames {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")))
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "README.md")); err == nil && len(texts) == 0 {
		_, section, _ := strings.Cut(string(b), "\n## License\n")
		texts = append(texts, strings.TrimSpace(section))
	}
	return texts
}

// goItself is the standard library: it is linked like any module. Not every installation of Go
// has its licence beside it; golang.org/x/sys always has the same text.
func goItself(t *testing.T, linked []goModule) part {
	t.Helper()
	for _, m := range linked {
		if m.Path == "golang.org/x/sys" {
			return part{"Go standard library", "", notices(t, m.Dir)}
		}
	}
	t.Fatal("golang.org/x/sys is not linked: take the licence of Go from another module of its authors")
	return part{}
}

// takenOver is the one file of others that stands in our tree.
func takenOver(t *testing.T) part {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "proto/buf/validate/validate.proto"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(b), "\n\n")
	if !ok || !strings.HasPrefix(head, "//") {
		t.Fatal("proto/buf/validate/validate.proto has lost its head with the licence")
	}
	return part{"proto/buf/validate/validate.proto, from protovalidate", "", []string{strings.ReplaceAll(strings.ReplaceAll(head, "// ", ""), "//", "")}}
}

type licence struct {
	name   string
	linked bool
}

// licences names the licences of a part; none, or one that we cannot take, fails the test.
func licences(t *testing.T, p part) (all []licence) {
	t.Helper()
	text := strings.ToLower(strings.Join(strings.Fields(strings.Join(p.notices, " ")), " "))
	for _, known := range phrases {
		l := licence{known.licence, known.linked}
		if strings.Contains(text, known.phrase) && !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		t.Errorf("%s %s has no licence that is known here", p.name, p.version)
	}
	for _, phrase := range outside {
		if strings.Contains(text, phrase) && !strings.Contains(text, "mozilla public license") {
			t.Errorf("%s %s has a licence that we cannot take: %s", p.name, p.version, phrase)
		}
	}
	return all
}

func thirdParty(t *testing.T, parts []part) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("Software of others that is linked into valise or stands in its source tree, with the\n" +
		"licences under which it is handed on. Made by `go test ./docs -run Licences -update`.\n")
	for _, p := range parts {
		var names []string
		for _, l := range licences(t, p) {
			names = append(names, l.name)
		}
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n", strings.Repeat("=", 88), strings.TrimSpace(p.name+" "+p.version), strings.Join(names, ", "))
		for _, text := range p.notices {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
	}
	return b.String()
}

// compare fails when the file differs from want, or writes it with -update.
func compare(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Errorf("%s is not what it should be: go test ./docs -run %s -update", name, t.Name())
	}
}
