package gateway

import (
	valisev1 "valise.example/proto/valise/v1"
)

// followResponse takes a message of the side that is asked through the Procedure for responding:
// A State decides whether and how it answers (A-10 s1), so no step blocks
// and none is ever overdue for the peer.
func followResponse(th *valisev1.Thread, e event) {
	done := progressOf(th, e.ours)
	acknowledge(th, e)
	answer(th, done, e)
	lookIntoIt(th, done, e)
	agreeAndNominate(th, done, e)
	leaveOut(done, e)
}

// adviseResponse lists what the side that is asked may still do. An answer at once completes the
// procedure; without one, a holding reply with channel and agency does.
func adviseResponse(done *valisev1.Progress) []*valisev1.Advice {
	if done.GetAnswered() {
		return nil
	}
	if !done.GetHolding() {
		return advice{
			{"R-1", false, "answer at once if that is possible"},
			{"R-2", false, "or say that you will look into it, with an estimated timeframe as appropriate"},
		}.open()
	}
	return advice{
		{"R-2", done.GetEstimate(), "give an estimated timeframe, as appropriate"},
		{"R-3", done.GetChannel(), "agree on a preferred channel"},
		{"R-3", done.GetAgency(), "nominate the agency that leads for this incident"},
	}.open()
}

// answer: an immediate or a later response, whole or in part. Declining is a lawful answer.
func answer(th *valisev1.Thread, done *valisev1.Progress, e event) {
	r, ok := e.message.(*valisev1.Response)
	if !ok {
		return
	}
	done.Answered = true
	switch r.GetOutcome() {
	case valisev1.Outcome_OUTCOME_DECLINED:
		setState(th, stateDeclined)
	case valisev1.Outcome_OUTCOME_REFERRED:
		setState(th, stateReferred)
	default:
		setState(th, stateResponded)
	}
}

// lookIntoIt: "we will look into it", with an estimate as appropriate. A revised estimate takes
// the place of the one before, which stays in the record.
func lookIntoIt(th *valisev1.Thread, done *valisev1.Progress, e event) {
	var estimate *valisev1.Estimate
	switch m := e.message.(type) {
	case *valisev1.HoldingReply:
		done.Holding = true
		estimate = m.GetEstimate()
		switch lastOpen(th) {
		case valisev1.ThreadState_THREAD_STATE_UNSPECIFIED, stateQueued, stateReceived, stateAcknowledged:
			setState(th, stateHolding)
		}
	case *valisev1.RevisedEstimate:
		estimate = m.GetEstimate()
	}
	if estimate.GetEstimate() != nil {
		done.Estimate = true
		th.Estimate, th.EstimateGiven = estimateTime(estimate, e.created), protoTime(e.created)
	}
}

// agreeAndNominate: preferred channel by mutual agreement, and the agency that leads.
func agreeAndNominate(th *valisev1.Thread, done *valisev1.Progress, e event) {
	nominate(th, done, e)
}

// acknowledge: a person says that it arrived. It implies nothing else. A-10 s4
func acknowledge(th *valisev1.Thread, e event) {
	if e.kind != valisev1.Kind_KIND_ACKNOWLEDGEMENT {
		return
	}
	switch lastOpen(th) {
	case valisev1.ThreadState_THREAD_STATE_UNSPECIFIED, stateQueued, stateReceived:
		setState(th, stateAcknowledged)
	}
}
