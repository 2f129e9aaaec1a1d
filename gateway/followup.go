package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// FollowUpCheck records that the authorities of a State were contacted, because a check of ours has no
// answer once its time has passed, or because an answer says that the entry needs change; and how that
// ended. The peer's node is told nothing. The error is an *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS,
// NOT_IN_THIS_STATE, BAD_REQUEST, BAD_TEXT, DISK_FULL, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. A-8 s3
func (g *Gateway) FollowUpCheck(ctx context.Context, a Actor, r *valisev1.FollowUpCheckRequest) (*valisev1.FollowUpCheckResponse, error) {
	const op = "follow up check"
	role, err := a.as(mayLog)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.FollowUpCheckResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() (err error) {
			out.Item, err = w.followUp(a, hand{a.Name, roleName(role)}, r)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *work) followUp(a Actor, by hand, r *valisev1.FollowUpCheckRequest) (uint64, error) {
	started, threads, err := w.campaignOf(a, r.GetCampaign())
	if err != nil {
		return 0, err
	}
	var th *valisev1.Thread
	for _, t := range threads {
		if t.GetPeer() == r.GetAddress() {
			th = t
		}
	}
	if th == nil {
		return 0, refuse(valisev1.Reason_REASON_NOT_FOUND, "this campaign has not asked that point of contact")
	}
	if err := w.mayFollowUp(th); err != nil {
		return 0, err
	}
	if _, known := valisev1.CheckOutcome_name[int32(r.GetOutcome())]; !known {
		return 0, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the outcome is none that is known")
	}
	if r.GetContact() == nil {
		return 0, refuse(valisev1.Reason_REASON_BAD_REQUEST, "following up says who was contacted, when, and by which detail")
	}
	c := proto.CloneOf(r.GetContact())
	c.Peer = th.GetPeer()
	if err := w.finishContact(c); err != nil {
		return 0, err
	}
	n, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_CHECK, Thread: th.GetId(), Officer: by.officer, Role: by.role,
		Check: &valisev1.CheckFact{
			Campaign: started.GetCheck().GetCampaign(), Act: valisev1.CheckAct_CHECK_ACT_FOLLOWED_UP, Contact: c, Outcome: r.GetOutcome(),
		},
	})
	if err != nil {
		return 0, err
	}
	th.Changed = timestamppb.New(w.now)
	return n, w.saveThread(th)
}

// mayFollowUp: nobody is contacted over the head of a desk whose time has not passed. A-8 s3
func (w *work) mayFollowUp(th *valisev1.Thread) error {
	c := th.GetCheck()
	switch {
	case th.GetState() == stateWithdrawn:
		return notNow("this check was taken back before it left")
	case c.GetAnswer() == valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE:
		return nil
	case c.GetAnswer() == valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT:
		return notNow("a person has answered that the entry is right: there is nothing to follow up")
	case !w.now.After(c.GetDeadline().AsTime()):
		return notNow("the time for an answer has not passed yet")
	}
	return nil
}

// finishContact fills in what the node knows of a contact, and holds it against the rules.
func (w *work) finishContact(c *valisev1.ContactLog) error {
	if c.GetAt() == nil {
		c.At = timestamppb.New(w.now)
	}
	c.Source = w.sourceOf(c) // said by the node, never by who logs
	return checkContact(c)
}

// sourceOf compares a contact detail with the entry in force. A-8
func (w *work) sourceOf(c *valisev1.ContactLog) valisev1.ContactSource {
	peer, err := ident.ParseAddress(c.GetPeer())
	if err != nil || c.GetDetail() == "" {
		return valisev1.ContactSource_CONTACT_SOURCE_UNSPECIFIED
	}
	poc, err := w.dir.Lookup(peer)
	switch {
	case err != nil:
		return valisev1.ContactSource_CONTACT_SOURCE_UNSPECIFIED
	case registeredDetail(poc.Point, c.GetDetail()):
		return valisev1.ContactSource_CONTACT_SOURCE_REGISTERED
	}
	return valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE
}
