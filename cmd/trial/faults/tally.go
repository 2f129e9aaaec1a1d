//go:build linux

package main

import (
	"fmt"
	"io"
	"sync"
)

// tally counts what held and says what did not. Several goroutines may use one.
type tally struct {
	out io.Writer

	mu             sync.Mutex
	passed, failed int
}

// shownFailures is how many are told in full: the first ones tell the most.
const shownFailures = 40

func (t *tally) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passed++
}

func (t *tally) fail(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed++
	if t.failed <= shownFailures {
		fmt.Fprintf(t.out, "FAILED "+format+"\n", args...)
	}
}

// check counts one thing that must hold.
func (t *tally) check(err error, format string, args ...any) bool {
	if err == nil {
		t.pass()
		return true
	}
	t.fail("%s: %v", fmt.Sprintf(format, args...), err)
	return false
}

// caught counts a seeded fault, which must be found.
func (t *tally) caught(found bool, what string) {
	if found {
		t.pass()
		t.say("control caught: %s", what)
		return
	}
	t.fail("control not caught: %s", what)
}

func (t *tally) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, format+"\n", args...)
}

// end prints the sum; it is not 0 when anything failed, nor when nothing was tried.
func (t *tally) end() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, "%d passed, %d failed\n", t.passed, t.failed)
	if t.failed > 0 || t.passed == 0 {
		return 1
	}
	return 0
}
