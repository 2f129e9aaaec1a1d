package gateway

import (
	valisev1 "valise.example/proto/valise/v1"
)

// advice is a list of steps of a procedure, in its order.
type advice []struct {
	step string
	done bool
	text string
}

// open are the steps not taken yet.
func (a advice) open() []*valisev1.Advice {
	var out []*valisev1.Advice
	for _, s := range a {
		if !s.done {
			out = append(out, &valisev1.Advice{Step: s.step, Text: s.text})
		}
	}
	return out
}

// adviceFor says what our side may still do in a thread. It never speaks of the peer's part:
// silence is no fault. A-10 s1, A-10a
func adviceFor(th *valisev1.Thread) []*valisev1.Advice {
	switch {
	case isClosed(th), th.GetState() == stateWithdrawn:
		return nil
	case th.GetOutbound() && len(th.GetInquiry()) == 0:
		return nil // not released yet: what it says counts from then on
	case th.GetOpening() == valisev1.Kind_KIND_VOLUNTARY_NOTICE:
		return adviseNotice(th)
	case th.GetOpening() == valisev1.Kind_KIND_PING:
		return adviseCheck(th)
	case th.GetOutbound():
		return adviseInquiry(th.GetOursDone())
	}
	return adviseResponse(th.GetOursDone())
}

// leaveOut: what a State keeps to itself, or what does not apply, is no open step. What is not
// known yet still is. A-10b
func leaveOut(done *valisev1.Progress, e event) {
	m, ok := e.message.(interface{ GetAbsent() []*valisev1.AbsentFact })
	if !ok {
		return
	}
	for _, fact := range m.GetAbsent() {
		if fact.GetWhy() != valisev1.Absence_ABSENCE_WITHHELD && fact.GetWhy() != valisev1.Absence_ABSENCE_NOT_APPLICABLE {
			continue
		}
		switch fact.GetField() {
		case "narrative", "incident":
			done.Nature = true
		case "questions":
			done.Asked = true
		case "preferred_channel":
			done.Channel = true
		case "nominated_agency":
			done.Agency = true
		case "estimate":
			done.Estimate = true
		}
	}
}
