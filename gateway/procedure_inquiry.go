package gateway

import (
	valisev1 "valise.example/proto/valise/v1"
)

// followInquiry takes a message of the side that asks through the Procedure for inquiry. Each
// step notes what the message has done of it; no step blocks, and any may come later or never:
// every verb of the procedure is "may". A-10a
func followInquiry(th *valisev1.Thread, e event) {
	done := progressOf(th, e.ours)
	introduce(done, e)              // I-1
	tellNature(th, done, e)         // I-2
	askAndGiveContact(th, done, e)  // I-3
	nominateForInquiry(th, done, e) // I-4
	leaveOut(done, e)
}

// adviseInquiry lists the steps that the side that asks has not taken yet.
func adviseInquiry(done *valisev1.Progress) []*valisev1.Advice {
	return advice{
		{"I-1", done.GetIdentified(), "give name and affiliation of whoever asks, by call or mail first where that is possible"},
		{"I-2", done.GetNature(), "tell what is known of the nature of the incident"},
		{"I-3", done.GetAsked(), "ask what you would like to know, and say how to reach you"},
		{"I-4", done.GetChannel(), "nominate a preferred channel"},
		{"I-4", done.GetAgency(), "nominate the agency that leads for this incident"},
	}.open()
}

// introduce: who asks or informs, by name and affiliation.
func introduce(done *valisev1.Progress, e event) {
	m, ok := e.message.(interface{ GetOriginator() *valisev1.Person })
	if ok && m.GetOriginator().GetName() != "" && m.GetOriginator().GetAffiliation() != "" {
		done.Identified = true
	}
}

// tellNature: as much as possible on the nature of the incident, now or in a later supplement.
func tellNature(th *valisev1.Thread, done *valisev1.Progress, e event) {
	switch m := e.message.(type) {
	case *valisev1.Inquiry:
		begin(th, m.GetTitle(), e)
		done.Nature = done.Nature || m.GetNarrative() != "" || m.GetIncident() != nil
	case *valisev1.VoluntaryNotice:
		begin(th, m.GetTitle(), e)
		done.Nature = done.Nature || m.GetNarrative() != "" || m.GetIncident() != nil
	case *valisev1.Supplement:
		done.Nature = done.Nature || m.GetNarrative() != "" || m.GetIncident() != nil
	}
}

// askAndGiveContact: what is asked, how to reach the asker, and how urgent it is to them. The
// time binds nobody.
func askAndGiveContact(th *valisev1.Thread, done *valisev1.Progress, e event) {
	switch m := e.message.(type) {
	case *valisev1.Inquiry:
		o := m.GetOriginator()
		reachable := o.GetPhone() != "" || o.GetEmail() != ""
		asked := len(m.GetQuestions()) > 0 || m.GetRequestType() != valisev1.RequestType_REQUEST_TYPE_UNSPECIFIED
		done.Asked = done.Asked || reachable && asked
		th.NeededBy = m.GetTimeSensitivity().GetNeededBy()
		if level := m.GetTimeSensitivity().GetLevel(); level != valisev1.Urgency_URGENCY_UNSPECIFIED {
			th.TimeSensitivity = level.String()
		}
	case *valisev1.ClarificationRequest:
		done.Asked = done.Asked || len(m.GetQuestions()) > 0
	}
}

// nominateForInquiry: preferred channel, and the agency that leads for this incident.
func nominateForInquiry(th *valisev1.Thread, done *valisev1.Progress, e event) {
	nominate(th, done, e)
}

// begin sets where a thread stands with the inquiry or notice that begins it, of which it has one. What came before it in
// time stays. One of ours that was made again in a new epoch has another digest and is the same
// one. docs/protocol.md §5.2, §7.6
func begin(th *valisev1.Thread, title string, e event) {
	if len(th.GetInquiry()) > 0 {
		if e.ours && th.GetOutbound() {
			th.Inquiry = e.digest[:]
		}
		return
	}
	th.Title, th.Inquiry = title, e.digest[:]
	if th.GetOpening() == valisev1.Kind_KIND_UNSPECIFIED {
		th.Opening = e.kind
	}
	switch lastOpen(th) {
	case valisev1.ThreadState_THREAD_STATE_UNSPECIFIED, stateDraft, statePending:
		if e.ours {
			setState(th, stateQueued)
		} else {
			setState(th, stateReceived)
		}
	}
}
