package gateway

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valise.example/proto/ident"
)

// lossy is chaos in which homes are put back to older copies of their stores: by a restore that
// says so, or by nobody's word. What reached any peer is at both in the end, and nothing twice.
type lossy struct {
	chaos
	backups map[ident.State][]*memStore
}

// Backup keeps a copy of a home's store as it is now.
func (c *lossy) Backup(*rapid.T) {
	h := c.home()
	c.backups[h.state] = append(c.backups[h.state], h.store.backup())
}

func (c *lossy) pick(t *rapid.T) (*home, *memStore) {
	h := c.home()
	if len(c.backups[h.state]) == 0 {
		t.Skip("no backup")
	}
	return h, c.backups[h.state][rapid.IntRange(0, len(c.backups[h.state])-1).Draw(t, "backup")]
}

// Restore puts a home back and says so.
func (c *lossy) Restore(t *rapid.T) {
	h, backup := c.pick(t)
	h.restore(backup)
}

// RollBack puts a home back and says nothing.
func (c *lossy) RollBack(t *rapid.T) {
	h, backup := c.pick(t)
	h.rollBack(backup)
}

// contact lets every home say something, so that whoever went back is noticed, and resumes what
// stops meanwhile: no two copies ever run here.
func (c *lossy) contact() {
	c.w.resumes = true
	for range 3 {
		c.w.tick(time.Second) // of two things made at one moment none is the later
		for _, s := range c.w.order {
			h := c.w.homes[s]
			h.resume()
			to := xbTech
			if s == "XB" {
				to = xaTech
			}
			h.inquire(to, "contact")
		}
		c.w.converge()
	}
}

// resume is the officer who switched the copy off.
func (h *home) resume() {
	if !h.standing().GetStopped() {
		return
	}
	if err := h.g.ResumeSending(context.Background(), nodeAdmin); err != nil {
		h.w.t.Fatal(err)
	}
}

func TestWhatReachedAnyPeerIsAtBothInTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &lossy{
			chaos:   chaos{t: t, w: newWorldIn(t), sent: map[string]bool{}, withdrawn: map[string]bool{}},
			backups: map[ident.State][]*memStore{},
		}
		t.Repeat(map[string]func(*rapid.T){
			"inquire": c.Inquire, "reply": c.Reply, "publish": c.Publish, "deliver": c.Deliver,
			"wipe": c.Wipe, "restart": c.Restart, "link": c.Link, "tick": c.Tick,
			"backup": c.Backup, "restore": c.Restore, "roll back": c.RollBack,
			"": func(*rapid.T) { c.w.assertDesks() },
		})
		for _, s := range c.w.order {
			if h := c.w.homes[s]; !h.link {
				h.setLink(true)
			}
		}
		c.contact()
		assertSameMail(t, c.w)

	})
}
