package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// Clear lets a message go on that waits for a second person; who wrote any of it cannot clear it. A
// draft is submitted by it: where the State wants four eyes it then waits for a second person, and
// else it is released. A-9 s4
func (g *Gateway) Clear(ctx context.Context, a Actor, r *valisev1.ClearMessageRequest) (*valisev1.ClearMessageResponse, error) {
	const op = "clear"
	role, err := a.as(append(mayClear, maySend...))
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.ClearMessageResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error {
			th, row, p, err := w.unreleased(a, r.GetMessage())
			if err != nil {
				return err
			}
			pair, err := pairOf(th)
			if err != nil {
				return err
			}
			if err := w.reachable(pair); err != nil {
				return err
			}
			out.Sent = &valisev1.Sent{}
			return w.clearRow(a, roleName(role), th, row, p.row-1, out.Sent)
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SendBack gives a message that waits for clearance back to its drafter, as a draft. A-9 s4
func (g *Gateway) SendBack(ctx context.Context, a Actor, r *valisev1.SendBackMessageRequest) (*valisev1.SendBackMessageResponse, error) {
	const op = "send back"
	role, err := a.as(mayClear)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	if len(r.GetNote()) > maxContactNote || !isText(r.GetNote()) {
		return nil, asError(op, refuse(valisev1.Reason_REASON_BAD_TEXT, "the note is too long, or holds control characters"), 0)
	}
	out := new(valisev1.SendBackMessageResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.once(req, out, func() error {
			th, row, p, err := w.unreleased(a, r.GetMessage())
			if err != nil {
				return err
			}
			if row.GetStage() != valisev1.Stage_STAGE_PENDING_CLEARANCE {
				return notNow("this message does not wait for clearance")
			}
			if wrote(row, a.Name) {
				return needsOther()
			}
			return w.sendBack(th, row, p.row-1, hand{a.Name, roleName(role)}, r.GetNote())
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *work) sendBack(th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64, by hand, why string) error {
	row.Stage = valisev1.Stage_STAGE_DRAFT
	if opensThread(row.GetKind()) {
		th.State = stateDraft
	}
	if err := w.noteDraft(th, row, valisev1.DraftAct_DRAFT_ACT_SENT_BACK, by, why); err != nil {
		return err
	}
	if err := w.saveRow(ordinal, row); err != nil {
		return err
	}
	return w.saveThread(th)
}

// unreleased finds a message of ours, of the actor's tracks, that has no number yet.
func (w *work) unreleased(a Actor, message string) (*valisev1.Thread, *valisev1.Outgoing, place, error) {
	p, err := w.findOurs(a, message)
	if err != nil {
		return nil, nil, place{}, err
	}
	if p.row == 0 || !p.digest.IsZero() {
		return nil, nil, place{}, notNow("this message waits for nobody")
	}
	row, err := w.loadRow(p.row - 1)
	if err != nil {
		return nil, nil, place{}, err
	}
	th, found, err := w.thread(p.thread)
	if err == nil && !found {
		err = damaged("a message of ours has no thread")
	}
	return th, row, p, err
}

// clearRow moves a row by one clearance: draft to pending, or to its release.
func (w *work) clearRow(a Actor, role string, th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64, sent *valisev1.Sent) error {
	from, _, err := rowAddresses(row)
	if err != nil {
		return err
	}
	second := w.g.cfg.needsSecond(from.Track, row.GetRole())
	may := a.has(valisev1.Role_ROLE_CLEARER) && !wrote(row, a.Name)
	switch row.GetStage() {
	case valisev1.Stage_STAGE_PENDING_CLEARANCE:
		if !a.has(valisev1.Role_ROLE_CLEARER) {
			return refuse(valisev1.Reason_REASON_NOT_PERMITTED, "this needs the role clearer")
		}
		if !may {
			return needsOther()
		}
	case valisev1.Stage_STAGE_DRAFT:
		if second && !may {
			return w.submitDraft(a, hand{a.Name, role}, th, row, ordinal, sent)
		}
		if !second && !a.has(valisev1.Role_ROLE_DUTY_OFFICER) {
			return refuse(valisev1.Reason_REASON_NOT_PERMITTED, "this needs the role duty_officer")
		}
	default:
		return notNow("this message waits for nobody")
	}
	if err := w.stillFits(th, row, ordinal); err != nil {
		return err
	}
	by := hand{a.Name, role}
	if err := w.noteDraft(th, row, valisev1.DraftAct_DRAFT_ACT_CLEARED, by, ""); err != nil {
		return err
	}
	behind, err := w.afterHeld(th, row, highest)
	if err != nil {
		return err
	}
	if err := w.moveTo(w.submittedStage(row, behind), th, row, ordinal, by); err != nil {
		return err
	}
	w.tell(th, row, sent)
	return nil
}

// submitDraft hands a draft to the second person.
func (w *work) submitDraft(a Actor, by hand, th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64, sent *valisev1.Sent) error {
	if !a.has(valisev1.Role_ROLE_DUTY_OFFICER) && !wrote(row, a.Name) {
		return refuse(valisev1.Reason_REASON_NOT_PERMITTED, "only a duty officer or the drafter submits a draft")
	}
	if err := w.moveTo(valisev1.Stage_STAGE_PENDING_CLEARANCE, th, row, ordinal, by); err != nil {
		return err
	}
	w.tell(th, row, sent)
	return nil
}

func needsOther() error {
	return refuse(valisev1.Reason_REASON_NEEDS_SECOND_PERSON, "whoever wrote any of a message does not clear it")
}
