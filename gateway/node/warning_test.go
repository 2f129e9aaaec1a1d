package node

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// sources are the files of a package that run.
func sources(t *testing.T, folder string) (files map[string]*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	files = map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[filepath.Base(name)], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// bare finds where a file gives a warning words of its own: whoever writes the field of the sentences, or
// makes a StandingWarning, does it without a value of the contract.
func bare(file *ast.File) (found []string) {
	field := func(e ast.Expr) {
		if s, ok := e.(*ast.SelectorExpr); ok && (s.Sel.Name == "Warnings" || s.Sel.Name == "Warning") {
			found = append(found, "writes "+s.Sel.Name)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				field(left)
			}
		case *ast.CompositeLit:
			s, ok := n.Type.(*ast.SelectorExpr)
			if ok && s.Sel.Name == "StandingWarning" {
				found = append(found, "makes a StandingWarning")
			}
			for _, e := range n.Elts {
				kv, isPair := e.(*ast.KeyValueExpr)
				if !isPair || !ok || s.Sel.Name != "Link" && s.Sel.Name != "GetStatusResponse" {
					continue
				}
				if key, _ := kv.Key.(*ast.Ident); key != nil && (key.Name == "Warning" || key.Name == "Warnings") {
					found = append(found, "writes "+key.Name)
				}
			}
		}
		return true
	})
	return found
}

// TestNobodyWarnsInWordsOfTheirOwn: in core, node and relay a warning is a value of the contract, and the one
// place that makes sentences of them is speak. A relay's Link has no sentences at all.
func TestNobodyWarnsInWordsOfTheirOwn(t *testing.T) {
	for _, folder := range []string{"..", ".", "../../relay"} {
		for name, file := range sources(t, folder) {
			if name == "warning.go" && folder == "." {
				continue
			}
			for _, what := range bare(file) {
				if folder == "../../relay" && what == "writes Warnings" {
					continue // a field of values: the compiler takes nothing else there
				}
				t.Errorf("%s/%s %s", folder, name, what)
			}
		}
	}
	if f := (sources(t, ".")["warning.go"]); len(bare(f)) != 3 {
		t.Errorf("warning.go: %q", bare(f))
	}
}

// TestEveryWarningIsRaisedWithItsArguments: each value has a place that raises it, and each place fills what
// the words of the value ask for, and nothing else.
func TestEveryWarningIsRaisedWithItsArguments(t *testing.T) {
	raised, texts := map[string]int{}, locale.Of(locale.English).Told().Warning
	for _, folder := range []string{".", "../../relay"} {
		for name, file := range sources(t, folder) {
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "Warning_WARNING_") {
					raised[strings.TrimPrefix(s.Sel.Name, "Warning_")]++
				}
				call, ok := n.(*ast.CallExpr)
				if fun, is := calledName(call); !ok || !is || fun != "warn" || name == "warning.go" {
					return true
				}
				value, is := call.Args[0].(*ast.SelectorExpr)
				if !is {
					t.Errorf("%s warns of what is no constant", name)
					return true
				}
				key := strings.ToLower(strings.TrimPrefix(value.Sel.Name, "Warning_WARNING_"))
				text, _ := locale.Named(texts, key)
				if got, want := filledNames(call.Args[1:]), placesOf(text); !slices.Equal(got, want) {
					t.Errorf("%s raises %s with %q, and its words ask for %q", name, key, got, want)
				}
				return true
			})
		}
	}
	for _, name := range slices.Sorted(maps.Values(valisev1.Warning_name)) {
		if want := name != "WARNING_UNSPECIFIED"; (raised[name] > 0) != want {
			t.Errorf("%s is raised in %d places", name, raised[name])
		}
	}
}

func calledName(call *ast.CallExpr) (string, bool) {
	if call == nil {
		return "", false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name, true
	case *ast.SelectorExpr:
		return f.Sel.Name, true
	}
	return "", false
}

// filledNames are the first words of calls such as withDay("day", …).
func filledNames(list []ast.Expr) []string {
	names := []string{}
	for _, e := range list {
		call, _ := e.(*ast.CallExpr)
		if call == nil || len(call.Args) == 0 {
			names = append(names, "?")
			continue
		}
		literal, _ := call.Args[0].(*ast.BasicLit)
		if literal == nil {
			names = append(names, "?")
			continue
		}
		name, _ := strconv.Unquote(literal.Value)
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func placesOf(text locale.Text) []string {
	names := []string{}
	for _, m := range regexp.MustCompile(`\{([a-z]+)\}`).FindAllStringSubmatch(text.String(), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return names
}
