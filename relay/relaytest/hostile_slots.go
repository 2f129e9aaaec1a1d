package relaytest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"valise.example/relay"
)

func slotsThatAreNone(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	for _, last := range []string{"323", "324", "1000000", "-1", "00", "01", "+1", "0x1", "x", "٣", "*", ">"} {
		subject := "v1." + w.b.Mailbox + "." + w.a.Token + "." + last
		x.publish(t, &nats.Msg{Subject: subject, Data: []byte("no slot")})
		waitFor(t, "refusal of "+subject, x.wasRefused(subject))
	}
	for _, m := range s.check(t) {
		if m.Token == w.a.Token {
			t.Errorf("mail in slot %d, which is none", m.Slot)
		}
	}
}

// aThousandNames: b's mailbox has room for the slots of its two senders and for nothing more. Whatever
// a names, in requests and in their reply subjects, c finds room for all of its own.
func aThousandNames(t *testing.T, w *world, raw Raw) {
	c, own := w.dial(t, w.c), "v1."+w.b.Mailbox+"."+w.a.Token+"."
	for n := range 40 {
		send(t, c, slot(w.a, w.c, n), "to be carried elsewhere") // a's own mail
	}
	x := intrude(t, raw, w.a)
	names := []string{"*", ">", "x", "٣", "00", "-1", "$", strings.Repeat("9", 200)}
	for n := range 1000 {
		names = append(names, strconv.Itoa(n))
	}
	for _, name := range names {
		for _, m := range []*nats.Msg{
			{Subject: own + name}, {Subject: own + "0", Reply: own + name},
			{Subject: "box." + w.a.Mailbox + ".info", Reply: own + name}, {Subject: "box." + w.a.Mailbox + ".next", Reply: own + name},
			{Subject: "object.head", Reply: own + name},
		} {
			m.Data = []byte(`{}`)
			if err := x.PublishMsg(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := x.Flush(); err != nil {
		t.Fatal(err)
	}
	for n := range relay.Slots {
		if _, err := c.Publish(t.Context(), slot(w.b, w.c, n), []byte("from c")); err != nil {
			t.Fatalf("slot %d of c after a's names: %v", n, err)
		}
	}
	box := read(t, w.dial(t, w.b), w.b.Mailbox, nil)
	waitFor(t, "all mail", func() bool { return len(box.all()) >= 2*relay.Slots })
	if got := len(box.all()); got != 2*relay.Slots {
		t.Errorf("%d mails in the box, want %d", got, 2*relay.Slots)
	}
}

// Bad input 91: whoever got hold of another's envelope can put it into slots of its own alone, where
// the relay says whose they are; the node then finds that its sender is not who the slot says, or
// that it knows the number.
func anOldEnvelopeAgain(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	old := []byte("from c, slot 0")
	theirs := "v1." + w.b.Mailbox + "." + w.c.Token + ".50"
	x.publish(t, &nats.Msg{Subject: theirs, Data: old})
	waitFor(t, "refusal of "+theirs, x.wasRefused(theirs))
	x.publish(t, &nats.Msg{Subject: "v1." + w.b.Mailbox + "." + w.a.Token + ".50", Data: old})
	again := 0
	for _, m := range s.check(t) {
		if m.Token == w.a.Token && m.Slot == 50 && string(m.Envelope) == string(old) {
			again++
		}
	}
	if again != 1 {
		t.Errorf("the old envelope came %d times under a's own token, want 1", again)
	}
}
