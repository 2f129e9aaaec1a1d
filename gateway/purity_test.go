package gateway

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sources parses the package's own files, without tests.
func sources(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset, files := token.NewFileSet(), map[string]*ast.File{}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
	}
	return fset, files
}

// TestCoreIsPure: no clock, no randomness, no files, no network, no goroutine of its own.
func TestCoreIsPure(t *testing.T) {
	fset, files := sources(t)
	for name, f := range files {
		for _, imp := range f.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			switch {
			case path == "os", path == "net", strings.HasPrefix(path, "net/"), path == "crypto/rand", path == "math/rand", path == "math/rand/v2", path == "testing", path == "runtime":
				t.Errorf("%s imports %s", name, path)
			case strings.HasPrefix(path, "valise.example/"):
				own := strings.TrimPrefix(path, "valise.example/")
				if !strings.HasPrefix(own, "proto/") && own != "seal" && own != "directory" {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine", fset.Position(n.Pos()))
			}
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Sleep", "Tick"}, call.Sel.Name) {
				t.Errorf("%s: time.%s", fset.Position(n.Pos()), call.Sel.Name)
			}
			return true
		})
	}
}

// TestCoreKnowsNoStorageAndNoNetwork over everything it depends on.
func TestCoreKnowsNoStorageAndNoNetwork(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.FieldsSeq(string(out)) {
		for _, bad := range []string{"bbolt", "nats.go", "nats-server", "valise.example/store", "valise.example/relay", "valise.example/api"} {
			if strings.Contains(dep, bad) {
				t.Errorf("the core depends on %s", dep)
			}
		}
	}
}

var mark = regexp.MustCompile(`^// ([IR]-[1-4])$`)

// TestProceduresReadTopToBottom: each procedure is one function that calls its steps in the
// appendix's order, each marked, each a function of the same file. A-10a
func TestProceduresReadTopToBottom(t *testing.T) {
	fset, files := sources(t)
	for _, c := range []struct {
		file, procedure string
		want            []string
	}{
		{"procedure_inquiry.go", "followInquiry", []string{"I-1", "I-2", "I-3", "I-4"}},
		{"procedure_response.go", "followResponse", []string{"R-1", "R-2", "R-3"}},
	} {
		f := files[c.file]
		if lines := fset.Position(f.End()).Line; lines > 120 {
			t.Errorf("%s has %d lines: it no longer fits a screen or two", c.file, lines)
		}
		var got []string
		marked := map[int]bool{}
		for _, group := range f.Comments {
			for _, comment := range group.List {
				if m := mark.FindStringSubmatch(comment.Text); m != nil {
					got = append(got, m[1])
					marked[fset.Position(comment.Pos()).Line] = true
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s marks %v, want %v", c.file, got, c.want)
		}
		local := map[string]*ast.FuncDecl{}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				local[fn.Name.Name] = fn
			}
		}
		calls := 0
		ast.Inspect(local[c.procedure].Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !marked[fset.Position(call.Pos()).Line] {
				return true
			}
			calls++
			if name := call.Fun.(*ast.Ident).Name; local[name] == nil || local[name].Doc == nil {
				t.Errorf("%s: step %s is not a documented function of the same file", c.file, name)
			}
			return false
		})
		if calls != len(c.want) {
			t.Errorf("%s calls %d marked steps, want %d", c.procedure, calls, len(c.want))
		}
	}
}

// TestTablesAreDocumented: doc.go names every table, and no other.
func TestTablesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z-]+) {2,}`).FindAllStringSubmatch(string(doc), -1) {
		named[m[1]] = true
	}
	_, files := sources(t)
	tables := map[string]bool{}
	ast.Inspect(files["tables.go"], func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if ok && len(v.Names) == 1 && strings.HasPrefix(v.Names[0].Name, "table") {
			s, _ := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			tables[s] = true
		}
		return true
	})
	for s := range tables {
		if !named[s] {
			t.Errorf("doc.go does not name the table %s", s)
		}
	}
	for s := range named {
		if !tables[s] {
			t.Errorf("doc.go names a table %s that there is not", s)
		}
	}
}

// TestHouseSizes: files and functions stay small.
func TestHouseSizes(t *testing.T) {
	fset, files := sources(t)
	for name, f := range files {
		if lines := fset.Position(f.End()).Line; lines >= 400 {
			t.Errorf("%s has %d lines", name, lines)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line; lines >= 60 {
				t.Errorf("%s has %d lines", fn.Name.Name, lines)
			}
			if fn.Name.IsExported() && fn.Doc == nil {
				t.Errorf("%s is not documented", fn.Name.Name)
			}
		}
	}
}
