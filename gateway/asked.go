package gateway

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// noteAsked keeps what the peer has asked for and our side has not answered: consents, and a channel.
// What its own sender takes back is asked no more. A-11 s2, R-3
func noteAsked(th *valisev1.Thread, e event) {
	if e.agreed != nil {
		th.ChannelAsked = nil // agreed is agreed, whoever had proposed it. A-10 s3
	}
	if e.ours {
		noteAnswered(th, e)
		return
	}
	switch m := e.message.(type) {
	case *valisev1.ConsentRequest:
		if len(th.ConsentsAsked) < maxUnacknowledged {
			th.ConsentsAsked = append(th.ConsentsAsked, e.digest[:])
		}
	case *valisev1.ChannelProposal:
		th.ChannelAsked = e.digest[:]
	case *valisev1.ChannelAnswer:
		if m.GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER {
			th.ChannelAsked = e.digest[:]
		}
	case *valisev1.Retraction:
		askedNoMore(th, m.GetMessage())
	}
}

// noteAnswered: our side decided, or answered a channel.
func noteAnswered(th *valisev1.Thread, e event) {
	switch m := e.message.(type) {
	case *valisev1.ConsentDecision:
		askedNoMore(th, m.GetRequest())
	case *valisev1.ChannelAnswer:
		askedNoMore(th, m.GetProposal())
	}
}

func askedNoMore(th *valisev1.Thread, d []byte) {
	th.ConsentsAsked = slices.DeleteFunc(th.ConsentsAsked, func(x []byte) bool { return string(x) == string(d) })
	if string(th.GetChannelAsked()) == string(d) {
		th.ChannelAsked = nil
	}
}
