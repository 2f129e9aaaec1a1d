package gateway

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// followCheck takes a thread that a Ping began through the communication check: one side asks, a
// person of the other answers. A machine's receipt is no answer, and neither is silence. A-8
func followCheck(th *valisev1.Thread, e event) {
	switch m := e.message.(type) {
	case *valisev1.Ping:
		beginCheck(th, m, e)
	case *valisev1.PingReply:
		if e.ours == th.GetOutbound() {
			return // only who was asked answers
		}
		answer := valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE
		if m.GetEntryCorrect() {
			answer = valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT
		}
		answerCheck(th, answer, answeredAt(e, th.GetCheck().GetAsked().AsTime()))
	}
}

func beginCheck(th *valisev1.Thread, m *valisev1.Ping, e event) {
	begin(th, "", e)
	c := checkOf(th)
	c.Deadline, c.Detail, c.EntryNumber, c.Asked = m.GetDeadline(), m.GetDetail(), m.GetEntryNumber(), protoTime(e.created)
	th.NeededBy = m.GetDeadline()
}

func checkOf(th *valisev1.Thread) *valisev1.ThreadCheck {
	if th.GetCheck() == nil {
		th.Check = &valisev1.ThreadCheck{}
	}
	return th.Check
}

// answeredAt is when an answer was given. What the State signed counts, so that nobody is late by the
// slowness of a relay, unless it cannot be true: before the question, or after it was recorded here.
// docs/protocol.md §5.2
func answeredAt(e event, asked time.Time) time.Time {
	if !e.recorded.IsZero() && (e.created.After(e.recorded) || e.created.Before(asked)) {
		return e.recorded
	}
	return e.created
}

// answerCheck: the first answer decides when, the newest one what. A-8 s2
func answerCheck(th *valisev1.Thread, answer valisev1.CheckAnswer, at time.Time) {
	c := checkOf(th)
	if c.GetAnswered() == nil {
		c.Answered = protoTime(at)
	}
	c.Answer = answer
	progressOf(th, !th.GetOutbound()).Answered = true
	switch lastOpen(th) {
	case valisev1.ThreadState_THREAD_STATE_UNSPECIFIED, stateQueued, stateReceived, stateAcknowledged:
		setState(th, stateResponded)
	}
}

// answerByContact: a person answered by telephone or email, and an officer of ours logged it. A-8 s2
func answerByContact(th *valisev1.Thread, c *valisev1.ContactLog) {
	if c.GetCheckAnswer() == valisev1.CheckAnswer_CHECK_ANSWER_UNSPECIFIED || !th.GetOutbound() || th.GetCheck() == nil {
		return
	}
	first := th.Check.GetAnswered() == nil
	answerCheck(th, c.GetCheckAnswer(), c.GetAt().AsTime())
	if first {
		th.Check.Way, th.Check.WaySource = c.GetDetail(), c.GetSource()
	}
}

// noteCheckAnswered: an answer says that the question arrived, and is not itself acknowledged. A-8 s2
func noteCheckAnswered(th *valisev1.Thread, m *valisev1.PingReply, e event) {
	progressOf(th, e.ours).Acknowledged = true
	if e.ours {
		th.Unacknowledged = slices.DeleteFunc(th.Unacknowledged, func(d []byte) bool { return string(d) == string(m.GetPing()) })
	}
}

// checkState is how a check of ours stands. done is the newest fact of following it up, or nil. A-8
func checkState(th *valisev1.Thread, done *valisev1.CheckFact, now time.Time) valisev1.CheckState {
	c := th.GetCheck()
	deadline := c.GetDeadline().AsTime()
	switch {
	case th.GetState() == stateWithdrawn:
		return valisev1.CheckState_CHECK_STATE_WITHDRAWN
	case c.GetAnswered() != nil && !c.GetAnswered().AsTime().After(deadline):
		return valisev1.CheckState_CHECK_STATE_REPLIED
	case c.GetAnswered() != nil:
		return valisev1.CheckState_CHECK_STATE_REPLIED_LATE
	case done.GetOutcome() == valisev1.CheckOutcome_CHECK_OUTCOME_ENTRY_UPDATED:
		return valisev1.CheckState_CHECK_STATE_ENTRY_UPDATED
	case done.GetOutcome() == valisev1.CheckOutcome_CHECK_OUTCOME_UNRESOLVED:
		return valisev1.CheckState_CHECK_STATE_UNRESOLVED
	case done != nil:
		return valisev1.CheckState_CHECK_STATE_FOLLOW_UP
	case !now.After(deadline):
		return valisev1.CheckState_CHECK_STATE_SENT
	}
	return valisev1.CheckState_CHECK_STATE_NO_REPLY
}

// adviseCheck: whoever is asked may answer; whoever asks has nothing to do but wait, or to call. A-8
func adviseCheck(th *valisev1.Thread) []*valisev1.Advice {
	if th.GetOutbound() || th.GetOursDone().GetAnswered() {
		return nil
	}
	return advice{{"A-8", false, "say that the entry is right, or what needs change: directory check answer"}}.open()
}

// isCheck reports whether a kind belongs to communication checks. A-8
func isCheck(k valisev1.Kind) bool {
	return k == valisev1.Kind_KIND_PING || k == valisev1.Kind_KIND_PING_REPLY
}

// passesToManager reports whether a kind may pass between a POC and a principal: communication checks,
// and what keeps channels whole. The directory holds no exchanged information. A-7b s2
func passesToManager(k valisev1.Kind) bool {
	switch k {
	case valisev1.Kind_KIND_VOID, valisev1.Kind_KIND_RETURN, valisev1.Kind_KIND_RETRACTION, valisev1.Kind_KIND_CLOSURE, valisev1.Kind_KIND_REOPEN:
		return true
	}
	return isCheck(k)
}

// speaksWith reports whether a POC of ours is the one that speaks with a peer: it is of the same track,
// or the only one where either is a principal. A-9 s2
func (c Config) speaksWith(ours, peer ident.Address) bool {
	if ours.State.IsPrincipal() || peer.State.IsPrincipal() {
		return len(c.Ours) == 1 && c.Ours[0] == ours
	}
	return ours.Track == peer.Track
}

// answersCheck: only a duty officer answers a check, and only now. A draft, or an hour to send it at,
// would be an answer of which nobody knows whether a person gave it when it was asked for. No second
// person is needed: it says that the desk is awake, and what its State has published. A-8 s2
func answersCheck(a Actor, role valisev1.Role, m proto.Message, o *valisev1.SendOptions) (valisev1.Role, error) {
	if _, is := m.(*valisev1.PingReply); !is {
		return role, nil
	}
	if o.GetDraft() || o.GetNotBefore() != nil {
		return 0, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a communication check is answered now, by a person: not as a draft, and not later by itself")
	}
	return a.as(mayRelease)
}

// fitsCheck holds what our side says against a thread that a Ping began, in which there is nothing but
// the question, its answer, and the closing of it; done is true where no other rule applies. A-8
func fitsCheck(th *valisev1.Thread, m proto.Message) (done bool, err error) {
	check := th.GetOpening() == valisev1.Kind_KIND_PING
	answer, is := m.(*valisev1.PingReply)
	switch {
	case is && !check:
		return true, notNow("nobody asked for a communication check in this thread")
	case is && th.GetOutbound():
		return true, notNow("our side asked in this thread; the other side answers")
	case is:
		answer.Ping = th.GetInquiry()
		return true, nil
	case !check:
		return false, nil
	}
	switch m.(type) {
	case *valisev1.Retraction, *valisev1.Closure, *valisev1.Reopen:
		return false, nil
	}
	return true, notNow("a communication check is answered by directory check answer; anything else has a thread of its own")
}

// judgeCheck: an answer to a communication check stands in the thread of its Ping, by whoever was
// asked. docs/protocol.md §5.2
func (w *work) judgeCheck(th *valisev1.Thread, in *incoming) (valisev1.Reason, error) {
	answer, is := in.opened.Message.(*valisev1.PingReply)
	if !is {
		return valisev1.Reason_REASON_UNSPECIFIED, nil
	}
	begun := openingOf(th)
	if begun != valisev1.Kind_KIND_UNSPECIFIED && (begun != valisev1.Kind_KIND_PING || !th.GetOutbound()) {
		return valisev1.Reason_REASON_THREAD, nil
	}
	p, found, err := w.placeAt(tableDigest, answer.GetPing())
	if err == nil && found && (p.thread != in.opened.Header.Thread || !p.ours) {
		return valisev1.Reason_REASON_PAYLOAD, nil
	}
	return valisev1.Reason_REASON_UNSPECIFIED, err
}
