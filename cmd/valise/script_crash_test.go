package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// killed runs a program ROUNDS times and kills it with -9 at a random moment of the time that it
// took when it was left alone; after each it runs the check, which must end with 0. % stands for
// the number of the round: killed ROUNDS program args… -- check args…
func killed(ts *testscript.TestScript, neg bool, args []string) {
	var rounds int
	at := slices.Index(args, "--")
	if neg || at < 2 || at == len(args)-1 {
		ts.Fatalf("usage: killed ROUNDS program args… -- check args…")
	}
	if _, err := fmt.Sscan(args[0], &rounds); err != nil {
		ts.Fatalf("%v", err)
	}
	program, check := args[1:at], args[at+1:]
	began := time.Now()
	ts.Check(ts.Exec(program[0], numbered(program[1:], 0)...))
	whole := time.Since(began)
	ts.Check(ts.Exec(check[0], numbered(check[1:], 0)...))
	ended := 0
	for round := 1; round <= rounds; round++ {
		cmd := exec.Command(inPath(ts, program[0]), numbered(program[1:], round)...)
		cmd.Dir, cmd.Env = ts.MkAbs("."), []string{"HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR"), "PATH=" + ts.Getenv("PATH")}
		ts.Check(cmd.Start())
		timer := time.AfterFunc(rand.N(whole), func() { _ = cmd.Process.Kill() })
		if cmd.Wait() == nil {
			ended++
		}
		timer.Stop()
		if err := ts.Exec(check[0], numbered(check[1:], round)...); err != nil {
			ts.Fatalf("round %d of %v: %v\n%s\n%s", round, program, err, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		}
	}
	ts.Logf("%d of %d came to their end before they were killed", ended, rounds)
}

// inPath finds a program where the script would.
func inPath(ts *testscript.TestScript, program string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, program); isFile(path) {
			return path
		}
	}
	ts.Fatalf("there is no %s", program)
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func numbered(args []string, n int) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = strings.ReplaceAll(a, "%", fmt.Sprint(n))
	}
	return out
}
