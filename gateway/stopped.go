package gateway

import (
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// mayLeave holds a message whose time has come against the handling rules as they stand then: what
// was consented to when it was written or cleared may have expired or been withdrawn while it was
// held. why is nil where it may leave. A-11 s2
func (w *work) mayLeave(th *valisev1.Thread, row *valisev1.Outgoing) (why *Error, err error) {
	m, err := rowPayload(row)
	if err != nil {
		return nil, err
	}
	p, err := pairOf(th)
	if err != nil {
		return nil, err
	}
	err = w.mayForward(p.Peer.State, m)
	if e, is := errors.AsType[*Error](err); is && isHandling(e.Reason) {
		return e, nil
	}
	return nil, err
}

// isHandling reports whether a reason says that something may not go to whom it was to go to.
func isHandling(r valisev1.Reason) bool {
	return r == valisev1.Reason_REASON_NO_CONSENT || r == valisev1.Reason_REASON_HANDLING
}

// stop makes a draft of a message that may not leave any more: with its words and files, and with the
// reason, by which officers find it. It goes on only by an act of theirs, which asks again.
// docs/protocol.md §9.4, A-11 s2
func (w *work) stop(th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64, why *Error) error {
	row.Stage, row.Reason, row.NotBefore = valisev1.Stage_STAGE_DRAFT, why.Reason, nil
	if opensThread(row.GetKind()) {
		th.State = stateDraft
	}
	th.Changed = timestamppb.New(w.now)
	if _, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_DRAFT, Thread: th.GetId(), Kind: row.GetKind(), Reason: why.Reason,
		DraftAct: valisev1.DraftAct_DRAFT_ACT_STOPPED, Note: why.Detail, Evidence: row.GetMessageId(),
	}); err != nil {
		return err
	}
	if err := w.saveRow(ordinal, row); err != nil {
		return err
	}
	return w.saveThread(th)
}

// isStopped reports whether a row waits for an officer because it may not leave as it is.
func isStopped(row *valisev1.Outgoing) bool {
	return row.GetStage() == valisev1.Stage_STAGE_DRAFT && row.GetReason() != valisev1.Reason_REASON_UNSPECIFIED
}
