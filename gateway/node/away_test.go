package node_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// atMost is how often a waiting message may go out in thirty days. docs/protocol.md §7.4
	atMost = 40
	// prompt is what an exchange with a peer who is there may take.
	prompt = 10 * time.Second
)

var deskB, deskC = ident.Address{State: "XB", Track: ident.Technical}, ident.Address{State: "XC", Track: ident.Technical}

// TestAwayForThirtyDays: whole nodes in a month of a bubble's time, over a link that flaps. What
// waits for a peer who is away goes out seldom, is in nobody's way, and is there once, in order, on
// the day the peer comes back.
func TestAwayForThirtyDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonth(t, "XA", "XB", "XC")
		xa, stopXA := m.node("XA")
		xb, stopXB := m.node("XB")
		xc, _ := m.node("XC")
		thread := send(t, xa, deskB, "before").GetThread()
		time.Sleep(prompt)
		if m.waiting(xa) != 0 || m.received(xb) != 1 {
			t.Fatal("what is sent to a peer who is there does not arrive")
		}
		stopXB()
		m.countAnew()

		story := m.supplements(xa, thread, 5)
		file := fileOf("away", 300_000) // two parts
		withFile := sendFile(t, xa, "with a file", file).GetMessage()
		const sent = 5 + 1 + 2
		for day := range 30 {
			m.exchange(day, xa, xc)
			m.flap()
			if day%10 == 9 { // what it knows of its clocks is what its record holds
				stopXA()
				xa, stopXA = m.node("XA")
			}
		}
		if n := m.waiting(xa); n != sent {
			t.Errorf("%d messages wait for the peer who is away, want %d", n, sent)
		}
		m.wasSeldom("XA", "XB", sent, 30)

		xb, stopXB = m.comesBack("XB")
		if n := m.waiting(xa); n != 0 {
			t.Errorf("the peer is back, and %d messages still wait", n)
		}
		if got := m.told(xb, thread); !slices.Equal(got, story) {
			t.Errorf("the thread tells %q, want %q", got, story)
		}
		if !bytes.Equal(readFile(t, xb.Gateway(), withFile), file) {
			t.Error("another file arrived")
		}
		stopXB()
		xb, _ = m.node("XB")
		time.Sleep(time.Hour)
		if n := m.received(xb); n != sent+1 {
			t.Errorf("the record holds %d things that came, want %d", n, sent+1)
		}
		m.theOtherWay(xb, stopXA)
	})
}

// exchange asks a peer who is there and has the answer at once, whatever waits for others.
func (m *month) exchange(day int, xa, xc *node.Node) {
	m.t.Helper()
	asked := send(m.t, xa, deskC, fmt.Sprint("day ", day))
	time.Sleep(prompt)
	if _, err := xc.Gateway().Reply(context.Background(), officer, &valisev1.ReplyRequest{
		Thread:  asked.GetThread(),
		Payload: &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{}}},
	}); err != nil {
		m.t.Fatalf("on day %d a State that is there is jammed too: %v", day, err)
	}
	time.Sleep(prompt)
	got, err := xa.Gateway().Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: asked.GetThread()})
	if err != nil {
		m.t.Fatal(err)
	}
	if d := got.GetThread().GetDelivery(); d != valisev1.Delivery_DELIVERY_ACKNOWLEDGED {
		m.t.Errorf("on day %d the answer of a State that is there is jammed: %s", day, d)
	}
}

// comesBack starts a home whose mailbox is full. Its link goes when the first message is durable and
// not acknowledged, so that the relay hands it over again.
func (m *month) comesBack(s ident.State) (x *node.Node, stop func()) {
	m.t.Helper()
	box := m.mailbox(s).Mailbox
	m.mu.Lock()
	before := m.twice
	m.cut = box
	m.mu.Unlock()
	x, stop = m.node(s)
	time.Sleep(time.Minute)
	m.relay.SetUp(true)
	time.Sleep(time.Minute)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.twice == before {
		m.t.Error("no acknowledgement was lost, and nothing came twice")
	}
	return x, stop
}

// theOtherWay: the one who was away and has been started twice since writes to the one who waited.
func (m *month) theOtherWay(xb *node.Node, stopXA func()) {
	m.t.Helper()
	stopXA()
	thread := send(m.t, xb, ident.Address{State: "XA", Track: ident.Technical}, "the other way").GetThread()
	story := m.supplements(xb, thread, 4)
	for range 5 {
		m.flap()
	}
	m.wasSeldom("XB", "XA", 5, 5)
	xa, _ := m.comesBack("XA")
	if n := m.waiting(xb); n != 0 {
		m.t.Errorf("%d messages of the one who was away still wait", n)
	}
	if got := m.told(xa, thread); !slices.Equal(got, story) {
		m.t.Errorf("the thread tells %q, want %q", got, story)
	}
}
