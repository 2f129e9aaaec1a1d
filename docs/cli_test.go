package docs_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var namedCommand = regexp.MustCompile("(?m)^\\| `valise ([a-z -]+)` \\|")

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

// leaves lists the commands below path that do something, whether or not they have others below them.
func leaves(t *testing.T, binary string, path []string) []string {
	t.Helper()
	help := valise(t, binary, append([]string{"help"}, path...)...)
	below, command := listed(help), strings.Join(path, " ")
	if len(below) == 0 {
		return []string{command}
	}
	var all []string
	if strings.Contains(help, "\nUsage:\n  valise "+command+" --") {
		all = append(all, command)
	}
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
