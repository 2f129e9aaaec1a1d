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
	case th.GetOutbound():
		return adviseInquiry(th.GetOursDone())
	}
	return adviseResponse(th.GetOursDone())
}
