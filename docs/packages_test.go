package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withoutExample are packages that have none, and why.
var withoutExample = map[string]string{
	"proto/valise/v1": "generated; seal, gateway and api show how its messages are used",
	"cmd/valise":      "a command: the scripts in its testdata are its examples",
	"docs":            "no code",
	"":                "no code but the texts of the licences",
}

func TestEveryPackageExplainsItself(t *testing.T) {
	for _, p := range goList(t, nil, "./...") {
		path, ok := inModule(p.ImportPath)
		if !ok || len(p.GoFiles) == 0 && p.Error == nil {
			continue
		}
		checkPackageComment(t, path, p)
		_, exempt := withoutExample[path]
		// A suite for tests is called from tests, and they are its examples.
		exempt = exempt || strings.HasSuffix(path, "test")
		// A command of a trial is called from the Makefile, and says how in its comment.
		exempt = exempt || strings.HasPrefix(path, "cmd/trial/")
		if !exempt && !hasExample(t, p) {
			t.Errorf("%s has no runnable example: an Example function with an Output comment", path)
		}
	}
}

func checkPackageComment(t *testing.T, path string, p goPackage) {
	t.Helper()
	name := "doc.go"
	if path == "" && len(p.GoFiles) == 1 {
		name = p.GoFiles[0] // the root has one file, and a second one would only explain it
	}
	if !slices.Contains(p.GoFiles, name) {
		t.Errorf("%s has no doc.go that says what it is, what it must never do and what is on disk", path)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Error(err)
		return
	}
	want := "Package " + p.Name + " "
	if p.Name == "main" {
		want = "Command " + filepath.Base(p.Dir) + " "
	}
	if !strings.HasPrefix(strings.Join(strings.Fields(file.Doc.Text()), " "), want) {
		t.Errorf("%s: the comment in %s does not begin with %q", path, name, want)
	}
}

func hasExample(t *testing.T, p goPackage) bool {
	t.Helper()
	var files []*ast.File
	set := token.NewFileSet()
	for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return false
		}
		files = append(files, file)
	}
	return slices.ContainsFunc(doc.Examples(files...), func(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput })
}
