package gateway

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Limits of what SendOptions may ask for.
const (
	longestUndo  = time.Hour
	longestDelay = 366 * 24 * time.Hour
	// maxPayload leaves room for the header in 250,000 bytes of content. docs/protocol.md §4.1
	maxPayload = 248_000
)

// outgoing is one message on its way into the outbox.
type outgoing struct {
	pair      Pair
	id        ident.MessageID
	thread    ident.ThreadID
	payload   proto.Message
	inReplyTo ident.Digest
	actor     Actor
	role      string
	options   *valisev1.SendOptions
	uploads   [][]byte // where the bytes of each attachment lie
	bound     bool     // its attachments have been found before
}

func (m outgoing) kind() valisev1.Kind { return valisev1.KindOf(m.payload) }

// Inquire begins a thread: the Procedure for inquiry. It is durable when it returns, and done
// once for each request id. The error is an *Error: NOT_PERMITTED, WRONG_TRACK, WRONG_REALM,
// NOT_FOUND, NOT_IN_THIS_STATE where nothing was referred, STATE_LEFT, KEY_CHANGED, BAD_REQUEST, BAD_TEXT, PAYLOAD, TOO_LARGE, REQUEST_ID_CONFLICT or
// STORAGE_UNKNOWN. I-1..I-4
func (g *Gateway) Inquire(ctx context.Context, a Actor, r *valisev1.SendInquiryRequest) (*valisev1.Sent, error) {
	const op = "inquire"
	role, err := a.as(maySend)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetOptions().GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	m := outgoing{actor: a, role: roleName(role), options: r.GetOptions()}
	if err := g.newIDs(&m.id, &m.thread); err != nil {
		return nil, asError(op, err, 0)
	}
	sent := new(valisev1.Sent)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, sent, func() error { return w.inquire(m, r, sent) })
	})
	if err != nil {
		return nil, err
	}
	return sent, nil
}

func (w *work) inquire(m outgoing, r *valisev1.SendInquiryRequest, sent *valisev1.Sent) error {
	var err error
	if m.pair, err = w.pairFor(r.GetTo(), r.GetFrom()); err != nil {
		return err
	}
	if r.GetInquiry() == nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "there is no inquiry to send")
	}
	if err := m.actor.speaksOn(m.pair.Ours.Track); err != nil {
		return err
	}
	inquiry := proto.CloneOf(r.GetInquiry())
	if err := requireOriginator(inquiry); err != nil {
		return err
	}
	inquiry.Referral = nil // said by the node, never by a draft
	m.payload = inquiry
	if r.GetFollows() == "" {
		_, err := w.openThread(m, &valisev1.Thread{Title: inquiry.GetTitle()}, sent)
		return err
	}
	return w.takeUp(m, inquiry, r.GetFollows(), sent)
}

// openThread submits the message that begins a thread of ours, of which th says what is known before.
// docs/protocol.md §5.2
func (w *work) openThread(m outgoing, th *valisev1.Thread, sent *valisev1.Sent) (*valisev1.Thread, error) {
	th.Id, th.Ours, th.Peer, th.Outbound = m.thread[:], m.pair.Ours.String(), m.pair.Peer.String(), true
	th.Opened, th.Opening = timestamppb.New(w.now), m.kind()
	if err := w.addPrefix(prefixThread, named{id: m.thread}); err != nil {
		return nil, err
	}
	return th, w.submit(th, m, sent)
}

// newIDs makes the ids of a message, outside the transaction so that a second run of it makes
// the same message.
func (g *Gateway) newIDs(id *ident.MessageID, thread *ident.ThreadID) error {
	if err := g.fill(id[:]); err != nil {
		return err
	}
	if thread == nil {
		return nil
	}
	return g.fill(thread[:])
}

// pairFor finds who writes to whom: diplomatic to diplomatic, technical to technical. A-9 s2
func (w *work) pairFor(to, from string) (Pair, error) {
	peer, err := ident.ParseAddress(to)
	if err != nil {
		return Pair{}, &Error{Reason: valisev1.Reason_REASON_BAD_REQUEST, Err: err, Detail: "the recipient is no address such as XB/technical"}
	}
	var p Pair
	for _, ours := range w.g.cfg.Ours {
		if from == ours.String() || from == "" && ours.Track == peer.Track {
			p = Pair{Ours: ours, Peer: peer}
		}
	}
	switch {
	case p.Ours.IsZero() && from != "":
		return Pair{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "this node does not speak for that sender")
	case p.Ours.IsZero(), p.Ours.Track != peer.Track:
		return Pair{}, wrongTrack()
	case peer.State == p.Ours.State:
		return Pair{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a State does not write to itself; coordinate at home")
	}
	return p, w.reachable(p)
}

// reachable: the peer is at home in this realm and takes part, and nobody need call it first.
func (w *work) reachable(p Pair) error {
	if !w.g.cfg.Realm.Admits(p.Peer.State) {
		return refuse(valisev1.Reason_REASON_WRONG_REALM, "invented States take part in exercises, all others in operation")
	}
	if _, err := w.dir.Lookup(p.Peer); err != nil {
		at, _ := w.dir.Left(p.Peer.State)
		return fromDirectory(err, at)
	}
	if w.dir.InQuestion(p.Peer.State) {
		return refuse(valisev1.Reason_REASON_KEY_CHANGED, "the State shows another root, about which nobody has called back yet")
	}
	return nil
}

func wrongTrack() error {
	return refuse(valisev1.Reason_REASON_WRONG_TRACK,
		"diplomatic POCs write to diplomatic ones and technical to technical; a Referral can point to the other track")
}

// submit writes a message into the outbox at the stage that options, roles and the State's own
// rules give it, and tells the officer how it stands. A-9 s4
func (w *work) submit(th *valisev1.Thread, m outgoing, sent *valisev1.Sent) error {
	if err := w.complete(th, &m); err != nil {
		return err
	}
	payload, err := marshalPayload(m.payload)
	if err != nil {
		return err
	}
	row := &valisev1.Outgoing{
		MessageId: m.id[:], Thread: th.GetId(), From: m.pair.Ours.String(), To: m.pair.Peer.String(),
		Kind: m.kind(), Payload: payload, Slot: noSlot, Created: timestamppb.New(w.now),
		Officer: m.actor.Name, Role: m.role, Authors: []string{m.actor.Name}, Uploads: m.uploads,
	}
	if !m.inReplyTo.IsZero() {
		row.InReplyTo = m.inReplyTo[:]
	}
	if row.NotBefore, err = w.notBefore(m.options); err != nil {
		return err
	}
	if err := w.pairKnown(m.pair); err != nil {
		return err
	}
	ordinal, err := w.enter(row)
	if err != nil {
		return err
	}
	behind, err := w.afterHeld(th, row, ordinal)
	if err != nil {
		return err
	}
	stage := w.firstStage(m, row, behind)
	if err := w.moveTo(stage, th, row, ordinal, m.by()); err != nil {
		return err
	}
	w.tell(th, row, sent)
	if ack, ok := m.payload.(*valisev1.Acknowledgement); ok {
		sent.Covers, err = w.messageIDs(ack.GetMessages())
	}
	return err
}

// firstStage: a draft stays one; what needs a second person waits for it; the rest is submitted.
func (w *work) firstStage(m outgoing, row *valisev1.Outgoing, behind bool) valisev1.Stage {
	switch {
	case m.options.GetDraft():
		return valisev1.Stage_STAGE_DRAFT
	case w.g.cfg.needsSecond(m.pair.Ours.Track, m.role) && !isCheck(m.kind()):
		return valisev1.Stage_STAGE_PENDING_CLEARANCE
	}
	return w.submittedStage(row, behind)
}

// afterHeld: nothing overtakes what is held in its thread, or the peer would read it in another
// order, and refuse what comes before its inquiry. It reports whether something is held there,
// also when its time has come and nobody has released it yet. P3
func (w *work) afterHeld(th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64) (behind bool, err error) {
	err = w.tx.Rows(tableThreadOut, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		if n >= ordinal {
			return false, nil
		}
		before, err := w.loadRow(n)
		if err != nil || before.GetStage() != valisev1.Stage_STAGE_HELD {
			return err == nil, err
		}
		behind = true
		// By the clock of now: the one before may have been written by a clock that was years ahead.
		if at := w.heldUntil(before); row.GetNotBefore() == nil || at.After(row.GetNotBefore().AsTime()) {
			row.NotBefore = timestamppb.New(at)
		}
		return true, nil
	})
	return behind, err
}

// submittedStage: held until its time has come and nothing before it is held, else released now.
func (w *work) submittedStage(row *valisev1.Outgoing, behind bool) valisev1.Stage {
	if behind || row.GetNotBefore() != nil && row.GetNotBefore().AsTime().After(w.now) {
		return valisev1.Stage_STAGE_HELD
	}
	return valisev1.Stage_STAGE_RELEASED
}

// moveTo brings a row to a stage: every move leaves an item that names who did it, a release its message.
func (w *work) moveTo(stage valisev1.Stage, th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64, by hand) error {
	if stage == valisev1.Stage_STAGE_RELEASED {
		return w.release(th, row, ordinal)
	}
	row.Stage, row.Reason = stage, valisev1.Reason_REASON_UNSPECIFIED
	if opensThread(row.GetKind()) {
		th.State = map[valisev1.Stage]valisev1.ThreadState{
			valisev1.Stage_STAGE_DRAFT: stateDraft, valisev1.Stage_STAGE_PENDING_CLEARANCE: statePending, valisev1.Stage_STAGE_HELD: stateQueued,
		}[stage]
	}
	if stage == valisev1.Stage_STAGE_HELD {
		row.Reason = w.deliveryReason(row)
		w.after.hold = append(w.after.hold, heldRow{row: ordinal, due: w.heldUntil(row), since: w.now})
	}
	if err := w.noteDraft(th, row, stageAct[stage], by, ""); err != nil {
		return err
	}
	if err := w.saveRow(ordinal, row); err != nil {
		return err
	}
	return w.saveThread(th)
}

// notBefore is when a message may be released at the earliest: nil for now.
func (w *work) notBefore(o *valisev1.SendOptions) (*timestamppb.Timestamp, error) {
	undo := time.Duration(o.GetUndoSeconds()) * time.Second
	if undo > longestUndo {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a message can be held back for undo for an hour at most")
	}
	if w.g.cfg.Pace != nil {
		undo *= time.Duration(w.g.cfg.Pace())
	}
	at := w.now.Add(undo)
	if t := o.GetNotBefore(); t != nil {
		if !t.IsValid() || t.AsTime().Sub(w.now) > longestDelay {
			return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a message can be held back for a year at most")
		}
		if t.AsTime().After(at) {
			at = t.AsTime()
		}
	}
	if !at.After(w.now) {
		return nil, nil
	}
	return timestamppb.New(at), nil
}

// heldUntil is when a held row is due. A clock that went back since must not hold it for longer
// than was asked.
func (w *work) heldUntil(row *valisev1.Outgoing) time.Time {
	due, created := row.GetNotBefore().AsTime(), row.GetCreated().AsTime()
	if w.now.Before(created) {
		return w.now.Add(due.Sub(created))
	}
	return due
}

// tell is what the officer hears of a message in the outbox.
func (w *work) tell(th *valisev1.Thread, row *valisev1.Outgoing, sent *valisev1.Sent) {
	sent.Thread = ident.ThreadID(th.GetId()).String()
	sent.Message = ident.MessageID(row.GetMessageId()).String()
	sent.Kind = row.GetKind()
	sent.Advice = adviceFor(w.onceReleased(th, row))
	switch row.GetStage() {
	case valisev1.Stage_STAGE_DRAFT:
	case valisev1.Stage_STAGE_PENDING_CLEARANCE:
		sent.PendingClearance = true
	default:
		sent.Delivery = valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE
		sent.DeliveryReason = row.GetReason()
	}
}

// onceReleased is the thread as it will be when a row is released, for the advice on a draft.
func (w *work) onceReleased(th *valisev1.Thread, row *valisev1.Outgoing) *valisev1.Thread {
	m, known := valisev1.NewPayload(row.GetKind())
	if row.GetSequence() > 0 || !known || proto.Unmarshal(row.GetPayload(), m) != nil {
		return th
	}
	return applyMessage(th, event{ours: true, kind: row.GetKind(), message: m, created: w.now})
}

// messageIDs names messages by id, as officers know them.
func (w *work) messageIDs(digests [][]byte) ([]string, error) {
	var out []string
	for _, d := range digests {
		p, found, err := w.placeAt(tableDigest, d)
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, p.id.String())
		}
	}
	return out, nil
}
