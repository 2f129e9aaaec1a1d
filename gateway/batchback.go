package gateway

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// giveBackBatch gives a peer its own last receipt back when a new one knows less: if its record
// went back without its knowing, that is how it learns, though it never sent anything else. A peer
// that did not go back finds in it what it knows. docs/protocol.md §7.6
func (w *work) giveBackBatch(in incoming, p Pair, batch *valisev1.ReceiptBatch) error {
	last := new(valisev1.ReceiptBatch)
	found, err := w.load(tableBatch, p.key(), last)
	if err != nil || !found || last.GetEpoch() != batch.GetEpoch() {
		return err
	}
	older := batch.GetNumber() <= last.GetNumber()
	if !older && !knowsLess(batch, last) {
		return nil
	}
	n, err := w.loadNumber(tableBatchItem, p.key())
	if err != nil || n == 0 {
		return err
	}
	kept, err := w.kept(n)
	if err != nil || kept == nil {
		return err
	}
	h, m, err := readItem(kept)
	if err != nil {
		return err
	}
	before, is := m.(*valisev1.ReceiptBatch)
	if !is || before.GetEpoch() != batch.GetEpoch() || !knowsLess(batch, before) {
		return nil
	}
	// One that was under way while a newer overtook it is older by number and date. A record that went
	// back uses numbers again, and its clock may stand still, but seldom both.
	if batch.GetNumber() <= before.GetNumber() && !in.opened.Header.Created.After(h.Created) {
		return nil
	}
	room, err := w.roomForMachine(p)
	if err != nil || room == 0 || !in.keep() {
		return err
	}
	return w.giveBack(p, kept.GetSigned())
}

// knowsLess reports whether a batch names a lower mark than another, does not have what that one held
// beyond a gap, or misses a channel that nothing can have closed.
func knowsLess(batch, than *valisev1.ReceiptBatch) bool {
	known := map[channel]*valisev1.ChannelReceipt{}
	for _, line := range batch.GetChannels() {
		m := line.GetMark()
		known[channel{lane: m.GetLane(), epoch: ident.Epoch(m.GetEpoch())}] = line
	}
	for _, before := range than.GetChannels() {
		m := before.GetMark()
		line, named := known[channel{lane: m.GetLane(), epoch: ident.Epoch(m.GetEpoch())}]
		if !named && len(batch.GetChannels()) >= openEpochs {
			continue
		}
		if line.GetMark().GetMark() < m.GetMark() || slices.ContainsFunc(before.GetHeld(), func(h *valisev1.NumberedDigest) bool {
			return !covers(line, h.GetSequence())
		}) {
			return true
		}
	}
	return false
}

// covers reports whether a line says that a number was recorded.
func covers(line *valisev1.ChannelReceipt, n uint64) bool {
	return n <= line.GetMark().GetMark() ||
		slices.ContainsFunc(line.GetHeld(), func(h *valisev1.NumberedDigest) bool { return h.GetSequence() == n })
}

// takeBatchBack weighs a receipt of ours that came back: it proves that this record went back when
// it signs for more than is recorded here, or has a number that was never reserved.
// docs/protocol.md §7.4, §7.6
func (w *work) takeBatchBack(peer ident.Address, back *seal.Opened, batch *valisev1.ReceiptBatch, revoked bool) error {
	lacks, e := false, ident.Epoch(batch.GetEpoch())
	if e == w.epochs.present() {
		ceiling, err := w.loadNumber(tableMeta, metaBatch)
		if err != nil {
			return err
		}
		lacks = batch.GetNumber() > ceiling
	}
	for _, line := range batch.GetChannels() {
		m := line.GetMark()
		ch := new(valisev1.InboundChannel)
		c := channel{from: peer, to: back.Header.From, lane: m.GetLane(), epoch: ident.Epoch(m.GetEpoch())}
		if _, err := w.load(tableInChannel, c.key(), ch); err != nil {
			return err
		}
		here := &valisev1.ChannelReceipt{Mark: ch.GetMark(), Held: ch.GetHeld()}
		lacks = lacks || ch.GetMark().GetMark() < m.GetMark() || slices.ContainsFunc(line.GetHeld(), func(h *valisev1.NumberedDigest) bool {
			return !covers(here, h.GetSequence())
		})
	}
	if !lacks {
		return nil
	}
	return w.lacking(peer, e, back.Header.Created, revoked)
}
