package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestAChildThatCannotStart says nothing of the file: a sound record is not called damaged because
// this machine has no room for another process. P6
func TestAChildThatCannotStart(t *testing.T) {
	output, err := converse(t.Context(), filepath.Join(t.TempDir(), "no program"), nil, time.Minute)
	_, err = readAnswer(output, err)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want why it did not start", err)
	}
	wantUnchecked(t, err)
}

// One that ran and ended without an answer may have been ended by what it read.
func TestAChildWithoutAnAnswer(t *testing.T) {
	_, err := readAnswer([]byte("half an ans"), nil)
	wantDamaged(t, err)
}

// TestTheEndOfAChild: a crash over the file is damage, and so is to compute without an end. A machine
// under load that gives it no time, and whoever kills it, say nothing of the file. P6
func TestTheEndOfAChild(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		wait   time.Duration
		want   func(*testing.T, error)
	}{
		"it crashes":                       {`kill -SEGV $$`, time.Hour, wantDamaged},
		"it gives up":                      {`exit 2`, time.Hour, wantDamaged},
		"it is ended by its own bound":     {`ulimit -t 2; while :; do :; done`, time.Hour, wantDamaged},
		"it is killed":                     {`kill -KILL $$`, time.Hour, wantUnchecked},
		"it is told to end":                {`kill -TERM $$`, time.Hour, wantUnchecked},
		"it gets no time":                  {`exec sleep 3600`, time.Millisecond, wantUnchecked},
		"it gets too little time to crash": {`sleep 3600; kill -SEGV $$`, time.Millisecond, wantUnchecked},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), c.wait)
			defer stop()
			_, err := readAnswer(converse(ctx, script(t, c.script), nil, 2*time.Second))
			c.want(t, err)
		})
	}
}

// script is a program whose standard input is left alone.
func script(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantUnchecked(t *testing.T, err error) {
	t.Helper()
	if ReasonOf(err) != valisev1.Reason_REASON_NOT_CHECKED {
		t.Errorf("%v, want that the record could not be checked", err)
	}
	if report, err := damagedReport(err); err == nil {
		t.Errorf("it is reported as %+v", report)
	}
}

func wantDamaged(t *testing.T, err error) {
	t.Helper()
	if _, damaged := errors.AsType[*Damaged](err); !damaged {
		t.Errorf("%v, want damaged", err)
	}
}

// computing says that a process is to compute for ever under the limits of a child.
const computing = "VALISE_STORE_TEST_COMPUTING"

// TestAChildThatComputesForEver is ended by its limit of computing, and not by how much time passes.
func TestAChildThatComputesForEver(t *testing.T) {
	if os.Getenv(computing) != "" {
		path := filepath.Join(t.TempDir(), "file")
		err := os.WriteFile(path, nil, 0o600)
		if err == nil {
			err = limitChild(childTask{Path: path, Memory: childMemory, Seconds: 1})
		}
		if err != nil {
			t.Fatal(err)
		}
		for {
			runtime.Gosched()
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestAChildThatComputesForEver$")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGABRT) }
	cmd.Env = append(os.Environ(), computing+"=yes")
	output, err := cmd.CombinedOutput()
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("it ended with %v: %s", err, output)
	}
}
