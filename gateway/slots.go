package gateway

import (
	"math/bits"
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// The slot of a row that has none.
const (
	// noSlot is a row's before it may leave: it has certainly never left.
	noSlot = -1
	// slotGivenUp is that of a row which may have left and waits for a slot again.
	slotGivenUp = -2
)

// slots is which slots of a pair are taken: 256 of lane 0, then 64 of lane 1. docs/protocol.md §7.8
type slots [40]byte

// take finds the lowest free slot of a lane.
func (s *slots) take(lane uint32) (slot int, ok bool) {
	from, to := 0, 32
	if lane == laneParts {
		from, to = 32, 40
	}
	for i := from; i < to; i++ {
		if s[i] != 0xff {
			bit := bits.TrailingZeros8(^s[i])
			s[i] |= 1 << bit
			return i*8 + bit, true
		}
	}
	return noSlot, false
}

// freeIn counts the free slots of a lane.
func (s *slots) freeIn(lane uint32) (n int) {
	of := s[:32]
	if lane == laneParts {
		of = s[32:]
	}
	for _, b := range of {
		n += bits.OnesCount8(^b)
	}
	return n
}

func (s *slots) free(slot int) {
	if slot >= 0 && slot < len(s)*8 {
		s[slot/8] &^= 1 << (slot % 8)
	}
}

func (w *work) loadSlots(p Pair) (s slots, err error) {
	b, err := w.tx.Get(tableSlots, p.key())
	copy(s[:], b)
	return s, err
}

func (w *work) freeSlot(p Pair, slot int) error {
	s, err := w.loadSlots(p)
	if err != nil {
		return err
	}
	s.free(slot)
	return w.tx.Put(tableSlots, p.key(), s[:])
}

// grant gives slots to the numbers of a channel that now fit its window, in order, for as long as
// there are any. A slot is durable before the first publication: what has none has certainly
// never left. docs/protocol.md §7.2, §7.8
func (w *work) grant(c channel, ch *valisev1.OutboundChannel) error {
	granted, err := w.loadNumber(tableOutWindow, c.key())
	if err != nil {
		return err
	}
	last := min(max(ch.GetNext(), 1)-1, ch.GetMark()+window(c.lane))
	if granted >= last {
		return nil
	}
	p := Pair{Ours: c.from, Peer: c.to}
	s, err := w.loadSlots(p)
	if err != nil {
		return err
	}
	for ; granted < last; granted++ {
		slot, ok, err := w.takeSlot(c, granted+1, &s)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		used, err := w.grantOne(c, granted+1, slot)
		if err != nil {
			return err
		}
		if !used {
			s.free(slot)
		}
	}
	if err := w.tx.Put(tableSlots, p.key(), s[:]); err != nil {
		return err
	}
	return w.saveNumber(tableOutWindow, c.key(), granted)
}

// grantNow gives a number that was just used its slot, if no number before it still waits for one.
func (w *work) grantNow(c channel, row *valisev1.Outgoing, ordinal uint64) error {
	granted, err := w.loadNumber(tableOutWindow, c.key())
	if err != nil || granted+1 != row.GetSequence() {
		return err
	}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return err
	}
	if row.GetSequence() > ch.GetMark()+window(c.lane) {
		return nil
	}
	p := Pair{Ours: c.from, Peer: c.to}
	s, err := w.loadSlots(p)
	if err != nil {
		return err
	}
	slot, ok, err := w.takeSlot(c, row.GetSequence(), &s)
	if err != nil || !ok {
		return err
	}
	row.Slot = int32(slot)
	e := rowEntry(c, row, ordinal)
	e.young = true
	w.after.publish = append(w.after.publish, e)
	if err := w.tx.Put(tableSlots, p.key(), s[:]); err != nil {
		return err
	}
	return w.saveNumber(tableOutWindow, c.key(), row.GetSequence())
}

// grantOne is false for a number that needs none: a receipt has covered it before it had one, it
// has one, or the record has no message for it. docs/protocol.md §7.6
func (w *work) grantOne(c channel, sequence uint64, slot int) (used bool, err error) {
	n, known, err := w.ownNumber(c, sequence)
	if err != nil || !known {
		return false, err
	}
	p, found, err := w.placeAt(tableDigest, n.digest[:])
	if err != nil || !found || p.row == 0 {
		return false, err
	}
	row, err := w.loadRow(p.row - 1)
	if err != nil || row.GetSlot() >= 0 {
		return false, err
	}
	row.Slot, row.Reason = int32(slot), valisev1.Reason_REASON_UNSPECIFIED
	w.after.publish = append(w.after.publish, rowEntry(c, row, p.row-1))
	return true, w.saveRow(p.row-1, row)
}

// grantAll looks through all our epochs, oldest first: a freed slot serves whoever waited longest.
func (w *work) grantAll(p Pair, lane uint32) error {
	for _, epoch := range slices.Backward(w.epochs) {
		c := channel{from: p.Ours, to: p.Peer, lane: lane, epoch: epoch}
		ch := new(valisev1.OutboundChannel)
		found, err := w.load(tableOutChannel, c.key(), ch)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := w.grant(c, ch); err != nil {
			return err
		}
	}
	return nil
}

// takeSlot finds a slot for one number of a channel. An opening gets one in any case: of the
// lives before it nothing may ever be receipted until the peer has read it, so that waiting for
// them could be for ever. docs/protocol.md §7.6, §7.8
func (w *work) takeSlot(c channel, sequence uint64, s *slots) (slot int, ok bool, err error) {
	if slot, ok = s.take(c.lane); ok || sequence != 1 {
		return slot, ok, nil
	}
	lives, err := w.ownLives(Pair{Ours: c.from, Peer: c.to})
	if err != nil {
		return noSlot, false, err
	}
	for _, e := range lives[slices.Index(lives, c.epoch)+1:] {
		older := c
		older.epoch = e
		if slot, ok, err = w.highestGivesUp(older); err != nil || ok {
			return slot, ok, err
		}
	}
	return noSlot, false, nil
}

// highestGivesUp takes the slot of the highest number of a channel that has one, but never that of
// an opening.
func (w *work) highestGivesUp(c channel) (slot int, ok bool, err error) {
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return noSlot, false, err
	}
	for n := ch.GetMark() + window(c.lane); n > max(ch.GetMark(), 1); n-- {
		if slot, ok, err = w.giveUpSlot(c, n); err != nil || ok {
			return slot, ok, err
		}
	}
	return noSlot, false, nil
}

// leaveWindow takes the slots of what lies in the window after one mark and not in that after a
// lower one: the peer takes none of it before it has what lies between, and that needs slots.
// docs/protocol.md §7.2, §7.8
func (w *work) leaveWindow(c channel, mark, lower uint64) error {
	p := Pair{Ours: c.from, Peer: c.to}
	s, err := w.loadSlots(p)
	if err != nil {
		return err
	}
	for n := mark + window(c.lane); n > max(mark, lower+window(c.lane)); n-- {
		slot, ok, err := w.giveUpSlot(c, n)
		if err != nil {
			return err
		}
		if ok {
			s.free(slot)
		}
	}
	return w.tx.Put(tableSlots, p.key(), s[:])
}

// giveUpSlot takes the slot of one number, which gets one again in its turn; ok is false where it
// has none.
func (w *work) giveUpSlot(c channel, n uint64) (slot int, ok bool, err error) {
	own, known, err := w.ownNumber(c, n)
	if err != nil || !known {
		return noSlot, false, err
	}
	at, found, err := w.placeAt(tableDigest, own.digest[:])
	if err != nil || !found || at.row == 0 {
		return noSlot, false, err
	}
	row, err := w.loadRow(at.row - 1)
	if err != nil || row.GetSlot() < 0 {
		return noSlot, false, err
	}
	slot, row.Slot = int(row.GetSlot()), slotGivenUp
	w.after.pause = append(w.after.pause, own.digest)
	w.after.publish = slices.DeleteFunc(w.after.publish, func(e entry) bool { return e.digest == own.digest })
	if row.GetAgain() {
		return slot, true, w.againLater(c, row, at.row-1)
	}
	if err := w.saveRow(at.row-1, row); err != nil {
		return noSlot, false, err
	}
	return slot, true, w.grantedBelow(c, n)
}

// againLater ends the row of what is sent again and lets it be made anew: it may stand in a life
// that no grant looks through.
func (w *work) againLater(c channel, row *valisev1.Outgoing, ordinal uint64) error {
	if err := w.leaveOutbox(ordinal, row); err != nil {
		return err
	}
	n := row.GetSequence()
	return w.addDuty(Pair{Ours: c.from, Peer: c.to}, &valisev1.Duty{
		Kind: valisev1.DutyKind_DUTY_KIND_RESEND, Lane: c.lane, Epoch: uint64(c.epoch), Next: n, Last: n,
	})
}

// grantedBelow lets grant look at a number again.
func (w *work) grantedBelow(c channel, n uint64) error {
	granted, err := w.loadNumber(tableOutWindow, c.key())
	if err != nil || granted < n {
		return err
	}
	return w.saveNumber(tableOutWindow, c.key(), n-1)
}
