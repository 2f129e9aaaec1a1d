package gateway

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

func protoTime(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }

// Event is what Watch tells of one item; false when the item tells this officer nothing: it is
// none for officers, or of a track that is not theirs. Its cursor is
// the number after the item's, so that a listener who passes it on misses nothing and hears
// nothing twice. The error is NOT_FOUND beyond the end of the record.
func (g *Gateway) Event(ctx context.Context, a Actor, item uint64) (*valisev1.WatchResponse, bool, error) {
	const op = "watch"
	out, ok := new(valisev1.WatchResponse), false
	err := g.view(ctx, op, func(w *work) error {
		it, gone, err := w.item(item)
		if err != nil || gone {
			return err // what it told is gone
		}
		if ok, err = w.seesItem(a, it); err != nil || !ok {
			return err
		}
		out, ok = w.eventView(it)
		if note := it.GetLocalNote(); note.GetTo() != "" && !a.onNamed(trackName(note.GetFrom())) {
			out.Peer, out.Ours = "", note.GetTo() // of the thread it names, no more is theirs than the note. A-9 s3
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return out, ok, nil
}

func (w *work) eventView(it *valisev1.Item) (*valisev1.WatchResponse, bool) {
	out := &valisev1.WatchResponse{
		Cursor: it.GetNumber() + 1, Type: it.GetType(), Message: w.messageOf(it), Kind: it.GetKind(),
		Delivery: it.GetDelivery().GetDelivery(), Recorded: it.GetRecorded(), DraftAct: it.GetDraftAct(),
	}
	if t, ok := ident.ThreadIDFrom(it.GetThread()); ok {
		out.Thread = t.String()
	}
	if th, found, err := w.thread(ident.ThreadID(padThread(it.GetThread()))); err == nil && found {
		out.Peer, out.Ours = th.GetPeer(), th.GetOurs()
	} else if it.GetContactLog() != nil {
		out.Peer = it.GetContactLog().GetPeer()
	}
	switch it.GetType() {
	case valisev1.ItemType_ITEM_TYPE_NODE:
		// What became of the mail of a peer is for its readers too.
		peer, err := ident.ParseAddress(string(it.GetEvidence()))
		if err == nil {
			out.Peer = peer.String()
		}
		return out, err == nil
	case valisev1.ItemType_ITEM_TYPE_RECEIPT_IN, valisev1.ItemType_ITEM_TYPE_UNSPECIFIED:
		return out, false
	}
	switch it.GetKind() {
	case valisev1.Kind_KIND_VOID, valisev1.Kind_KIND_ATTACHMENT_PART, valisev1.Kind_KIND_RETURN:
		return out, false
	}
	return out, true
}

func padThread(b []byte) (id [16]byte) {
	copy(id[:], b)
	return id
}

// item reads an item that must be there, or what is left of it.
func (w *work) item(number uint64) (it *valisev1.Item, gone bool, err error) {
	if number >= w.tx.Items() {
		return nil, false, noSuchItem()
	}
	return w.leaf(number)
}

func noSuchItem() error {
	return refuse(valisev1.Reason_REASON_NOT_FOUND, "the record has no such item")
}

// Items lists the record in order, or the items of one thread, as far as they are asked for by date, type and kind.
// Signed bytes and evidence come only with Item. A page may hold fewer than it has room for, also none, and yet not
// be the last: it looks at mostLookedAt items. A-11 s3
func (g *Gateway) Items(ctx context.Context, a Actor, r *valisev1.ListItemsRequest) (*valisev1.ListItemsResponse, error) {
	const op = "list items"
	if _, err := a.as(mayReadRecord); err != nil {
		return nil, asError(op, err, 0)
	}
	from, err := parsePage(r.GetPageToken(), 0)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out, limit := new(valisev1.ListItemsResponse), pageSize(r.GetPageSize())
	err = g.view(ctx, op, func(w *work) error {
		out.Items, out.NextPageToken = nil, ""
		looked := 0
		return w.eachItem(a, r.GetThread(), from, func(n uint64) (bool, error) {
			if len(out.Items) == limit || looked == mostLookedAt {
				out.NextPageToken = strconv.FormatUint(n, 10)
				return false, nil
			}
			looked++
			v, err := w.viewIfAsked(a, r, n)
			if v != nil {
				out.Items = append(out.Items, v)
			}
			return err == nil, err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// viewIfAsked is an item as a list shows it; nil where it is not asked for, or not for this officer.
func (w *work) viewIfAsked(a Actor, r *valisev1.ListItemsRequest, n uint64) (*valisev1.ItemView, error) {
	it, gone, err := w.leaf(n)
	if err != nil || !belongs(r, it) {
		return nil, err
	}
	if seen, err := w.seesLeaf(a, it, gone); err != nil || !seen {
		return nil, err
	}
	v := w.itemView(it)
	if gone {
		if err := w.nameLeaf(v, it); err != nil {
			return nil, err
		}
	}
	v.Item.Signed, v.Item.Evidence = nil, nil
	return v, nil
}

func (w *work) eachItem(a Actor, thread string, from uint64, visit func(n uint64) (bool, error)) error {
	if thread != "" {
		th, err := w.findThread(a, thread)
		if err != nil {
			return err
		}
		return w.tx.Rows(tableThreadItems, th.GetId(), from, false, func(n uint64, _ []byte) (bool, error) { return visit(n) })
	}
	for n := from; n < w.tx.Items(); n++ {
		if more, err := visit(n); err != nil || !more {
			return err
		}
	}
	return nil
}

// Item returns one item of the record, whole. The error is PRUNED where the retention rule removed it. A-11 s3
func (g *Gateway) Item(ctx context.Context, a Actor, r *valisev1.GetItemRequest) (*valisev1.GetItemResponse, error) {
	const op = "show item"
	if _, err := a.as(mayReadRecord); err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.GetItemResponse)
	err := g.view(ctx, op, func(w *work) error {
		it, gone, err := w.item(r.GetItem())
		if err != nil {
			return err
		}
		seen, err := w.seesLeaf(a, it, gone)
		switch {
		case err == nil && !seen:
			err = noSuchItem()
		case err == nil && gone:
			err = removed()
		}
		if err != nil {
			return err
		}
		out.Item = w.itemView(it)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// itemView names what an item is about. What cannot be read is left out: evidence may be anything.
func (w *work) itemView(it *valisev1.Item) *valisev1.ItemView {
	it = proto.CloneOf(it)
	v := &valisev1.ItemView{Item: it}
	if t, ok := ident.ThreadIDFrom(it.GetThread()); ok {
		v.Thread = t.String()
	}
	if d, ok := ident.DigestFrom(it.GetDigest()); ok {
		v.Digest = d.String()
	}
	v.Message = w.messageOf(it)
	if h, err := itemHeader(it); err == nil {
		v.From, v.To = h.From.String(), h.To.String()
	}
	if c := it.GetContactLog(); c != nil {
		v.To = c.GetPeer()
	}
	it.Marks = w.marksAtReading(it)
	return v
}

// messageOf is the id of the message that an item is about; empty for none.
func (w *work) messageOf(it *valisev1.Item) string {
	if m, ok := ident.MessageIDFrom(it.GetEvidence()); ok && it.GetType() == valisev1.ItemType_ITEM_TYPE_DRAFT {
		return m.String()
	}
	if d, ok := ident.DigestFrom(it.GetDigest()); ok {
		if p, found, err := w.placeAt(tableDigest, d[:]); err == nil && found {
			return p.id.String()
		}
	}
	if h, err := itemHeader(it); err == nil {
		return h.MessageID.String()
	}
	return ""
}
