package gateway

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// OpenThread records that a person has opened what the peer sent. It ends the calls to the desk,
// and nobody outside learns of it. Where nothing waits to be opened it records nothing.
// docs/protocol.md §12.7
func (g *Gateway) OpenThread(ctx context.Context, a Actor, r *valisev1.OpenThreadRequest) (*valisev1.OpenThreadResponse, error) {
	const op = "open thread"
	role, err := a.as(mayOpen)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.OpenThreadResponse)
	err = g.update(ctx, op, func(w *work) error {
		// Not refused on a full disk either: it stops calls, each of which would be an item.
		return w.once(req, out, func() error {
			th, err := w.findThread(a, r.GetThread())
			if err != nil {
				return err
			}
			return w.open(th, hand{a.Name, roleName(role)}, r.GetUnseen(), out)
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// open ends the waiting of what was recorded before the first item that the person was not shown;
// 0: of all.
func (w *work) open(th *valisev1.Thread, by hand, unseen uint64, out *valisev1.OpenThreadResponse) error {
	if th.GetUnopenedSince() == nil {
		return nil
	}
	rest, err := w.unseen(th, unseen)
	if err != nil {
		return err
	}
	// An older view than somebody else's opens nothing, and takes nothing of theirs back.
	if rest != nil && !rest.AsTime().After(th.GetUnopenedSince().AsTime()) {
		return nil
	}
	n, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_OPENED, Thread: th.GetId(), Officer: by.officer, Role: by.role,
	})
	if err != nil {
		return err
	}
	th.UnopenedSince, th.UnopenedItem, th.Changed = rest, 0, timestamppb.New(w.now)
	if rest != nil {
		th.UnopenedItem = w.tx.Items() // whoever was called before has not seen the rest
	}
	out.Item, out.Opened = n, true
	return w.saveThread(th)
}

// unseen is when the first message of the peer was recorded that is shown, from an item on; nil for
// none, and from item 0 on, which stands for no item.
func (w *work) unseen(th *valisev1.Thread, from uint64) (since *timestamppb.Timestamp, err error) {
	if from == 0 {
		return nil, nil
	}
	err = w.tx.Rows(tableThreadItems, th.GetId(), from, false, func(n uint64, _ []byte) (bool, error) {
		item, err := w.kept(n)
		if err != nil || !isForPeople(item) {
			return err == nil, err
		}
		waits, err := w.notShownYet(item)
		if err != nil || waits {
			return err == nil, err
		}
		since = item.GetRecorded()
		return false, nil
	})
	return since, err
}

// isForPeople reports whether an item is a message of the peer that a person may want to see.
func isForPeople(item *valisev1.Item) bool {
	return item.GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED && item.GetKind() != valisev1.Kind_KIND_VOID
}

// notShownYet reports whether a message still waits for what comes before it in its thread.
func (w *work) notShownYet(item *valisev1.Item) (bool, error) {
	h, err := itemHeader(item)
	if err != nil {
		return false, err
	}
	value, err := w.row(tableThreadWaiting, threadEpochKey(h.Thread, h.Epoch), h.ThreadSequence)
	if err != nil || value == nil {
		return false, err
	}
	at, err := readNumber(value)
	return at == item.GetNumber(), err
}

// waitsToBeOpened notes that a message of the peer is shown from now on. The oldest that nobody
// has opened counts. docs/protocol.md §12.7
func (w *work) waitsToBeOpened(th *valisev1.Thread, item *valisev1.Item) {
	if isForPeople(item) && th.GetUnopenedSince() == nil {
		th.UnopenedSince, th.UnopenedItem = timestamppb.New(w.now), w.tx.Items()
	}
}
