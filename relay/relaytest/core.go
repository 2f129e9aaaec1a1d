package relaytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"valise.example/relay"
)

func carries(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	box := read(t, b, w.b.Mailbox, nil)
	stored := send(t, a, slot(w.b, w.a, 0), "one")
	got := box.waitText(t, "one")
	if got.Token != w.a.Token || got.Slot != 0 || got.Sequence != stored.Sequence || got.Sequence == 0 {
		t.Errorf("got token ours %v, slot %d, sequence %d; want slot 0 and sequence %d", got.Token == w.a.Token, got.Slot, got.Sequence, stored.Sequence)
	}
	largest := bytes.Repeat([]byte{7}, relay.MaxEnvelope-1024)
	if _, err := a.Publish(t.Context(), slot(w.b, w.a, relay.CannotOpenSlot), largest); err != nil {
		t.Fatal(err)
	}
	if got := box.waitText(t, string(largest)); got.Slot != relay.CannotOpenSlot {
		t.Errorf("slot %d, want %d", got.Slot, relay.CannotOpenSlot)
	}
}

func saysWhereItStands(t *testing.T, w *world) {
	a := w.relay.Dial(t, w.a.Seed)
	t.Cleanup(func() { a.Close() })
	links := make(chan relay.Link, 100)
	a.Watch(func(l relay.Link) { links <- l })
	for l := range links {
		if l.Up {
			if l.Since.IsZero() || len(l.Warnings) > 0 {
				t.Errorf("link %+v, want a time and no warning", l)
			}
			break
		}
	}
	w.relay.Restart(t)
	var up []bool
	for l := range links {
		up = append(up, l.Up)
		if l.Up {
			break
		}
	}
	if len(up) < 2 || up[0] {
		t.Errorf("links after a restart %v, want down before up", up)
	}
}

func redeliversAfterAnError(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	bad := errors.New("disk full")
	tries := 0
	box := read(t, b, w.b.Mailbox, func(m relay.Mail) error {
		if string(m.Envelope) == "first" {
			if tries++; tries < 3 {
				return bad
			}
		}
		return nil
	})
	send(t, a, slot(w.b, w.a, 0), "first")
	send(t, a, slot(w.b, w.a, 1), "second")
	waitFor(t, "the third delivery", func() bool {
		n := 0
		for _, s := range box.texts() {
			if s == "first" {
				n++
			}
		}
		return n == 3
	})
	box.waitText(t, "second")
	box.stop()
	again := read(t, b, w.b.Mailbox, nil)
	send(t, a, slot(w.b, w.a, 2), "third")
	again.waitText(t, "third")
	if got := again.texts(); !slices.Equal(got, []string{"third"}) {
		t.Errorf("after acknowledgement came %v, want only what is new", got)
	}
}

func replacesWhatLiesInASlot(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	first := send(t, a, slot(w.b, w.a, 9), "old")
	second := send(t, a, slot(w.b, w.a, 9), "new")
	if second.Sequence <= first.Sequence {
		t.Errorf("sequences %d then %d, want them to rise", first.Sequence, second.Sequence)
	}
	box := read(t, b, w.b.Mailbox, nil)
	box.waitText(t, "new")
	send(t, a, slot(w.b, w.a, 9), "again")
	box.waitText(t, "again")
	if got := box.texts(); !slices.Equal(got, []string{"new", "again"}) {
		t.Errorf("got %v, want what was in the slot last", got)
	}
}

func keepsTheOrder(t *testing.T, w *world) {
	a, c, b := w.dial(t, w.a), w.dial(t, w.c), w.dial(t, w.b)
	var want []string
	for n := range 200 {
		from, courier := w.a, a
		if n%3 == 0 {
			from, courier = w.c, c
		}
		text := fmt.Sprintf("mail %d", n)
		send(t, courier, slot(w.b, from, 255-n), text)
		want = append(want, text)
	}
	box := read(t, b, w.b.Mailbox, nil)
	box.waitText(t, want[len(want)-1])
	if got := box.texts(); !slices.Equal(got, want) {
		t.Errorf("%d mails in another order than the stream's", len(got))
	}
	last := uint64(0)
	for _, m := range box.all() {
		if m.Sequence <= last {
			t.Fatalf("sequence %d after %d", m.Sequence, last)
		}
		last = m.Sequence
	}
}

// Bad input 90: publication under another's sender token.
func refusesAnothersToken(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	for name, c := range map[string]struct {
		to   relay.Address
		want error
	}{
		"the token of another":    {slot(w.b, w.c, 0), relay.ErrRefused},
		"a token nobody has":      {relay.Address{Mailbox: w.b.Mailbox, Token: randomName(t), Slot: 0}, relay.ErrRefused},
		"a mailbox nobody has":    {relay.Address{Mailbox: randomName(t), Token: w.a.Token, Slot: 0}, relay.ErrNoMailbox},
		"our own mailbox":         {slot(w.a, w.a, 0), relay.ErrNoMailbox},
		"the addressee's token":   {slot(w.b, w.b, 0), relay.ErrRefused},
		"our mailbox as a token":  {relay.Address{Mailbox: w.b.Mailbox, Token: w.a.Mailbox, Slot: 1}, relay.ErrRefused},
		"their token as a box":    {relay.Address{Mailbox: w.b.Token, Token: w.a.Token, Slot: 1}, relay.ErrNoMailbox},
		"their token, slot inuse": {slot(w.b, w.c, 5), relay.ErrRefused},
	} {
		if _, err := a.Publish(t.Context(), c.to, []byte("forged")); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	box := read(t, b, w.b.Mailbox, nil)
	send(t, a, slot(w.b, w.a, 0), "honest")
	box.waitText(t, "honest")
	if got := box.texts(); len(got) != 1 {
		t.Errorf("%d mails, want the honest one alone", len(got))
	}
}

// Bad inputs 92 and 93: reading and purging another's mailbox.
func refusesAnothersMailbox(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	stored := send(t, a, slot(w.b, w.a, 0), "for b")
	ctx, cancel := context.WithCancel(t.Context())
	stolen := make(chan relay.Mail, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- a.Receive(ctx, w.b.Mailbox, func(m relay.Mail) error { stolen <- m; return nil })
	}()
	if err := a.Purge(t.Context(), w.b.Mailbox, stored.Sequence); !errors.Is(err, relay.ErrRefused) {
		t.Errorf("purge of another's mailbox: %v, want ErrRefused", err)
	}
	box := read(t, b, w.b.Mailbox, nil)
	box.waitText(t, "for b")
	// Once b has had more mail and a still none, a was not only slow.
	for n := range 20 {
		send(t, a, slot(w.b, w.a, n), fmt.Sprintf("more %d", n))
	}
	box.waitText(t, "more 19")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("receive ended with %v", err)
	}
	select {
	case <-stolen:
		t.Error("mail for b was handed to a")
	default:
	}
}

func refusesBadAddressesAndSizes(t *testing.T, w *world) {
	a := w.dial(t, w.a)
	good := slot(w.b, w.a, 0)
	for name, change := range map[string]func(*relay.Address){
		"slot below":        func(x *relay.Address) { x.Slot = -1 },
		"slot beyond":       func(x *relay.Address) { x.Slot = relay.Slots },
		"wildcard mailbox":  func(x *relay.Address) { x.Mailbox = "*" },
		"wildcard token":    func(x *relay.Address) { x.Token = ">" },
		"empty mailbox":     func(x *relay.Address) { x.Mailbox = "" },
		"upper case":        func(x *relay.Address) { x.Token = "AAAAAAAAAAAAAAAAAAAAAAAAAA" },
		"subject in a name": func(x *relay.Address) { x.Token = "a.b.c.d.e.f.g.h.i.j.k.l.m." },
		"line in a name":    func(x *relay.Address) { x.Token = "aaaaaaaaaaaaaaaaaaaaaaaa\r\n" },
	} {
		to := good
		change(&to)
		if _, err := a.Publish(t.Context(), to, []byte("x")); !errors.Is(err, relay.ErrBadAddress) {
			t.Errorf("%s: %v, want ErrBadAddress", name, err)
		}
	}
	if _, err := a.Publish(t.Context(), good, make([]byte, relay.MaxEnvelope+1)); !errors.Is(err, relay.ErrTooLarge) {
		t.Errorf("one byte too many: %v, want ErrTooLarge", err)
	}
	if _, err := a.Publish(t.Context(), good, make([]byte, relay.MaxEnvelope)); err != nil {
		t.Errorf("the largest envelope: %v", err)
	}
	if _, err := a.Publish(t.Context(), good, nil); err == nil {
		t.Error("an empty envelope was taken")
	}
	if err := a.Purge(t.Context(), "*", 1); !errors.Is(err, relay.ErrBadAddress) {
		t.Errorf("purge of a wildcard: %v", err)
	}
	if err := a.Receive(t.Context(), "*", nil); !errors.Is(err, relay.ErrBadAddress) {
		t.Errorf("receive of a wildcard: %v", err)
	}
}

func purgesUpToTheFloor(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	var last relay.Stored
	for n := range 5 {
		last = send(t, a, slot(w.b, w.a, n), fmt.Sprintf("mail %d", n))
	}
	// Nothing is acknowledged yet: a floor from another life of the relay removes nothing.
	if err := b.Purge(t.Context(), w.b.Mailbox, last.Sequence+1000); err != nil {
		t.Fatal(err)
	}
	box := read(t, b, w.b.Mailbox, nil)
	box.waitText(t, "mail 4")
	if got := len(box.texts()); got != 5 {
		t.Fatalf("%d mails, want 5: the purge removed unread mail", got)
	}
	third := box.all()[2].Sequence
	send(t, a, slot(w.b, w.a, 9), "later")
	box.waitText(t, "later")
	// Acknowledgements travel by themselves; the purge reaches as far as they have come.
	if err := b.Purge(t.Context(), w.b.Mailbox, third); err != nil {
		t.Fatal(err)
	}
	if err := b.Purge(t.Context(), w.b.Mailbox, third); err != nil {
		t.Fatalf("purging again: %v", err)
	}
	after := send(t, a, slot(w.b, w.a, 0), "after")
	if after.Sequence <= last.Sequence {
		t.Errorf("sequence %d after the purge, want it to go on from %d", after.Sequence, last.Sequence)
	}
	box.waitText(t, "after")
}

// Bad input 95: a flood fills the flooder's own slots and nothing else.
func nobodyLocksOutAnother(t *testing.T, w *world) {
	a, b, c := w.dial(t, w.a), w.dial(t, w.b), w.dial(t, w.c)
	send(t, c, slot(w.b, w.c, 0), "from c, before")
	for n := range 2 * relay.Slots {
		send(t, a, slot(w.b, w.a, n%relay.Slots), fmt.Sprintf("flood %d", n))
	}
	for n := 1; n < relay.Slots; n++ {
		if _, err := c.Publish(t.Context(), slot(w.b, w.c, n), []byte("from c")); err != nil {
			t.Fatalf("slot %d of c after a's flood: %v", n, err)
		}
	}
	// The box is full to the last slot: a re-send still replaces itself.
	if _, err := c.Publish(t.Context(), slot(w.b, w.c, 1), []byte("from c, again")); err != nil {
		t.Fatalf("re-send in a full box: %v", err)
	}
	box := read(t, b, w.b.Mailbox, nil)
	box.waitText(t, "from c, again")
	box.waitText(t, "from c, before")
	if got := len(box.texts()); got != 2*relay.Slots {
		t.Errorf("%d mails in the box, want %d", got, 2*relay.Slots)
	}
}
