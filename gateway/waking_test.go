package gateway

import (
	"context"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// What lies in a mailbox that the peer has left goes out again as soon as the directory says so.
func TestAPeerThatMovesGetsItsMailAtOnce(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	xa.inquire(xbTech, "x")
	w.settle()
	if due := xa.g.Due(w.now); len(due) != 0 {
		t.Fatalf("%d publications although nothing changed", len(due))
	}
	xa.dir.moved = map[ident.Address]string{xbTech: "another mailbox"}
	for range 2 { // the same news again sends nothing again
		if err := xa.g.DirectoryChanged(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if due := xa.g.Due(w.now); len(due) != 1 {
		t.Errorf("%d publications to the new mailbox, want 1", len(due))
	}
	if err := xa.g.DirectoryChanged(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, p := range xa.g.Due(w.now) {
		t.Errorf("again to slot %d although it went there", p.Slot)
	}
}

// Each message knows where it went: that one has already gone to a new key keeps no other under
// the old one, nor does a start of the node in between.
func TestMailUnderAnOldKeyGoesAgain(t *testing.T) {
	for name, start := range map[string]bool{"while one went the new way": false, "after a start": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			xa := w.homes["XA"]
			w.homes["XB"].setLink(false)
			for range 3 {
				xa.inquire(xbTech, "x")
			}
			w.settle()
			xa.dir.moved = map[ident.Address]string{xbTech: "another mailbox"}
			const want = 3
			if start {
				xa.start()
			} else {
				xa.inquire(xbTech, "y")
				if due := xa.g.Due(w.now); len(due) != 1 {
					t.Fatalf("%d publications of a new message", len(due))
				}
				if err := xa.g.DirectoryChanged(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if due := xa.g.Due(w.now); len(due) != want {
				t.Errorf("%d publications to where the peer is now, want %d", len(due), want)
			}
		})
	}
}

// Mail to a State that has left waits, and the outbox says why.
func TestMailToAStateThatLeftSaysSo(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	xa.inquire(xbTech, "x")
	xa.dir.left["XB"] = w.now
	if rows := xa.outbox(); len(rows) != 1 || rows[0].GetReason() != valisev1.Reason_REASON_STATE_LEFT {
		t.Errorf("the outbox says %v", rows)
	}
}

// Who is woken by a change finds what the change made due: a sender that looked a moment too
// early would sleep for minutes.
func TestWhoeverIsWokenFindsWhatIsDue(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	var g *Gateway
	found := 0
	cfg := xa.config()
	cfg.Changed = func() {
		if g != nil {
			found += len(g.Due(w.now))
		}
	}
	var err error
	if g, err = New(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	xa.g = g
	xa.inquire(xbTech, "x")
	if found != 1 {
		t.Errorf("woken, and found %d publications", found)
	}
}
