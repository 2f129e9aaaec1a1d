package docs_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "valise.example"

var update = flag.Bool("update", false, "rewrite what a test compares: THIRD_PARTY_LICENSES, the README's transcript")

// root is the top of the repository.
const root = ".."

// notOurs are folders whose files nobody here wrote.
var notOurs = []string{".git", "bin", "node_modules", "proto/buf", ".ci/tools"}

// source is one text file of the repository, by its path from the root with slashes.
type source struct {
	path string
	text string
}

// sources reads every text file of the repository that somebody here wrote and that keep
// wants. A file with a NUL byte is no text.
func sources(t *testing.T, keep func(path string) bool) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path := filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator)))
		if d.IsDir() {
			if slices.Contains(notOurs, path) || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || path == ".git" || !keep(path) { // .git is a file in a second working tree
			return nil
		}
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !strings.Contains(string(b), "\x00") {
			all = append(all, source{path, string(b)})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no file found: the test looks in the wrong place")
	}
	return all
}

// has reports whether path ends in one of the given endings.
func has(endings ...string) func(path string) bool {
	return func(path string) bool {
		return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(path, e) })
	}
}

func isGenerated(path string) bool { return strings.HasSuffix(path, ".pb.go") }

// lines calls visit with every line of s and its number from 1.
func (s source) lines(visit func(number int, line string)) {
	for i, line := range strings.Split(s.text, "\n") {
		visit(i+1, line)
	}
}

// goPackage is what `go list -json` says of a package, as far as the rules need it.
type goPackage struct {
	ImportPath  string
	Name        string
	Dir         string
	Standard    bool
	Imports     []string
	Deps        []string
	GoFiles     []string
	TestGoFiles []string
	XTestGoFiles,
	IgnoredGoFiles []string
	Module *goModule
	Error  *struct{ Err string }
}

// goModule is the module that a package comes from.
type goModule struct {
	Path    string
	Version string
	Dir     string
	Main    bool
	Replace *goModule
}

// goList runs `go list -e -json` with the given arguments and environment in the root.
func goList(t *testing.T, environment []string, args ...string) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), environment...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.String())
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// inModule is the path of a package from the root of this module; ok is false for others.
func inModule(importPath string) (path string, ok bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}
