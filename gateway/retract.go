package gateway

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Retract takes a message back as far as that is still possible: before its release it is deleted;
// with a number but before its first publication a Void takes its place; later a Retraction asks
// the peer to disregard it, and deletes nothing. docs/protocol.md §7.3
func (g *Gateway) Retract(ctx context.Context, a Actor, r *valisev1.RetractMessageRequest) (*valisev1.RetractMessageResponse, error) {
	const op = "retract"
	role, err := a.as(mayRetract)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	t := retraction{actor: a, role: role, reason: r.GetReason(), only: r.GetWithdrawOnly()}
	if err := g.newIDs(&t.id, nil); err != nil {
		return nil, asError(op, err, 0)
	}
	kept, release, err := g.keepBack(ctx, a, req, r.GetMessage())
	if err != nil {
		return nil, asError(op, err, 0)
	}
	defer release()
	out := new(valisev1.RetractMessageResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.once(req, out, func() error {
			p, err := w.findOurs(a, r.GetMessage())
			if err != nil {
				return err
			}
			return w.retract(t, p, kept, out)
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// retraction is who takes a message back, and the id of a Retraction if one must be sent.
type retraction struct {
	actor  Actor
	role   valisev1.Role
	reason string
	id     ident.MessageID
	only   bool // nothing but withdrawing is meant: no Retraction is sent
}

// keepBack stops a message from being handed out while it is withdrawn. kept is its digest if it
// has certainly never left: it was released in this life and never handed out. What was answered
// before keeps nothing back, whatever its message is now.
func (g *Gateway) keepBack(ctx context.Context, a Actor, req request, message string) (kept ident.Digest, release func(), err error) {
	var p place
	err = g.view(ctx, "retract", func(w *work) error {
		done, err := w.answered(req, new(valisev1.RetractMessageResponse))
		if err == nil && !done {
			p, err = w.findOurs(a, message)
		}
		return err
	})
	if err != nil {
		return kept, nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.schedule.byDigest[p.digest]
	if e == nil || !e.young || e.kept {
		return ident.Digest{}, func() {}, nil
	}
	e.kept = true
	return p.digest, func() {
		g.mu.Lock()
		e.kept = false
		g.mu.Unlock()
		g.cfg.Changed() // who looked meanwhile did not see it
	}, nil
}

func (w *work) retract(t retraction, p place, kept ident.Digest, out *valisev1.RetractMessageResponse) error {
	th, found, err := w.thread(p.thread)
	if err != nil {
		return err
	}
	if !found {
		return damaged("a message of ours has no thread")
	}
	fact := new(valisev1.DeliveryFact)
	if !p.digest.IsZero() {
		if _, err := w.load(tableFacts, p.digest[:], fact); err != nil {
			return err
		}
	}
	if fact.GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN || p.digest.IsZero() && p.row == 0 {
		return notNow("this message was withdrawn before")
	}
	out.Sent = &valisev1.Sent{}
	if p.row == 0 {
		return w.sendRetraction(t, th, p, out)
	}
	row, err := w.loadRow(p.row - 1)
	if err != nil {
		return err
	}
	switch {
	case row.GetSequence() == 0:
		return w.deleteDraft(t, th, row, p, out)
	case ident.Epoch(row.GetEpoch()) != w.epochs.present():
		// A life that a restore has forgotten may have sent it. docs/protocol.md §7.6
		return w.sendRetraction(t, th, p, out)
	case row.GetSlot() == noSlot, p.digest == kept && row.GetStage() == valisev1.Stage_STAGE_RELEASED:
		return w.withdraw(t, th, row, p, out)
	}
	return w.sendRetraction(t, th, p, out)
}

// deleteDraft removes a message that was never released. Whoever may only draft removes only
// their own. A-9 s4
func (w *work) deleteDraft(t retraction, th *valisev1.Thread, row *valisev1.Outgoing, p place, out *valisev1.RetractMessageResponse) error {
	if t.role == valisev1.Role_ROLE_DRAFTER && !wrote(row, t.actor.Name) {
		return refuse(valisev1.Reason_REASON_NOT_PERMITTED, "a drafter withdraws only what they drafted")
	}
	if err := w.leaveOutbox(p.row-1, row); err != nil {
		return err
	}
	if err := w.dropDrafted(row); err != nil {
		return err
	}
	w.after.unhold = append(w.after.unhold, p.row-1)
	if opensThread(row.GetKind()) {
		th.State, th.Title = stateWithdrawn, "" // what was never sent leaves no words behind
	}
	if err := w.noteDraft(th, row, valisev1.DraftAct_DRAFT_ACT_WITHDRAWN, hand{t.actor.Name, roleName(t.role)}, ""); err != nil {
		return err
	}
	w.tellWithdrawn(th, row, out)
	return w.saveThread(th)
}

// withdraw voids a message that has its number but never left.
func (w *work) withdraw(t retraction, th *valisev1.Thread, row *valisev1.Outgoing, p place, out *valisev1.RetractMessageResponse) error {
	if _, err := t.actor.as(mayRelease); err != nil {
		return err
	}
	w.tellWithdrawn(th, row, out)
	if err := w.deliver(th.GetId(), p.digest, valisev1.Delivery_DELIVERY_WITHDRAWN, time.Time{}, 0); err != nil {
		return err
	}
	if err := w.stopAttachments(p.digest[:], valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED, 0); err != nil {
		return err
	}
	if err := w.void(row, p.row-1); err != nil {
		return err
	}
	if err := w.replayThread(th); err != nil {
		return err
	}
	return w.saveThread(th)
}

func (w *work) tellWithdrawn(th *valisev1.Thread, row *valisev1.Outgoing, out *valisev1.RetractMessageResponse) {
	w.tell(th, row, out.Sent)
	out.Sent.Delivery, out.Sent.DeliveryReason = valisev1.Delivery_DELIVERY_WITHDRAWN, valisev1.Reason_REASON_UNSPECIFIED
	out.Sent.PendingClearance, out.Withdrawn = false, true
	th.Changed = timestamppb.New(w.now)
}

// sendRetraction asks the peer to disregard what has left. It goes the way of any other message,
// a second person included. docs/protocol.md §5.2
func (w *work) sendRetraction(t retraction, th *valisev1.Thread, p place, out *valisev1.RetractMessageResponse) error {
	if t.only {
		return refuse(valisev1.Reason_REASON_ALREADY_LEFT, "it has left, or may have, and was only to be taken back while it had not")
	}
	role, err := t.actor.as(maySend)
	if err != nil {
		return err
	}
	return w.reply(th, outgoing{
		id: t.id, actor: t.actor, role: roleName(role), options: &valisev1.SendOptions{},
		payload: &valisev1.Retraction{Message: digestOf(p.digest), Reason: t.reason},
	}, "", out.Sent)
}
