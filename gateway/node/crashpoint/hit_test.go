package crashpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"valise.example/gateway/node/crashpoint"
)

// Every point of the table is called by the code, and the code calls no other: a name that
// nothing hits would be a trial of nothing.
func TestTableAndCodeAgree(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`crashpoint\.(?:Hit|Err)\("([^"]+)"\)`)
	var called []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			called = append(called, m[1])
		}
	}
	for _, p := range crashpoint.Points() {
		if !slices.Contains(called, p.Name) {
			t.Errorf("nothing hits %s", p.Name)
		}
		called = slices.DeleteFunc(called, func(name string) bool { return name == p.Name })
	}
	if len(called) > 0 {
		t.Errorf("hit, but not in the table: %v", called)
	}
}

// What is shipped has no point in it: neither the variable nor its name is in the program.
func TestNothingOfItWithoutTheTag(t *testing.T) {
	for _, c := range []struct {
		tags string
		want bool
	}{{"", false}, {"faults", true}} {
		program := filepath.Join(t.TempDir(), "program")
		if out, err := exec.Command("go", "build", "-tags", c.tags, "-o", program, "./testdata/hits").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(text), "VALISE_CRASHPOINT"); got != c.want {
			t.Errorf("built with tags %q the program knows the variable: %v", c.tags, got)
		}
	}
}

// A point ends the process at the hit that was asked for and at no other, and notes every hit.
func TestAim(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command("go", "build", "-tags", "faults", "-o", program, "./testdata/hits").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		aim, end, out string
		hits          int
	}{
		{"", "exit status 0", "1 2 3 ", 6},
		{"S1:2:kill", "signal: killed", "1 ", 3},
		{"S1:3:exit", "exit status 86", "1 2 ", 5},
		{"R1:2:error", "exit status 0", "1 error 3 ", 6},
		{"S1:1:error", "exit status 2", "", 1},
		{"S2:1:kill", "exit status 2", "", 0},
		{"S1:0:kill", "exit status 2", "", 0},
		{"S1:1:gone", "exit status 2", "", 0},
	} {
		log := filepath.Join(t.TempDir(), "log")
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), "VALISE_CRASHPOINT="+c.aim, "VALISE_CRASHPOINT_LOG="+log)
		out, err := cmd.Output()
		if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.String(); got != c.end || string(out) != c.out {
			t.Errorf("%q: ended with %s after %q, want %s after %q", c.aim, got, out, c.end, c.out)
		}
		noted, err := os.ReadFile(log)
		if err != nil && c.hits > 0 {
			t.Error(err)
		}
		if got := strings.Count(string(noted), "\n"); got != c.hits {
			t.Errorf("%q: %d hits noted, want %d", c.aim, got, c.hits)
		}
	}
}
