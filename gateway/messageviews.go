package gateway

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// reader makes the messages of a thread out of its items: later items only add facts.
type reader struct {
	w    *work
	th   *valisev1.Thread
	list []*valisev1.MessageView
	byD  map[ident.Digest]*valisev1.MessageView
	byID map[string]*valisev1.MessageView
	ids  map[ident.Digest]string
	// early are the facts of messages that are shown later than they were recorded.
	early map[ident.Digest][]*valisev1.Item
	// basis are the notes on the legal basis of a message, by its id. A-10 s2
	basis map[string][]uint64
}

// messageViews folds the items of a thread. A message stands where it took its turn in the thread,
// not where it was recorded: one of ours where it was released, also when it came back; one of the
// peer whose predecessors are still under way is not shown yet. docs/protocol.md §5.2, §9.1, P3
func (w *work) messageViews(th *valisev1.Thread) ([]*valisev1.MessageView, error) {
	r := reader{
		w: w, th: th, byD: map[ident.Digest]*valisev1.MessageView{},
		byID: map[string]*valisev1.MessageView{}, ids: map[ident.Digest]string{},
		early: map[ident.Digest][]*valisev1.Item{}, basis: map[string][]uint64{},
	}
	order := turns{w: w, thread: th.GetId()}
	if err := order.each(visits{elsewhere, r.item}); err != nil {
		return nil, err
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	r.disowned()
	for _, v := range r.list {
		v.LegalBasis = r.basis[v.GetMessage()]
	}
	return r.list, nil
}

// elsewhere reports whether a message is shown at another place than that of its item, or not
// yet.
func elsewhere(order *turns, item *valisev1.Item) (bool, error) {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
		if order.passed[item.GetNumber()] {
			return false, nil
		}
		return order.waits(item)
	case valisev1.ItemType_ITEM_TYPE_SENT:
		return order.waited[item.GetNumber()], nil
	}
	return false, nil
}

func (r *reader) item(item *valisev1.Item) error {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
		return r.message(item)
	case valisev1.ItemType_ITEM_TYPE_DELIVERY:
		r.fact(item)
	case valisev1.ItemType_ITEM_TYPE_DRAFT:
		r.draft(item)
	case valisev1.ItemType_ITEM_TYPE_CONTACT_LOG, valisev1.ItemType_ITEM_TYPE_NOTE:
		r.local(item)
	}
	return nil
}

// message shows one message as it was signed. What was refused is named but not shown: its
// content broke a rule.
func (r *reader) message(item *valisev1.Item) error {
	h, m, err := readItem(item)
	if err != nil {
		return err
	}
	d, _ := ident.DigestFrom(item.GetDigest())
	id := h.MessageID.String()
	waited := r.byID[id]
	if supersedes(waited, item) {
		r.byD[d], r.ids[d] = waited, id
		r.applyEarly(d)
		return nil
	}
	v := &valisev1.MessageView{
		Message: id, Digest: d.String(), Kind: h.Kind, Outbound: item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT,
		From: h.From.String(), To: h.To.String(), Created: protoTime(h.Created), Officer: item.GetOfficer(), Role: item.GetRole(),
		Marks: r.w.marksAtReading(item), Item: item.GetNumber(), Recorded: item.GetRecorded(), InReplyTo: r.ids[h.InReplyTo],
	}
	if item.GetType() == valisev1.ItemType_ITEM_TYPE_REFUSED {
		v.Refused = item.GetReason()
	} else {
		v.Payload = wrap(h.Kind, m)
		nameTheirOfficer(v, m)
		if v.Attachments, err = r.w.attachmentViews(m, d[:]); err != nil {
			return err
		}
	}
	if v.Outbound && h.Kind != valisev1.Kind_KIND_VOID {
		v.Delivery = valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE
		v.Facts = &valisev1.DeliveryFacts{Waiting: item.GetRecorded()}
	}
	r.ids[d] = id
	r.byD[d] = v
	if waited != nil && v.Outbound {
		v.Facts.Waiting, v.Steps = waited.GetCreated(), waited.GetSteps()
		r.list = slices.DeleteFunc(r.list, func(x *valisev1.MessageView) bool { return x == waited })
	}
	r.list = append(r.list, v)
	r.byID[id] = v
	r.applyEarly(d)
	return nil
}

// supersedes: what came back after it had been made again is shown as what it was made again as.
func supersedes(shown *valisev1.MessageView, item *valisev1.Item) bool {
	back := func(marks []valisev1.Mark) bool { return slices.Contains(marks, valisev1.Mark_MARK_RECOVERED) }
	return shown.GetOutbound() && shown.GetDigest() != "" && back(item.GetMarks()) && !back(shown.GetMarks())
}

func (r *reader) applyEarly(d ident.Digest) {
	for _, fact := range r.early[d] {
		r.fact(fact)
	}
	delete(r.early, d)
}

// nameTheirOfficer shows who acted for the peer, as the peer says it. A-9 s4
func nameTheirOfficer(v *valisev1.MessageView, m proto.Message) {
	if p, ok := m.(interface{ GetPreamble() *valisev1.Preamble }); ok && !v.GetOutbound() {
		v.Officer, v.Role = p.GetPreamble().GetOfficer(), p.GetPreamble().GetRole()
	}
}

// fact dates one of the four facts, which are never merged. All four are by our own clock, or a
// peer's wrong one would put them out of order; the peer's claim stays in the item.
// docs/protocol.md §7.4
func (r *reader) fact(item *valisev1.Item) {
	d, _ := ident.DigestFrom(item.GetDigest())
	v := r.byD[d]
	if v == nil {
		r.early[d] = append(r.early[d], item)
	}
	if v.GetFacts() == nil {
		return
	}
	fact := item.GetDelivery()
	at := item.GetRecorded()
	switch fact.GetDelivery() {
	case valisev1.Delivery_DELIVERY_LEFT:
		v.Facts.Left = at
	case valisev1.Delivery_DELIVERY_REACHED:
		v.Facts.Reached = at
	case valisev1.Delivery_DELIVERY_ACKNOWLEDGED:
		v.Facts.Acknowledged = at
	case valisev1.Delivery_DELIVERY_REFUSED:
		v.DeliveryReason = item.GetReason()
	}
	if fact.GetDelivery() > v.GetDelivery() {
		v.Delivery = fact.GetDelivery()
	}
}

// draft follows a message before its release. Its text is in the outbox until then; of one that
// was withdrawn only the fact remains.
func (r *reader) draft(item *valisev1.Item) {
	m, ok := ident.MessageIDFrom(item.GetEvidence())
	if !ok {
		return
	}
	id := m.String()
	v := r.byID[id]
	if v == nil {
		v = &valisev1.MessageView{
			Message: id, Kind: item.GetKind(), Outbound: true, From: r.th.GetOurs(), To: r.th.GetPeer(),
			Created: item.GetRecorded(), Officer: item.GetOfficer(), Role: item.GetRole(), Item: item.GetNumber(), Recorded: item.GetRecorded(),
		}
		r.byID[id] = v
		r.list = append(r.list, v)
	}
	takeStep(v, item)
}

// local shows what was put down at home and never sent, among the messages that it lay between. I-1, A-9 s3
func (r *reader) local(item *valisev1.Item) {
	v := &valisev1.MessageView{
		ContactLog: item.GetContactLog(), Officer: item.GetOfficer(), Role: item.GetRole(), Item: item.GetNumber(),
		Created: item.GetRecorded(), Recorded: item.GetRecorded(), Outbound: !item.GetContactLog().GetInbound(),
	}
	if item.GetLocalNote() != nil {
		v.Note = noteView(item)
	}
	if about := v.GetNote().GetMessage(); about != "" && v.GetNote().GetType() == valisev1.NoteType_NOTE_TYPE_LEGAL_BASIS {
		r.basis[about] = append(r.basis[about], item.GetNumber())
	}
	r.list = append(r.list, v)
}

// open fills in what only the outbox knows: the text of drafts, and why something waits.
func (r *reader) open() error {
	return r.w.tx.Rows(tableThreadOut, r.th.GetId(), 0, false, func(n uint64, value []byte) (bool, error) {
		row, err := r.w.loadRow(n)
		if err != nil {
			return false, err
		}
		m, _ := ident.MessageIDFrom(value)
		v := r.byID[m.String()]
		if v == nil || row.GetKind() == valisev1.Kind_KIND_VOID {
			return true, nil
		}
		v.Stage = row.GetStage()
		if row.GetSequence() > 0 {
			v.DeliveryReason = r.w.waitReason(row)
			return true, nil
		}
		payload, known := valisev1.NewPayload(row.GetKind())
		if !known {
			return true, nil
		}
		if err := unmarshalOwn(row.GetPayload(), payload); err != nil {
			return false, err
		}
		v.Payload = wrap(row.GetKind(), payload)
		if v.Attachments, err = r.w.attachmentViews(payload, nil); err != nil {
			return false, err
		}
		if isStopped(row) {
			v.DeliveryReason = row.GetReason()
		}
		if row.GetStage() == valisev1.Stage_STAGE_HELD {
			v.Delivery, v.DeliveryReason = valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE, valisev1.Reason_REASON_UNDO_HOLD
			v.HeldUntil = timestamppb.New(r.w.heldUntil(row))
			v.Facts = &valisev1.DeliveryFacts{Waiting: v.GetCreated()}
		}
		return true, nil
	})
}

// waitReason is why a released message does not go further now: as the schedule knows it, else as
// the store does.
func (w *work) waitReason(row *valisev1.Outgoing) valisev1.Reason {
	if to, err := ident.ParseAddress(row.GetTo()); err == nil && hasLeft(w.dir, to) {
		return valisev1.Reason_REASON_STATE_LEFT
	}
	if w.g.sendingStopped() {
		return valisev1.Reason_REASON_SENDING_STOPPED
	}
	if row.GetSlot() < 0 {
		return valisev1.Reason_REASON_MAILBOX_FULL
	}
	d, _ := ident.DigestFrom(row.GetDigest())
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	if e := w.g.schedule.byDigest[d]; e != nil {
		if e.reason != valisev1.Reason_REASON_UNSPECIFIED || e.answered || e.attempts > 0 {
			return e.reason
		}
	}
	return row.GetReason()
}

// wrap puts a payload into the operator's oneof, whose field numbers are kind numbers.
func wrap(kind valisev1.Kind, m proto.Message) *valisev1.Payload {
	p := new(valisev1.Payload)
	fd := p.ProtoReflect().Descriptor().Fields().ByNumber(protoreflect.FieldNumber(kind))
	if fd == nil || m == nil {
		return nil
	}
	p.ProtoReflect().Set(fd, protoreflect.ValueOfMessage(m.ProtoReflect()))
	return p
}

// marksAtReading adds what came to be known after an item was recorded: a key that was revoked
// for a time before that. docs/protocol.md §8.5
func (w *work) marksAtReading(item *valisev1.Item) []valisev1.Mark {
	marks := item.GetMarks()
	if w.isAfterLoss(item.GetNumber()) {
		marks = append(slices.Clone(marks), valisev1.Mark_MARK_AFTER_LOSS)
	}
	if item.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED {
		return marks
	}
	s, err := seal.ParseSigned(item.GetSigned())
	if err != nil {
		return marks
	}
	speaker, known := w.dir.Speaker(s.KeyID)
	if known && !speaker.RevokedSince.IsZero() && !item.GetRecorded().AsTime().Before(speaker.RevokedSince) {
		return append(slices.Clone(marks), valisev1.Mark_MARK_KEY_REVOKED_SINCE)
	}
	return marks
}
