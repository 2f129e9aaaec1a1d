package relay_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// pairOn is a Memory with a sender a and a recipient b.
func pairOn(t *testing.T) (m *relay.Memory, a, b relaytest.Party, sender, reader relay.Courier) {
	t.Helper()
	a, b = relaytest.NewParty(t), relaytest.NewParty(t)
	m = relay.NewMemory()
	if err := m.SetRoster(relaytest.RosterOf(1, a, b)); err != nil {
		t.Fatal(err)
	}
	sender, errA := m.Dial(a.NKey)
	reader, errB := m.Dial(b.NKey)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	return m, a, b, sender, reader
}

// In a simulation's own time: mail whose acknowledgement the link lost comes again after half
// a minute, mail that could not be recorded after one second, then two, then four.
func TestMemoryRedeliversInItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, a, b, sender, reader := pairOn(t)
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var came []time.Duration
		ended := make(chan error)
		go func() {
			ended <- reader.Receive(ctx, b.Mailbox, func(relay.Mail) error {
				came = append(came, time.Since(began))
				switch len(came) {
				case 1:
					m.SetUp(false) // the acknowledgement is lost
					m.SetUp(true)
					m.SetUp(false)
					return nil
				case 2, 3, 4:
					return errors.New("the disk is full")
				}
				return nil
			})
		}()
		if _, err := sender.Publish(ctx, relay.Address{Mailbox: b.Mailbox, Token: a.Token}, []byte("x")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		m.SetUp(true)
		time.Sleep(time.Hour)
		cancel()
		<-ended
		want := []time.Duration{0, 30 * time.Second, 32 * time.Second, 36 * time.Second, 44 * time.Second}
		if !slices.Equal(came, want) {
			t.Errorf("came at %v, want %v", came, want)
		}
		if err := errors.Join(sender.Close(), reader.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestMemoryShowsItsOperatorNoMoreThanARelay(t *testing.T) {
	m, a, b, sender, reader := pairOn(t)
	defer sender.Close()
	defer reader.Close()
	for _, text := range []string{"one", "two", "three"} {
		if _, err := sender.Publish(t.Context(), relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: len(text) % 4}, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	held := m.Held(b.Mailbox)
	if len(held) != 2 || string(held[0].Envelope) != "two" || held[1].Slot != 1 {
		t.Errorf("held %+v, want what lies there last, in order", held)
	}
	held[0].Envelope[0] = 'x'
	if string(m.Held(b.Mailbox)[0].Envelope) != "two" {
		t.Error("the operator's copy is the relay's own")
	}
	if m.Held(strings.Repeat("a", 26)) != nil {
		t.Error("a mailbox that is none holds something")
	}
	m.Wipe()
	if len(m.Held(b.Mailbox)) != 0 {
		t.Error("a wiped relay holds something")
	}
}

func TestMemoryHoldsTheOrderOfRosters(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	m := relay.NewMemory()
	if err := m.SetRoster(relaytest.RosterOf(5, a, b)); err != nil {
		t.Fatal(err)
	}
	other := relaytest.RosterOf(9, a)
	other.Realm = "operational"
	for name, r := range map[string]func() error{
		"lower":         func() error { return m.SetRoster(relaytest.RosterOf(4, a, b)) },
		"same number":   func() error { return m.SetRoster(relaytest.RosterOf(5, a)) },
		"another realm": func() error { return m.SetRoster(other) },
		"none":          func() error { return m.SetRoster(nil) },
	} {
		if r() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := errors.Join(m.SetRoster(relaytest.RosterOf(5, a, b)), m.SetRoster(relaytest.RosterOf(6, a))); err != nil {
		t.Errorf("the same again and a newer: %v", err)
	}
	if _, err := m.Dial("no key"); err == nil {
		t.Error("no nkey: taken")
	}
}
