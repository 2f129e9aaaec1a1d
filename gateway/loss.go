package gateway

import (
	valisev1 "valise.example/proto/valise/v1"
)

// closeLoss lets go what is held behind a gap that its sender has forgotten: it is shown in order,
// marked, and officers are told that something was lost here. The mark of the channel stays, so
// that no receipt ever covers what did not come; a number that still comes is taken.
// docs/protocol.md §7.6
func (w *work) closeLoss(c channel, all lives) error {
	if len(all) < 2 {
		return nil // no later epoch has said anything
	}
	ch := new(valisev1.InboundChannel)
	if _, err := w.load(tableInChannel, c.key(), ch); err != nil {
		return err
	}
	if len(ch.GetHeld()) == 0 || !all.lost(ch) {
		return nil
	}
	for _, h := range ch.GetHeld() {
		if err := w.afterLoss(c, h.GetSequence()); err != nil {
			return err
		}
		if err := w.nothingEarlier(c, h.GetSequence()); err != nil {
			return err
		}
	}
	if ch.GetLossTold() {
		return nil
	}
	ch.LossTold = true
	if err := w.noteOf(c.from, valisev1.Reason_REASON_SEQUENCE,
		"a message of this peer was lost here: it was restored from a backup that does not have it, and it never came"); err != nil {
		return err
	}
	return w.save(tableInChannel, c.key(), ch)
}

// afterLoss marks a recorded message for its readers.
func (w *work) afterLoss(c channel, n uint64) error {
	b, err := w.row(tableInNumber, c.key(), n)
	if err != nil {
		return err
	}
	got, err := parseNumbered(b)
	if err != nil {
		return err
	}
	return w.tx.Put(tableAfterLoss, appendNumber(nil, got.item), []byte{1})
}

// isAfterLoss reports whether something before an item was lost.
func (w *work) isAfterLoss(item uint64) bool {
	b, err := w.tx.Get(tableAfterLoss, appendNumber(nil, item))
	return err == nil && len(b) > 0
}
