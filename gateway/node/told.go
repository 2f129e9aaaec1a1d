package node

import (
	"context"
	"time"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	"valise.example/store"
)

// told is what the record says of who knows the keys of one of our POCs. It holds for as long as
// nothing was written to the record and the directory is the same: an idle node looks every minute, and
// at a thousand peers reading all of it each time would be most of what it does.
type told struct {
	life     *life
	writes   uint64
	snapshot *directory.Snapshot

	announced uint64                // number of the bundle that was made here and was in no directory file yet
	named     []gateway.BundleNamed // by everybody on the track
}

// toldOf reads what is known of one of our POCs, unless nothing can have changed.
func (s *notices) toldOf(ctx context.Context, a ident.Address) (told, error) {
	n := s.node
	now := told{life: n.life.Load(), snapshot: n.book.Snapshot()}
	now.writes = now.life.writes.Load() // before it is read: what is written meanwhile is read again
	if last := s.told[a]; last.life == now.life && last.writes == now.writes && last.snapshot == now.snapshot {
		return last, nil
	}
	var err error
	if now.announced, err = n.announced(ctx, a); err != nil {
		return told{}, err
	}
	if now.named, err = n.Gateway().BundlesNamed(ctx, a, n.desks(a)...); err != nil {
		return told{}, err
	}
	s.told[a] = now
	return now, nil
}

// announced is the number of the bundle that was made here and was in no directory file yet; 0: none.
func (n *Node) announced(ctx context.Context, a ident.Address) (number uint64, err error) {
	err = (record{n}).View(ctx, func(tx store.Tx) error {
		u, err := readUpkeep(tx)
		number = u.GetAnnounced()[a.String()]
		return err
	})
	return number, err
}

// unanswered reports whether nobody has taken a bundle of ours for a day, though some were told: its
// number may lie below one that they hold, made while this clock was ahead or before a restore. One
// that was made while the clock was ahead, so that its age is negative, is as good as a day old.
// docs/protocol.md §8.4
func (t told) unanswered(number uint64, age time.Duration) bool {
	if age >= 0 && age < noticeLastRepeat || t.announced != number {
		return false
	}
	spoke := false
	for _, x := range t.named {
		if x.Spoke && x.Number >= number {
			return false
		}
		spoke = spoke || x.Spoke
	}
	return spoke
}

// untold lists who must hear of a bundle: whoever names an older one; and, while no directory file
// had it, everybody on the track. Who holds a directory that has it needs no word.
func (t told) untold(number uint64) (out []ident.Address) {
	announced := t.announced == number
	for _, x := range t.named {
		if x.Number < number && (announced || x.Number > 0) {
			out = append(out, x.Peer)
		}
	}
	return out
}
