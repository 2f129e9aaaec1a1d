package relaytest

import (
	"context"
	"errors"
	"slices"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

func survivesARestart(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	box := read(t, b, w.b.Mailbox, nil)
	send(t, a, slot(w.b, w.a, 0), "before")
	box.waitText(t, "before")
	box.stop()
	kept := send(t, a, slot(w.b, w.a, 1), "while b is away")
	box = read(t, b, w.b.Mailbox, func(m relay.Mail) error {
		if string(m.Envelope) == "never" {
			return errors.New("never")
		}
		return nil
	})
	w.relay.Restart(t)
	box.waitText(t, "while b is away")
	after := send(t, a, slot(w.b, w.a, 2), "after")
	if after.Sequence <= kept.Sequence {
		t.Errorf("sequence %d after a restart, want above %d", after.Sequence, kept.Sequence)
	}
	box.waitText(t, "after")
}

func isRebuiltAfterALossOfAll(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	box := read(t, b, w.b.Mailbox, nil)
	for n := range 5 {
		send(t, a, slot(w.b, w.a, n), "before")
	}
	waitFor(t, "five mails", func() bool { return len(box.all()) >= 5 })
	box.stop()
	lost := send(t, a, slot(w.b, w.a, 7), "lost")
	box = read(t, b, w.b.Mailbox, func(m relay.Mail) error {
		if string(m.Envelope) == "lost" {
			return errors.New("the node could not record it")
		}
		return nil
	})
	w.relay.Wipe(t)
	// Bad input 100: the sequence begins anew; that is how a node notices.
	again := send(t, a, slot(w.b, w.a, 7), "sent again")
	if again.Sequence > lost.Sequence {
		t.Errorf("sequence %d after a loss of all, want it to begin anew", again.Sequence)
	}
	box.waitText(t, "sent again")
	// A floor from before the loss purges nothing that is unread.
	if err := b.Purge(t.Context(), w.b.Mailbox, lost.Sequence); err != nil {
		t.Errorf("purge after a loss: %v", err)
	}
}

func followsTheRoster(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	box := read(t, b, w.b.Mailbox, nil)
	send(t, a, slot(w.b, w.a, 0), "while a is on the roster")
	box.waitText(t, "while a is on the roster")

	d := NewParty(t)
	newcomer := w.relay.Dial(t, d.Seed)
	t.Cleanup(func() { newcomer.Close() })
	if _, err := newcomer.Publish(t.Context(), slot(w.b, d, 0), []byte("too early")); err == nil {
		t.Error("a connection key that is on no roster could publish")
	}
	w.relay.SetRoster(t, RosterOf(2, w.b, w.c, d))
	send(t, newcomer, slot(w.b, d, 0), "from the newcomer")
	box.waitText(t, "from the newcomer")
	send(t, newcomer, slot(w.c, d, 0), "to c as well")

	waitFor(t, "the end of a's rights", func() bool {
		_, err := a.Publish(t.Context(), slot(w.b, w.a, 1), []byte("too late"))
		return errors.Is(err, relay.ErrLinkDown) || errors.Is(err, relay.ErrRefused)
	})
	waitFor(t, "a's warning", func() bool { return len(a.Link().Warnings) > 0 && !a.Link().Up })
	before := len(box.texts())
	if _, err := a.Publish(t.Context(), slot(w.b, w.a, 2), []byte("too late")); err == nil {
		t.Error("a key that left the roster could publish")
	}
	send(t, newcomer, slot(w.b, d, 1), "last")
	box.waitText(t, "last")
	if late := box.texts()[before:]; slices.Contains(late, "too late") {
		t.Error("mail of a key that left the roster arrived")
	}

	w.relay.SetRoster(t, RosterOf(3, w.a, w.b, w.c, d))
	send(t, a, slot(w.b, w.a, 3), "a is back")
	box.waitText(t, "a is back")
}

// endsOneRightOfMany: both keys stay, and one mailbox no longer admits one token.
func endsOneRightOfMany(t *testing.T, w *world) {
	a, b, c := w.dial(t, w.a), w.dial(t, w.b), w.dial(t, w.c)
	toB, toC := read(t, b, w.b.Mailbox, nil), read(t, c, w.c.Mailbox, nil)
	send(t, a, slot(w.b, w.a, 0), "while b admits a")
	toB.waitText(t, "while b admits a")

	w.relay.SetRoster(t, without(RosterOf(2, w.a, w.b, w.c), w.b, w.a))
	waitFor(t, "the end of a's right", func() bool {
		_, err := a.Publish(t.Context(), slot(w.b, w.a, 1), []byte("too late"))
		return errors.Is(err, relay.ErrNoMailbox)
	})
	before := len(toB.texts())
	send(t, a, slot(w.c, w.a, 0), "a writes to c as ever")
	toC.waitText(t, "a writes to c as ever")
	for n := range 20 {
		if _, err := a.Publish(t.Context(), slot(w.b, w.a, n), []byte("too late")); err == nil {
			t.Error("a token that the mailbox no longer admits could write there")
		}
	}
	send(t, c, slot(w.b, w.c, 0), "c writes to b as ever")
	toB.waitText(t, "c writes to b as ever")
	if late := toB.texts()[before:]; slices.Contains(late, "too late") {
		t.Error("mail of a right that ended arrived")
	}

	w.relay.SetRoster(t, RosterOf(3, w.a, w.b, w.c))
	send(t, a, slot(w.b, w.a, 2), "b admits a again")
	toB.waitText(t, "b admits a again")
}

// without is r with one right less: to no longer admits from.
func without(r *valisev1.Roster, to, from Party) *valisev1.Roster {
	for _, m := range r.GetMailboxes() {
		if m.GetName() == to.Mailbox {
			m.SenderTokens = slices.DeleteFunc(m.SenderTokens, func(token string) bool { return token == from.Token })
		}
	}
	return r
}

func endsWithItsContext(t *testing.T, w *world) {
	b := w.dial(t, w.b)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- b.Receive(ctx, w.b.Mailbox, func(relay.Mail) error { return nil }) }()
	go func() { ended <- b.Receive(t.Context(), w.b.Mailbox, func(relay.Mail) error { return nil }) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("receive ended with %v, want the context's end", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, relay.ErrClosed) {
		t.Errorf("receive ended with %v, want ErrClosed", err)
	}
	if _, err := b.Publish(t.Context(), slot(w.a, w.b, 0), []byte("x")); !errors.Is(err, relay.ErrClosed) {
		t.Errorf("publish after close: %v, want ErrClosed", err)
	}
	if err := b.Receive(t.Context(), w.b.Mailbox, nil); !errors.Is(err, relay.ErrClosed) {
		t.Errorf("receive after close: %v, want ErrClosed", err)
	}
	if err := b.Purge(t.Context(), w.b.Mailbox, 1); !errors.Is(err, relay.ErrClosed) {
		t.Errorf("purge after close: %v, want ErrClosed", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	done, stop := context.WithCancel(t.Context())
	stop()
	a := w.dial(t, w.a)
	if _, err := a.Publish(done, slot(w.b, w.a, 0), []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("publish with an ended context: %v", err)
	}
}
