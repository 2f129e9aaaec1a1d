package gateway

import (
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// remakeSome makes again in the present epoch, under their ids, messages of ours whose numbers
// the peer holds for others: officers see one message each. What has its receipt stays.
// docs/protocol.md §7.6
func (w *work) remakeSome(p Pair, c channel, d *valisev1.Duty) error {
	if lost, ok := ident.DigestFrom(d.GetDigest()); ok {
		d.Digest = nil
		return w.remakeOne(p, c, 0, lost)
	}
	type number struct {
		n      uint64
		digest ident.Digest
	}
	var list []number
	err := w.tx.Rows(tableOutNumber, c.key(), d.GetNext(), false, func(n uint64, value []byte) (bool, error) {
		if len(value) != 48 {
			return false, damaged("a number of ours cannot be read")
		}
		if n > d.GetLast() || len(list) == numbersAtOnce {
			return false, nil
		}
		list = append(list, number{n, ident.Digest(value[:32])})
		return true, nil
	})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		d.Next = d.GetLast() + 1
		return nil
	}
	for _, x := range list {
		d.Next = x.n + 1
		if err := w.remakeOne(p, c, x.n, x.digest); err != nil {
			return err
		}
	}
	return nil
}

// remakeOne gives up the number of a message that still waits, and releases it anew. n is 0 where
// another message has the number already.
func (w *work) remakeOne(p Pair, c channel, n uint64, d ident.Digest) error {
	at, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || !found || at.row == 0 {
		return err
	}
	ordinal := at.row - 1
	row, err := w.loadRow(ordinal)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := w.tx.DeleteRow(tableOutNumber, c.key(), n); err != nil {
			return err
		}
	}
	at.row = 0
	if err := w.tx.Put(tableDigest, d[:], at.marshal()); err != nil {
		return err
	}
	w.after.forget = append(w.after.forget, d)
	if err := w.freeSlot(p, int(row.GetSlot())); err != nil {
		return err
	}
	signed, err := w.rowSigned(row)
	if err != nil {
		return err
	}
	s, err := seal.ParseSigned(signed)
	if err != nil {
		return &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	if row.GetKind() == valisev1.Kind_KIND_VOID || isMachine(row.GetKind()) {
		return w.remakeNothing(p, row, ordinal, s)
	}
	th, found, err := w.thread(at.thread)
	if err != nil {
		return err
	}
	if !found {
		return damaged("a message of ours has no thread")
	}
	if err := w.tx.PutRow(tableThreadOut, row.GetThread(), ordinal, row.GetMessageId()); err != nil {
		return err
	}
	row.Sequence, row.Digest, row.Signed, row.Left, row.Item, row.Again = 0, nil, nil, nil, 0, false
	row.Attempts, row.Answers = 0, 0
	row.Payload, row.Stage = append([]byte{}, s.Content.Payload()...), valisev1.Stage_STAGE_HELD
	if err := w.release(th, row, ordinal); err != nil {
		return err
	}
	return w.partsFollow(row, d, ordinal)
}

// remakeNothing ends a row that needs no message of its own: a number given up needs no Void, and
// a part or a Return is sent anew by whoever had asked for it.
func (w *work) remakeNothing(p Pair, row *valisev1.Outgoing, ordinal uint64, s seal.Signed) error {
	if err := w.tx.DeleteRow(tableOutbox, nil, ordinal); err != nil {
		return err
	}
	if len(row.GetThread()) > 0 {
		w.atDesk(row.GetThread())
		if err := w.tx.DeleteRow(tableThreadOut, row.GetThread(), ordinal); err != nil {
			return err
		}
	}
	switch row.GetKind() {
	case valisev1.Kind_KIND_ATTACHMENT_PART:
		return w.partAgain(row.GetPart())
	case valisev1.Kind_KIND_VOID:
		return nil
	}
	m := new(valisev1.Return)
	if err := proto.Unmarshal(s.Content.Payload(), m); err != nil || len(m.GetSigned()) == 0 {
		return err
	}
	return w.giveBack(p, m.GetSigned())
}
