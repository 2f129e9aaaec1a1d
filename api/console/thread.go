package console

import (
	"html/template"
	"net/http"
	"regexp"

	valisev1 "valise.example/proto/valise/v1"
)

var (
	wholeID = regexp.MustCompile(`^[0-9a-f]{32}$`)
	actID   = regexp.MustCompile(`^[a-z2-7]{26}$`)
)

// named id in the path, or nothing there.
func (v *visit) id(name string) (string, error) {
	id := v.r.PathValue(name)
	if !wholeID.MatchString(id) {
		return "", refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return id, nil
}

// act is the request id of a form: the page that holds it made it up, so that a second click, or a page
// that is sent again, is the same act.
func (v *visit) act() (string, error) {
	act := v.r.PostFormValue("act")
	if !actID.MatchString(act) {
		return "", refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	return "desk-" + act, nil
}

// Act is a new request id for a form.
func (f *frame) Act() (string, error) { return f.v.c.secret() }

type threadPage struct {
	*frame
	*valisev1.GetThreadResponse
	Last uint64 // number of the last item that is shown
}

// thread is one inquiry and all that was said in it. Looking at it changes nothing and tells nobody.
func (v *visit) thread() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		return err
	}
	p := &threadPage{frame: v.inner(v.t.Frame.Desk, ""), GetThreadResponse: t}
	for _, m := range t.GetMessages() {
		p.Last = max(p.Last, m.GetItem())
	}
	v.show(http.StatusOK, "thread", p)
	return nil
}

// Stands is how the thread stands.
func (p *threadPage) Stands() (template.HTML, error) { return p.stands(p.GetThread()) }

// open notes that a person has read what is new: nobody at home is called for it any more. The other
// State is not told.
func (v *visit) open() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	if _, err := v.c.door.inquiry.OpenThread(v.ctx(), &valisev1.OpenThreadRequest{Thread: id, RequestId: act}); err != nil {
		return err
	}
	return v.goTo("thread/" + id)
}

// acknowledge is one click: a fixed text, held for a moment in which it can be undone. A-10 s4
func (v *visit) acknowledge() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	answer, err := v.c.door.inquiry.Reply(v.ctx(), &valisev1.ReplyRequest{
		Thread:  id,
		Payload: &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{Preamble: &valisev1.Preamble{}}}},
		Options: &valisev1.SendOptions{RequestId: act, UndoSeconds: uint32(v.c.cfg.Undo.Seconds())},
	})
	if err != nil {
		return err
	}
	return v.goTo("thread/" + id + "/sent/" + answer.GetSent().GetMessage())
}
