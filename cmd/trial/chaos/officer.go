//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"valise.example/api"
	"valise.example/gateway/history"
	valisev1 "valise.example/proto/valise/v1"
)

// perThread is after how many messages an officer begins another thread.
const perThread = 25

// threads is what officers tell each other beside the gateway: which threads there are.
type threads struct {
	mu  sync.Mutex
	all map[string][]string // opener and peer → threads
}

func (t *threads) add(from, to, thread string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string][]string{}
	}
	t.all[from+to] = append(t.all[from+to], thread)
}

// last is the newest thread of a pair, or empty.
func (t *threads) last(from, to string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if all := t.all[from+to]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// officer writes to one peer, one message after the other, and asks again whatever got no answer.
type officer struct {
	node   *node
	peer   string
	rng    *rand.Rand
	desk   *desk
	thread string
	in     int // messages in thread
	asked  int
}

func (o *officer) work(ctx context.Context) {
	defer o.leave()
	for !o.node.w.pace.over() && ctx.Err() == nil {
		if o.node.w.pace.officersWait() {
			time.Sleep(tick)
			continue
		}
		o.next(ctx)
	}
}

// next sends one message: in a thread of the officer's own, or into one of the peer's.
func (o *officer) next(ctx context.Context) {
	o.asked++
	request := fmt.Sprintf("%s-%s-%d", o.node.name, o.peer, o.asked)
	if theirs := o.node.w.threads.last(o.peer, o.node.name); theirs != "" && o.rng.IntN(3) == 0 && o.knows(ctx, theirs) {
		o.send(ctx, request, theirs, func(ctx context.Context) (*valisev1.Sent, error) { return o.reply(ctx, request, theirs, true) })
		return
	}
	if o.thread == "" || o.in >= perThread {
		sent := o.send(ctx, request, "", func(ctx context.Context) (*valisev1.Sent, error) { return o.inquire(ctx, request) })
		if sent == nil {
			return
		}
		o.thread, o.in = sent.GetThread(), 1
		o.node.w.threads.add(o.node.name, o.peer, o.thread)
		return
	}
	o.in++
	o.send(ctx, request, o.thread, func(ctx context.Context) (*valisev1.Sent, error) { return o.reply(ctx, request, o.thread, false) })
}

// knows reports whether the thread has come to this node.
func (o *officer) knows(ctx context.Context, thread string) bool {
	if !o.enter(ctx) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	_, err := o.desk.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: thread})
	return err == nil
}

func (o *officer) inquire(ctx context.Context, request string) (*valisev1.Sent, error) {
	out, err := o.desk.inquiry.SendInquiry(ctx, &valisev1.SendInquiryRequest{
		To: o.peer + "/technical", Options: &valisev1.SendOptions{RequestId: request},
		Inquiry: &valisev1.Inquiry{
			Preamble:   &valisev1.Preamble{OwnReference: request},
			Originator: &valisev1.Person{Name: "A. Rowan", Affiliation: "CERT", Email: "duty@cert.example"},
			Title:      "Trial " + request, Narrative: "Something was seen in " + request + ".",
		},
	})
	return out.GetSent(), err
}

func (o *officer) reply(ctx context.Context, request, thread string, answering bool) (*valisev1.Sent, error) {
	preamble := &valisev1.Preamble{OwnReference: request}
	payload := &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Preamble: preamble, Narrative: "More of " + request + "."}}}
	if answering {
		payload = &valisev1.Payload{Payload: &valisev1.Payload_HoldingReply{HoldingReply: &valisev1.HoldingReply{Preamble: preamble}}}
	}
	out, err := o.desk.inquiry.Reply(ctx, &valisev1.ReplyRequest{Thread: thread, Payload: payload, Options: &valisev1.SendOptions{RequestId: request}})
	return out.GetSent(), err
}

// send makes one call until it is answered OK. Every other answer leaves open whether it was
// carried out; the request id decides.
func (o *officer) send(ctx context.Context, request, thread string, call func(context.Context) (*valisev1.Sent, error)) *valisev1.Sent {
	n := o.node
	for first := true; ctx.Err() == nil; first = false {
		if !o.enter(ctx) {
			continue
		}
		if !first {
			n.again.Add(1)
		}
		sent, err := o.ask(ctx, request, thread, call)
		if err == nil {
			n.w.pace.sent.Add(1)
			return sent
		}
		if n.back.Load() > 0 && thread != "" && reasonOf(err) == valisev1.Reason_REASON_NOT_FOUND.String() {
			o.thread = "" // the node's home went back to before this thread
			return nil
		}
		o.leave()
		sleep(ctx, between(o.rng, 5*time.Millisecond, 50*time.Millisecond))
	}
	n.w.book.fail("%s: request %s was never answered", n.name, request)
	return nil
}

// ask makes one call and writes down what came of it.
func (o *officer) ask(ctx context.Context, request, thread string, call func(context.Context) (*valisev1.Sent, error)) (*valisev1.Sent, error) {
	n := o.node
	n.asking.RLock()
	defer n.asking.RUnlock()
	n.w.book.note(history.Event{Event: history.Invoke, Node: n.name, Request: request, To: o.peer, Thread: thread})
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	sent, err := call(ctx)
	if err != nil {
		n.w.book.note(history.Event{Event: history.Unknown, Node: n.name, Request: request, Detail: reasonOf(err)})
		return nil, err
	}
	n.w.book.note(history.Event{Event: history.OK, Node: n.name, Request: request, Message: sent.GetMessage(), Thread: sent.GetThread()})
	return sent, nil
}

// enter opens the door unless it is open; false when nobody answers now.
func (o *officer) enter(ctx context.Context) bool {
	if o.desk != nil {
		return true
	}
	d, err := o.node.door(ctx)
	if err != nil {
		sleep(ctx, between(o.rng, 5*time.Millisecond, 50*time.Millisecond))
		return false
	}
	o.desk = d
	return true
}

func (o *officer) leave() {
	if o.desk != nil {
		o.desk.conn.Close()
		o.desk = nil
	}
}

func reasonOf(err error) string {
	if e, ok := api.FromStatus(err); ok {
		return e.Reason.String()
	}
	return err.Error()
}
