package gateway

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"
)

// Revise writes a draft, or what was sent back, anew in its place: message and thread stay, the
// files it names are brought again. Whoever wrote any of it is no second person for it. A drafter
// revises only what they wrote. The error is an *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS,
// NOT_IN_THIS_STATE, BAD_REQUEST for another kind, and those of Reply. A-9 s4
func (g *Gateway) Revise(ctx context.Context, a Actor, r *valisev1.ReviseMessageRequest) (*valisev1.ReviseMessageResponse, error) {
	const op = "revise"
	role, err := a.as(maySend)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.ReviseMessageResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error {
			th, row, p, err := w.unreleased(a, r.GetMessage())
			if err != nil {
				return err
			}
			m := outgoing{actor: a, role: roleName(role)}
			if m.payload, err = anew(row, r.GetPayload()); err != nil {
				return err
			}
			out.Sent = &valisev1.Sent{}
			return w.revise(th, row, p.row-1, m, out.Sent)
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// anew is what a draft is to say now: of its own kind, about the same message as before.
func anew(row *valisev1.Outgoing, p *valisev1.Payload) (proto.Message, error) {
	r := p.ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().ByName("payload"))
	if fd == nil || valisev1.Kind(fd.Number()) != row.GetKind() {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a draft is revised as the kind of message that it is")
	}
	m := proto.Clone(r.Get(fd).Message().Interface())
	before, known := valisev1.NewPayload(row.GetKind())
	if !known {
		return nil, damaged("a draft is of no known kind")
	}
	if err := unmarshalOwn(row.GetPayload(), before); err != nil {
		return nil, err
	}
	keepWhatItIsAbout(m.ProtoReflect(), before.ProtoReflect())
	if asked, ok := m.(*valisev1.ConsentRequest); ok && len(asked.GetMessages()) == 0 {
		asked.Messages = before.(*valisev1.ConsentRequest).GetMessages()
	}
	return m, nil
}

// aboutFields are what the node has filled in for a draft: which message it takes back, puts right or
// answers, which referral it takes up, which consent it decides or ends.
var aboutFields = []protoreflect.Name{"message", "proposal", "referral", "request", "decision"}

func keepWhatItIsAbout(m, before protoreflect.Message) {
	for _, name := range aboutFields {
		fd := m.Descriptor().Fields().ByName(name)
		if fd != nil && fd.Kind() == protoreflect.BytesKind && before.Has(fd) {
			m.Set(fd, before.Get(fd))
		}
	}
}

func (w *work) revise(th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64, m outgoing, sent *valisev1.Sent) error {
	if row.GetStage() != valisev1.Stage_STAGE_DRAFT {
		return notNow("only a draft is written anew; what waits for clearance is sent back first")
	}
	if m.role == roleName(valisev1.Role_ROLE_DRAFTER) && !wrote(row, m.actor.Name) {
		return refuse(valisev1.Reason_REASON_NOT_PERMITTED, "a drafter revises only what they wrote")
	}
	var err error
	if m.pair, err = pairOf(th); err != nil {
		return err
	}
	if err := w.reachable(m.pair); err != nil {
		return err
	}
	if q, ok := m.payload.(opening); ok && opensThread(m.kind()) {
		if err := requireOriginator(q); err != nil {
			return err
		}
		th.Title = q.GetTitle()
	} else if err := w.fits(th, m.payload, place{}); err != nil {
		return err
	}
	if err := w.complete(th, &m); err != nil {
		return err
	}
	payload, err := marshalPayload(m.payload)
	if err != nil {
		return err
	}
	// The files of before go only now: what was refused has changed nothing.
	if err := w.dropDrafted(row); err != nil {
		return err
	}
	if !wrote(row, m.actor.Name) {
		row.Authors = append(slices.Clone(authorsOf(row)), m.actor.Name)
	}
	row.Payload, row.Uploads, row.Officer, row.Role = payload, m.uploads, m.actor.Name, m.role
	row.Reason = valisev1.Reason_REASON_UNSPECIFIED // what stopped it was asked again by complete
	if err := w.noteDraft(th, row, valisev1.DraftAct_DRAFT_ACT_REVISED, m.by(), ""); err != nil {
		return err
	}
	if err := w.saveRow(ordinal, row); err != nil {
		return err
	}
	w.tell(th, row, sent)
	if ack, ok := m.payload.(*valisev1.Acknowledgement); ok {
		if sent.Covers, err = w.messageIDs(ack.GetMessages()); err != nil {
			return err
		}
	}
	return w.saveThread(th)
}

// authorsOf are all who wrote any of a message; a row that names none has one.
func authorsOf(row *valisev1.Outgoing) []string {
	if len(row.GetAuthors()) == 0 {
		return []string{row.GetOfficer()}
	}
	return row.GetAuthors()
}

// marshalPayload writes what a message says, within what a content can hold. docs/protocol.md §4.1
func marshalPayload(m proto.Message) ([]byte, error) {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, &Error{Reason: valisev1.Reason_REASON_BAD_TEXT, Err: err, Detail: "the message holds text that is not UTF-8"}
	}
	if len(payload) > maxPayload {
		return nil, refuse(valisev1.Reason_REASON_TOO_LARGE, "the message has more than %d bytes", maxPayload)
	}
	return payload, nil
}
