package gateway

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// relistAtOnce is how many items one transaction of Relist looks at. P7
const relistAtOnce = 256

// Relist lists what the record holds wherever it is looked for: threads for whom to call, messages for
// what became of a consent, files of peers for what may not go on. A record that an earlier program
// wrote lacks such lists, and what is not listed calls nobody. It appends nothing and may be
// interrupted and begun again at any moment. docs/protocol.md §9.5
func (g *Gateway) Relist(ctx context.Context) error {
	for from, more := uint64(0), true; more; from += relistAtOnce {
		err := g.update(ctx, "relist", func(w *work) (err error) {
			end := min(from+relistAtOnce, w.tx.Items())
			more = end < w.tx.Items()
			for n := from; n < end && err == nil; n++ {
				err = w.relist(n)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// relist lists an item, and the thread of which it is the last.
func (w *work) relist(n uint64) error {
	last, err := w.row(tableThreadOrder, nil, n)
	if err != nil {
		return err
	}
	if id, ok := ident.ThreadIDFrom(last); ok {
		if err := w.relistThread(id); err != nil {
			return err
		}
	}
	item, err := w.kept(n)
	if err != nil || item == nil {
		return err
	}
	if err := w.indexSigned(item, n); err != nil {
		return err
	}
	if !isForPeople(item) {
		return nil
	}
	for index := uint32(0); ; index++ {
		row, found, err := w.attachment(item.GetDigest(), index)
		if err != nil || !found {
			return err
		}
		if err := w.noteReceivedFile(item.GetDigest(), index, row); err != nil {
			return err
		}
	}
}

// relistThread lists a thread for whom to call, and notes what the peer asked and nobody of ours has
// answered. Where no program noted what was opened, what nobody
// has acknowledged waits: a call too many is the lesser harm. docs/protocol.md §12.7
func (w *work) relistThread(id ident.ThreadID) error {
	th, found, err := w.thread(id)
	if err != nil || !found {
		return err
	}
	again := proto.CloneOf(th)
	if err := w.replayThread(again); err != nil {
		return err
	}
	th.ConsentsAsked, th.ChannelAsked, th.Followed = again.GetConsentsAsked(), again.GetChannelAsked(), again.GetFollowed()
	if th.GetUnopenedSince() == nil && len(th.GetUnacknowledged()) > 0 {
		if err := w.findUnopened(th); err != nil {
			return err
		}
	}
	return w.saveThread(th)
}

// findUnopened looks for the first message that nobody has acknowledged, and opens none that a person
// has opened.
func (w *work) findUnopened(th *valisev1.Thread) error {
	before := th.GetUnopenedSince()
	return w.tx.Rows(tableThreadItems, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		item, err := w.kept(n)
		if err != nil || item == nil {
			return err == nil, err
		}
		if item.GetType() == valisev1.ItemType_ITEM_TYPE_OPENED {
			th.UnopenedSince, th.UnopenedItem = before, 0
			return false, nil
		}
		if th.GetUnopenedSince() != nil || !isForPeople(item) ||
			!slices.ContainsFunc(th.GetUnacknowledged(), func(d []byte) bool { return string(d) == string(item.GetDigest()) }) {
			return true, nil
		}
		waits, err := w.notShownYet(item)
		if err == nil && !waits {
			th.UnopenedSince, th.UnopenedItem = item.GetRecorded(), w.tx.Items()
		}
		return err == nil, err
	})
}
