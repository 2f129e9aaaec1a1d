package console

import (
	"html/template"
	"net/http"
	"regexp"
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
	Empty  bool                // a note without a text was to be kept
	Type   string              // of that note
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
	if p.Empty {
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
	if text == "" {
		return v.showOurs(&oursPage{Thread: thread, Empty: true, Type: kind})
	}
	_, err = v.c.door.inquiry.AddNote(v.ctx(), &valisev1.AddNoteRequest{
		Thread: thread, Type: valisev1.NoteType(valisev1.NoteType_value["NOTE_TYPE_"+kind]), Text: text, RequestId: act,
	})
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
