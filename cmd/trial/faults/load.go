//go:build linux

package main

import (
	"fmt"
	"sync"

	"valise.example/gateway/history"
	"valise.example/proto/ident"
)

// load lets both nodes send as fast as they can: an inquiry and, on its thread, a supplement, and
// again.
type load struct {
	*story
	mu   sync.Mutex
	open []request // asked and not answered OK
	oks  int
}

// request is something asked of a node.
type request struct {
	who    ident.State
	id     string
	kind   string
	thread string
}

func (w *world) load(name string) *load { return &load{story: w.story("load-"+name, nil, true)} }

// begin starts the senders; stop waits until both have come to an end, each with its node.
func (l *load) begin() (stop func()) {
	var senders sync.WaitGroup
	for _, who := range []ident.State{xa, xb} {
		senders.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("%s-%s-%d", l.name, who, n)
				thread, ok := l.ask(request{who, name + "-a", "inquiry", ""})
				if !ok {
					return
				}
				if _, ok := l.ask(request{who, name + "-b", "supplement", thread}); !ok {
					return
				}
			}
		})
	}
	return senders.Wait
}

// ask asks once and writes down what was answered.
func (l *load) ask(r request) (thread string, ok bool) {
	to := string(peerOf(r.who))
	l.write(history.Event{Event: history.Invoke, Node: string(r.who), Request: r.id, To: to})
	a, err := l.world.nodes[r.who].ask(order{Do: doSend, Kind: r.kind, Request: r.id, Thread: r.thread, To: to + "/technical"})
	if err != nil || !a.OK {
		l.write(history.Event{Event: history.Unknown, Node: string(r.who), Request: r.id, Detail: a.Reason})
		l.mu.Lock()
		l.open = append(l.open, r)
		l.mu.Unlock()
		return "", false
	}
	l.write(history.Event{Event: history.OK, Node: string(r.who), Request: r.id, Message: a.Message})
	l.mu.Lock()
	l.oks++
	l.mu.Unlock()
	return a.Thread, true
}

func (l *load) write(e history.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(e)
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.oks
}

// finish asks again for what nobody knows the outcome of, and waits until nothing waits.
func (l *load) finish() error {
	open := l.open
	l.open = nil
	for _, r := range open {
		if _, ok := l.ask(r); !ok {
			return fmt.Errorf("%s is still not accepted", r.id)
		}
	}
	if t := l.settle(healthy); t != nil {
		return t
	}
	return nil
}
