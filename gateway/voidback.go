package gateway

import (
	"slices"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// voidsBelow are the duties to give back the Voids among the newest numbers that an opener still
// knows of one of its epochs, up to and including known. It may have gone back to before it
// withdrew them: then it sends what it had withdrawn, under numbers for which we hold a Void that
// carries the same digest, and every receipt of ours reads as if we had that. docs/protocol.md §7.6
func (w *work) voidsBelow(c channel, known uint64) (out []*valisev1.Duty, err error) {
	type candidate struct{ n, item uint64 }
	var list []candidate
	first := known - min(known, window(c.lane)) + 1
	err = w.tx.Rows(tableInNumber, c.key(), first, false, func(n uint64, value []byte) (bool, error) {
		if n > known {
			return false, nil
		}
		got, err := parseNumbered(value)
		list = append(list, candidate{n, got.item})
		return err == nil, err
	})
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		item, err := w.kept(x.item)
		if err != nil {
			return nil, err
		}
		if item.GetKind() == valisev1.Kind_KIND_VOID {
			out = append(out, &valisev1.Duty{
				Kind: valisev1.DutyKind_DUTY_KIND_RETURN, Lane: c.lane, Epoch: uint64(c.epoch), Next: x.n, Last: x.n,
			})
		}
	}
	return out, nil
}

// withdrawnBefore takes in what came back, if it is a Void for a message that this record holds as
// sent: a life that it has forgotten withdrew it, and the peer never had it, whatever a receipt
// for its number said. docs/protocol.md §7.3, §7.6
func (w *work) withdrawnBefore(back *seal.Opened, d ident.Digest, revoked bool) error {
	if back.Header.Kind != valisev1.Kind_KIND_VOID {
		return nil
	}
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || !found || !at.ours {
		return err
	}
	held, err := w.kept(at.item)
	if err != nil || held == nil || held.GetKind() == valisev1.Kind_KIND_VOID {
		return err // all that is here of it is this Void, or its leaf
	}
	fact := new(valisev1.DeliveryFact)
	if _, err := w.load(tableFacts, d[:], fact); err != nil || fact.GetDelivery() >= valisev1.Delivery_DELIVERY_REFUSED {
		return err // told before: by us, or by the peer that could not read it
	}
	row := new(valisev1.Outgoing)
	if at.row != 0 {
		if row, err = w.loadRow(at.row - 1); err != nil || row.GetKind() == valisev1.Kind_KIND_VOID {
			return err
		}
		if err := w.leaveOutbox(at.row-1, row); err != nil {
			return err
		}
	}
	if err := w.appendRecovered(back, revoked); err != nil {
		return err
	}
	if at.thread.IsZero() {
		return w.partSettled(row.GetPart(), valisev1.Reason_REASON_WIRE_FORM)
	}
	if err := w.deliver(at.thread[:], d, valisev1.Delivery_DELIVERY_WITHDRAWN, time.Time{}, 0); err != nil {
		return err
	}
	if err := w.stopAttachments(d[:], valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED, 0); err != nil {
		return err
	}
	th, found, err := w.thread(at.thread)
	if err != nil || !found {
		return err
	}
	if err := w.replayThread(th); err != nil {
		return err
	}
	return w.saveThread(th)
}

// appendRecovered records what came back and has no index of its own.
func (w *work) appendRecovered(back *seal.Opened, revoked bool) error {
	if _, err := w.append(recoveredItem(back, revoked)); err != nil {
		return err
	}
	return w.countRecovered(back.Header.Created)
}

// recoveredItem is what the record keeps of a message of ours that came back.
func recoveredItem(back *seal.Opened, revoked bool) *valisev1.Item {
	own := back.Digest
	item := &valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_SENT, Digest: own[:], Signed: back.Bytes, Kind: back.Header.Kind,
		Marks: []valisev1.Mark{valisev1.Mark_MARK_RECOVERED},
	}
	if revoked {
		item.Marks = append(item.Marks, valisev1.Mark_MARK_KEY_REVOKED_SINCE)
	}
	if t := back.Header.Thread; !t.IsZero() {
		item.Thread = slices.Clone(t[:])
	}
	return item
}
