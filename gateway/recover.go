package gateway

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// judgeReturn verifies what a peer gives back, as it would be verified if it had come in an
// envelope, except that a key of ours which was revoked since still made it. It must be ours, to
// that peer; nil without a reason for a Return that only opens an epoch. docs/protocol.md §4.4, §7.6
func (g *Gateway) judgeReturn(o *seal.Opened) (*seal.Opened, valisev1.Reason) {
	m, is := o.Message.(*valisev1.Return)
	if !is || len(m.GetSigned()) == 0 {
		return nil, valisev1.Reason_REASON_UNSPECIFIED
	}
	back, err := seal.Opener{Realm: g.cfg.Realm, Resolve: g.resolveOurs}.VerifySigned(m.GetSigned())
	if err != nil {
		if r, ok := errors.AsType[*seal.Refusal](err); ok {
			return nil, r.Reason
		}
		return nil, valisev1.Reason_REASON_PAYLOAD
	}
	switch {
	case back.Header.From != o.Header.To:
		return nil, valisev1.Reason_REASON_WRONG_SIGNER
	case back.Header.To != o.Header.From:
		return nil, valisev1.Reason_REASON_NOT_FOR_US
	case back.Header.Kind != valisev1.Kind_KIND_RECEIPT_BATCH && !valisev1.IsSequenced(back.Header.Kind), back.Header.Epoch == 0:
		return nil, valisev1.Reason_REASON_PAYLOAD
	}
	return back, valisev1.Reason_REASON_UNSPECIFIED
}

// resolveOurs finds a signing key of ours, also one that no longer speaks for us.
func (g *Gateway) resolveOurs(id ident.KeyID) (seal.Speaker, bool) {
	if s, ok := g.cfg.Directory().Speaker(id); ok {
		s.RevokedSince = time.Time{}
		return s, g.cfg.speaksFor(s.Address)
	}
	for _, a := range g.cfg.Ours {
		key, err := g.cfg.Signers.SigningKey(a)
		if err == nil && key.Public().ID(g.cfg.Realm) == id {
			return seal.Speaker{Key: key.Public(), Address: a}, true
		}
	}
	return seal.Speaker{}, false
}

// heedProof lets a Return prove that this record went back although its number lies beyond the
// window: whoever has lost more than a window could not be told otherwise. Nothing of it is taken
// in; it comes again when the window is there. docs/protocol.md §7.6
func (w *work) heedProof(in incoming) error {
	if in.back == nil {
		return nil
	}
	peer, back := in.opened.Header.From, in.back
	revoked := w.revokedSince(back)
	if batch, is := back.Message.(*valisev1.ReceiptBatch); is {
		return w.takeBatchBack(peer, back, batch, revoked)
	}
	d := standsAt(back)
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || found && at.ours || !valisev1.IsSequenced(back.Header.Kind) {
		return err
	}
	return w.lacking(peer, back.Header.Epoch, back.Header.Created, revoked)
}

// revokedSince reports whether the key that made what came back speaks for us no more.
func (w *work) revokedSince(back *seal.Opened) bool {
	speaker, known := w.dir.Speaker(back.Signed.KeyID)
	return known && !speaker.RevokedSince.IsZero()
}

// standsAt is the digest that the number of a message stands for.
func standsAt(o *seal.Opened) ident.Digest {
	if d, ok := standsFor(o); ok {
		return d
	}
	return o.Digest
}

// takeBack takes in what we signed and this record may not have. docs/protocol.md §7.6
func (w *work) takeBack(in incoming) error {
	peer, back := in.opened.Header.From, in.back
	h := back.Header
	revoked := w.revokedSince(back)
	if batch, is := back.Message.(*valisev1.ReceiptBatch); is {
		return w.takeBatchBack(peer, back, batch, revoked)
	}
	if h.Kind == valisev1.Kind_KIND_RECEIPT_BATCH {
		return nil
	}
	d := standsAt(back)
	c := channel{from: h.From, to: h.To, lane: h.Lane, epoch: h.Epoch}
	own, has, err := w.ownNumber(c, h.Sequence)
	if err != nil {
		return err
	}
	if has && own.digest == d && !own.id.IsZero() {
		known, err := w.cameBefore(back, d, revoked)
		if err != nil || known {
			return err
		}
	}
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil {
		return err
	}
	ours := found && at.ours
	if !ours {
		if err := w.lacking(peer, h.Epoch, h.Created, revoked); err != nil {
			return err
		}
	}
	displaced, err := w.numberStands(c, back, d)
	if err != nil {
		return err
	}
	if !ours {
		if err := w.recovered(back, d, revoked); err != nil {
			return err
		}
	}
	p := Pair{Ours: h.From, Peer: peer}
	if err := w.lifeCameBack(p, h.Epoch, h.Created); err != nil {
		return err
	}
	if err := w.resendBack(p, c, h.Sequence, in.opened.Header.Epoch, in.late); err != nil {
		return err
	}
	if !displaced.IsZero() {
		if err := w.remake(p, c, h.Sequence, displaced); err != nil {
			return err
		}
	}
	if !has || own.digest == d {
		return w.askAgain(p, c, h.Sequence, d)
	}
	return w.remake(p, c, h.Sequence, own.digest)
}

// askAgain sends again the lowest message that waits for its receipt below a number which has just
// come back, when that is the mark of the newest receipt: it came before we could read it, and
// the peer has no reason to make another. What comes twice is one. docs/protocol.md §7.4, §7.6
func (w *work) askAgain(p Pair, c channel, mark uint64, d ident.Digest) error {
	last := new(valisev1.ReceiptBatch)
	if _, err := w.load(tableBatch, p.key(), last); err != nil {
		return err
	}
	if !slices.ContainsFunc(last.GetChannels(), func(line *valisev1.ChannelReceipt) bool {
		m := line.GetMark()
		return m.GetLane() == c.lane && m.GetEpoch() == uint64(c.epoch) && m.GetMark() == mark && bytes.Equal(m.GetDigest(), d[:])
	}) {
		return nil
	}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return err
	}
	for n := ch.GetMark() + 1; n < min(mark, ch.GetMark()+window(c.lane)); n++ {
		own, _, err := w.ownNumber(c, n)
		if err != nil {
			return err
		}
		at, found, err := w.placeAt(tableDigest, own.digest[:])
		if err != nil {
			return err
		}
		if found && at.row != 0 {
			w.after.again = append(w.after.again, own.digest)
			return nil
		}
	}
	return nil
}

// numberStands gives a number to what the peer holds there. The number before it stands for the
// digest that it names: another message of ours that had that one is displaced. The channel goes
// on from the last number that is known without a gap. docs/protocol.md §7.1, §7.6
func (w *work) numberStands(c channel, back *seal.Opened, d ident.Digest) (displaced ident.Digest, err error) {
	h := back.Header
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return displaced, err
	}
	next := proto.CloneOf(ch)
	next.Next = max(ch.GetNext(), 1)
	before, _, err := w.ownNumber(c, h.Sequence-1)
	if err != nil {
		return displaced, err
	}
	at, has, err := w.ownNumber(c, h.Sequence)
	if err != nil {
		return displaced, err
	}
	if !before.id.IsZero() && before.digest != h.Previous {
		displaced = before.digest
		next.Next = min(next.Next, h.Sequence-1)
	}
	if has && at.digest != d {
		next.Next = min(next.Next, h.Sequence)
	}
	next.Diverged = ch.GetDiverged() || !displaced.IsZero() || has && at.digest != d
	if h.Sequence > 1 && (before.id.IsZero() || !displaced.IsZero()) {
		if err := w.putNumber(c, h.Sequence-1, h.Previous, ident.MessageID{}); err != nil {
			return displaced, err
		}
	}
	if err := w.putNumber(c, h.Sequence, d, h.MessageID); err != nil {
		return displaced, err
	}
	return displaced, w.goOnFrom(c, next, h.Sequence, next.Next < ch.GetNext())
}

func (w *work) putNumber(c channel, n uint64, d ident.Digest, id ident.MessageID) error {
	return w.tx.PutRow(tableOutNumber, c.key(), n, append(append([]byte{}, d[:]...), id[:]...))
}

// goOnFrom follows the numbers of a channel as far as the record has their messages. What stands
// above a number that was another's is on another chain, and is given up.
func (w *work) goOnFrom(c channel, ch *valisev1.OutboundChannel, stands uint64, givenUp bool) error {
	for n := ch.GetNext(); ; n++ {
		own, _, err := w.ownNumber(c, n)
		if err != nil {
			return err
		}
		follows, err := w.follows(c, ch, n, own.digest)
		if err != nil {
			return err
		}
		if own.id.IsZero() || givenUp && n > stands || !follows {
			ch.Next = n
			break
		}
	}
	last, _, err := w.ownNumber(c, ch.GetNext()-1)
	if err != nil {
		return err
	}
	ch.Previous = nil
	if !last.digest.IsZero() {
		ch.Previous = last.digest[:]
	}
	return w.save(tableOutChannel, c.key(), ch)
}

// remake makes anew what has lost its number to a message of ours that the peer holds, and all
// after it: they stand on another chain. docs/protocol.md §7.6
func (w *work) remake(p Pair, c channel, n uint64, lost ident.Digest) error {
	last, _, found, err := w.firstRow(tableOutNumber, c.key(), highest, true)
	if err != nil || !found {
		return err
	}
	return w.addDuty(p, &valisev1.Duty{
		Kind: valisev1.DutyKind_DUTY_KIND_REMAKE, Lane: c.lane, Epoch: uint64(c.epoch), Next: n + 1, Last: max(last, n+1), Digest: lost[:],
	})
}

// recovered records a message of ours that came back, with every index by which it is found, and
// the fact that the peer has it.
func (w *work) recovered(back *seal.Opened, d ident.Digest, revoked bool) error {
	h := back.Header
	item := recoveredItem(back, revoked)
	n, err := w.append(item)
	if err != nil {
		return err
	}
	if len(item.GetThread()) > 0 {
		if err := w.tx.PutRow(tableOutOfOrder, item.GetThread(), n, []byte{}); err != nil {
			return err
		}
	}
	draft, err := w.placeRecovered(h, d, n)
	if err != nil {
		return err
	}
	if err := w.pairKnown(Pair{Ours: h.From, Peer: h.To}); err != nil {
		return err
	}
	if err := w.countRecovered(h.Created); err != nil {
		return err
	}
	if part, is := back.Message.(*valisev1.AttachmentPart); is {
		return w.partRecovered(part, n)
	}
	if h.Kind == valisev1.Kind_KIND_VOID || isMachine(h.Kind) || h.Thread.IsZero() {
		return nil
	}
	if err := w.attachmentsRecovered(attachmentsOf(back.Message), draft, h, d); err != nil {
		return err
	}
	if err := w.recoveredInThread(h, n); err != nil {
		return err
	}
	if err := w.deliver(h.Thread[:], d, valisev1.Delivery_DELIVERY_REACHED, time.Time{}, 0); err != nil {
		return err
	}
	return w.acknowledgedEarly(h.Thread, d)
}

// placeRecovered lets a message that came back be found. One that the backup still holds as a
// draft is that message, and draft is what was held; one that was made again meanwhile is shown
// under its id as the newer.
func (w *work) placeRecovered(h seal.Header, d ident.Digest, item uint64) (draft *valisev1.Outgoing, err error) {
	p := place{ours: true, thread: h.Thread, id: h.MessageID, digest: d, item: item, epoch: h.Epoch}
	known, found, err := w.placeAt(tableMessage, messageKey(h.From, h.MessageID))
	if err != nil {
		return nil, err
	}
	switch {
	case found && known.digest.IsZero() && known.row != 0:
		if draft, err = w.loadRow(known.row - 1); err != nil {
			return nil, err
		}
		if err := w.leaveOutbox(known.row-1, draft); err != nil {
			return nil, err
		}
		w.after.unhold = append(w.after.unhold, known.row-1)
	case found && !known.digest.IsZero():
		return nil, w.tx.Put(tableDigest, d[:], p.marshal())
	case !found && !isMachine(h.Kind):
		if err := w.addPrefix(prefixMessage, named{id: h.MessageID, from: h.From}); err != nil {
			return nil, err
		}
	}
	return draft, w.savePlace(h.From, p)
}
