package gateway

import (
	"fmt"
	"testing"
	"time"

	"valise.example/proto/ident"
)

// inquireMany lets a home ask so often.
func (h *home) inquireMany(to ident.Address, times int) {
	h.w.t.Helper()
	for i := range times {
		h.inquire(to, fmt.Sprint("of ", h.state, " ", i))
	}
}

// TestAnOpeningAlwaysFindsASlot: a home goes back to where all its slots were taken. Of what holds
// them nothing can be receipted before the peer has given back what the home has forgotten, and
// that it does only for an opening.
func TestAnOpeningAlwaysFindsASlot(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	xb.setLink(false)
	xa.inquireMany(xbTech, 300)
	w.settle()
	backup := xa.store.backup()
	xb.setLink(true)
	w.converge()
	xa.inquireMany(xbTech, 20)
	w.converge()
	w.tick(time.Hour)

	xa.restore(backup)
	w.converge()
	assertSameMail(t, w)
}

// TestWhatLiesBeyondTheWindowGivesUpItsSlot: a peer goes back so far that what is under way to it
// is none of what it can take. It must not keep the slots from what the peer lacks.
func TestWhatLiesBeyondTheWindowGivesUpItsSlot(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xb.store.backup()
	xa.inquireMany(xbTech, 600)
	w.converge()
	xb.setLink(false)
	xa.inquireMany(xbTech, 300)
	w.settle()

	xb.restore(backup)
	xb.setLink(true)
	w.converge()
	assertSameMail(t, w)
}

// TestManyUnderWayBothGoBack: both of the above at once, mail under way in both directions.
func TestManyUnderWayBothGoBack(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	early := xb.store.backup()
	xa.inquireMany(xbTech, 400)
	xb.inquireMany(xaTech, 400)
	w.converge()
	xa.inquireMany(xbTech, 300)
	late := xa.store.backup()
	w.settle()
	xa.inquireMany(xbTech, 100)
	xb.inquireMany(xaTech, 300)
	w.settle()
	w.converge()
	xa.setLink(false)
	xb.inquireMany(xaTech, 300)
	xa.inquireMany(xbTech, 300)
	w.settle()

	xb.restore(early)
	xa.restore(late)
	xa.setLink(true)
	w.converge()
	assertSameMail(t, w)
}
