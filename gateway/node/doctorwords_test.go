package node

import (
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"valise.example/api/locale"
)

// TestEveryFindingHasWords: whatever doctor finds has words and, unless it is good, what to do; each place of
// them is filled; and nothing has words that nobody finds.
func TestEveryFindingHasWords(t *testing.T) {
	told, found := locale.Of(locale.English).Told(), map[string]bool{}
	for name, file := range sources(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, code := range codesOf(n) {
				text, known := locale.Named(told.Found, code)
				if found[code] = true; !known {
					t.Errorf("%s finds %s, which has no words", name, code)
				}
				if call, ok := n.(*ast.CallExpr); ok {
					holdPlaces(t, told, code, text, call)
				}
			}
			return true
		})
	}
	for field := range reflect.TypeFor[locale.FoundTexts]().Fields() {
		if key := field.Tag.Get("toml"); !found[key] {
			t.Errorf("nobody finds %s", key)
		}
	}
}

// codesOf are the codes that a piece of doctor names: of a call of good, add or fault, of a Found, and of the
// lines that choose one by how much it matters.
func codesOf(n ast.Node) (codes []string) {
	literal := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok {
			if s, err := strconv.Unquote(l.Value); err == nil {
				codes = append(codes, s)
			}
		}
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		if at := map[string]int{"good": 1, "add": 2, "fault": 2}[methodOf(n)]; at > 0 && len(n.Args) >= at {
			literal(n.Args[at-1])
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if id, ok := left.(*ast.Ident); ok && id.Name == "code" && len(n.Rhs) == len(n.Lhs) {
				literal(n.Rhs[i])
			}
		}
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && id.Name == "Code" {
			literal(n.Value)
		}
	}
	return codes
}

// methodOf is the name of what is called of d, the doctor.
func methodOf(call *ast.CallExpr) string {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if of, ok := s.X.(*ast.Ident); !ok || of.Name != "d" {
		return ""
	}
	return s.Sel.Name
}

// holdPlaces compares what a call fills in with the places of what is found and of what to do.
func holdPlaces(t *testing.T, told *locale.Told, code string, text locale.Text, call *ast.CallExpr) {
	method := methodOf(call)
	fix, hasFix := locale.Named(told.Fix, code)
	if hasFix == (method == "good") {
		t.Errorf("%s is called %s, and has something to do: %t", code, method, hasFix)
	}
	want := slices.Compact(slices.Sorted(slices.Values(slices.Concat(placesOf(text), placesOf(fix)))))
	skip := map[string]int{"good": 1, "add": 2, "fault": 3}[method]
	got := filledNames(call.Args[skip:])
	if method == "fault" {
		got = slices.Sorted(slices.Values(append(got, "why")))
	}
	if slices.Contains(got, "?") {
		return // values with names of their own, which the tests of their findings read
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s is filled with %q, and its words ask for %q", code, got, want)
	}
}
