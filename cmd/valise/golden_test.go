package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestGoldenHomes: the homes that an earlier release made, and its backup, are read as it showed them,
// for ever. testdata/golden/make made them; nothing there is ever made again.
func TestGoldenHomes(t *testing.T) {
	homes, err := filepath.Glob("testdata/golden/*.tar.gz")
	if err != nil || len(homes) == 0 {
		t.Fatalf("there are no homes of a release: %v", err)
	}
	for _, release := range homes {
		t.Run(strings.TrimSuffix(filepath.Base(release), ".tar.gz"), func(t *testing.T) {
			playGolden(t, release, "testdata/golden/story.txtar")
		})
	}
}

// TestHomeOfAnEarlierFormIsLedForward: a home that a program from before the first release made.
func TestHomeOfAnEarlierFormIsLedForward(t *testing.T) {
	playGolden(t, "testdata/golden/early/before-1.0.tar.gz", "testdata/golden/early/story.txtar")
}

func playGolden(t *testing.T, homes, story string) {
	testscript.Run(t, testscript.Params{
		Files:               []string{story},
		RequireExplicitExec: true,
		Setup:               func(env *testscript.Env) error { return unpackGolden(homes, env) },
		Cmds:                goldenCommands(),
	})
}

func goldenCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	all := maps.Clone(scriptCommands)
	all["like"] = like
	return all
}

// unpackGolden lays the homes out and names the thread and the message that they tell of.
func unpackGolden(path string, env *testscript.Env) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := unpackOne(h, files, filepath.Join(env.WorkDir, filepath.FromSlash(h.Name))); err != nil {
			return err
		}
	}
	for variable, name := range map[string]string{"THREAD": "thread", "MESSAGE": "message"} {
		b, err := os.ReadFile(filepath.Join(env.WorkDir, name))
		if err != nil {
			return err
		}
		env.Setenv(variable, string(b))
	}
	env.Setenv("HOME", env.WorkDir)
	env.Setenv(objectsVariable, os.Getenv(objectsVariable))
	return nil
}

func unpackOne(h *tar.Header, from io.Reader, path string) error {
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(path, h.FileInfo().Mode().Perm())
	case tar.TypeReg:
		b, err := io.ReadAll(from)
		if err != nil {
			return err
		}
		return os.WriteFile(path, b, h.FileInfo().Mode().Perm())
	}
	return fmt.Errorf("%s is no file and no folder", h.Name)
}

// like wants the last output to say all that a file says, line by line; it may say more: lines follow
// and keys are added, and none is changed or removed.
func like(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: like FILE")
	}
	want := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	got := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	if len(got) < len(want) {
		ts.Fatalf("%d lines, in %s there are %d", len(got), args[0], len(want))
	}
	for i := range want {
		var before, now any
		ts.Check(json.Unmarshal([]byte(want[i]), &before))
		ts.Check(json.Unmarshal([]byte(got[i]), &now))
		if problem := says(before, now); problem != "" {
			ts.Fatalf("line %d of %s: %s", i+1, args[0], problem)
		}
	}
}

// says finds the first place at which one value does not say what another said before; empty: none.
func says(before, now any) string {
	switch b := before.(type) {
	case map[string]any:
		n, is := now.(map[string]any)
		if !is {
			return fmt.Sprintf("was an object and is %v", now)
		}
		for key, value := range b {
			if problem := says(value, n[key]); problem != "" {
				return key + "." + problem
			}
		}
		return ""
	case []any:
		n, is := now.([]any)
		if !is || len(n) != len(b) {
			return fmt.Sprintf("was %v and is %v", before, now)
		}
		for i := range b {
			if problem := says(b[i], n[i]); problem != "" {
				return fmt.Sprintf("%d.%s", i, problem)
			}
		}
		return ""
	}
	if before != now {
		return fmt.Sprintf("was %v and is %v", before, now)
	}
	return ""
}

// TestGoldenDifferencesAreFound: a value that changed, a key that went, a list that is shorter.
func TestGoldenDifferencesAreFound(t *testing.T) {
	const before = `{"a":[{"b":1},null],"c":"x"}`
	for now, same := range map[string]bool{
		before: true,
		`{"a":[{"b":1,"new":2},null],"c":"x","d":3}`: true,
		`{"a":[{"b":2},null],"c":"x"}`:               false,
		`{"a":[{"b":1}],"c":"x"}`:                    false,
		`{"a":[{"b":1},null]}`:                       false,
		`{"a":{"b":1},"c":"x"}`:                      false,
	} {
		var x, y any
		if err := errors.Join(json.Unmarshal([]byte(before), &x), json.Unmarshal([]byte(now), &y)); err != nil {
			t.Fatal(err)
		}
		if problem := says(x, y); (problem == "") != same {
			t.Errorf("%s: %q", now, problem)
		}
	}
}
