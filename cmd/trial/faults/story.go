//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"valise.example/gateway/history"
	"valise.example/proto/ident"
)

// step is one thing that an officer does.
type step struct {
	who  ident.State
	name string
	kind string
	// await says how many messages of the peer must be there first.
	await int
}

// exchange is the scripted exchange: both send, both receive, both answer, and two messages are
// under way at once.
var exchange = []step{
	{xa, "a", "inquiry", 0},
	{xa, "b", "supplement", 0},
	{xb, "c", "acknowledge", 2},
	{xb, "d", "hold", 2},
	{xa, "e", "supplement", 2},
}

// oneByOne is shorter, and every step waits until nothing is under way: so a node asks the disk
// for the same changes each time, and they can be counted through.
var oneByOne = []step{
	{xa, "a", "inquiry", 0},
	{xb, "c", "acknowledge", 1},
	{xa, "e", "supplement", 1},
}

// waits while nothing is wrong, and while something is.
const (
	healthy = 20 * time.Second
	sick    = 3000 * time.Millisecond
)

// story is one exchange on one thread, with its history.
type story struct {
	world  *world
	name   string
	steps  []step
	atOnce bool // steps do not wait until nothing is under way
	// hopeless says that waiting is in vain; nil: it never is.
	hopeless func() bool
	// settled hears, whenever nothing is under way, of each message that both sides have.
	settled func(message string)
	sent    []string
	thread  string
	done    map[string]bool // steps that were answered OK
	events  []history.Event
}

func (w *world) story(name string, steps []step, atOnce bool) *story {
	return &story{
		world: w, name: name, steps: steps, atOnce: atOnce, done: map[string]bool{},
		events: []history.Event{{Event: history.Begin, Nodes: []string{string(xa), string(xb)}, Views: true}},
	}
}

// trouble is that the exchange did not go on, and at whose side.
type trouble struct {
	at  ident.State
	err error
}

func (t *trouble) Error() string { return fmt.Sprintf("%s: %v", t.at, t.err) }
func (t *trouble) Unwrap() error { return t.err }

// full is the story of the whole exchange, counted that of the short one.
func (w *world) full(name string) *story    { return w.story(name, exchange, true) }
func (w *world) counted(name string) *story { return w.story(name, oneByOne, false) }

// play does every step that was not answered OK yet, in order, under the request ids of the
// first time. It stops at the first that fails.
func (s *story) play(wait time.Duration) *trouble {
	for _, st := range s.steps {
		if s.done[st.name] {
			continue
		}
		if t := s.step(st, wait); t != nil {
			return t
		}
		if !s.atOnce {
			if t := s.settle(wait); t != nil {
				return t
			}
		}
	}
	return s.settle(wait)
}

// begin does the first steps only, which need nobody else.
func (s *story) begin(count int) error {
	for _, st := range s.steps[:count] {
		if t := s.step(st, healthy); t != nil {
			return t
		}
	}
	return nil
}

func (s *story) step(st step, wait time.Duration) *trouble {
	node := s.world.nodes[st.who]
	if st.await > 0 {
		if t := s.await(st.who, order{Do: doHas, Thread: s.thread, Count: st.await}, wait); t != nil {
			return t
		}
	}
	request := s.name + "-" + st.name
	to := peerOf(st.who)
	s.note(history.Event{Event: history.Invoke, Node: string(st.who), Request: request, To: string(to)})
	a, err := node.ask(order{Do: doSend, Kind: st.kind, Request: request, Thread: s.thread, To: string(to) + "/technical"})
	if err != nil || !a.OK {
		s.note(history.Event{Event: history.Unknown, Node: string(st.who), Request: request, Detail: a.Reason})
		return &trouble{st.who, refused(st.kind, a, err)}
	}
	s.note(history.Event{Event: history.OK, Node: string(st.who), Request: request, Message: a.Message})
	s.done[st.name] = true
	s.sent = append(s.sent, a.Message)
	if s.thread == "" {
		s.thread = a.Thread
	}
	return nil
}

func refused(what string, a answer, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %s", what, a.Reason)
}

// settle waits until nothing waits at either side.
func (s *story) settle(wait time.Duration) *trouble {
	for _, who := range []ident.State{xa, xb} {
		if t := s.await(who, order{Do: doIdle}, wait); t != nil {
			return t
		}
	}
	if s.settled != nil {
		for _, message := range s.sent {
			s.settled(message)
		}
	}
	return nil
}

// await gives an order that waits, in slices: when the other side has ended it is in vain.
func (s *story) await(who ident.State, o order, wait time.Duration) *trouble {
	const slice = 100 * time.Millisecond
	o.Millis = int(slice.Milliseconds())
	for left := wait; ; left -= slice {
		a, err := s.world.nodes[who].ask(o)
		if err == nil && a.OK {
			return nil
		}
		if err != nil || !a.Again || left <= slice || s.hopeless != nil && s.hopeless() {
			return &trouble{who, refused(o.Do, a, err)}
		}
		if t := s.world.well(peerOf(who)); t != nil {
			return t
		}
	}
}

func (s *story) note(e history.Event) {
	e.At = time.Now().UTC()
	s.events = append(s.events, e)
}

// judge reads both records from where the story began and says what promise was not kept.
func (s *story) judge() ([]history.Finding, error) {
	s.note(history.Event{Event: history.Converged})
	for _, who := range []ident.State{xa, xb} {
		a, err := s.world.nodes[who].must(order{Do: doTell, From: s.world.items[who]})
		if err != nil {
			return nil, fmt.Errorf("the record of %s cannot be read: %w", who, err)
		}
		s.world.items[who] = a.Items
		for _, e := range a.Events {
			e.Node = string(who)
			if e.Event == history.Cleared {
				e.To = string(peerOf(who))
			}
			s.note(e)
		}
	}
	return history.Check(s.events).Findings, nil
}

// told puts findings into one line.
func told(findings []history.Finding) string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "; ")
}
