package gateway

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// selection is which items an export holds: those that are listed or, where whole, all before end
// that the export keeps.
type selection struct {
	numbers []uint64
	whole   bool
	end     uint64
	count   uint64
}

// each visits the numbers in order.
func (s selection) each(visit func(n uint64) error) error {
	if !s.whole {
		for _, n := range s.numbers {
			if err := visit(n); err != nil {
				return err
			}
		}
		return nil
	}
	for n := range s.end {
		if err := visit(n); err != nil {
			return err
		}
	}
	return nil
}

// choose finds the items before end that are asked for.
func (x *export) choose(w *work, end uint64) error {
	x.chosen, x.messages, x.ours, x.many = selection{}, nil, nil, false
	x.alone, x.leftOut = map[uint64]bool{}, nil
	named, err := x.named(w, end)
	if err != nil {
		return err
	}
	if named == nil {
		named = &selection{whole: true, end: end}
	}
	if named.whole && !x.toThird() {
		return x.chooseWhole(w, *named)
	}
	err = named.each(func(n uint64) error {
		item, err := w.tx.Item(n)
		if err != nil {
			return unlessPruned(err)
		}
		keep, err := x.keeps(w, item)
		if err != nil || !keep {
			return err
		}
		if stays, err := x.staysHere(w, item); err != nil || stays {
			return err
		}
		return x.take(w, item)
	})
	if err != nil {
		return err
	}
	slices.Sort(x.chosen.numbers)
	x.chosen.numbers = slices.Compact(x.chosen.numbers)
	x.chosen.count = uint64(len(x.chosen.numbers))
	if x.chosen.count == 0 {
		return refuse(valisev1.Reason_REASON_NOT_FOUND, "the record has nothing of what is asked for that could be taken out in this form")
	}
	if len(x.ours) == 0 {
		x.ours = x.allOurs()
	}
	return nil
}

// chooseWhole counts what the State's own archive gets of the whole record.
func (x *export) chooseWhole(w *work, s selection) error {
	x.chosen, x.ours = s, x.allOurs()
	return s.each(func(n uint64) error {
		item, err := w.tx.Item(n)
		if err != nil {
			return unlessPruned(err)
		}
		keep, err := x.keeps(w, item)
		if keep {
			x.chosen.count++
		}
		return err
	})
}

// allOurs are the POCs of ours on the officer's tracks.
func (x *export) allOurs() (list []ident.Address) {
	for _, a := range x.g.cfg.Ours {
		if x.actor.on(a.Track) {
			list = append(list, a)
		}
	}
	return list
}

// named lists all that threads, messages and items of the request name; nil where it names none.
func (x *export) named(w *work, end uint64) (*selection, error) {
	r := x.request
	if len(r.GetThreads())+len(r.GetMessages())+len(r.GetItems()) == 0 {
		return nil, nil
	}
	s := new(selection)
	add := func(n uint64) error {
		if n < end {
			s.numbers = append(s.numbers, n)
		}
		if len(s.numbers) > mostExported {
			return refuse(valisev1.Reason_REASON_BAD_REQUEST, "an export that names threads holds at most %d items", mostExported)
		}
		return nil
	}
	for _, id := range r.GetThreads() {
		th, err := w.findThread(x.actor, id)
		if err != nil {
			return nil, err
		}
		if err := w.tx.Rows(tableThreadItems, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) { return true, add(n) }); err != nil {
			return nil, err
		}
	}
	for _, id := range r.GetMessages() {
		p, err := w.findMessage(x.actor, id)
		if err == nil && p.digest.IsZero() {
			err = notNow("a message that is not released is in no export")
		}
		if err == nil {
			x.alone[p.item] = true
			err = add(p.item)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, n := range r.GetItems() {
		if err := x.mayName(w, n); err != nil {
			return nil, err
		}
		x.alone[n] = true
		if err := add(n); err != nil {
			return nil, err
		}
	}
	slices.Sort(s.numbers)
	s.numbers = slices.Compact(s.numbers)
	return s, nil
}

// mayName refuses an item that the officer does not see, and one that no third party gets. A-11 s2
func (x *export) mayName(w *work, n uint64) error {
	item, gone, err := w.item(n)
	if err != nil {
		return err
	}
	seen, err := w.seesLeaf(x.actor, item, gone)
	switch {
	case err == nil && !seen:
		err = noSuchItem()
	case err == nil && gone:
		err = removed()
	}
	if err == nil && x.toThird() && !isExchanged(item) {
		err = refuse(valisev1.Reason_REASON_HANDLING, "item %d is no message between officers: nothing else of the record goes to a third party", n)
	}
	return err
}

// staysHere leaves out what was said about consents where a thread goes to a third party: it comes
// later than what was consented to, so that no consent names it. It is named to the officer; one that
// was asked for by itself needs a consent as any other message does. A-11 s2
func (x *export) staysHere(w *work, item *valisev1.Item) (bool, error) {
	switch item.GetKind() {
	case valisev1.Kind_KIND_CONSENT_REQUEST, valisev1.Kind_KIND_CONSENT_DECISION, valisev1.Kind_KIND_CONSENT_WITHDRAWAL:
	default:
		return false, nil
	}
	if !x.toThird() || x.alone[item.GetNumber()] {
		return false, nil
	}
	h, err := itemHeader(item)
	if err != nil {
		return false, err
	}
	m := exported{item: item.GetNumber(), thread: h.Thread, id: h.MessageID}
	m.d, _ = ident.DigestFrom(item.GetDigest())
	l, _, err := w.consentTo(m, x.request.GetThirdParty())
	if err != nil || l != nil {
		return false, err
	}
	if len(x.leftOut) < mostForThird {
		x.leftOut = append(x.leftOut, m.id.String())
	}
	return true, nil
}

// isExchanged reports whether an item tells of a message between officers. docs/protocol.md §5.1
func isExchanged(item *valisev1.Item) bool {
	return isMessageItem(item) && item.GetKind() > 0 && item.GetKind() < valisev1.Kind_KIND_RECEIPT_BATCH
}

// keeps reports whether an item is in the export by its date, its track and the form. A third party
// gets messages between officers alone: notes at home, drafts, logged calls, quarantine and what was
// refused or taken back before it left were exchanged with nobody. A-11 s2
func (x *export) keeps(w *work, item *valisev1.Item) (bool, error) {
	r, at := x.request, item.GetRecorded().AsTime()
	if r.GetSince() != nil && at.Before(r.GetSince().AsTime()) || r.GetUntil() != nil && !at.Before(r.GetUntil().AsTime()) {
		return false, nil
	}
	if seen, err := w.seesItem(x.actor, item); err != nil || !seen {
		return false, err
	}
	if x.toThird() {
		if !isExchanged(item) {
			return false, nil
		}
		return w.stands(item)
	}
	switch r.GetForm() {
	case valisev1.ExportForm_EXPORT_FORM_PROOF:
		return isExchanged(item), nil
	case valisev1.ExportForm_EXPORT_FORM_PAPER, valisev1.ExportForm_EXPORT_FORM_TABLE:
		return item.GetKind() != valisev1.Kind_KIND_ATTACHMENT_PART, nil
	}
	return true, nil
}

// take adds an item and, to an archive, the parts of its attachments.
func (x *export) take(w *work, item *valisev1.Item) error {
	x.chosen.numbers = append(x.chosen.numbers, item.GetNumber())
	if !isExchanged(item) {
		return nil
	}
	h, m, err := readItem(item)
	if err != nil {
		return err
	}
	d, _ := ident.DigestFrom(item.GetDigest())
	if err := x.gather(exported{item: item.GetNumber(), thread: h.Thread, d: d, id: h.MessageID}); err != nil {
		return err
	}
	ours := h.To
	if item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT {
		ours = h.From
	}
	if !slices.Contains(x.ours, ours) {
		x.ours = append(x.ours, ours)
	}
	if !x.form(valisev1.ExportForm_EXPORT_FORM_ARCHIVE) {
		return nil
	}
	for i := range attachmentsOf(m) {
		err := w.tx.Rows(tablePart, attachmentKey(d[:], uint32(i)), 0, false, func(_ uint64, value []byte) (bool, error) {
			n, err := readNumber(value)
			x.chosen.numbers = append(x.chosen.numbers, n)
			if len(x.chosen.numbers) > mostExported {
				err = refuse(valisev1.Reason_REASON_BAD_REQUEST, "these messages and their attachments are more than %d items", mostExported)
			}
			return err == nil, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gather lists a message for the ledger and for the item that tells of the export. An archive of more
// messages than one item can list is told by their number alone.
func (x *export) gather(m exported) error {
	if len(x.messages) < mostForThird {
		x.messages = append(x.messages, m)
		return nil
	}
	if x.toThird() {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "at most %d messages go to a third party at once", mostForThird)
	}
	x.many = true
	return nil
}
