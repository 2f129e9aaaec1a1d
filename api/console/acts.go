package console

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// Acts are the forms that fit how a thread stands, by name; the node judges again what is sent.
func (p *threadPage) Acts() []string {
	t := p.GetThread()
	switch {
	case !p.v.c.has(valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER), t.GetState() == valisev1.ThreadState_THREAD_STATE_WITHDRAWN:
		return nil
	case t.GetOpening() == valisev1.Kind_KIND_PING:
		if t.GetOutbound() {
			return nil
		}
		return []string{"ping"}
	}
	switch t.GetState() {
	case valisev1.ThreadState_THREAD_STATE_DRAFT, valisev1.ThreadState_THREAD_STATE_PENDING_CLEARANCE, valisev1.ThreadState_THREAD_STATE_QUEUED:
		return nil
	case valisev1.ThreadState_THREAD_STATE_CLOSED, valisev1.ThreadState_THREAD_STATE_CLOSED_BY_US:
		return []string{"reopen"}
	case valisev1.ThreadState_THREAD_STATE_CLOSED_BY_PEER:
		return []string{"reopen", "close"}
	}
	var all []string
	if t.GetOpening() == valisev1.Kind_KIND_INQUIRY && !t.GetOutbound() {
		all = append(all, "answer", "holding", "decline")
		if p.said(valisev1.Kind_KIND_HOLDING_REPLY) {
			all = append(all, "estimate")
		}
	}
	all = append(all, "ask", "supplement", "channel")
	if p.channelWaits() {
		all = append(all, "channel_answer")
	}
	if len(asksOpen(p.GetThreadResponse, "")) > 0 {
		all = append(all, "consent")
	}
	if len(citable(p.GetThreadResponse)) > 0 {
		all = append(all, "consent_ask")
	}
	return append(all, "agency", "refer", "close")
}

// said reports whether we have said anything of a kind.
func (p *threadPage) said(kind valisev1.Kind) bool {
	return slices.ContainsFunc(p.GetMessages(), func(m *valisev1.MessageView) bool { return m.GetOutbound() && m.GetKind() == kind })
}

// channelWaits reports whether the peer has proposed a channel that we have not answered since.
func (p *threadPage) channelWaits() (open bool) {
	for _, m := range p.GetMessages() {
		switch {
		case !m.GetOutbound() && proposesChannel(m):
			open = true
		case m.GetOutbound() && m.GetKind() == valisev1.Kind_KIND_CHANNEL_ANSWER:
			open = false
		}
	}
	return open
}

func proposesChannel(m *valisev1.MessageView) bool {
	p := m.GetPayload()
	return len(p.GetChannelProposal().GetChannels()) > 0 || len(p.GetInquiry().GetPreferredChannels()) > 0 ||
		len(p.GetHoldingReply().GetPreferredChannels()) > 0 ||
		p.GetChannelAnswer().GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER
}

// mostOwn of our own messages can be put right from the page of a thread: the newest.
const mostOwn = 10

// OurOwn are the newest messages of ours that have their number: one can be put right, or said to be sent
// in error.
func (p *threadPage) OurOwn() (all []*valisev1.MessageView) {
	for _, m := range slices.Backward(p.GetMessages()) {
		if len(all) == mostOwn {
			break
		}
		if m.GetOutbound() && m.GetDigest() != "" && m.GetRetractedBy() == "" && m.GetKind() != valisev1.Kind_KIND_RETRACTION && m.GetKind() != valisev1.Kind_KIND_VOID {
			all = append(all, m)
		}
	}
	return all
}

// ToClear are those that wait for a second person, and this officer may be it. A-9 s4
func (p *threadPage) ToClear() []*valisev1.MessageView {
	if !p.v.c.has(valisev1.Role_ROLE_CLEARER) {
		return nil
	}
	return p.inStage(valisev1.Stage_STAGE_PENDING_CLEARANCE)
}

// ToRevise are drafts of the node, and what was sent back.
func (p *threadPage) ToRevise() []*valisev1.MessageView {
	return p.inStage(valisev1.Stage_STAGE_DRAFT)
}

func (p *threadPage) inStage(stage valisev1.Stage) (all []*valisev1.MessageView) {
	for _, m := range p.GetMessages() {
		if m.GetOutbound() && m.GetStage() == stage {
			all = append(all, m)
		}
	}
	return all
}

// SentBack is what was said when a draft went back, empty where it did not.
func (p *threadPage) SentBack(m *valisev1.MessageView) (note string) {
	for _, step := range m.GetSteps() {
		if step.GetAct() == valisev1.DraftAct_DRAFT_ACT_SENT_BACK {
			note = step.GetNote()
		}
	}
	return note
}
