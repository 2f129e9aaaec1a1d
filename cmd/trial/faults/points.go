//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"valise.example/gateway/history"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
)

// tryPoints kills a node at every named point, once each, in a lab of real processes.
func tryPoints(s settings, t *tally) {
	w, err := newWorld(s.dir, xc)
	if !t.check(err, "a lab") {
		return
	}
	defer w.end()
	if !t.check(layEditions(w.lab), "directory files") {
		return
	}
	w.closed = w.lab.Home(xc)
	log := filepath.Join(w.dir, "hits")
	w.env[xa], w.env[xb] = noting(log, ""), noting(log, "")
	for _, who := range []ident.State{xa, xb} {
		if !t.check(w.open(who, nil), "open %s", who) {
			return
		}
	}
	for _, p := range crashpoint.Points() {
		if p.Side == crashpoint.Keeper && p.Name != "D10" {
			t.check(killWhileMade(w, p.Name, log), "%s: %s", p.Name, p.What)
			continue
		}
		err := killAt(w, p, log)
		if !t.check(err, "%s: %s", p.Name, p.What) && !t.check(w.revive(), "open again") {
			return
		}
	}
	allHit(t, log)
	t.caught(lieAtS1(s), "acknowledged before the commit, killed at the next request")
}

func noting(log, aims string) []string {
	return []string{"VALISE_CRASHPOINT_LOG=" + log, "VALISE_CRASHPOINT=" + aims}
}

// disorder makes the next message of a node leave later than the one after it, so that its peer
// must hold that one back.
func disorder(w *world, who ident.State, log string) error {
	if err := w.nodes[who].close(); err != nil {
		return err
	}
	w.env[who] = noting(log, "S4a:1:error")
	defer func() { w.env[who] = noting(log, "") }()
	return w.open(who, nil)
}

// killAt plays one exchange in which one side ends at the point, starts it again, lets the
// exchange go on and judges it.
func killAt(w *world, p crashpoint.Point, log string) error {
	who := xb
	if p.Side == crashpoint.Sender {
		who = xa
	}
	if err := w.nodes[who].close(); err != nil {
		return err
	}
	w.env[who] = noting(log, p.Name+":1:kill")
	defer func() { w.env[who] = noting(log, "") }()
	if p.Name == "R9" {
		if err := disorder(w, xa, log); err != nil {
			return err
		}
	}
	story := w.full(p.Name)
	if who == xb && p.Name != "R9" {
		if err := story.begin(2); err != nil { // both are there when it comes
			return err
		}
	}
	if err := w.open(who, nil); err == nil {
		if trouble := story.play(sick); trouble != nil && trouble.at != who && errors.Is(trouble, errGone) {
			return fmt.Errorf("the other side had trouble: %w", trouble)
		}
	} else if !errors.Is(err, errGone) {
		return err
	}
	passed := killedItself(w.nodes[who])
	if passed != nil && !errors.Is(passed, errNotPassed) {
		return passed
	}
	w.env[who] = noting(log, "")
	return errors.Join(heal(w, story, who), passed)
}

// heal starts a node again and finishes the story.
func heal(w *world, story *story, who ident.State) error {
	if err := w.open(who, nil); err != nil {
		return err
	}
	if trouble := story.play(healthy); trouble != nil {
		return trouble
	}
	findings, err := story.judge()
	if err == nil && len(findings) > 0 {
		err = errors.New(told(findings))
	}
	return err
}

// errNotPassed tells that nothing was tried.
var errNotPassed = errors.New("the point was not passed")

// killedItself waits for the end that was asked for.
func killedItself(c *child) error {
	select {
	case <-c.gone:
	case <-time.After(sick):
		c.kill()
		return errNotPassed
	}
	if status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		return fmt.Errorf("%w: %s: %s", errGone, c.cmd.ProcessState, c.said)
	}
	return nil
}

// allHit: a point that nothing passed was not tried.
func allHit(t *tally, log string) {
	text, err := os.ReadFile(log)
	if !t.check(err, "the list of hits") {
		return
	}
	hits := map[string]int{}
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		hits[string(line)]++
	}
	passed := 0
	for _, p := range crashpoint.Points() {
		if hits[p.Name] == 0 {
			t.fail("%s was never passed", p.Name)
			continue
		}
		passed++
		t.pass()
	}
	t.say("%d of %d named points were passed", passed, len(crashpoint.Points()))
}

// lieAtS1 runs the seeded fault, ended when the next request comes, and says whether the judge finds it.
func lieAtS1(s settings) bool {
	w, err := newWorld(s.dir)
	if err != nil {
		return false
	}
	defer w.end()
	w.env[xa] = []string{"VALISE_MUTANT=ack-before-commit", "VALISE_CRASHPOINT=S1:2:kill"}
	if w.open(xa, nil) != nil || w.open(xb, nil) != nil {
		return false
	}
	story := w.full("lie")
	_ = story.play(sick)
	if killedItself(w.nodes[xa]) != nil {
		return false
	}
	w.env[xa] = nil
	if w.open(xa, nil) != nil {
		return false
	}
	_ = story.settle(healthy)
	findings, err := story.judge()
	return err == nil && found(findings, history.RuleOnce)
}

func found(findings []history.Finding, rule history.Rule) bool {
	for _, f := range findings {
		if f.Rule == rule {
			return true
		}
	}
	return false
}
