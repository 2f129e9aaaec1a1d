package gateway

import (
	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// linkedOnly keeps of what a mark covers only the numbers that are chained to it. A home that was
// put back without knowing it has used numbers twice: until each is told apart, a mark above one
// says nothing of what stands there in this record. docs/protocol.md §7.1, §7.6
func (w *work) linkedOnly(l *receiptLine) error {
	if !l.whole || l.channel.epoch == w.epochs.present() && !l.state.GetDiverged() {
		return nil
	}
	mark := l.line.GetMark().GetMark()
	low, err := w.lowestLinked(l.channel, mark, l.state)
	if err != nil || low <= l.state.GetMark()+1 {
		return err
	}
	l.whole = false
	named := map[uint64]bool{}
	for _, h := range l.line.GetRefused() {
		named[h.GetSequence()] = true
	}
	for _, h := range l.line.GetHeld() {
		named[h.GetSequence()] = true
	}
	kept := l.covered[:0]
	for _, c := range l.covered {
		if named[c.sequence] || c.sequence >= low {
			kept = append(kept, c)
		}
	}
	l.covered = kept
	return nil
}

// lowestLinked walks down from a number as far as the record holds every message, and, on a
// channel where two lives have met, as far as each names the one before.
func (w *work) lowestLinked(c channel, from uint64, ch *valisev1.OutboundChannel) (uint64, error) {
	var above ident.Digest // what the number above says of this one; zero for nothing
	for n := from; n > ch.GetMark(); n-- {
		own, known, err := w.ownNumber(c, n)
		if err != nil {
			return 0, err
		}
		if !known || own.id.IsZero() || !above.IsZero() && above != own.digest {
			return n + 1, nil
		}
		if !ch.GetDiverged() {
			continue
		}
		before, found, err := w.namedBefore(own.digest)
		if err != nil || !found {
			return n, err
		}
		above = before
	}
	return ch.GetMark() + 1, nil
}

// namedBefore is what a message of the record names as the one before it on its channel.
func (w *work) namedBefore(d ident.Digest) (before ident.Digest, found bool, err error) {
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || !found {
		return before, false, err
	}
	item, err := w.kept(at.item)
	if err != nil || item == nil {
		return before, false, err
	}
	h, _, err := readItem(item)
	return h.Previous, err == nil, err
}

// follows reports whether what stands at a number of ours may come after what stands before it. On a
// channel where two lives have met, what one of them has given up may still stand above the other.
func (w *work) follows(c channel, ch *valisev1.OutboundChannel, n uint64, d ident.Digest) (bool, error) {
	if !ch.GetDiverged() || n < 2 {
		return true, nil
	}
	before, found, err := w.namedBefore(d)
	if err != nil || !found {
		return true, err // it is just coming back
	}
	last, _, err := w.ownNumber(c, n-1)
	return last.digest == before, err
}
