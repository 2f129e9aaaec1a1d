package gateway

import (
	"errors"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// tombstone is what the store's error says of an item whose content was removed. docs/protocol.md §9.3
type tombstone interface {
	error
	Tombstone() *valisev1.Item
}

// kept reads an item; nil where its content was removed. What was said in it counts no more and is
// sent to nobody. docs/protocol.md §9.3
func (w *work) kept(number uint64) (*valisev1.Item, error) {
	item, gone, err := w.leaf(number)
	if gone {
		return nil, err
	}
	return item, err
}

// leaf reads an item, or what is left of it: type, time and D. docs/protocol.md §9.3
func (w *work) leaf(number uint64) (item *valisev1.Item, gone bool, err error) {
	item, err = w.tx.Item(number)
	if left, is := errors.AsType[tombstone](err); is {
		return left.Tombstone(), true, nil
	}
	return item, false, err
}

func removed() error {
	return refuse(valisev1.Reason_REASON_PRUNED, "the retention rule removed its content; that it was there can still be proven")
}

// threadOfLeaf finds the thread of what is left of an item, by its D.
func (w *work) threadOfLeaf(it *valisev1.Item) (th *valisev1.Thread, found bool, err error) {
	p, found, err := w.placeAt(tableDigest, it.GetDigest())
	if err != nil || !found || p.thread.IsZero() {
		return nil, false, err
	}
	return w.thread(p.thread)
}

// seesLeaf is seesItem of an item of which maybe only its leaf is left: that has lost its track too,
// unless its D leads to one. A-9 s2
func (w *work) seesLeaf(a Actor, it *valisev1.Item, gone bool) (bool, error) {
	if !gone || len(a.Tracks) == 0 {
		return w.seesItem(a, it)
	}
	th, found, err := w.threadOfLeaf(it)
	return found && a.sees(th), err
}

// nameLeaf says of what is left of an item that it is no more, and to which thread it belonged.
func (w *work) nameLeaf(v *valisev1.ItemView, it *valisev1.Item) error {
	v.Pruned = true
	th, found, err := w.threadOfLeaf(it)
	if err == nil && found {
		v.Thread = idOf(th).String()
	}
	return err
}

// sinceRemoval is the summary from which what came after the removal steps a thread: what stepped it
// before is gone, and where it had led to is kept. docs/protocol.md §9.3
func (w *work) sinceRemoval(fresh *valisev1.Thread) (*valisev1.Thread, error) {
	base := new(valisev1.Thread)
	found, err := w.load(tablePruned, fresh.GetId(), base)
	if err != nil || !found {
		return fresh, err
	}
	base.Changed, base.SentSequence, base.SentEpoch = fresh.GetChanged(), fresh.GetSentSequence(), fresh.GetSentEpoch()
	base.ReceivedSequence, base.ReceivedEpoch = fresh.GetReceivedSequence(), fresh.GetReceivedEpoch()
	base.AwaitsInquiry, base.Opening = fresh.GetAwaitsInquiry(), fresh.GetOpening()
	base.UnopenedSince, base.UnopenedItem = fresh.GetUnopenedSince(), fresh.GetUnopenedItem()
	base.Escalated, base.Link, base.Pruned = fresh.GetEscalated(), fresh.GetLink(), fresh.GetPruned()
	return base, nil
}

// emptySummary takes out of the summary of a thread what its messages said.
func emptySummary(th *valisev1.Thread) *valisev1.Thread {
	th = proto.CloneOf(th)
	th.Title, th.AgreedChannel, th.OurAgency, th.TheirAgency, th.TimeSensitivity = "", "", "", "", ""
	th.Estimate, th.EstimateGiven, th.NeededBy, th.Unacknowledged = nil, nil, nil, nil
	th.UnopenedSince, th.UnopenedItem = nil, 0
	th.ConsentsAsked, th.ChannelAsked, th.Followed = nil, nil, 0
	if th.GetCheck() != nil {
		th.Check.Detail, th.Check.Way = "", ""
	}
	return th
}

// emptied lets a Void take the number of a message of ours of which the content is gone: a peer that
// was restored gets what is left, and waits for nothing that nobody has. The item is nil where the
// chain before it is not known. docs/protocol.md §7.3, §9.3
func (w *work) emptied(c channel, n uint64, own ownNumber) (ownNumber, place, *valisev1.Item, error) {
	before := ident.Digest{}
	if n > 1 {
		last, known, err := w.ownNumber(c, n-1)
		if err != nil || !known {
			return own, place{}, nil, err
		}
		before = last.digest
	}
	id, err := w.makeStandIn(c, n, before, own.digest)
	if err != nil {
		return own, place{}, nil, err
	}
	if err := w.putNumber(c, n, own.digest, id); err != nil {
		return own, place{}, nil, err
	}
	at, _, err := w.placeAt(tableDigest, own.digest[:])
	if err != nil {
		return own, place{}, nil, err
	}
	item, err := w.tx.Item(at.item)
	return ownNumber{digest: own.digest, id: id}, at, item, err
}
