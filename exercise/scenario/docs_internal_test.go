package scenario

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants are the values of all constants of a type in this package's files.
func constants(t *testing.T, of string, files ...string) (out []string) {
	t.Helper()
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				if id, ok := v.Type.(*ast.Ident); ok && id.Name == of && len(v.Values) == 1 {
					s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, s)
				}
			}
			return true
		})
	}
	return out
}

func page(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/scenario.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestEveryWordIsKnown: an act or a fact that is defined can be written, and is explained.
func TestEveryWordIsKnown(t *testing.T) {
	page := page(t)
	for of, known := range map[string][]string{"Act": stringsOf(acts()), "Fact": stringsOf(factsOf()), "Code": nil, "Never": nil, "Kind": nil, "How": nil} {
		defined := constants(t, of, "scenario.go", "lint.go")
		if len(defined) < 3 {
			t.Fatalf("only %d of %s are found", len(defined), of)
		}
		for _, word := range defined {
			if known != nil && !slices.Contains(known, word) {
				t.Errorf("%s %q cannot be written in a file", of, word)
			}
			if !strings.Contains(page, "`"+word+"`") {
				t.Errorf("docs/scenario.md does not explain %s %q", of, word)
			}
		}
	}
	for act, facts := range carries {
		row := regexp.MustCompile(`(?m)^\| ` + "`" + regexp.QuoteMeta(string(act)) + "`" + `.*$`).FindString(page)
		for _, f := range facts {
			if !strings.Contains(row, "`"+string(f)+"`") {
				t.Errorf("docs/scenario.md does not say that %s can have %s", act, f)
			}
		}
		if strings.Count(row, "`") != 2*(len(facts)+1) {
			t.Errorf("docs/scenario.md says of %s other facts than can be had", act)
		}
	}
}

func stringsOf[T ~string](in []T) (out []string) {
	for _, v := range in {
		out = append(out, string(v))
	}
	return out
}

// TestEveryKeyIsExplained in the page of the format.
func TestEveryKeyIsExplained(t *testing.T) {
	page := page(t)
	seen := map[*shape]bool{}
	var walk func(s *shape)
	walk = func(s *shape) {
		if s == nil || seen[s] || s.byLang {
			return
		}
		seen[s] = true
		for _, k := range s.keys {
			if !regexp.MustCompile(`(?:\b|\[)` + k.name + `\b`).MatchString(page) {
				t.Errorf("docs/scenario.md does not have the key %s", k.name)
			}
			walk(k.shape)
		}
		walk(s.of)
	}
	walk(fileShape())
	walk(mappingShape())
	if len(seen) < 40 {
		t.Errorf("only %d shapes are seen", len(seen))
	}
}

// TestThePageIsRead: its first scenario can be played as it stands, and its mapping be used.
func TestThePageIsRead(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(page(t), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	if _, found := Check("page", []byte(blocks[0][1])); len(found) > 0 {
		t.Error(found)
	}
	when := "valise = \"scenario/v1\"\n[[inject]]\n" + blocks[1][1]
	if _, errs := read("page", []byte(when)); slices.ContainsFunc(errs, func(e *Error) bool { return strings.Contains(e.Key, "when") }) {
		t.Error(errs)
	}
	if _, err := ParseMapping("page", []byte(blocks[2][1])); err != nil {
		t.Error(err)
	}
}
