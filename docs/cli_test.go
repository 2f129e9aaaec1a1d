package docs_test

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	namedCommand = regexp.MustCompile("(?m)^\\| `valise ([a-z -]+)` \\|")
	objectRow    = regexp.MustCompile("(?m)^\\| (`[^|]*) \\| (.*`\\{.*) \\|$")
	inCode       = regexp.MustCompile("`([^`]+)`")
	jsonKey      = regexp.MustCompile(`"([a-z0-9_]+)"`)
)

// buildValise builds the program and returns its path.
func buildValise(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "valise")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/valise")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func commandPage(t *testing.T) string {
	t.Helper()
	return sources(t, func(p string) bool { return p == "docs/cli.md" })[0].text
}

// TestEveryCommandIsNamed walks the help of the real program and holds docs/cli.md against it,
// both ways.
func TestEveryCommandIsNamed(t *testing.T) {
	built := leaves(t, buildValise(t), nil)
	if len(built) < 50 {
		t.Fatalf("the help lists %d commands: the walk looks past most of them", len(built))
	}
	var named []string
	for _, m := range namedCommand.FindAllStringSubmatch(commandPage(t), -1) {
		named = append(named, m[1])
	}
	for _, command := range built {
		if !slices.Contains(named, command) {
			t.Errorf("docs/cli.md does not name valise %s", command)
		}
	}
	for _, command := range named {
		if !slices.Contains(built, command) {
			t.Errorf("docs/cli.md names valise %s, which the program does not have", command)
		}
	}
}

// leaves lists the commands below path that have no commands of their own. What completion
// offers for each shell is cobra's.
func leaves(t *testing.T, binary string, path []string) []string {
	t.Helper()
	below := listed(valise(t, binary, append([]string{"help"}, path...)...))
	if len(below) == 0 || slices.Equal(path, []string{"completion"}) {
		return []string{strings.Join(path, " ")}
	}
	var all []string
	for _, name := range below {
		all = append(all, leaves(t, binary, append(slices.Clone(path), name))...)
	}
	return all
}

// listed reads the names under "Available Commands:" of a help text.
func listed(help string) (names []string) {
	_, rest, _ := strings.Cut(help, "\nAvailable Commands:\n")
	for line := range strings.Lines(rest) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" {
			break
		}
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

func valise(t *testing.T, binary string, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("valise %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// TestObjectsAreAsShown prints what needs no running node and compares the keys with the page:
// those that the page shows first are there, and none is there that the page does not show. The
// scripts in cmd/valise/testdata hold the rest.
func TestObjectsAreAsShown(t *testing.T) {
	binary, dir := buildValise(t), t.TempDir()
	in := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	shown := objectsShown(t)
	for _, c := range []struct {
		verb string
		args []string
	}{
		{"version", nil},
		{"lab new", []string{"--home", in("L"), "--states", "XA,XB"}},
		{"inquiry template", nil},
		{"key show", []string{"--home", in("L", "XA")}},
		{"directory entry show", []string{"--home", in("L", "directory", "roots", "XA")}},
		{"directory entry export", []string{"--home", in("L", "directory", "roots", "XA"), "--node", in("L", "XA"), "--out", in("entry")}},
		{"directory show", []string{"--home", in("L", "XA")}},
		{"directory verify", []string{"--home", in("L", "XA")}},
		{"directory publish", []string{"--home", in("L", "directory")}},
		{"directory import", []string{"--home", in("L", "XA"), in("L", "directory", "directory.import")}},
		{"record verify", []string{"--home", in("L", "XA")}},
		{"node init", []string{"--home", in("N"), "--state", "AA"}},
		{"relay init", []string{"--home", in("R"), "--listen", "127.0.0.1:0", "--address", "127.0.0.1:4222"}},
		{"directory init", []string{"--home", in("M")}},
		{"key ceremony", []string{"--home", in("K"), "--state", "AA"}},
	} {
		object, ok := shown[c.verb]
		if !ok {
			t.Errorf("docs/cli.md shows no object of %s", c.verb)
			continue
		}
		printed := valise(t, binary, append(append(strings.Fields(c.verb), "--json"), c.args...)...)
		for _, problem := range compareKeys(object, printed) {
			t.Errorf("valise %s: %s", c.verb, problem)
		}
	}
	if got := compareKeys("`{\"a\",\"b\":[{\"c\"}],\"d\"}`; also `e`", `{"a":1,"b":[{"c":1,"x":2}],"e":3,"y":4}`); len(got) != 3 {
		t.Errorf("of three wrong keys (d, x, y) the check finds %q", got)
	}
}

// objectsShown maps each verb of the last table of docs/cli.md to what is said of its object.
func objectsShown(t *testing.T) map[string]string {
	t.Helper()
	shown := map[string]string{}
	for _, row := range objectRow.FindAllStringSubmatch(commandPage(t), -1) {
		for _, verb := range inCode.FindAllStringSubmatch(row[1], -1) {
			shown[verb[1]] = row[2]
		}
	}
	return shown
}

func compareKeys(shown, printed string) (problems []string) {
	var object map[string]any
	if err := json.Unmarshal([]byte(printed), &object); err != nil {
		return []string{"prints no JSON object: " + err.Error()}
	}
	first := inCode.FindStringSubmatch(shown)[1]
	for _, key := range topKeys(first) {
		if _, ok := object[key]; !ok {
			problems = append(problems, "docs/cli.md shows the key "+key+", which is not printed")
		}
	}
	known := map[string]bool{}
	for _, code := range inCode.FindAllStringSubmatch(shown, -1) {
		known[code[1]] = true
		for _, key := range jsonKey.FindAllStringSubmatch(code[1], -1) {
			known[key[1]] = true
		}
	}
	seen := map[string]bool{}
	collectKeys(object, seen)
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		if !known[key] {
			problems = append(problems, "prints the key "+key+", which docs/cli.md does not show")
		}
	}
	return problems
}

// topKeys are the keys of the outermost object of the page's short form.
func topKeys(short string) (keys []string) {
	depth := 0
	for i := 0; i < len(short); i++ {
		switch short[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := i + 1 + strings.IndexByte(short[i+1:], '"')
			if depth == 1 {
				keys = append(keys, short[i+1:end])
			}
			i = end
		}
	}
	return keys
}

func collectKeys(v any, seen map[string]bool) {
	switch x := v.(type) {
	case map[string]any:
		for key, value := range x {
			seen[key] = true
			collectKeys(value, seen)
		}
	case []any:
		for _, value := range x {
			collectKeys(value, seen)
		}
	}
}
