package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// task is one load in a process of its own, so that its system calls can be counted and delayed.
type task struct {
	Way     string `json:"way"`
	Senders int    `json:"senders"`
	Count   int    `json:"count"`
	Dir     string `json:"dir"`
}

// outcome is what the process says of its load.
type outcome struct {
	Began float64 `json:"began"` // Unix seconds
	Ended float64 `json:"ended"`
	P50   float64 `json:"p50"`  // ms; one sender
	Rate  float64 `json:"rate"` // more senders
}

const childArgument = "load"

// runChild does the task of the arguments and prints its outcome.
func runChild(ctx context.Context, text string) (err error) {
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return err
	}
	w, err := newWorld(ctx, t.Dir, t.Way)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.end()) }()
	o := outcome{Began: unixSeconds()}
	if t.Senders == 1 {
		var p50 time.Duration
		p50, err = oneAtATime(ctx, w.way, t.Count)
		o.P50 = float64(p50) / 1e6
	} else {
		o.Rate, err = manySenders(ctx, w.way, t.Senders, t.Count)
	}
	o.Ended = unixSeconds()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

func unixSeconds() float64 { return float64(time.Now().UnixMicro()) / 1e6 }

// syncCount is how often each way of syncing was called while the load ran.
type syncCount struct{ fsync, fdatasync int }

// traced runs a task under strace; each sync then takes delay longer.
func (b *bench) traced(ctx context.Context, t task, delay time.Duration) (o outcome, n syncCount, err error) {
	if t.Dir, err = os.MkdirTemp(b.dir, "traced-"); err != nil {
		return o, n, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(t.Dir)) }()
	text, err := json.Marshal(t)
	if err != nil {
		return o, n, err
	}
	log := filepath.Join(t.Dir, "strace.log")
	args := []string{"-f", "--seccomp-bpf", "-qq", "-ttt", "-e", "trace=fsync,fdatasync", "-o", log}
	if delay > 0 {
		args = append(args, "-e", "inject=fsync,fdatasync:delay_exit="+strconv.FormatInt(delay.Microseconds(), 10))
	}
	cmd := exec.CommandContext(ctx, "strace", append(args, b.self, childArgument, string(text))...) //nolint:gosec // a bench starts programs
	var said bytes.Buffer
	cmd.Stderr = &said
	answer, err := cmd.Output()
	if err != nil {
		return o, n, fmt.Errorf("bench: a load under strace ended with %w: %.300s", err, said.String())
	}
	if err := json.Unmarshal(answer, &o); err != nil {
		return o, n, err
	}
	trace, err := os.ReadFile(log)
	if err != nil {
		return o, n, err
	}
	n, err = countSyncs(trace, o.Began, o.Ended)
	return o, n, err
}

// countSyncs counts the calls of a trace that began within a time.
func countSyncs(trace []byte, from, to float64) (n syncCount, err error) {
	lines := bufio.NewScanner(bytes.NewReader(trace))
	for lines.Scan() {
		words := strings.Fields(lines.Text()) // thread, time, call
		if len(words) < 3 {
			continue
		}
		at, err := strconv.ParseFloat(words[1], 64)
		if err != nil {
			return n, fmt.Errorf("bench: a line of strace has no time: %.80q", lines.Text())
		}
		if at < from || at > to {
			continue
		}
		switch {
		case strings.HasPrefix(words[2], "fdatasync("):
			n.fdatasync++
		case strings.HasPrefix(words[2], "fsync("):
			n.fsync++
		}
	}
	return n, lines.Err()
}
