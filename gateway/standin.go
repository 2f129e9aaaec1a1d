package gateway

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// fillGaps helps a peer over numbers of ours that it waits for in vain, on a channel where two lives
// of ours have met: one life gave such a number, and the other has given it up. What the peer holds
// after it names what stands there. Only we can send that, or say that nobody has it.
// docs/protocol.md §7.3, §7.6
func (w *work) fillGaps(p Pair, lines []receiptLine) (changed bool, err error) {
	for _, l := range lines {
		if !l.state.GetDiverged() {
			continue
		}
		for _, g := range gapsOf(l.line) {
			filled, err := w.fillGap(p, l.channel, g)
			if err != nil {
				return false, err
			}
			changed = changed || filled
		}
	}
	return changed, nil
}

// gap is a number that a peer misses: the last of several in a row.
type gap struct {
	number        uint64
	before, after ident.Digest // what the peer holds next to it; before is zero where it holds nothing
}

// gapsOf are the gaps of a line, between its mark and what it holds.
func gapsOf(line *valisev1.ChannelReceipt) (out []gap) {
	last := line.GetMark().GetMark()
	stands, _ := ident.DigestFrom(line.GetMark().GetDigest())
	for _, h := range line.GetHeld() { // rising, within the window of the mark
		d, _ := ident.DigestFrom(h.GetDigest())
		switch n := h.GetSequence() - 1; {
		case n == last+1:
			out = append(out, gap{n, stands, d})
		case n > last:
			out = append(out, gap{n, ident.Digest{}, d})
		}
		last, stands = h.GetSequence(), d
	}
	return out
}

// fillGap sends a Void for a number that the peer misses; false where nobody here knows what stands
// there, or where it is under way.
func (w *work) fillGap(p Pair, c channel, g gap) (bool, error) {
	n := g.number
	own, known, err := w.ownNumber(c, n)
	if err != nil {
		return false, err
	}
	if known && !own.id.IsZero() {
		if again, err := w.madeAgain(c, own); err != nil || !again {
			return false, err
		}
	}
	lost := own.digest
	if !known {
		if lost, _, err = w.namedBefore(g.after); err != nil {
			return false, err
		}
	}
	if lost.IsZero() {
		return false, nil
	}
	at, here, err := w.placeAt(tableDigest, lost[:])
	if err != nil || here && (!at.ours || at.row != 0) {
		return false, err
	}
	id, stands, err := w.standIn(c, g, lost)
	if err != nil || !stands {
		return false, err
	}
	if !here { // else it has another number since, and is lost to nobody
		if err := w.noteOf(p.Peer, valisev1.Reason_REASON_SEQUENCE,
			"a message to this peer was lost: this record went back to before it, and it never came there"); err != nil {
			return false, err
		}
	}
	if err := w.putNumber(c, n, lost, id); err != nil {
		return false, err
	}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return false, err
	}
	if err := w.goOnFrom(c, proto.CloneOf(ch), n, false); err != nil {
		return false, err
	}
	return true, w.addDuty(p, &valisev1.Duty{
		Kind: valisev1.DutyKind_DUTY_KIND_RESEND, Lane: c.lane, Epoch: uint64(c.epoch), Next: n, Last: n,
	})
}

// madeAgain reports whether a message of ours has another number since: it is sent under that.
// docs/protocol.md §7.6
func (w *work) madeAgain(c channel, own ownNumber) (bool, error) {
	newest, found, err := w.placeAt(tableMessage, messageKey(c.from, own.id))
	return found && !newest.digest.IsZero() && newest.digest != own.digest, err
}

// standIn makes a Void for a message that is not sent under this number: a life that this record has
// forgotten made it and nobody has it, or it has another number since. It is false where the chain before it is not known.
// docs/protocol.md §7.3
func (w *work) standIn(c channel, g gap, lost ident.Digest) (id ident.MessageID, stands bool, err error) {
	n, before := g.number, g.before
	if n == 1 && !slices.Contains(w.epochs, c.epoch) {
		return id, false, nil // what its opening said is not known here
	}
	if before.IsZero() && n > 1 {
		own, _, err := w.ownNumber(c, n-1)
		if err != nil || own.digest.IsZero() {
			return id, false, err
		}
		before = own.digest
	}
	if id, err = w.makeStandIn(c, n, before, lost); err != nil {
		return id, false, err
	}
	return id, true, nil
}

// makeStandIn records a Void under a number of ours and the digest that stands there.
// docs/protocol.md §7.3
func (w *work) makeStandIn(c channel, n uint64, before, lost ident.Digest) (id ident.MessageID, err error) {
	h, err := w.machineHeader(c, &valisev1.OutboundChannel{Next: n, Previous: before[:]}, valisev1.Kind_KIND_VOID)
	if err != nil {
		return id, err
	}
	payload, err := proto.Marshal(&valisev1.Void{Digest: lost[:]})
	if err != nil {
		return id, err
	}
	made, err := w.sign(h, payload)
	if err != nil {
		return id, err
	}
	own := made.Content.Digest()
	item, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_SENT, Digest: own[:], Signed: made.Marshal(), Kind: h.Kind,
	})
	if err != nil {
		return id, err
	}
	return h.MessageID, w.savePlace(c.from, place{ours: true, id: h.MessageID, digest: lost, item: item, epoch: c.epoch})
}

// cameAfterAll gives back a message for which a Void has come too late: its sender may have made the
// Void because it has forgotten the message. docs/protocol.md §7.6
func (w *work) cameAfterAll(in incoming, c channel, near neighbours) error {
	if in.opened.Header.Kind != valisev1.Kind_KIND_VOID || near.at == nil {
		return nil
	}
	held, err := w.kept(near.at.item)
	if err != nil || held == nil || held.GetKind() == valisev1.Kind_KIND_VOID {
		return err
	}
	return w.returnOne(c, in.opened.Header.Sequence)
}

// cameBefore reports whether this record has what comes back, and more than a Void that stands in for
// it. docs/protocol.md §7.3, §7.6
func (w *work) cameBefore(back *seal.Opened, d ident.Digest, revoked bool) (bool, error) {
	ended, err := w.standInEnds(back, d)
	if err != nil || ended {
		return false, err
	}
	return true, w.withdrawnBefore(back, d, revoked)
}

// standInEnds lets a message of ours that comes back after all take the place of the Void that stood
// in for it here; false where no Void does. docs/protocol.md §7.6
func (w *work) standInEnds(back *seal.Opened, d ident.Digest) (bool, error) {
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || !found || !at.ours || back.Header.Kind == valisev1.Kind_KIND_VOID {
		return false, err
	}
	held, err := w.kept(at.item)
	if err != nil || held.GetKind() != valisev1.Kind_KIND_VOID || len(held.GetThread()) > 0 {
		return false, err
	}
	if at.row != 0 {
		row, err := w.loadRow(at.row - 1)
		if err != nil {
			return false, err
		}
		if err := w.leaveOutbox(at.row-1, row); err != nil {
			return false, err
		}
	}
	return true, w.placeAgain(back.Header, d)
}

// placeAgain lets a digest lead to the message itself again, if the record holds that from before: it
// was made again under another number, and is recorded once. Else it leads nowhere. P2
// docs/protocol.md §7.6
func (w *work) placeAgain(h seal.Header, d ident.Digest) error {
	p := place{ours: true, thread: h.Thread, id: h.MessageID, digest: d, epoch: h.Epoch}
	found := false
	err := w.tx.Rows(tableThreadItems, h.Thread[:], 0, false, func(n uint64, _ []byte) (bool, error) {
		item, _, err := w.leaf(n)
		if err != nil {
			return false, err
		}
		found = item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT && bytes.Equal(item.GetDigest(), d[:])
		p.item = n
		return !found, nil
	})
	switch {
	case err != nil:
		return err
	case found:
		return w.tx.Put(tableDigest, d[:], p.marshal())
	}
	return w.tx.Delete(tableDigest, d[:])
}

// relearn gives back its number to a message of ours that had lost it, when the peer signs for it
// there: what it holds, and all that its mark is chained to. docs/protocol.md §7.6
func (w *work) relearn(c channel, line *valisev1.ChannelReceipt) error {
	n := line.GetMark().GetMark()
	d, _ := ident.DigestFrom(line.GetMark().GetDigest())
	for again := n > 0; again; n-- {
		var err error
		if d, again, err = w.relearnOne(c, n, d); err != nil {
			return err
		}
	}
	for _, h := range line.GetHeld() {
		d, _ := ident.DigestFrom(h.GetDigest())
		if _, _, err := w.relearnOne(c, h.GetSequence(), d); err != nil {
			return err
		}
	}
	return nil
}

// relearnOne is the digest before, and false where there is nothing to learn.
func (w *work) relearnOne(c channel, n uint64, d ident.Digest) (before ident.Digest, learned bool, err error) {
	if _, known, err := w.ownNumber(c, n); err != nil || known || d.IsZero() {
		return before, false, err
	}
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || !found || !at.ours {
		return before, false, err
	}
	item, err := w.kept(at.item)
	if err != nil || item == nil {
		return before, false, err
	}
	h, _, err := readItem(item)
	if err != nil || h.Sequence != n || (channel{from: h.From, to: h.To, lane: h.Lane, epoch: h.Epoch}) != c {
		return before, false, err
	}
	return h.Previous, true, w.putNumber(c, n, d, h.MessageID)
}
