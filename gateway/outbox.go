package gateway

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// maxOutboxRows bounds what a listing returns.
const maxOutboxRows = 1000

// loadRow reads one row of the outbox.
func (w *work) loadRow(ordinal uint64) (*valisev1.Outgoing, error) {
	b, err := w.row(tableOutbox, nil, ordinal)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, damaged("a row of the outbox that is listed is not there")
	}
	row := new(valisev1.Outgoing)
	return row, unmarshalOwn(b, row)
}

func (w *work) saveRow(ordinal uint64, row *valisev1.Outgoing) error {
	b, err := proto.Marshal(row)
	if err != nil {
		return err
	}
	w.atDesk(row.GetThread())
	return w.tx.PutRow(tableOutbox, nil, ordinal, b)
}

// enter gives a new row its ordinal, the number of the item that tells of it, and lets its id be
// found. The item must follow in the same transaction.
func (w *work) enter(row *valisev1.Outgoing) (ordinal uint64, err error) {
	ordinal = w.tx.Items()
	from, _, err := rowAddresses(row)
	if err != nil {
		return 0, err
	}
	id := ident.MessageID(row.GetMessageId())
	if err := w.addPrefix(prefixMessage, named{id: id, from: from}); err != nil {
		return 0, err
	}
	if err := w.tx.PutRow(tableThreadOut, row.GetThread(), ordinal, id[:]); err != nil {
		return 0, err
	}
	return ordinal, w.savePlace(from, rowPlace(row, ordinal))
}

// leaveOutbox ends a row. Its message stays in the record.
func (w *work) leaveOutbox(ordinal uint64, row *valisev1.Outgoing) error {
	from, to, err := rowAddresses(row)
	if err != nil {
		return err
	}
	if err := w.tx.DeleteRow(tableOutbox, nil, ordinal); err != nil {
		return err
	}
	if len(row.GetThread()) > 0 {
		w.atDesk(row.GetThread())
		if err := w.tx.DeleteRow(tableThreadOut, row.GetThread(), ordinal); err != nil {
			return err
		}
	}
	if row.GetAgain() {
		err = w.moved(from, row, 0)
	} else {
		p := rowPlace(row, ordinal)
		p.row = 0
		err = w.savePlace(from, p)
	}
	if err != nil {
		return err
	}
	if d, ok := ident.DigestFrom(row.GetDigest()); ok {
		w.after.forget = append(w.after.forget, d)
	}
	if row.GetSlot() < 0 || row.GetSequence() == 0 {
		return nil
	}
	return w.freeSlot(Pair{Ours: from, Peer: to}, int(row.GetSlot()))
}

func rowPlace(row *valisev1.Outgoing, ordinal uint64) place {
	d, _ := ident.DigestFrom(row.GetDigest())
	t, _ := ident.ThreadIDFrom(row.GetThread())
	return place{
		ours: true, thread: t, id: ident.MessageID(row.GetMessageId()), digest: d,
		item: row.GetItem(), row: ordinal + 1, epoch: ident.Epoch(row.GetEpoch()),
	}
}

func rowAddresses(row *valisev1.Outgoing) (from, to ident.Address, err error) {
	from, err1 := ident.ParseAddress(row.GetFrom())
	to, err2 := ident.ParseAddress(row.GetTo())
	if err1 != nil || err2 != nil || len(row.GetMessageId()) != 16 {
		return from, to, damaged("a row of the outbox has no addresses")
	}
	return from, to, nil
}

func rowChannel(row *valisev1.Outgoing) (channel, error) {
	from, to, err := rowAddresses(row)
	return channel{from: from, to: to, lane: row.GetLane(), epoch: ident.Epoch(row.GetEpoch())}, err
}

// rowSigned is the exact bytes that leave: those of the item, unless they were signed again.
func (w *work) rowSigned(row *valisev1.Outgoing) ([]byte, error) {
	if len(row.GetSigned()) > 0 {
		return row.GetSigned(), nil
	}
	item, err := w.tx.Item(row.GetItem())
	if err != nil {
		return nil, err
	}
	return item.GetSigned(), nil
}

// ownNumber is what one number of ours stands for.
type ownNumber struct {
	digest ident.Digest
	id     ident.MessageID
}

// ownNumber is false for a number that this record knows nothing of: it was used in a life that a
// restore has forgotten, and given up or lost. docs/protocol.md §7.6
func (w *work) ownNumber(c channel, sequence uint64) (n ownNumber, known bool, err error) {
	b, err := w.row(tableOutNumber, c.key(), sequence)
	if err != nil || b == nil {
		return n, false, err
	}
	if len(b) != 48 {
		return n, false, damaged("a number of ours cannot be read")
	}
	copy(n.digest[:], b)
	copy(n.id[:], b[32:])
	return n, true, nil
}

func (w *work) ownDigestAt(c channel) digestAt {
	return func(sequence uint64) (ident.Digest, bool, error) {
		b, err := w.row(tableOutNumber, c.key(), sequence)
		if err != nil || len(b) != 48 {
			return ident.Digest{}, false, err
		}
		return ident.Digest(b[:32]), true, nil
	}
}

// rowEntry is a row as the schedule knows it.
func rowEntry(c channel, row *valisev1.Outgoing, ordinal uint64) entry {
	d, _ := ident.DigestFrom(row.GetDigest())
	return entry{
		digest: d, id: ident.MessageID(row.GetMessageId()), channel: c, sequence: row.GetSequence(),
		slot: int(row.GetSlot()), row: ordinal, attempts: row.GetAttempts(),
	}
}

// deliveryReason says, at the commit and never by a race, why a message cannot leave now.
// docs/protocol.md §7.4
func (w *work) deliveryReason(row *valisev1.Outgoing) valisev1.Reason {
	_, to, err := rowAddresses(row)
	if err != nil {
		return valisev1.Reason_REASON_INTERNAL
	}
	switch {
	case hasLeft(w.dir, to):
		return valisev1.Reason_REASON_STATE_LEFT
	case w.g.sendingStopped():
		return valisev1.Reason_REASON_SENDING_STOPPED
	case !hasKey(w.dir, to, w.now):
		return valisev1.Reason_REASON_NO_SEALING_KEY
	case !w.g.cfg.LinkUp():
		return valisev1.Reason_REASON_RELAY_DOWN
	case row.GetStage() == valisev1.Stage_STAGE_HELD:
		return valisev1.Reason_REASON_UNDO_HOLD
	case row.GetSlot() < 0:
		return valisev1.Reason_REASON_MAILBOX_FULL
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

// hasLeft reports whether a POC's State is no longer in the directory. A-6
func hasLeft(d Directory, a ident.Address) bool {
	_, left := d.Left(a.State)
	return left
}

// hasKey reports whether anything can be sealed to a POC at a time. docs/protocol.md §8.4
func hasKey(d Directory, a ident.Address, now time.Time) bool {
	poc, err := d.Lookup(a)
	if err != nil || poc.Mailbox == "" {
		return false
	}
	_, ok := poc.SealingKey(now)
	return ok
}

// deliver records one dated fact about a message of ours. Facts only go forward.
// docs/protocol.md §7.4
func (w *work) deliver(thread []byte, d ident.Digest, fact valisev1.Delivery, peerTime time.Time, reason valisev1.Reason) error {
	known := new(valisev1.DeliveryFact)
	if _, err := w.load(tableFacts, d[:], known); err != nil {
		return err
	}
	// What was refused or withdrawn is not acknowledged as well, however often a peer says so. P7
	if known.GetDelivery() == fact || fact == valisev1.Delivery_DELIVERY_ACKNOWLEDGED && known.GetDelivery() > fact {
		return nil
	}
	told := &valisev1.DeliveryFact{Digest: d[:], Delivery: fact}
	if !peerTime.IsZero() {
		told.PeerTime = timestamppb.New(peerTime)
	}
	if _, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_DELIVERY, Thread: thread, Digest: d[:], Delivery: told, Reason: reason,
	}); err != nil {
		return err
	}
	if fact < known.GetDelivery() {
		return nil
	}
	return w.save(tableFacts, d[:], told)
}
