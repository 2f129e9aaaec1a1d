package console

import (
	"html/template"
	"net/http"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// needRows and otherRows are how many threads one page of the desk shows.
	needRows  = 50
	otherRows = 40
)

type deskPage struct {
	*frame
	Total     int       // how many threads need somebody here
	Needs     []deskRow // the most urgent of them
	NextNeeds string    // token of those that follow
	Others    []deskRow
	Next      string // token of those that follow
	Later     bool   // this is not the first page
	Drafts    []*writing
}

// deskRow is one thread in one line.
type deskRow struct {
	f *frame
	*valisev1.ThreadView
}

// desk is the home page: what needs somebody here, by deadline, then the rest by its last change.
func (v *visit) desk() error {
	query := v.r.URL.Query()
	needs, err := v.c.door.inquiry.ListThreads(v.ctx(), &valisev1.ListThreadsRequest{
		PageSize: needRows, PageToken: query.Get("needs"), NeedsUs: true, Order: valisev1.ThreadOrder_THREAD_ORDER_DEADLINE,
	})
	if err != nil {
		return err
	}
	all, err := v.c.door.inquiry.ListThreads(v.ctx(), &valisev1.ListThreadsRequest{PageSize: otherRows, PageToken: query.Get("page")})
	if err != nil {
		return err
	}
	p := &deskPage{
		frame: v.inner(v.t.Frame.Desk, "desk"), Total: int(needs.GetNeedsUsTotal()),
		NextNeeds: needs.GetNextPageToken(), Next: all.GetNextPageToken(), Later: query.Has("page") || query.Has("needs"),
		Drafts: v.c.writings.unfinished(),
	}
	p.Waits = p.Total
	for _, t := range needs.GetThreads() {
		p.Needs = append(p.Needs, deskRow{p.frame, t})
	}
	for _, t := range all.GetThreads() {
		if len(t.GetNeeds()) == 0 {
			p.Others = append(p.Others, deskRow{p.frame, t})
		}
	}
	v.show(http.StatusOK, "desk", p)
	return nil
}

// T, Base and Peer are those of the page, for the parts that show a row alone.
func (r deskRow) T() *locale.Page { return r.f.T }

// Base is the path of the desk.
func (r deskRow) Base() string { return r.f.Base() }

// Peer is a text that somebody wrote.
func (r deskRow) Peer(text string) template.HTML { return r.f.Peer(text) }

// Owed is what there is to do, in words.
func (r deskRow) Owed() (list []string) {
	for _, n := range r.GetNeeds() {
		if words := r.f.need(n); words != "" {
			list = append(list, words)
		}
	}
	return list
}

// need says what our own side needs to do. docs/protocol.md §12.8
func (f *frame) need(n valisev1.Need) string {
	t := f.T.Words.Need
	switch n {
	case valisev1.Need_NEED_OPEN:
		return t.Open.String()
	case valisev1.Need_NEED_ACKNOWLEDGE:
		return t.Acknowledge.String()
	case valisev1.Need_NEED_ANSWER:
		return t.Answer.String()
	case valisev1.Need_NEED_DECIDE:
		return t.Decide.String()
	case valisev1.Need_NEED_CHANNEL:
		return t.Channel.String()
	case valisev1.Need_NEED_CHECK:
		return t.Check.String()
	case valisev1.Need_NEED_CLEAR:
		return t.Clear.String()
	case valisev1.Need_NEED_REVISE:
		return t.Revise.String()
	case valisev1.Need_NEED_CALL:
		return t.Call.String()
	}
	return ""
}

// Stands is how the thread stands, in words that name who did it.
func (r deskRow) Stands() (template.HTML, error) { return r.f.stands(r.ThreadView) }

// Level is what whoever inquires says of its urgency, and that it is their word; empty where nothing was said.
func (r deskRow) Level() (template.HTML, error) {
	level := r.f.level(r.GetTimeSensitivity())
	if level == "" {
		return "", nil
	}
	asker := r.GetPeer()
	if r.GetOutbound() {
		asker = r.GetOurs()
	}
	return r.f.Say(r.f.T.Desk.MarkedBy, "level", level, "state", r.f.State(asker))
}

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

// stands is the state of a thread in words, each of which says who did what; empty for one of a later version.
func (f *frame) stands(t *valisev1.ThreadView) (template.HTML, error) {
	text, ok := f.Vocabulary().State.Of(t.GetState(), t.GetOutbound())
	switch {
	case !ok:
		return "", nil
	case text.Has("state"):
		return f.Say(text, "state", f.State(t.GetPeer()))
	}
	return f.Say(text)
}
