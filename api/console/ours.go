package console

import (
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

type oursPage struct {
	*frame
	Thread string // whose notes these are; empty: all
	Title  string
	Linked []*valisev1.LinkedThread
	Over   *valisev1.NoteView // the newest hand-over
	Notes  []noteRow
	Next   string
	Calls  *valisev1.Attention // how people are called; nil: nobody is
	Wrong  *fault              // why a note was not kept; nil: none was to be, or it was
	Type   string              // of that note
	Text   string              // what it says
}

// noteRow is one note at home.
type noteRow struct {
	f *frame
	*valisev1.NoteView
}

// ours are the notes at home, and what whoever had the desk left for whoever has it next. A-9 s3
func (v *visit) ours() error { return v.showOurs(&oursPage{}) }

// oursOfThread are the notes about one thread, and what it is linked with.
func (v *visit) oursOfThread() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	return v.showOurs(&oursPage{Thread: id})
}

func (v *visit) showOurs(p *oursPage) error {
	p.frame = v.inner(v.t.Frame.OurSide, "ours")
	notes, err := v.c.door.inquiry.ListNotes(v.ctx(), &valisev1.ListNotesRequest{
		Thread: p.Thread, PageSize: pageRows, PageToken: v.r.URL.Query().Get("page"),
	})
	if err != nil {
		return err
	}
	for _, n := range notes.GetNotes() {
		p.Notes = append(p.Notes, noteRow{p.frame, n})
	}
	p.Next = notes.GetNextPageToken()
	if p.Thread != "" {
		t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: p.Thread})
		if err != nil {
			return err
		}
		p.Title, p.Linked = t.GetThread().GetTitle(), t.GetThread().GetLinked()
	} else if p.Over, err = v.lastHandOver(); err != nil {
		return err
	}
	status, err := v.nodeStatus()
	if err != nil {
		return err
	}
	p.Calls = status.GetAttention()
	code := http.StatusOK
	if p.Wrong != nil {
		code = http.StatusUnprocessableEntity
	}
	v.show(code, "ours", p)
	return nil
}

// lastHandOver is the newest note to whoever has the desk next; nil where there is none.
func (v *visit) lastHandOver() (*valisev1.NoteView, error) {
	found, err := v.c.door.inquiry.ListNotes(v.ctx(), &valisev1.ListNotesRequest{
		PageSize: 1, Types: []valisev1.NoteType{valisev1.NoteType_NOTE_TYPE_HAND_OVER},
	})
	if err != nil || len(found.GetNotes()) == 0 {
		return nil, err
	}
	return found.GetNotes()[0], nil
}

// HandOver is the newest hand-over for the desk, where it is one line; nil where there is none, or nobody
// may read it.
func (f *frame) HandOver() *valisev1.NoteView {
	over, err := f.v.lastHandOver()
	if err != nil {
		return nil
	}
	return over
}

// Beginning is the first line of a text, as much of it as stands in a line.
func (f *frame) Beginning(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if letters := []rune(line); len(letters) > 120 {
		return string(letters[:120]) + "…"
	}
	return line
}

// NoteWrong is why the note of one of the two forms of the page was not kept; nil where it is the other's, or none.
func (p *oursPage) NoteWrong(over bool) *fault {
	if over == (p.Type == handOver) {
		return p.Wrong
	}
	return nil
}

// handOver is the type of a note to whoever has the desk next, as its form says it.
const handOver = "HAND_OVER"

// NoteText is what was written into one of the two forms and not kept.
func (p *oursPage) NoteText(over bool) string {
	if p.NoteWrong(over) == nil {
		return ""
	}
	return p.Text
}

// For says what a note is for. A-9 s3
func (r noteRow) For() template.HTML {
	t := r.f.T.Ours
	switch r.GetType() {
	case valisev1.NoteType_NOTE_TYPE_COORDINATION:
		return valueOf(t.Coordination)
	case valisev1.NoteType_NOTE_TYPE_HAND_OVER:
		return valueOf(t.Over)
	case valisev1.NoteType_NOTE_TYPE_LEGAL_BASIS:
		return valueOf(t.Legal)
	case valisev1.NoteType_NOTE_TYPE_ESCALATION:
		return valueOf(t.Escalation)
	}
	return valueOf(t.Plain)
}

// addNote keeps a note at home. The other State is told nothing. A-9 s3, A-9a s2
func (v *visit) addNote() error {
	thread := v.r.PostFormValue("thread")
	if thread != "" && !wholeID.MatchString(thread) {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	kind := v.r.PostFormValue("type")
	text := strings.TrimSpace(strings.ReplaceAll(v.r.PostFormValue("text"), "\r\n", "\n"))
	wrong := v.tooLong("text", "text", text)
	if text == "" {
		wrong = &fault{Field: "text", Text: v.t.Ours.Empty}
	}
	if wrong != nil {
		return v.showOurs(&oursPage{Thread: thread, Wrong: wrong, Type: kind, Text: text})
	}
	_, err = v.c.door.inquiry.AddNote(v.ctx(), &valisev1.AddNoteRequest{
		Thread: thread, Type: valisev1.NoteType(valisev1.NoteType_value["NOTE_TYPE_"+kind]), Text: text, RequestId: act,
	})
	if r := refusalOf(err); err != nil && slices.Contains(onForm, r.reason) {
		return v.showOurs(&oursPage{Thread: thread, Wrong: v.faultBy(r, r.field, text), Type: kind, Text: text})
	}
	if err != nil {
		return err
	}
	return v.goTo(oursPath(thread))
}

func oursPath(thread string) string {
	if thread == "" {
		return "ours"
	}
	return "ours/thread/" + thread
}

// someID is an id, or as much of its beginning as names one thread.
var someID = regexp.MustCompile(`^[0-9a-f]{8,32}$`)

// linkThread says that two threads belong together at home, or no longer do. Never sent. A-9 s3
func (v *visit) linkThread() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	with := strings.ToLower(strings.TrimSpace(v.r.PostFormValue("with")))
	if !someID.MatchString(with) {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	_, err = v.c.door.inquiry.LinkThreads(v.ctx(), &valisev1.LinkThreadsRequest{
		Thread: id, With: []string{with}, End: v.r.PostFormValue("end") != "", RequestId: act,
	})
	if err != nil {
		return err
	}
	return v.goTo(oursPath(id))
}

// Linkable are threads that one thread may be linked with: those that changed last.
func (p *oursPage) Linkable() ([]*valisev1.ThreadView, error) {
	list, err := p.v.c.door.inquiry.ListThreads(p.v.ctx(), &valisev1.ListThreadsRequest{PageSize: pageRows})
	if err != nil {
		return nil, err
	}
	var others []*valisev1.ThreadView
	for _, t := range list.GetThreads() {
		if t.GetThread() != p.Thread {
			others = append(others, t)
		}
	}
	return others, nil
}
