package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// room is a row of the house: which other rooms the packages in it may import, and why.
type room struct {
	name string   // folder; the longest that fits a package counts
	may  []string // rooms; its own is always allowed
	why  string
}

// house is the import table of docs/architecture.md. `relay` is the wall: what it may not
// import, no package that it imports may import either, because every row is closed.
var house = []room{
	{"", nil, "the root holds the texts of the licences, for `valise version --licences`, and no code"},
	{"proto", nil, "the contract stands below everything and knows no code that uses it"},
	{"seal", []string{"proto"}, "what closes an envelope must not know how it travels or what is kept"},
	{"relay", []string{"proto"}, "the wall: the code that carries cannot open, and learns a nameless Roster instead of States"},
	{"directory", []string{"proto", "seal"}, "which keys speak does not depend on who carried the news, and the directory holds no exchanged information (A-7b)"},
	{"store", []string{"proto", "seal"}, "the record outlives every list and every procedure"},
	{"gateway", []string{"proto", "seal", "directory"}, "the core is pure, so that it can be simulated: storage and relay are interfaces that it defines"},
	{"gateway/sim", []string{"proto", "seal", "directory", "store", "gateway"}, "a simulation has a real core and real records and nothing that runs by itself: no relay, no node"},
	{"gateway/node", []string{"proto", "seal", "directory", "store", "relay", "gateway", "api", "api/draft", "api/others", "api/console", "api/locale"}, "the one place that joins the parts; an exercise is joined by cmd, so that a node runs the same in it"},
	{"api", []string{"proto", "directory", "gateway", "api/draft", "api/locale"}, "the operator's door holds no keys and sends nothing itself"},
	{"api/console", []string{"proto", "api/briefing", "api/draft", "api/locale"}, "the page is a client of the API like any other"},
	{"api/briefing", []string{"proto", "api/draft"}, "a page is made of what the API shows to whoever asks, and of nothing else"},
	{"api/campaign", []string{"proto", "api/draft"}, "a report is made of what the API shows to whoever asks, and of nothing else"},
	{"api/others", []string{"proto", "api/draft"}, "what another body says is for people: it is read from its file and compared, and no key or route comes of it"},
	{"api/draft", []string{"proto", "directory", "gateway"}, "a draft is text for a message and nothing else"},
	{"api/draft/indicators", []string{"proto", "api/draft"}, "a file that another tool wrote is read by the command alone, on the officer's own machine"},
	{"api/draft/iodef", []string{"proto", "api/draft"}, "a document says what was said, and has nothing else to ask"},
	{"api/locale", []string{"proto", "api/draft"}, "words in six languages know the contract and no code"},
	{"exercise/scenario", []string{"proto"}, "a scenario is data that is read: it knows no node, and nothing in it can reach one"},
	{"exercise", []string{"proto", "seal", "directory", "store", "relay", "gateway", "gateway/node", "api", "api/briefing", "api/draft", "api/console", "api/locale", "exercise/scenario", "exercise/play", "exercise/telling", "exercise/report"}, "an exercise plays with the real parts"},
	{"exercise/play", []string{"proto", "exercise/scenario"}, "the engine is pure, so that the same file and seed bring the same bytes: nodes are behind the interface that it defines"},
	{"exercise/telling", []string{"proto", "api/draft", "api/locale", "exercise/scenario", "exercise/play"}, "what is said of a line comes from the line, so that pages, command and report say the same"},
	{"exercise/report", []string{"proto", "api/draft", "api/locale", "exercise/scenario", "exercise/play", "exercise/telling"}, "a report is made of a recording and its scenario, so that whoever has both makes the same one"},
	{"cmd", []string{"", "proto", "seal", "directory", "store", "relay", "gateway", "gateway/node", "api", "api/briefing", "api/campaign", "api/draft", "api/draft/indicators", "api/draft/iodef", "api/others", "api/console", "api/locale", "exercise", "exercise/scenario", "exercise/play", "exercise/telling", "exercise/report"}, "the one binary; cmd/trial holds programs that try it under faults and measure it"},
	{"docs", nil, "pages and tests of the house; nothing to import and nothing imports it"},
}

// forbidden are packages of others that a room must not reach, not even through a package in
// between, and why.
var forbidden = []struct{ room, prefix, why string }{
	{"gateway", "go.etcd.io/bbolt", "the core has no storage"},
	{"gateway", "github.com/nats-io/", "the core has no network"},
	{"seal", "github.com/nats-io/nats.go", "the seal has no network"},
	{"seal", "go.etcd.io/bbolt", "the seal has no storage"},
	{"store", "github.com/nats-io/nats.go", "the record has no network"},
	{"directory", "github.com/nats-io/nats.go", "the directory has no network"},
	{"relay", "filippo.io/age", "the wall: the code that carries cannot open"},
	{"relay", "go.etcd.io/bbolt", "the relay keeps envelopes in its own server only"},
	{"api/console", "github.com/nats-io/nats.go", "the page is a client of the API like any other"},
}

// pure are rooms whose runs can be repeated byte for byte.
var pure = []string{"gateway", "exercise/play", "exercise/telling", "exercise/report"}

// impure are packages that these must not import themselves. Their like reach it as arguments.
var impure = []string{"os", "net", "crypto/rand", "math/rand", "math/rand/v2", "syscall", "os/exec", "os/signal", "net/http", "io/ioutil"}

func TestImportTable(t *testing.T) {
	packages := goList(t, nil, "./...")
	for _, problem := range checkImports(packages) {
		t.Error(problem)
	}
}

// TestImportTableBites breaks every row once, so that the table cannot be empty words.
func TestImportTableBites(t *testing.T) {
	pkg := func(path string, imports ...string) goPackage {
		return goPackage{ImportPath: module + "/" + path, Imports: imports, Deps: imports}
	}
	for _, c := range []struct {
		broken goPackage
		want   string
	}{
		{pkg("proto/valise/v1", module+"/seal"), "stands below everything"},
		{pkg("seal", module+"/relay"), "how it travels"},
		{pkg("relay", module+"/seal"), "the wall"},
		{pkg("relay/relaytest", module+"/directory"), "the wall"},
		{pkg("relay", module+"/store"), "the wall"},
		{pkg("relay", "filippo.io/age"), "the wall"},
		{pkg("directory", module+"/store"), "A-7b"},
		{pkg("store", module+"/directory"), "outlives"},
		{pkg("gateway", module+"/store"), "pure"},
		{pkg("gateway", module+"/gateway/node"), "pure"},
		{pkg("gateway", "go.etcd.io/bbolt"), "storage"},
		{pkg("gateway", "os"), "pure"},
		{pkg("gateway/node", module+"/exercise"), "one place"},
		{pkg("gateway/sim", module+"/relay"), "runs by itself"},
		{pkg("gateway/history", module+"/store"), "pure"},
		{pkg("api", module+"/seal"), "holds no keys"},
		{pkg("api/briefing", module+"/gateway"), "of nothing else"},
		{pkg("api/campaign", module+"/gateway"), "of nothing else"},
		{pkg("api/draft", module+"/seal"), "for a message and nothing else"},
		{pkg("api/others", module+"/directory"), "no key or route"},
		{pkg("gateway", module+"/api/others"), "pure"},
		{pkg("directory", module+"/api/others"), "A-7b"},
		{pkg("relay", module+"/api/others"), "the wall"},
		{pkg("api", module+"/api/others"), "holds no keys"},
		{pkg("api/console", module+"/gateway"), "client"},
		{pkg("api/locale", module+"/gateway"), "six languages"},
		{pkg("api/locale", module+"/api"), "six languages"},
		{pkg("api/draft", module+"/api/locale"), "for a message and nothing else"},
		{pkg("exercise/lab", module+"/cmd/valise"), "real parts"},
		{pkg("exercise/scenario", module+"/gateway/node"), "is data"},
		{pkg("exercise/play", module+"/exercise/lab"), "the engine is pure"},
		{pkg("exercise/play", "os"), "the engine is pure"},
		{pkg("exercise/play", module+"/exercise/report"), "the engine is pure"},
		{pkg("exercise/report", module+"/exercise/lab"), "makes the same one"},
		{pkg("exercise/report", "os"), "makes the same one"},
		{pkg("cmd/valise", module+"/docs"), "one binary"},
		{pkg("common"), "no room"},
		{goPackage{ImportPath: module, Imports: []string{module + "/seal"}}, "no code"},
	} {
		problems := strings.Join(checkImports([]goPackage{c.broken}), "\n")
		if !strings.Contains(problems, c.want) {
			t.Errorf("%s with %v: want a complaint with %q, got %q", c.broken.ImportPath, c.broken.Imports, c.want, problems)
		}
	}
}

// unpackers make much of little. Only a backup of ours is an archive, and it names its own files.
// docs/protocol.md §6
var unpackers = []string{"archive/zip", "compress/bzip2", "compress/flate", "compress/gzip", "compress/lzw", "compress/zlib"}

// TestNothingIsUnpacked: no package of ours can open what a file holds, so that none of a peer's can
// grow, or name files of its own.
func TestNothingIsUnpacked(t *testing.T) {
	packages := goList(t, nil, "./...")
	if len(packages) < 20 {
		t.Fatalf("only %d packages are seen", len(packages))
	}
	for _, p := range packages {
		path, ok := inModule(p.ImportPath)
		for _, imported := range p.Imports {
			if ok && (slices.Contains(unpackers, imported) || strings.Contains(imported, "/compress/") || imported == "archive/tar" && path != "gateway/node") {
				t.Errorf("%s imports %s: what came from a peer is never unpacked", path, imported)
			}
		}
	}
}

func checkImports(packages []goPackage) (problems []string) {
	for _, p := range packages {
		path, ok := inModule(p.ImportPath)
		if !ok {
			continue
		}
		r, ok := roomOf(path)
		if !ok {
			problems = append(problems, fmt.Sprintf("%s stands in no room of the house (docs/imports_test.go)", path))
			continue
		}
		for _, imported := range p.Imports {
			problems = append(problems, checkImport(path, r, imported)...)
		}
		problems = append(problems, checkReach(path, r, p.Deps)...)
	}
	return problems
}

func checkImport(path string, r room, imported string) (problems []string) {
	if target, ok := inModule(imported); ok {
		other, known := roomOf(target)
		if !known || other.name != r.name && !slices.Contains(r.may, other.name) {
			problems = append(problems, fmt.Sprintf("%s imports %s: %s", path, target, r.why))
		}
	}
	if slices.Contains(pure, r.name) && slices.Contains(impure, imported) {
		problems = append(problems, fmt.Sprintf("%s imports %s: %s", path, imported, r.why))
	}
	return problems
}

func checkReach(path string, r room, deps []string) (problems []string) {
	for _, f := range forbidden {
		if f.room != r.name {
			continue
		}
		for _, dep := range deps {
			if dep == f.prefix || strings.HasPrefix(dep, strings.TrimSuffix(f.prefix, "/")+"/") {
				problems = append(problems, fmt.Sprintf("%s reaches %s: %s", path, dep, f.why))
				break
			}
		}
	}
	return problems
}

// roomOf finds the row with the longest folder that holds path.
func roomOf(path string) (best room, ok bool) {
	for _, r := range house {
		inside := path == r.name || r.name != "" && strings.HasPrefix(path, r.name+"/")
		if inside && (!ok || len(r.name) > len(best.name)) {
			best, ok = r, true
		}
	}
	return best, ok
}

// TestTopLevel finds a folder that no room owns, with or without Go in it.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || slices.Contains(notOurs, e.Name()) {
			continue
		}
		if _, ok := roomOf(e.Name()); !ok {
			t.Errorf("%s stands in no room of the house (docs/imports_test.go)", e.Name())
		}
	}
}

// TestCoreIsPure finds clocks and goroutines in the protocol core and the engine of exercises: with either, a run could
// not be repeated byte for byte.
func TestCoreIsPure(t *testing.T) {
	var files []string
	for _, room := range pure {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(room), "*.go"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no file of %s found, %v", room, err)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := impurities(name, string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Error(p)
		}
	}
	broken := "package gateway\nfunc f() { go f(); _ = time.Now(); <-time.After(1) }\n"
	if problems, err := impurities("broken.go", broken); err != nil || len(problems) != 3 {
		t.Errorf("the check finds %d of 3 seeded impurities, %v", len(problems), err)
	}
}

func impurities(name, text string) (problems []string, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			problems = append(problems, fmt.Sprintf("%s: the core starts no goroutine", set.Position(n.Pos())))
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
				problems = append(problems, fmt.Sprintf("%s: the core has no clock, time.%s", set.Position(n.Pos()), n.Sel.Name))
			}
		}
		return true
	})
	return problems, nil
}
