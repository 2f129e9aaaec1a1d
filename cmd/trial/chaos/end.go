//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// converge waits until nothing waits anywhere.
func (w *world) converge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.heal)
	defer cancel()
	for quiet := 0; quiet < 3; {
		if ctx.Err() != nil {
			w.book.fail("not at rest %v after all was healed", w.heal)
			return
		}
		rest := true
		for _, s := range states {
			rest = w.nodes[s].atRest(ctx) && rest
		}
		if quiet++; !rest {
			quiet = 0
		}
		sleep(ctx, 100*time.Millisecond)
	}
	w.say("at rest")
}

func (n *node) atRest(ctx context.Context) bool {
	d, err := n.door(ctx)
	if err != nil {
		return false
	}
	defer d.conn.Close()
	s, err := d.status.GetStatus(ctx, &valisev1.GetStatusRequest{})
	return err == nil && len(s.GetOutbox()) == 0 && len(s.GetGaps()) == 0 && s.GetNotAccepting() == valisev1.Reason_REASON_UNSPECIFIED
}

// readEnd writes down what every node has and shows in the end.
func (w *world) readEnd(ctx context.Context) {
	w.book.note(history.Event{Event: history.Converged})
	for _, s := range states {
		if err := w.nodes[s].tellAll(ctx); err != nil {
			w.book.fail("%s cannot be read: %v", s, err)
		}
	}
	for _, s := range states {
		n := w.nodes[s]
		if err := n.process().end(); err != nil {
			w.book.fail("%s: %v", s, err)
		}
		if err := n.verify(); err != nil {
			w.book.fail("%s: %v", s, err)
		}
	}
	w.say("read")
}

// reading is what the end of one node is read with.
type reading struct {
	n       *node
	d       *desk
	to      map[string]string        // digest of ours → recipient
	held    map[string]history.Event // message → item
	threads map[string]bool
}

func (n *node) tellAll(ctx context.Context) error {
	d, err := n.door(ctx)
	if err != nil {
		return err
	}
	defer d.conn.Close()
	r := &reading{n: n, d: d, to: map[string]string{}, held: map[string]history.Event{}, threads: map[string]bool{}}
	status, err := d.status.GetStatus(ctx, &valisev1.GetStatusRequest{})
	if err != nil {
		return err
	}
	for _, row := range status.GetOutbox() {
		n.w.book.note(history.Event{Event: history.Waiting, Node: n.name, Message: row.GetMessage(), Detail: row.GetReason().String()})
	}
	if rows := len(status.GetQuarantine()); rows > 0 && !n.w.restored() {
		n.w.book.fail("%s put %d envelopes into quarantine, and nobody forged any", n.name, rows)
	}
	for number := range status.GetItems() {
		it, err := d.record.GetItem(ctx, &valisev1.GetItemRequest{Item: number})
		if err != nil {
			return fmt.Errorf("item %d: %w", number, err)
		}
		if err := r.item(it.GetItem()); err != nil {
			return fmt.Errorf("item %d: %w", number, err)
		}
	}
	for thread := range r.threads {
		if err := r.show(ctx, thread); err != nil {
			return fmt.Errorf("thread: %w", err)
		}
	}
	return nil
}

var directions = map[valisev1.ItemType]string{
	valisev1.ItemType_ITEM_TYPE_SENT:     history.Sent,
	valisev1.ItemType_ITEM_TYPE_RECEIVED: history.Received,
	valisev1.ItemType_ITEM_TYPE_REFUSED:  history.Refused,
}

func (r *reading) item(v *valisev1.ItemView) error {
	it := v.GetItem()
	direction := directions[it.GetType()]
	if it.GetType() == valisev1.ItemType_ITEM_TYPE_DELIVERY && it.GetDelivery().GetDelivery() == valisev1.Delivery_DELIVERY_REACHED {
		d, ok := ident.DigestFrom(it.GetDelivery().GetDigest())
		if !ok {
			return fmt.Errorf("a delivery of nothing")
		}
		r.n.w.book.note(history.Event{Event: history.Cleared, Node: r.n.name, To: r.to[d.String()], Digest: d.String()})
	}
	if direction == "" {
		return nil
	}
	signed, err := seal.ParseSigned(it.GetSigned())
	if err != nil {
		return err
	}
	h, err := seal.ParseHeader(signed.Content.Header)
	if err != nil {
		return err
	}
	e := history.Event{
		Event: history.Recorded, Node: r.n.name, Direction: direction, Place: it.GetNumber(), Message: h.MessageID.String(), Digest: v.GetDigest(),
		Thread: h.Thread.String(), From: string(h.From.State), Kind: int32(it.GetKind()), Epoch: h.Epoch.String(), Sequence: h.ThreadSequence,
		Request: requestOf(h.Kind, signed.Content.Payload()),
	}
	if direction == history.Sent {
		r.to[e.Digest] = string(h.To.State)
	}
	if direction == history.Refused && !r.n.w.restored() {
		r.n.w.book.fail("%s refused item %d, %s, and nobody sent anything wrong", r.n.name, e.Place, it.GetReason())
	}
	if h.Thread.IsZero() {
		e.Thread = ""
	} else {
		r.threads[e.Thread] = true
		r.held[e.Message] = e
	}
	r.n.w.book.note(e)
	return nil
}

// show writes down a thread as an officer reads it.
func (r *reading) show(ctx context.Context, thread string) error {
	th, err := r.d.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		return err
	}
	for i, m := range th.GetMessages() {
		if e, known := r.held[m.GetMessage()]; known {
			r.n.w.book.note(history.Event{
				Event: history.Shown, Node: r.n.name, Thread: thread, Place: uint64(i), Message: e.Message, From: e.From, Epoch: e.Epoch, Sequence: e.Sequence,
			})
		}
	}
	return nil
}

// verify runs `valise record verify` over the closed record and every head that it ever had.
func (n *node) verify() error {
	var lines strings.Builder
	for _, h := range n.heads {
		b, err := json.Marshal(h)
		if err != nil {
			return err
		}
		lines.Write(append(b, '\n'))
	}
	heads := filepath.Join(n.w.dir, n.name+".heads")
	if err := os.WriteFile(heads, []byte(lines.String()), 0o600); err != nil {
		return err
	}
	printed, trouble := command(n.w.program, "record", "verify", "--home", n.home, "--heads", heads, "--json")
	var report struct {
		OK       bool              `json:"ok"`
		Size     uint64            `json:"tree_size"`
		Root     string            `json:"root"`
		Problems []json.RawMessage `json:"problems"`
	}
	if err := json.Unmarshal(printed, &report); err != nil {
		return fmt.Errorf("record verify: %w, %w", trouble, err)
	}
	n.w.book.note(history.Event{
		Event: history.Verified, Node: n.name, Good: report.OK && trouble == nil, Size: report.Size, Root: report.Root, Detail: fmt.Sprintf("%s", report.Problems),
	})
	return nil
}
