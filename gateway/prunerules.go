package gateway

import (
	"bytes"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// mayGo lists the items of a thread whose content the retention rule lets go: all of them, or none
// where the thread is not over, is too young, something of it waits, or a consent for it holds.
// docs/protocol.md §9.3
func (w *work) mayGo(th *valisev1.Thread, before time.Time) ([]*valisev1.Item, error) {
	if !th.GetClosedByUs() && th.GetState() != stateWithdrawn || th.GetAwaitsInquiry() || !th.GetChanged().AsTime().Before(before) {
		return nil, nil
	}
	if last, _, found, err := w.firstRow(tableThreadItems, th.GetId(), highest, true); err != nil || !found {
		return nil, err
	} else if it, err := w.kept(last); err != nil || it == nil {
		return nil, err // nothing came since its contents were removed
	}
	if waits, err := w.somethingWaits(th); err != nil || waits {
		return nil, err
	}
	var out []*valisev1.Item
	whole := true
	err := w.tx.Rows(tableThreadItems, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		it, err := w.kept(n)
		if err != nil || it == nil {
			return err == nil, err
		}
		parts, goes, err := w.itemMayGo(th, it, before)
		if err != nil || !goes {
			whole = false
			return false, err
		}
		out = append(append(out, it), parts...)
		return true, nil
	})
	if err != nil || !whole {
		return nil, err
	}
	return out, nil
}

// somethingWaits reports whether a message of a thread waits to leave, to be shown, or to be put in
// order.
func (w *work) somethingWaits(th *valisev1.Thread) (bool, error) {
	for _, table := range []string{tableThreadOut, tableRecovered} {
		if _, _, found, err := w.firstRow(table, th.GetId(), 0, false); err != nil || found {
			return found, err
		}
	}
	p, err := pairOf(th)
	if err != nil {
		return false, err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return false, err
	}
	for _, e := range open {
		if _, _, found, err := w.firstRow(tableThreadWaiting, threadEpochKey(idOf(th), e), 0, false); err != nil || found {
			return found, err
		}
	}
	waits := false
	for _, table := range []string{tableThreadOrphan, tableReorder} {
		err := w.tx.Rows(table, p.key(), 0, false, func(_ uint64, id []byte) (bool, error) {
			waits = waits || bytes.Equal(id, th.GetId())
			return !waits, nil
		})
		if err != nil {
			return false, err
		}
	}
	return waits, nil
}

// itemMayGo judges one item of a thread, with the parts of its files.
func (w *work) itemMayGo(th *valisev1.Thread, it *valisev1.Item, before time.Time) (parts []*valisev1.Item, goes bool, err error) {
	if !it.GetRecorded().AsTime().Before(before) {
		return nil, false, nil
	}
	if !isMessageItem(it) {
		return nil, true, nil
	}
	if waits, err := w.inOutbox(it); err != nil || waits {
		return nil, false, err
	}
	if holds, err := w.consentHolds(it); err != nil || holds {
		return nil, false, err
	}
	return w.partsMayGo(th, it, before)
}

// inOutbox reports whether a message of ours has no receipt yet.
func (w *work) inOutbox(it *valisev1.Item) (bool, error) {
	p, found, err := w.placeAt(tableDigest, it.GetDigest())
	return found && p.ours && p.row != 0, err
}

// consentHolds reports whether a message may be handed to a third party now, or grants that for
// another: then both are kept. A-11 s2
func (w *work) consentHolds(it *valisev1.Item) (bool, error) {
	asked := []uint64{}
	if it.GetKind() == valisev1.Kind_KIND_CONSENT_REQUEST {
		asked = append(asked, it.GetNumber())
	}
	err := w.tx.Rows(tableConsent, consentGroup(consentAbout, it.GetDigest()), 0, false, func(n uint64, _ []byte) (bool, error) {
		asked = append(asked, n)
		return true, nil
	})
	if err != nil {
		return false, err
	}
	for _, n := range asked {
		l, err := w.ledgerLine(n)
		if err != nil || l != nil && l.standing.state == valisev1.ConsentState_CONSENT_STATE_GRANTED {
			return err == nil, err
		}
	}
	return false, nil
}

// partsMayGo lists the parts of a message's files that have their bytes; none may be under way, unless
// its sender has taken the message back: then the rest may never come. docs/protocol.md §6
func (w *work) partsMayGo(th *valisev1.Thread, it *valisev1.Item, before time.Time) (parts []*valisev1.Item, goes bool, err error) {
	d := it.GetDigest()
	for i := uint32(0); len(d) == 32; i++ {
		row, found, err := w.attachment(d, i)
		if err != nil {
			return nil, false, err
		}
		if !found {
			break
		}
		if isOpen(row) {
			if taken, err := w.retractedIn(th, it); err != nil || !taken || row.GetOutbound() {
				return nil, false, err
			}
		}
		young := false
		err = w.tx.Rows(tablePart, attachmentKey(d, i), 0, false, func(_ uint64, value []byte) (bool, error) {
			part, waits, err := w.partAt(value)
			if err != nil || part == nil {
				return err == nil, err
			}
			young = waits || !part.GetRecorded().AsTime().Before(before)
			parts = append(parts, part)
			return !young, nil
		})
		if err != nil || young {
			return nil, false, err
		}
	}
	return parts, true, nil
}

func (w *work) partAt(value []byte) (part *valisev1.Item, waits bool, err error) {
	n, err := readNumber(value)
	if err != nil {
		return nil, false, err
	}
	if part, err = w.kept(n); err != nil || part == nil {
		return nil, false, err
	}
	waits, err = w.inOutbox(part)
	return part, waits, err
}

// looseItems gathers what belongs to no thread of the record, is as old, and has content: what lies in
// quarantine, calls and notes of no thread, what was refused before it began one, Returns. What tells
// of the record itself stays. The floor keeps a long record from being read from its beginning each
// time. docs/protocol.md §9.3
func (w *work) looseItems(list *pruneList) error {
	n := list.next.item
	if n == 0 {
		floor, err := w.loadNumber(tableMeta, metaPruneFloor)
		if err != nil {
			return err
		}
		n, list.floor = floor, floor
	}
	for ; n < w.tx.Items(); n++ {
		if list.full() {
			list.next.item = n
			return nil
		}
		it, gone, err := w.leaf(n)
		if err != nil {
			return err
		}
		if !it.GetRecorded().AsTime().Before(list.before) {
			break
		}
		if !gone {
			later, err := w.addLoose(list, it)
			if err != nil {
				return err
			}
			list.next.kept = list.next.kept || later
		}
		if !list.next.kept {
			list.floor = n + 1
		}
	}
	list.last = true
	return nil
}

// addLoose adds an item that may go; later says that it may another time.
func (w *work) addLoose(list *pruneList, it *valisev1.Item) (later bool, err error) {
	is, err := w.isLoose(it)
	if err != nil || !is {
		return false, err
	}
	if waits, err := w.looseWaits(it); err != nil || waits {
		return true, err
	}
	list.loose = append(list.loose, it.GetNumber())
	list.count([]*valisev1.Item{it})
	return false, nil
}

// isLoose reports whether an item has content and no thread that would take it along.
func (w *work) isLoose(it *valisev1.Item) (bool, error) {
	if id, ok := ident.ThreadIDFrom(it.GetThread()); ok {
		_, found, err := w.thread(id)
		return !found, err
	}
	switch it.GetType() {
	case valisev1.ItemType_ITEM_TYPE_QUARANTINED, valisev1.ItemType_ITEM_TYPE_CONTACT_LOG, valisev1.ItemType_ITEM_TYPE_NOTE:
		return true, nil
	}
	return isMessageItem(it) && it.GetKind() != valisev1.Kind_KIND_VOID, nil
}

// looseWaits reports whether an item must stay for now: it has no receipt, or is a part of a message
// that still has its content, or gives one back that has.
func (w *work) looseWaits(it *valisev1.Item) (bool, error) {
	if !isMessageItem(it) {
		return false, nil
	}
	if waits, err := w.inOutbox(it); err != nil || waits {
		return waits, err
	}
	if len(it.GetSigned()) == 0 {
		return false, nil
	}
	_, m, err := readItem(it)
	if err != nil {
		return false, err
	}
	switch m := m.(type) {
	case *valisev1.AttachmentPart:
		found, kept, err := w.stillKept(m.GetMessage())
		return !found || kept, err // its message may still come
	case *valisev1.Return:
		return w.givesBackKept(it, m)
	}
	return false, nil
}

// givesBackKept reports whether a Return of ours holds what is kept here: a peer whose disk goes back to
// before it came gets it again by this Return alone. docs/protocol.md §7.6
func (w *work) givesBackKept(it *valisev1.Item, m *valisev1.Return) (bool, error) {
	if it.GetType() != valisev1.ItemType_ITEM_TYPE_SENT || len(m.GetSigned()) == 0 {
		return false, nil // an empty one opened an epoch
	}
	signed, err := seal.ParseSigned(m.GetSigned())
	if err != nil {
		return false, damaged("a message that was given back cannot be read")
	}
	d := signed.Content.Digest()
	_, kept, err := w.stillKept(d[:])
	return kept, err
}

// stillKept reports whether a message was recorded here, and whether it still has its content.
func (w *work) stillKept(d []byte) (found, kept bool, err error) {
	at, found, err := w.placeAt(tableDigest, d)
	if err != nil || !found || at.digest.IsZero() {
		return false, false, err
	}
	item, err := w.kept(at.item)
	return true, item != nil, err
}

// pruneLoose removes what was gathered and still may go.
func (w *work) pruneLoose(list, done *pruneList) error {
	all := true
	for _, n := range list.loose {
		it, err := w.kept(n)
		if err != nil {
			return err
		}
		if it == nil {
			continue
		}
		before := len(done.loose)
		if _, err := w.addLoose(done, it); err != nil {
			return err
		}
		if len(done.loose) == before {
			all = false
			continue
		}
		if err := w.pruneItem(it); err != nil {
			return err
		}
	}
	if !all {
		list.next.kept = true
	}
	if list.floor == 0 || !all {
		return nil
	}
	return w.saveNumber(tableMeta, metaPruneFloor, list.floor)
}
