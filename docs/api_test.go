package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// apiPage is the page on the operator's door. It is made from the contract's own text, so that it
// cannot say anything else.
const apiPage = "docs/api.md"

// apiHeadFile is what is written by hand and stands before what is made from the contract.
const apiHeadFile = "docs/pages/api.md.tmpl"

var (
	apiDeclaration = regexp.MustCompile(`^(service|message|enum) (\w+) \{(\}?)$`)
	apiMethod      = regexp.MustCompile(`^  rpc (\w+)\((stream )?([\w.]+)\) returns \((stream )?([\w.]+)\);$`)
	apiField       = regexp.MustCompile(`^\s+(repeated |optional )?([\w.]+|map<[^>]*>) (\w+) = (\d+)\b`)
	apiValue       = regexp.MustCompile(`^  ([A-Z]\w*) = (\d+)\b`)
)

// declaration is a service, message or enum with its lines: methods, fields or values.
type declaration struct {
	kind, name, comment string
	lines               []apiLine
}

type apiLine struct {
	name, number, kind, comment string
	from, to                    string // of a method: the types without "stream "
	streams                     [2]bool
}

// contract reads the declarations of .proto files by line, as buf format writes them. A line that
// should be one of them and is not understood is an error: a page that leaves it out would lie.
func contract(files []source) (all []declaration, problems []string) {
	for _, f := range files {
		var open *declaration
		comment := ""
		f.lines(func(number int, line string) {
			text := strings.TrimSpace(line)
			if c, ok := strings.CutPrefix(text, "//"); ok {
				comment = strings.TrimSpace(comment + " " + strings.TrimSpace(c))
				return
			}
			said := comment
			comment = ""
			if m := apiDeclaration.FindStringSubmatch(line); m != nil {
				all = append(all, declaration{kind: m[1], name: m[2], comment: said})
				if open = &all[len(all)-1]; m[3] == "}" {
					open = nil
				}
				return
			}
			if line == "}" {
				open = nil
				return
			}
			if open == nil {
				return
			}
			if l, ok := apiLineOf(open.kind, line); ok {
				l.comment = said
				open.lines = append(open.lines, l)
			} else if said != "" && !strings.HasPrefix(text, "oneof ") && !strings.HasPrefix(text, "option ") {
				problems = append(problems, fmt.Sprintf("%s:%d is not understood: %s", f.path, number, text))
			}
		})
	}
	return all, problems
}

func apiLineOf(kind, line string) (apiLine, bool) {
	switch kind {
	case "service":
		if m := apiMethod.FindStringSubmatch(line); m != nil {
			return apiLine{name: m[1], from: m[3], to: m[5], streams: [2]bool{m[2] != "", m[4] != ""}}, true
		}
	case "message":
		if m := apiField.FindStringSubmatch(line); m != nil {
			return apiLine{name: m[3], number: m[4], kind: m[1] + m[2], to: m[2]}, true
		}
	case "enum":
		if m := apiValue.FindStringSubmatch(line); m != nil {
			return apiLine{name: m[1], number: m[2]}, true
		}
	}
	return apiLine{}, false
}

// rolesByMethod reads the table of api/permissions.go: "Service/Method" and the roles of its row.
func rolesByMethod(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "api", "permissions.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	sets, rows := map[string][]string{}, map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		list, ok := spec.Values[0].(*ast.CompositeLit)
		if !ok {
			return true
		}
		for _, e := range list.Elts {
			switch e := e.(type) {
			case *ast.SelectorExpr:
				role := strings.ToLower(strings.TrimPrefix(e.Sel.Name, "Role_ROLE_"))
				sets[spec.Names[0].Name] = append(sets[spec.Names[0].Name], role)
			case *ast.KeyValueExpr:
				key, isText := e.Key.(*ast.BasicLit)
				set, isName := e.Value.(*ast.Ident)
				if !isText || !isName || len(sets[set.Name]) == 0 {
					t.Fatalf("a row of the table of roles is not understood: %v", e.Key)
				}
				rows[strings.Trim(key.Value, `"`)] = sets[set.Name]
			}
		}
		return true
	})
	if len(rows) < 30 {
		t.Fatalf("the test sees %d rows of roles: it looks past most of the table", len(rows))
	}
	return rows
}

// TestAPIPage: docs/api.md is what the contract says. With -update it is written.
func TestAPIPage(t *testing.T) {
	all, problems := contract(sources(t, func(p string) bool {
		return strings.HasPrefix(p, "proto/valise/v1/") && strings.HasSuffix(p, ".proto")
	}))
	for _, p := range problems {
		t.Error(p)
	}
	page := renderAPI(t, all, rolesByMethod(t))
	path := filepath.Join(root, apiPage)
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != page {
		t.Errorf("%s is not what the contract says (%v): go test ./docs -run APIPage -update", apiPage, err)
	}
}

// TestAPIPageReadsAll: what the reader of the contract does not understand, it names.
func TestAPIPageReadsAll(t *testing.T) {
	got, problems := contract([]source{{"x.proto", strings.Join([]string{
		"// S serves.", "service S {", "  // Calls.", "  rpc Call(A) returns (stream B);", "  // Odd", "  rpc Odd(A)", "}",
		"// A is", "// asked.", "message A {", "  oneof o {", "    // One. A-8", "    repeated B one = 1;", "  }", "}", "message B {}",
		"// E.", "enum E {", "  // No.", "  E_NO = 0;", "}",
	}, "\n")}})
	if len(problems) != 1 || !strings.Contains(problems[0], "x.proto:6") {
		t.Errorf("of one odd line it says %q", problems)
	}
	if len(got) != 4 || got[0].lines[0].to != "B" || !got[0].lines[0].streams[1] || got[1].comment != "A is asked." || got[1].lines[0].kind != "repeated B" || got[3].lines[0].name != "E_NO" {
		t.Errorf("it reads %+v", got)
	}
}

// renderAPI writes a section for each service that has rows in the table of roles, then everything
// that their calls carry, by name.
func renderAPI(t *testing.T, all []declaration, roles map[string][]string) string {
	t.Helper()
	byName := map[string]declaration{}
	for _, d := range all {
		byName[d.name] = d
	}
	var b strings.Builder
	head, err := os.ReadFile(filepath.Join(root, apiHeadFile))
	if err != nil {
		t.Fatal(err)
	}
	b.Write(head)
	carried := map[string]bool{}
	for _, d := range all {
		if d.kind != "service" || !slices.ContainsFunc(d.lines, func(l apiLine) bool { return roles[d.name+"/"+l.name] != nil }) {
			continue
		}
		fmt.Fprintf(&b, "## %s\n\n%s\n\n| method | request | answer | who | |\n|---|---|---|---|---|\n", d.name, d.comment)
		for _, l := range d.lines {
			who := roles[d.name+"/"+l.name]
			if len(who) == 0 {
				t.Errorf("%s of %s has no row in the table of roles", l.name, d.name)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", l.name, apiType(byName, streamed(l.streams[0]), l.from), apiType(byName, streamed(l.streams[1]), l.to), whoMay(who), apiCell(l.comment))
			carry(byName, carried, l.from)
			carry(byName, carried, l.to)
		}
		b.WriteString("\n")
	}
	b.WriteString("## What the calls carry\n\n")
	for _, name := range slices.Sorted(maps.Keys(carried)) {
		renderCarried(&b, byName, byName[name])
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func renderCarried(b *strings.Builder, byName map[string]declaration, d declaration) {
	fmt.Fprintf(b, "### %s\n\n%s\n\n", d.name, d.comment)
	if len(d.lines) == 0 {
		return
	}
	if d.kind == "enum" {
		b.WriteString("| value | | |\n|---|---|---|\n")
		for _, l := range d.lines {
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", l.name, l.number, apiCell(l.comment))
		}
	} else {
		b.WriteString("| field | number | type | |\n|---|---|---|---|\n")
		for _, l := range d.lines {
			label, _ := strings.CutSuffix(l.kind, l.to)
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", l.name, l.number, apiType(byName, label, l.to), apiCell(l.comment))
		}
	}
	b.WriteString("\n")
}

// carry notes a type and all that its fields are of.
func carry(byName map[string]declaration, carried map[string]bool, name string) {
	d, ours := byName[name]
	if !ours || carried[name] {
		return
	}
	carried[name] = true
	if d.kind == "enum" {
		return
	}
	for _, l := range d.lines {
		carry(byName, carried, l.to)
	}
}

func apiType(byName map[string]declaration, label, name string) string {
	text := "`" + name + "`"
	if _, ours := byName[name]; ours {
		text = "[" + text + "](#" + strings.ToLower(name) + ")"
	}
	return label + text
}

func streamed(is bool) string {
	if is {
		return "stream of "
	}
	return ""
}

func whoMay(roles []string) string {
	if len(roles) == 6 {
		return "every officer"
	}
	return strings.Join(roles, ", ")
}

// apiCell keeps a comment within its cell.
func apiCell(comment string) string { return strings.ReplaceAll(comment, "|", `\|`) }
