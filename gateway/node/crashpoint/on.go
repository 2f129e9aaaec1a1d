//go:build faults

package crashpoint

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Enabled reports whether the program was built with the tag "faults".
const Enabled = true

// ErrInjected is what Err gives in mode error.
var ErrInjected = errors.New("crashpoint: an error was asked for here")

// exitCode of mode exit.
const exitCode = 86

// aim is one part of VALISE_CRASHPOINT.
type aim struct {
	name string
	nth  int
	mode string
}

// state of this process.
var state struct {
	once sync.Once
	aims []aim
	log  *os.File

	mu     sync.Mutex
	counts map[string]int
}

// Hit passes a named moment. It may not return.
func Hit(name string) {
	if mode := pass(name); mode == "error" {
		abort(name + " cannot return an error")
	}
}

// Err passes a named moment at which the caller can take an error.
func Err(name string) error {
	if pass(name) == "error" {
		return fmt.Errorf("%w: %s", ErrInjected, name)
	}
	return nil
}

// pass counts, notes and acts; error is left to the caller.
func pass(name string) string {
	state.once.Do(begin)
	if !known(name) {
		abort("the code hits " + name + ", which is not in the table")
	}
	state.mu.Lock()
	state.counts[name]++
	n := state.counts[name]
	state.mu.Unlock()
	if state.log != nil {
		if _, err := state.log.WriteString(name + "\n"); err != nil {
			abort("a hit cannot be noted: " + err.Error())
		}
	}
	for _, a := range state.aims {
		if a.name == name && a.nth == n {
			return act(a.mode)
		}
	}
	return ""
}

func known(name string) bool {
	return slices.ContainsFunc(points, func(p Point) bool { return p.Name == name })
}

func act(mode string) string {
	switch mode {
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way; nothing more may happen here
	case "exit":
		os.Exit(exitCode)
	case "pause":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	}
	return mode
}

func begin() {
	state.counts = map[string]int{}
	aims, err := parse(os.Getenv("VALISE_CRASHPOINT"))
	if err != nil {
		abort(err.Error())
	}
	state.aims = aims
	if path := os.Getenv("VALISE_CRASHPOINT_LOG"); path != "" {
		state.log, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the trial names it
		if err != nil {
			abort("hits cannot be noted: " + err.Error())
		}
	}
}

// parse reads NAME:NTH:MODE, several with commas.
func parse(text string) ([]aim, error) {
	var out []aim
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		fields := strings.Split(part, ":")
		if len(fields) != 3 || !known(fields[0]) {
			return nil, fmt.Errorf("%.40q names no point, count and mode", part)
		}
		nth, err := strconv.Atoi(fields[1])
		if err != nil || nth < 1 {
			return nil, fmt.Errorf("%.40q does not say at which hit", part)
		}
		switch fields[2] {
		case "kill", "exit", "pause", "error":
		default:
			return nil, fmt.Errorf("%.40q names no mode", part)
		}
		out = append(out, aim{name: fields[0], nth: nth, mode: fields[2]})
	}
	return out, nil
}

func abort(why string) {
	fmt.Fprintln(os.Stderr, "crashpoint:", why)
	os.Exit(2)
}
