package gateway

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// isMachine reports whether a numbered message was made by no officer and stands in no thread: its
// way is nobody's to follow, so that no facts are told of it.
func isMachine(k valisev1.Kind) bool {
	return k == valisev1.Kind_KIND_RETURN || k == valisev1.Kind_KIND_ATTACHMENT_PART
}

// giveBack sends a Return in the present epoch. With nothing to give back it only opens the
// epoch. docs/protocol.md §7.6
func (w *work) giveBack(p Pair, signed []byte) error {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(&valisev1.Return{Signed: signed})
	if err != nil {
		return err
	}
	c := channel{from: p.Ours, to: p.Peer, lane: laneMessages, epoch: w.epochs.present()}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return err
	}
	h, err := w.machineHeader(c, ch, valisev1.Kind_KIND_RETURN)
	if err != nil {
		return err
	}
	made, err := w.sign(h, payload)
	if err != nil {
		return err
	}
	if err := w.pairKnown(p); err != nil {
		return err
	}
	return w.releaseMachine(c, ch, h, made)
}

func (w *work) machineHeader(c channel, ch *valisev1.OutboundChannel, kind valisev1.Kind) (seal.Header, error) {
	h := seal.Header{
		MinorVersion: seal.MinorVersion, Realm: w.g.cfg.Realm, Kind: kind, From: c.from, To: c.to, Lane: c.lane, Epoch: c.epoch,
		Created: w.now.UTC(), DirectoryNumber: w.dir.Number(), DirectoryHash: w.dir.Hash(),
	}
	h.Sequence, h.Previous = assignNumber(ch)
	err := w.g.fill(h.MessageID[:])
	if err == nil && h.Sequence == 1 {
		h.Opening, err = w.opening(c)
	}
	return h, err
}

// releaseMachine records a message that the node made by itself and puts it on its way.
func (w *work) releaseMachine(c channel, ch *valisev1.OutboundChannel, h seal.Header, made seal.Signed) error {
	d := made.Content.Digest()
	row := &valisev1.Outgoing{
		MessageId: h.MessageID[:], Digest: d[:], From: c.from.String(), To: c.to.String(), Kind: h.Kind,
		Stage: valisev1.Stage_STAGE_RELEASED, Lane: c.lane, Epoch: uint64(c.epoch), Slot: noSlot, Created: timestamppb.New(w.now),
	}
	ordinal, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_SENT, Digest: d[:], Signed: made.Marshal(), Kind: h.Kind,
	})
	if err != nil {
		return err
	}
	row.Item = ordinal
	if err := w.takeNumber(c, ch, h, row, d); err != nil {
		return err
	}
	if err := w.savePlace(c.from, rowPlace(row, ordinal)); err != nil {
		return err
	}
	if err := w.grantNow(c, row, ordinal); err != nil {
		return err
	}
	row.Reason = w.deliveryReason(row)
	return w.saveRow(ordinal, row)
}

// openWith opens the present epoch with one peer, unless something has opened it already.
// docs/protocol.md §7.6
func (w *work) openWith(p Pair) error {
	c := channel{from: p.Ours, to: p.Peer, lane: laneMessages, epoch: w.epochs.present()}
	used, err := w.load(tableOutChannel, c.key(), new(valisev1.OutboundChannel))
	if err != nil || used {
		return err
	}
	if _, err := w.dir.Lookup(p.Peer); err != nil {
		return nil // nobody is there to be told; the next start looks again
	}
	return w.giveBack(p, nil)
}

// unopenedPairs are the peers that do not know of the present epoch, which is not the first.
func (w *work) unopenedPairs() (out []Pair, err error) {
	if len(w.epochs) < 2 {
		return nil, nil
	}
	return out, w.eachPair(func(p Pair) error {
		c := channel{from: p.Ours, to: p.Peer, lane: laneMessages, epoch: w.epochs.present()}
		used, err := w.load(tableOutChannel, c.key(), new(valisev1.OutboundChannel))
		if !used {
			out = append(out, p)
		}
		return err
	})
}

// noteOf records what officers should know of a peer and what became of the record.
func (w *work) noteOf(peer ident.Address, reason valisev1.Reason, note string) error {
	_, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_NODE, Reason: reason, Note: note, Evidence: []byte(peer.String()),
	})
	return err
}
