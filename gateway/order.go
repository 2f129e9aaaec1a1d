package gateway

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	"valise.example/seal"
)

// applyInOrder steps a thread by a message of the peer, in the order in which the peer sent it.
// What comes before its predecessor waits, and so does what comes before something of an older
// epoch that may still be under way; other threads go on. last says that nothing earlier of its
// channel can still come, so that it waits for nothing there. docs/protocol.md §5.2, §7.6
func (w *work) applyInOrder(th *valisev1.Thread, h seal.Header, item uint64, last bool) error {
	key := threadEpochKey(h.Thread, h.Epoch)
	next, err := w.nextInThread(key)
	if err != nil {
		return err
	}
	wait := h.ThreadSequence > next && !last && !mutant.Is("no-hold-back")
	if !wait {
		if wait, err = w.waitsForOlder(th, h.Epoch, h.Kind); err != nil {
			return err
		}
		if wait {
			err = w.orphan(th, item)
		}
	}
	if err != nil {
		return err
	}
	if wait {
		return w.tx.PutRow(tableThreadWaiting, key, h.ThreadSequence, appendNumber(nil, item))
	}
	if err := w.applyItem(th, item); err != nil {
		return err
	}
	if h.ThreadSequence < next {
		if err := w.outOfOrder(th, item); err != nil {
			return err
		}
	}
	if err := w.nextIs(th, h.Epoch, max(next, h.ThreadSequence+1)); err != nil {
		return err
	}
	if err := w.drain(th, h.Epoch); err != nil {
		return err
	}
	return w.drainNewer(th, h.Epoch)
}

// nextInThread is the thread sequence expected next of a peer's epoch, from 1.
func (w *work) nextInThread(key []byte) (uint64, error) {
	n, err := w.loadNumber(tableThreadNext, key)
	return max(n, 1), err
}

func (w *work) nextIs(th *valisev1.Thread, e ident.Epoch, next uint64) error {
	th.ReceivedSequence, th.ReceivedEpoch = next, uint64(e)
	return w.saveNumber(tableThreadNext, threadEpochKey(idOf(th), e), next)
}

// drain applies what waited in one epoch of a thread, for as long as it follows without a gap or
// nothing can fill the gap any more.
func (w *work) drain(th *valisev1.Thread, e ident.Epoch) error {
	key := threadEpochKey(idOf(th), e)
	for {
		next, err := w.nextInThread(key)
		if err != nil {
			return err
		}
		at, value, found, err := w.firstRow(tableThreadWaiting, key, 0, false)
		if err != nil || !found {
			return err
		}
		item, err := readNumber(value)
		if err != nil {
			return err
		}
		if at > next {
			if last, err := w.nothingBefore(item); err != nil || !last {
				return err
			}
		}
		if err := w.tx.DeleteRow(tableThreadWaiting, key, at); err != nil {
			return err
		}
		if err := w.applyLate(th, item, at >= next); err != nil {
			return err
		}
		if at < next {
			if err := w.outOfOrder(th, item); err != nil {
				return err
			}
		}
		if err := w.nextIs(th, e, max(next, at+1)); err != nil {
			return err
		}
	}
}

// drainNewer applies what waited in newer epochs for what an older one has now told.
func (w *work) drainNewer(th *valisev1.Thread, e ident.Epoch) error {
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return err
	}
	for _, newer := range open[slices.Index(open, e)+1:] {
		_, _, found, err := w.firstRow(tableThreadWaiting, threadEpochKey(idOf(th), newer), 0, false)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if wait, err := w.waitsForOlder(th, newer, valisev1.Kind_KIND_UNSPECIFIED); err != nil || wait {
			return err
		}
		if err := w.drain(th, newer); err != nil {
			return err
		}
	}
	return nil
}

// waitsForOlder reports whether a message must wait for an epoch before its own, or for a life of
// ours that a restore has forgotten: something of the epoch waits in this thread, or the thread has
// no inquiry yet and it may still come. P3 speaks of one epoch; this is as far as two can be kept
// in order. docs/protocol.md §7.6
func (w *work) waitsForOlder(th *valisev1.Thread, e ident.Epoch, kind valisev1.Kind) (bool, error) {
	p, err := pairOf(th)
	if err != nil {
		return false, err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return false, err
	}
	for _, older := range open[:max(slices.Index(open, e), 0)] {
		_, _, found, err := w.firstRow(tableThreadWaiting, threadEpochKey(idOf(th), older), 0, false)
		if err != nil || found {
			return found, err
		}
	}
	if opensThread(kind) || th.GetOutbound() || len(th.GetInquiry()) > 0 {
		return false, nil
	}
	if th.GetAwaitsInquiry() {
		return true, nil
	}
	return w.earlierUnderWay(p, e)
}

// nothingBefore reports whether every number before a recorded message has come, or never will.
func (w *work) nothingBefore(item uint64) (bool, error) {
	it, err := w.kept(item)
	if err != nil || it == nil {
		return err == nil, err
	}
	h, _, err := readItem(it)
	if err != nil {
		return false, err
	}
	ch := new(valisev1.InboundChannel)
	c := channel{from: h.From, to: h.To, lane: h.Lane, epoch: h.Epoch}
	if _, err := w.load(tableInChannel, c.key(), ch); err != nil {
		return false, err
	}
	if h.Sequence <= ch.GetMark().GetMark() {
		return true, nil
	}
	all, err := w.lives(Pair{Ours: h.To, Peer: h.From}, h.Lane)
	return all.lost(ch), err
}

// never is the place of a message that its thread has passed over.
const never = highest

// applyLate steps a thread by a message that had waited, and writes down when: the order of
// recording alone would not tell. What is not shown has lost its place to another.
func (w *work) applyLate(th *valisev1.Thread, item uint64, shown bool) error {
	at := w.tx.Items() - 1
	if !shown {
		at = never
	}
	last, _, found, err := w.firstRow(tableThreadLate, th.GetId(), highest, true)
	if err != nil {
		return err
	}
	if found {
		last++
	}
	if err := w.tx.PutRow(tableThreadLate, th.GetId(), last, appendNumber(appendNumber(nil, item), at)); err != nil {
		return err
	}
	if !shown {
		return nil
	}
	it, err := w.kept(item)
	if err != nil {
		return err
	}
	if it.GetType() == valisev1.ItemType_ITEM_TYPE_SENT {
		return w.applyOurs(th, item)
	}
	return w.applyItem(th, item)
}

// nothingEarlier applies a message that still waits in its thread although every number before it
// has come: its sender left out a thread sequence, or the gap before it was lost.
// docs/protocol.md §5.2, §7.6
func (w *work) nothingEarlier(c channel, n uint64) error {
	value, err := w.row(tableInNumber, c.key(), n)
	if err != nil {
		return err
	}
	got, err := parseNumbered(value)
	if err != nil {
		return err
	}
	item, err := w.kept(got.item)
	if err != nil || item == nil {
		return err
	}
	h, _, err := readItem(item)
	if err != nil || h.Thread.IsZero() {
		return err
	}
	key := threadEpochKey(h.Thread, h.Epoch)
	waiting, err := w.row(tableThreadWaiting, key, h.ThreadSequence)
	if err != nil || waiting == nil {
		return err
	}
	if at, err := readNumber(waiting); err != nil || at != got.item {
		return err // another message waits at this thread sequence; it has its own turn
	}
	th, found, err := w.thread(h.Thread)
	if err != nil || !found {
		return err
	}
	if wait, err := w.waitsForOlder(th, h.Epoch, h.Kind); err != nil || wait {
		if err == nil {
			err = w.orphan(th, got.item)
		}
		return err
	}
	next, err := w.nextInThread(key)
	if err != nil {
		return err
	}
	if err := w.tx.DeleteRow(tableThreadWaiting, key, h.ThreadSequence); err != nil {
		return err
	}
	if err := w.applyLate(th, got.item, true); err != nil {
		return err
	}
	if err := w.nextIs(th, h.Epoch, max(next, h.ThreadSequence+1)); err != nil {
		return err
	}
	if err := w.drain(th, h.Epoch); err != nil {
		return err
	}
	if err := w.drainNewer(th, h.Epoch); err != nil {
		return err
	}
	return w.saveThread(th)
}
