package gateway

import (
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// Space is how much room the disk of this home has for what is still to come. The node measures
// it; the core decides what is still taken. docs/protocol.md §7.7
type Space int

// From plenty to almost none.
const (
	// SpaceFree takes everything.
	SpaceFree Space = iota
	// SpaceReserve begins nothing new of our own officers: what is left is for what peers send,
	// for receipts, and for what becomes of the mail that is under way.
	SpaceReserve
	// SpaceLast takes no mail of peers either: what is left is for receipts, ours and theirs.
	SpaceLast
)

// space is how much room there is now.
func (g *Gateway) space() Space {
	if g.cfg.Space == nil {
		return SpaceFree
	}
	return g.cfg.Space()
}

// LookAtSpace is called now and then: who was told that we are busy because the disk was full hears
// within that time when it is over. docs/protocol.md §7.7
func (g *Gateway) LookAtSpace(now time.Time) {
	if g.space() == SpaceLast {
		return
	}
	freed := false
	g.mu.Lock()
	for _, p := range g.receipts.order {
		if b, busy := g.quotas.busy[p]; busy && b.why == valisev1.Reason_REASON_DISK_FULL {
			g.free(p, now)
			freed = true
		}
	}
	g.mu.Unlock()
	if freed {
		g.cfg.Changed()
	}
}

// roomForNew refuses what our officers begin while the reserve of the disk is touched. P6
func (g *Gateway) roomForNew() error {
	if g.space() == SpaceFree {
		return nil
	}
	return refuse(valisev1.Reason_REASON_DISK_FULL, "nothing was recorded and nothing leaves; what was accepted before goes on")
}

// onceWithRoom is once for an act that begins something new; a request that was answered before
// has its answer also when there is no room.
func (w *work) onceWithRoom(r request, answer proto.Message, act func() error) error {
	return w.once(r, answer, func() error {
		if err := w.g.roomForNew(); err != nil {
			return err
		}
		return act()
	})
}
