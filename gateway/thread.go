package gateway

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// event is one message as it reaches this side's view of a thread, in thread order.
type event struct {
	ours    bool
	kind    valisev1.Kind
	message proto.Message // nil for a Void
	digest  ident.Digest
	created time.Time // the sender's clock
	// agreed is the channel that an accepting ChannelAnswer and the proposal of the other side
	// agree on together; nil otherwise. A-10 s3
	agreed *valisev1.Channel
	// recorded is our clock when it was recorded; zero for what is recorded now.
	recorded time.Time
}

// maxUnacknowledged is what one Acknowledgement can name. docs/protocol.md §7.4
const maxUnacknowledged = 2048

// threadState names, for short.
const (
	stateDraft        = valisev1.ThreadState_THREAD_STATE_DRAFT
	statePending      = valisev1.ThreadState_THREAD_STATE_PENDING_CLEARANCE
	stateQueued       = valisev1.ThreadState_THREAD_STATE_QUEUED
	stateReceived     = valisev1.ThreadState_THREAD_STATE_RECEIVED
	stateAcknowledged = valisev1.ThreadState_THREAD_STATE_ACKNOWLEDGED
	stateHolding      = valisev1.ThreadState_THREAD_STATE_HOLDING
	stateResponded    = valisev1.ThreadState_THREAD_STATE_RESPONDED
	stateDeclined     = valisev1.ThreadState_THREAD_STATE_DECLINED
	stateReferred     = valisev1.ThreadState_THREAD_STATE_REFERRED
	stateOffPlatform  = valisev1.ThreadState_THREAD_STATE_OFF_PLATFORM
	stateClosedByUs   = valisev1.ThreadState_THREAD_STATE_CLOSED_BY_US
	stateClosedByPeer = valisev1.ThreadState_THREAD_STATE_CLOSED_BY_PEER
	stateClosed       = valisev1.ThreadState_THREAD_STATE_CLOSED
	stateWithdrawn    = valisev1.ThreadState_THREAD_STATE_WITHDRAWN
)

// applyMessage steps this side's own view of a thread by one message. The other side may lawfully
// see another; silence steps nothing. docs/protocol.md §5.3, A-10 s1
func applyMessage(before *valisev1.Thread, e event) *valisev1.Thread {
	th := proto.CloneOf(before)
	if e.kind == valisev1.Kind_KIND_VOID {
		return th
	}
	goOnAfterClosing(th, e)
	if e.ours == th.GetOutbound() {
		followInquiry(th, e)
	} else {
		followResponse(th, e)
	}
	followCheck(th, e)
	refer(th, e)
	closeSide(th, e)
	noteAcknowledgement(th, e)
	noteAsked(th, e)
	if !e.ours {
		th.LastSeen = e.digest[:]
	}
	return th
}

// applyReached: the peer's node signed for the inquiry. It is no acknowledgement. docs/protocol.md §7.4
func applyReached(before *valisev1.Thread, d ident.Digest) *valisev1.Thread {
	th := proto.CloneOf(before)
	if string(th.GetInquiry()) == string(d[:]) && lastOpen(th) == stateQueued {
		setState(th, stateReceived)
	}
	return th
}

// progressOf is what one side has done of its procedure.
func progressOf(th *valisev1.Thread, ours bool) *valisev1.Progress {
	if ours {
		if th.OursDone == nil {
			th.OursDone = &valisev1.Progress{}
		}
		return th.OursDone
	}
	if th.TheirsDone == nil {
		th.TheirsDone = &valisev1.Progress{}
	}
	return th.TheirsDone
}

// isClosed reports whether either side closed it.
func isClosed(th *valisev1.Thread) bool { return th.GetClosedByUs() || th.GetClosedByPeer() }

// lastOpen is the state apart from any closing.
func lastOpen(th *valisev1.Thread) valisev1.ThreadState {
	if isClosed(th) {
		return th.GetBeforeClosing()
	}
	return th.GetState()
}

// setState moves the view; a closing on top of it stays.
func setState(th *valisev1.Thread, s valisev1.ThreadState) {
	if isClosed(th) {
		th.BeforeClosing = s
		return
	}
	th.State = s
}

// goOnAfterClosing: closure never refuses late messages, and any message reopens.
// docs/protocol.md §5.3
func goOnAfterClosing(th *valisev1.Thread, e event) {
	if !isClosed(th) || e.kind == valisev1.Kind_KIND_CLOSURE || e.kind == valisev1.Kind_KIND_ACKNOWLEDGEMENT {
		return
	}
	th.State = th.GetBeforeClosing()
	th.ClosedByUs, th.ClosedByPeer = false, false
	th.BeforeClosing = valisev1.ThreadState_THREAD_STATE_UNSPECIFIED
}

// closeSide notes one side's closing; it claims nothing about the incident. docs/protocol.md §5.3
func closeSide(th *valisev1.Thread, e event) {
	if e.kind != valisev1.Kind_KIND_CLOSURE {
		return
	}
	if !isClosed(th) {
		th.BeforeClosing = th.GetState()
	}
	if e.ours {
		th.ClosedByUs = true
	} else {
		th.ClosedByPeer = true
	}
	switch {
	case th.ClosedByUs && th.ClosedByPeer:
		th.State = stateClosed
	case th.ClosedByUs:
		th.State = stateClosedByUs
	default:
		th.State = stateClosedByPeer
	}
}

// noteAcknowledgement keeps what no person of ours has acknowledged yet. An acknowledgement is
// not itself acknowledged. A-10 s4
func noteAcknowledgement(th *valisev1.Thread, e event) {
	if answered, is := e.message.(*valisev1.PingReply); is {
		noteCheckAnswered(th, answered, e)
		return
	}
	if e.kind != valisev1.Kind_KIND_ACKNOWLEDGEMENT {
		switch {
		case e.ours:
			th.Followed = uint32(len(th.Unacknowledged))
		case len(th.Unacknowledged) < maxUnacknowledged:
			th.Unacknowledged = append(th.Unacknowledged, e.digest[:])
		}
		return
	}
	progressOf(th, e.ours).Acknowledged = true
	if !e.ours {
		return
	}
	said := map[string]bool{}
	for _, d := range e.message.(*valisev1.Acknowledgement).GetMessages() {
		said[string(d)] = true
	}
	var left [][]byte
	followed := th.GetFollowed()
	for i, d := range th.Unacknowledged {
		switch {
		case !said[string(d)]:
			left = append(left, d)
		case i < int(th.GetFollowed()):
			followed--
		}
	}
	th.Unacknowledged, th.Followed = left, followed
}

// nominate is what I-4 and R-3 have in common: preferred channels, and the agency that leads for
// this incident. The agency need not be in any directory. I-4, R-3
func nominate(th *valisev1.Thread, p *valisev1.Progress, e event) {
	channels, agency := nominated(e.message)
	if len(channels) > 0 {
		p.Channel = true
	}
	if e.agreed != nil {
		agree(th, e.agreed)
	}
	if agency.GetName() == "" {
		return
	}
	p.Agency = true
	if e.ours {
		th.OurAgency = agency.GetName()
	} else {
		th.TheirAgency = agency.GetName()
	}
}

// nominated finds the channels and the agency that a message of any kind names.
func nominated(m proto.Message) ([]*valisev1.Channel, *valisev1.Agency) {
	switch m := m.(type) {
	case *valisev1.Inquiry:
		return m.GetPreferredChannels(), m.GetNominatedAgency()
	case *valisev1.HoldingReply:
		return m.GetPreferredChannels(), m.GetNominatedAgency()
	case *valisev1.ChannelProposal:
		return m.GetChannels(), nil
	case *valisev1.ChannelAnswer:
		if m.GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_DECLINE {
			return nil, nil
		}
		if m.GetChannel() == nil {
			return []*valisev1.Channel{{}}, nil
		}
		return []*valisev1.Channel{m.GetChannel()}, nil
	case *valisev1.AgencyNomination:
		return nil, m.GetAgency()
	}
	return nil, nil
}

// agree notes the channel that both sides want. One outside Valise takes the thread there, and
// the record goes on by a log of calls and mails; a thread that is answered stays answered. R-3
func agree(th *valisev1.Thread, c *valisev1.Channel) {
	th.AgreedChannel = c.GetKind()
	if c.GetAddress() != "" {
		th.AgreedChannel += " " + c.GetAddress()
	}
	if c.GetKind() == "valise" {
		return
	}
	switch lastOpen(th) {
	case stateResponded, stateDeclined, stateReferred:
	default:
		setState(th, stateOffPlatform)
	}
}

// estimateTime is the instant of an estimate; nil where it is given in words. R-2
func estimateTime(e *valisev1.Estimate, created time.Time) *timestamppb.Timestamp {
	switch e := e.GetEstimate().(type) {
	case *valisev1.Estimate_By:
		return e.By.GetAt()
	case *valisev1.Estimate_WithinSeconds:
		return timestamppb.New(created.Add(time.Duration(e.WithinSeconds) * time.Second))
	}
	return nil
}
