package console

import (
	"html/template"
	"net/http"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// deskRows is how many threads one page of the desk shows.
const deskRows = 50

type deskPage struct {
	*frame
	Threads  []deskRow
	Next     string // token of the page that follows
	LaterOne bool   // this is not the first page
}

// deskRow is one thread in one line.
type deskRow struct {
	f *frame
	*valisev1.ThreadView
}

// desk is the home page: what needs somebody here, then the rest.
func (v *visit) desk() error {
	token := v.r.URL.Query().Get("page")
	list, err := v.c.door.inquiry.ListThreads(v.ctx(), &valisev1.ListThreadsRequest{PageSize: deskRows, PageToken: token})
	if err != nil {
		return err
	}
	p := &deskPage{frame: v.inner(v.t.Frame.Desk, "desk"), Next: list.GetNextPageToken(), LaterOne: token != ""}
	for _, t := range list.GetThreads() {
		p.Threads = append(p.Threads, deskRow{p.frame, t})
	}
	v.show(http.StatusOK, "desk", p)
	return nil
}

// Stands is how the thread stands, in words that name who did it.
func (r deskRow) Stands() (template.HTML, error) { return r.f.stands(r.ThreadView) }

// Level is what whoever inquires says of its urgency; empty where nothing was said.
func (r deskRow) Level() string { return r.f.level(r.GetTimeSensitivity()) }

// First is the deadline of ours that comes first; nil where there is none.
func (r deskRow) First() *valisev1.Deadline {
	var first *valisev1.Deadline
	for _, d := range r.GetDeadlines() {
		if first == nil || d.GetAt().AsTime().Before(first.GetAt().AsTime()) {
			first = d
		}
	}
	return first
}

// Whose says whose wish a deadline is.
func (r deskRow) Whose(d *valisev1.Deadline) (template.HTML, error) {
	switch d.GetType() {
	case valisev1.DeadlineType_DEADLINE_TYPE_ASKED:
		return r.f.Say(r.f.T.Desk.Asked, "state", r.f.State(r.GetPeer()))
	case valisev1.DeadlineType_DEADLINE_TYPE_PROMISED:
		return r.f.Say(r.f.T.Desk.Promised)
	}
	return r.f.Say(r.f.T.Desk.OwnRule)
}

// level names a level of urgency in words.
func (f *frame) level(u valisev1.Urgency) string {
	switch u {
	case valisev1.Urgency_URGENCY_ROUTINE:
		return f.T.Words.Level.Routine.String()
	case valisev1.Urgency_URGENCY_PRIORITY:
		return f.T.Words.Level.Priority.String()
	case valisev1.Urgency_URGENCY_URGENT:
		return f.T.Words.Level.Urgent.String()
	}
	return ""
}

// stands is the state of a thread in words, each of which says who did what.
func (f *frame) stands(t *valisev1.ThreadView) (template.HTML, error) {
	s := f.T.Words.State
	mine, theirs := t.GetOutbound(), f.State(t.GetPeer())
	choose := func(ours, whenWeAsked locale.Text) (template.HTML, error) {
		if mine {
			return f.Say(whenWeAsked, "state", theirs)
		}
		return f.Say(ours)
	}
	switch t.GetState() {
	case valisev1.ThreadState_THREAD_STATE_DRAFT:
		return f.Say(s.Draft)
	case valisev1.ThreadState_THREAD_STATE_PENDING_CLEARANCE:
		return f.Say(s.PendingClearance)
	case valisev1.ThreadState_THREAD_STATE_QUEUED:
		return f.Say(s.Queued)
	case valisev1.ThreadState_THREAD_STATE_RECEIVED:
		return choose(s.Received, s.ReceivedThere)
	case valisev1.ThreadState_THREAD_STATE_ACKNOWLEDGED:
		return choose(s.Acknowledged, s.AcknowledgedBy)
	case valisev1.ThreadState_THREAD_STATE_HOLDING:
		return choose(s.Holding, s.HoldingBy)
	case valisev1.ThreadState_THREAD_STATE_RESPONDED:
		return choose(s.Responded, s.RespondedBy)
	case valisev1.ThreadState_THREAD_STATE_DECLINED:
		return choose(s.Declined, s.DeclinedBy)
	case valisev1.ThreadState_THREAD_STATE_REFERRED:
		return f.Say(s.Referred)
	case valisev1.ThreadState_THREAD_STATE_OFF_PLATFORM:
		return f.Say(s.OffPlatform)
	case valisev1.ThreadState_THREAD_STATE_CLOSED_BY_US:
		return f.Say(s.ClosedByUs)
	case valisev1.ThreadState_THREAD_STATE_CLOSED_BY_PEER:
		return f.Say(s.ClosedByPeer, "state", theirs)
	case valisev1.ThreadState_THREAD_STATE_CLOSED:
		return f.Say(s.Closed)
	case valisev1.ThreadState_THREAD_STATE_WITHDRAWN:
		return f.Say(s.Withdrawn)
	}
	return "", nil
}
