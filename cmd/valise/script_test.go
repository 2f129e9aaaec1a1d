package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"valise.example/store"
)

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){
		"valise": func() {
			store.MaybeCheckChild()
			os.Exit(Main(os.Args[1:], os.Stdin, held(os.Stdout), os.Stderr, os.Environ()))
		},
		"calldesk":         callDesk,
		"callpost":         callPost,
		"age-plugin-vtest": agePlugin,
		"maketoken":        makeToken,
		"browse":           browse,
	})
}

// leakless fails a run that leaves a goroutine behind.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	dir, err := os.MkdirTemp("", "valise")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := splitVerbs(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := l.m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestDemoLeavesNothing plays the demonstration within this process: relay, two nodes and every
// connection of the officers must be gone when it ends.
func TestDemoLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	var out, errs strings.Builder
	if exit := Main([]string{"demo", "--once"}, strings.NewReader(""), &out, &errs, []string{"TMPDIR=" + tmp}); exit != exitDone {
		t.Fatalf("ended with %d: %s\n%s", exit, errs.String(), out.String())
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 0 {
		t.Errorf("%d things are left behind: %v", len(left), err)
	}
}

// TestScripts runs the stories of testdata/script. Each stands in a folder of its own and runs
// the real program in processes of its own.
func TestScripts(t *testing.T) {
	objects := objectsFolder(t)
	samples, err := filepath.Abs("../../api/draft/indicators/testdata")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(rulesVariable, rules)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			// A socket's path is short by nature; the test's own folder may be long.
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("UID", fmt.Sprint(os.Getuid()))
			env.Setenv(objectsVariable, objects)
			env.Setenv("SAMPLES", samples)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "readonly": // a folder can be made read-only, even for root
				return exec.Command("unshare", "-rm", "mount", "--bind", "/", "/").Run() == nil, nil
			}
			return false, fmt.Errorf("no condition is called %s", cond)
		},
		Cmds: scriptCommands,
	})
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":        exits,
	"json":         jsonValue,
	"jsonset":      jsonSet,
	"eventually":   eventually,
	"waitport":     waitPort,
	"freeport":     freePort,
	"nowhere":      nowhere,
	"tamper":       tamper,
	"laterrecord":  laterRecord,
	"age":          runAge,
	"bytes":        writeBytes,
	"glob":         globOne,
	"term":         sendTerm,
	"waitline":     waitLine,
	"killed":       killed,
	"get":          get,
	"metric":       metric,
	"nameless":     nameless,
	"alerts":       alerts,
	"forge":        forge,
	"refusedfile":  refusedFile,
	"refusedrelay": refusedRelay,
	"stays":        stays,
}

// exits runs a program and wants exactly this exit code: exits 5 valise inquiry send …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = failed.ExitCode()
	}
	if want := args[0]; fmt.Sprint(got) != want {
		ts.Fatalf("ended with %d, want %s\nstdout: %s\nstderr: %s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

var ageTool = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "tool", "-n", "age").Output()
	return strings.TrimSpace(string(out)), err
})

// runAge runs age as `go tool age` does: the module's own program, pinned in go.mod.
func runAge(ts *testscript.TestScript, neg bool, args []string) {
	program, err := ageTool()
	ts.Check(err)
	err = ts.Exec(program, args...)
	if (err != nil) != neg {
		ts.Fatalf("age ended with %v", err)
	}
}

// writeBytes writes a file of N bytes 'a': bytes 1048576 FILE
func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	var n int
	if _, err := fmt.Sscan(args[0], &n); err != nil || len(args) != 2 {
		ts.Fatalf("usage: bytes N FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Repeat("a", n)), 0o600))
}

// sendTerm sends SIGTERM, as a service manager does, to the one background program that has all
// these arguments: term node L/XA
func sendTerm(ts *testscript.TestScript, _ bool, args []string) {
	var found []*exec.Cmd
	for _, c := range ts.BackgroundCmds() {
		has := true
		for _, a := range args {
			has = has && slices.Contains(c.Args, a)
		}
		if has && c.ProcessState == nil {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		ts.Fatalf("%d background programs have the arguments %q, want 1", len(found), args)
	}
	ts.Check(found[0].Process.Signal(syscall.SIGTERM))
}

// globOne sets a variable to the only file that fits: glob ENVELOPE peek/*/*.age
func globOne(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d files fit %s, want 1", len(found), args[1])
	}
	ts.Setenv(args[0], found[0])
}
