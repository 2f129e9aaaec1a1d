package gateway

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// chaos is two homes under a relay that drops, doubles, reorders and forgets, homes that die
// between any two steps, links that flap, and stores whose commits fail before or after they took
// place. Whatever was acknowledged to an officer must come through all the same.
type chaos struct {
	t       *rapid.T
	w       *world
	threads []string
	sent    map[string]bool // acknowledged to an officer: message ids
	unsure  []func() error  // acts whose outcome is unknown, to be asked again
	n       int

	withdrawn map[string]bool
}

// home chooses who acts, a moment after the act before: of two things made at one moment none is
// the later, and a disk that goes back takes longer.
func (c *chaos) home() *home {
	c.w.now = c.w.now.Add(time.Millisecond)
	return c.w.homes[rapid.SampledFrom(c.w.order).Draw(c.t, "home")]
}

func (c *chaos) act(what func() (*valisev1.Sent, error)) {
	s, err := what()
	var e *Error
	switch {
	case err == nil:
		c.sent[s.GetMessage()] = true
		c.threads = append(c.threads, s.GetThread())
	case errors.As(err, &e) && e.Reason == valisev1.Reason_REASON_STORAGE_UNKNOWN:
		c.unsure = append(c.unsure, func() error {
			s, err := what()
			if err == nil {
				c.sent[s.GetMessage()] = true
				c.threads = append(c.threads, s.GetThread())
			}
			return err
		})
	case errors.As(err, &e) && (e.Reason == valisev1.Reason_REASON_NOT_IN_THIS_STATE || e.Reason == valisev1.Reason_REASON_NOT_FOUND):
	case errors.As(err, &e) && e.Reason == valisev1.Reason_REASON_DISK_FULL:
	default:
		c.t.Fatalf("an act failed: %v", err)
	}
}

func (c *chaos) options(h *home) *valisev1.SendOptions {
	c.n++
	o := &valisev1.SendOptions{RequestId: fmt.Sprintf("%s-%d", h.state, c.n)}
	if rapid.IntRange(0, 5).Draw(c.t, "undo") == 0 {
		o.UndoSeconds = 10
	}
	return o
}

// Inquire begins a thread.
func (c *chaos) Inquire(*rapid.T) {
	h := c.home()
	to := xbTech
	if h.state == "XB" {
		to = xaTech
	}
	r := &valisev1.SendInquiryRequest{To: to.String(), Inquiry: inquiry("chaos"), Options: c.options(h)}
	c.act(func() (*valisev1.Sent, error) { return h.g.Inquire(context.Background(), officer, r) })
}

// Reply says something more in some thread.
func (c *chaos) Reply(t *rapid.T) {
	if len(c.threads) == 0 {
		t.Skip("no thread")
	}
	h := c.home()
	kind := rapid.SampledFrom([]valisev1.Kind{2, 3, 5, 8, 9, 10, 18, 19}).Draw(t, "kind")
	m, _ := valisev1.NewPayload(kind)
	switch m := m.(type) {
	case *valisev1.Response:
		m.Outcome = valisev1.Outcome_OUTCOME_PARTIAL
	case *valisev1.AgencyNomination:
		m.Agency = &valisev1.Agency{Name: "CERT Birch"}
	}
	r := &valisev1.ReplyRequest{Thread: rapid.SampledFrom(c.threads).Draw(t, "thread"), Payload: payloadOf(m), Options: c.options(h)}
	c.act(func() (*valisev1.Sent, error) { return h.g.Reply(context.Background(), officer, r) })
}

// Retract takes back the newest message of a home.
func (c *chaos) Retract(t *rapid.T) {
	h := c.home()
	rows := h.outbox()
	if len(rows) == 0 {
		t.Skip("nothing waits")
	}
	row := rapid.SampledFrom(rows).Draw(t, "row")
	c.n++
	r := &valisev1.RetractMessageRequest{Message: row.GetMessage(), RequestId: fmt.Sprint("r", c.n)}
	retract := func() error {
		out, err := h.g.Retract(context.Background(), officer, r)
		switch {
		case err == nil && out.GetWithdrawn():
			delete(c.sent, out.GetSent().GetMessage())
			c.withdrawn[out.GetSent().GetMessage()] = true
		case err == nil:
			c.sent[out.GetSent().GetMessage()] = true
		}
		return err
	}
	var e *Error
	if err := retract(); errors.As(err, &e) && e.Reason == valisev1.Reason_REASON_STORAGE_UNKNOWN {
		c.unsure = append(c.unsure, retract)
	}
}

// Publish lets a home publish; some answers of the relay never come back.
func (c *chaos) Publish(t *rapid.T) {
	h := c.home()
	if !h.link {
		t.Skip("link down")
	}
	_ = h.g.Release(context.Background(), c.w.now)
	receipts, _ := h.g.ReceiptsDue(context.Background())
	for _, p := range receipts {
		if rapid.Bool().Draw(t, "stored") {
			c.w.relay.publish(p)
			h.g.ReceiptLeft(p)
		}
	}
	for _, p := range h.g.Due(c.w.now) {
		switch rapid.IntRange(0, 3).Draw(t, "answer") {
		case 0:
			h.g.NotSent(p.Digest, valisev1.Reason_REASON_RELAY_DOWN, c.w.now)
		case 1:
			c.w.relay.publish(p)
			h.g.NotSent(p.Digest, valisev1.Reason_REASON_RELAY_DOWN, c.w.now)
		default:
			_ = h.g.Left(context.Background(), p.Digest, c.w.relay.publish(p))
		}
	}
}

// Deliver takes one envelope, any one, once or twice, or loses it.
func (c *chaos) Deliver(t *rapid.T) {
	h := c.home()
	for range rapid.IntRange(1, 6).Draw(t, "envelopes") {
		b, ok := c.w.relay.pop(ident.Address{State: h.state, Track: ident.Technical}, rapid.IntRange(0, 5).Draw(t, "which"))
		if !ok {
			return
		}
		for range rapid.IntRange(0, 2).Draw(t, "times") {
			_, _ = h.take(b.pub.Signed)
		}
	}
}

// Wipe loses all that the relay has.
func (c *chaos) Wipe(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "wipe") == 0 {
		c.w.relay.wipe()
	}
}

// Restart begins a new life of a home on its store.
func (c *chaos) Restart(*rapid.T) { c.home().start() }

// Epoch lets a home begin a new epoch, as a restore of what it is now would. More than four must
// not be open, or the oldest is closed before all of it has come.
func (c *chaos) Epoch(t *rapid.T) {
	h := c.home()
	if h.store.fail != nil || len(h.g.epoch) == openEpochs {
		t.Skip("not now")
	}
	if err := h.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Space lets a disk fill up, or have room again.
func (c *chaos) Space(t *rapid.T) {
	c.home().setSpace(Space(rapid.IntRange(0, 2).Draw(t, "space")))
}

// Link lets a link come or go.
func (c *chaos) Link(*rapid.T) {
	h := c.home()
	h.setLink(!h.link)
}

// Break lets the next commits fail before or after they took place, or heals them.
func (c *chaos) Break(t *rapid.T) {
	h := c.home()
	broken := errors.New("EIO")
	switch rapid.IntRange(0, 3).Draw(t, "break") {
	case 0:
		h.store.fail = func() (error, error) { return broken, nil }
	case 1:
		h.store.fail = func() (error, error) { return nil, broken }
	default:
		h.heal()
	}
}

// heal ends a storage fault as a node does: it stops, and begins anew on what is there.
func (h *home) heal() {
	if h.store.fail != nil {
		h.store.fail = nil
		h.start()
	}
}

// Tick lets time pass.
func (c *chaos) Tick(t *rapid.T) {
	c.w.now = c.w.now.Add(time.Duration(rapid.IntRange(1, 3600).Draw(t, "seconds")) * time.Second)
}

func TestNothingIsLostNothingComesTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &chaos{t: t, w: newWorldIn(t), sent: map[string]bool{}, withdrawn: map[string]bool{}}
		t.Repeat(map[string]func(*rapid.T){
			"inquire": c.Inquire, "reply": c.Reply, "retract": c.Retract, "publish": c.Publish, "deliver": c.Deliver,
			"wipe": c.Wipe, "restart": c.Restart, "link": c.Link, "break": c.Break, "tick": c.Tick, "epoch": c.Epoch, "space": c.Space,
			"": func(*rapid.T) { c.w.assertDesks() },
		})
		for _, s := range c.w.order {
			h := c.w.homes[s]
			h.heal()
			h.setSpace(SpaceFree)
			if !h.link {
				h.setLink(true)
			}
		}
		for _, again := range c.unsure {
			var e *Error
			if err := again(); err != nil && !errors.As(err, &e) {
				t.Fatal(err)
			}
		}
		c.w.converge()
		assertPromises(t, c.w)
		assertNoSuspicion(t, c.w)
		c.assertSent()
		for _, s := range c.w.order {
			assertReplay(t, c.w.homes[s])
			if gaps, err := c.w.homes[s].g.Gaps(context.Background()); err != nil || len(gaps) > 0 {
				t.Errorf("after all has come, %s sees gaps %v, %v", s, gaps, err)
			}
		}
	})
}

// assertSent: every send that an officer was told is durable is in its own record, released.
func (c *chaos) assertSent() {
	for id := range c.sent {
		if c.withdrawn[id] {
			continue
		}
		found := false
		for _, s := range c.w.order {
			for _, it := range c.w.homes[s].itemsOf(valisev1.ItemType_ITEM_TYPE_SENT) {
				if h, _, err := readItem(it); err == nil && h.MessageID.String() == id {
					found = true
				}
			}
		}
		if !found {
			c.t.Errorf("P1: a message that was acknowledged to an officer is in no record")
		}
	}
}
