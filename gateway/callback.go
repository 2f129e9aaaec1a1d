package gateway

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/directory"
	"valise.example/proto/ident"
)

// mayConfirm: whoever has the desk calls back; in a small State whoever runs the node does.
var mayConfirm = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_NODE_ADMIN}

// ConfirmRoot records what an officer heard when they called back about a State's root, and ends the
// question here; or, with first, when they called a State whose root nobody here had compared. Whether the
// root takes effect, or counts as compared, is the directory's: the caller tells it, and then
// DirectoryChanged. Once for each request id. The error is an *Error: NOT_PERMITTED, NOT_FOUND where no
// root is in question, KEY_CHANGED where it is another one, BAD_REQUEST, BAD_TEXT, REQUEST_ID_CONFLICT
// or STORAGE_UNKNOWN. docs/protocol.md §8.5
func (g *Gateway) ConfirmRoot(ctx context.Context, a Actor, r *valisev1.ConfirmRootRequest) (*valisev1.ConfirmRootResponse, error) {
	const op = "confirm root"
	role, err := a.as(mayConfirm)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.ConfirmRootResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.once(req, out, func() (err error) { return w.confirmRoot(hand{a.Name, roleName(role)}, r, out) })
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *work) confirmRoot(by hand, r *valisev1.ConfirmRootRequest, out *valisev1.ConfirmRootResponse) error {
	find := w.rootInQuestion
	if r.GetFirst() {
		find = w.rootToCallAbout
	}
	change, err := find(r)
	if err != nil {
		return err
	}
	fact, err := w.callFact(change, r)
	if err != nil {
		return err
	}
	if out.Item, err = w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_TRUST, Officer: by.officer, Role: by.role, Trust: fact,
	}); err != nil {
		return err
	}
	out.At, out.Source = fact.GetContact().GetAt(), fact.GetContact().GetSource()
	if r.GetFirst() {
		return nil // nothing was held, and nobody was asked
	}
	return w.endRootQuestion(change, out)
}

// callFact is what the record keeps of a call about a root, once it is one that counts.
func (w *work) callFact(change directory.RootChange, r *valisev1.ConfirmRootRequest) (*valisev1.TrustFact, error) {
	contact := proto.CloneOf(r.GetContact())
	if contact.GetAt() == nil && contact != nil {
		contact.At = timestamppb.New(w.now)
	}
	if err := checkCallBack(contact, change, r.GetSource()); err != nil {
		return nil, err
	}
	if contact.GetAt().AsTime().After(w.now) {
		return nil, refuseAt("contact.at", valisev1.Reason_REASON_BAD_REQUEST, "a call that has not been made yet brings nothing")
	}
	fact := rootFact(change)
	fact.Event, fact.Contact, fact.ReadAloud, fact.Source = valisev1.TrustEvent_TRUST_EVENT_CALLED_BACK, contact, r.GetReadAloud(), r.GetSource()
	if r.GetFirst() {
		fact.Event, fact.RootOffered = valisev1.TrustEvent_TRUST_EVENT_FIRST_CALL, nil
	}
	if fact.Outcome = valisev1.TrustOutcome_TRUST_OUTCOME_CONFIRMED; r.GetNotTheirs() {
		fact.Outcome = valisev1.TrustOutcome_TRUST_OUTCOME_NOT_THEIRS
	}
	s := sifter{}
	if f := s.message(fact.ProtoReflect()); f != nil {
		return nil, f.err()
	}
	if f := checkLines(fact.ProtoReflect()); f != nil {
		return nil, f.err()
	}
	return fact, nil
}

// endRootQuestion counts what was held, and ends the question that the call is an answer to.
func (w *work) endRootQuestion(change directory.RootChange, out *valisev1.ConfirmRootResponse) error {
	for h, err := range w.eachHeldMail() {
		if err != nil {
			return err
		}
		if h.pair.Peer.State == change.State {
			out.Held++
		}
	}
	known, err := w.questions()
	if err != nil {
		return err
	}
	for _, q := range known {
		if proto.Equal(q.fact, rootFact(change)) {
			return w.settle(q)
		}
	}
	return nil
}

// rootInQuestion finds the root that an officer called back about. One that was denied can still be
// confirmed: the State may have been wrong.
func (w *work) rootInQuestion(r *valisev1.ConfirmRootRequest) (c directory.RootChange, err error) {
	root, err := ident.ParseFingerprint(r.GetFingerprint())
	if err != nil {
		return c, refuseAt("fingerprint", valisev1.Reason_REASON_BAD_REQUEST, "a fingerprint is sixteen groups of five digits")
	}
	for _, c := range w.dir.KeyChanged() {
		switch {
		case c.State.String() != r.GetState(), c.Denied && r.GetNotTheirs():
		case c.Offered != root:
			return c, refuseAt("fingerprint", valisev1.Reason_REASON_KEY_CHANGED, "this is not the fingerprint of the root that the State shows now")
		default:
			return c, nil
		}
	}
	return c, refuse(valisev1.Reason_REASON_NOT_FOUND, "no root of this State waits for a call-back")
}

// checkCallBack: our side called, a person answered, and the number does not come from whoever made the
// entry in quarantine. docs/protocol.md §8.5
func checkCallBack(c *valisev1.ContactLog, change directory.RootChange, source string) error {
	meeting := c.GetMeans() == valisev1.ContactMeans_CONTACT_MEANS_MEETING
	registered := namesNumber(change.Telephones, c.GetDetail())
	switch {
	case c == nil:
		return refuseAt("contact", valisev1.Reason_REASON_BAD_REQUEST, "it is not said who was called, when, and by which number")
	case c.GetPerson() == "":
		return refuseAt("contact.person", valisev1.Reason_REASON_BAD_REQUEST, "it is not said who answered")
	case !meeting && c.GetMeans() != valisev1.ContactMeans_CONTACT_MEANS_CALL:
		return refuseAt("contact.means", valisev1.Reason_REASON_BAD_REQUEST, "a root is confirmed by a call or in a meeting: a mail comes from whoever has the mailbox")
	case !meeting && c.GetInbound():
		return refuseAt("contact.inbound", valisev1.Reason_REASON_BAD_REQUEST, "they called us, and anybody may: call them")
	case !meeting && c.GetDetail() == "":
		return refuseAt("contact.detail", valisev1.Reason_REASON_BAD_REQUEST, "it is not said which number was called")
	case !meeting && !registered && source == "" && namesNumber(change.OnlyOffered, c.GetDetail()):
		return refuseAt("contact.detail", valisev1.Reason_REASON_BAD_REQUEST, "only the entry in question names this number, so whoever made it answers there: call another, or say where else the number is from")
	case len(source) > maxContactLine:
		return refuseAt("source", valisev1.Reason_REASON_BAD_REQUEST, "where the number is from is said in one line")
	}
	if c.Source = valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE; registered {
		c.Source = valisev1.ContactSource_CONTACT_SOURCE_REGISTERED
	}
	if meeting && c.GetDetail() == "" {
		c.Source = valisev1.ContactSource_CONTACT_SOURCE_UNSPECIFIED
	}
	return checkCallLog(c)
}

// namesNumber compares telephone numbers without their blanks.
func namesNumber(numbers []string, detail string) bool {
	return detail != "" && slices.ContainsFunc(numbers, func(n string) bool {
		return registeredDetail(&valisev1.PointOfContact{Telephones: []string{n}}, strings.TrimSpace(detail))
	})
}
