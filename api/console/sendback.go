package console

import (
	"net/http"
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// returned is the form that sends one message back to whoever wrote it, as it comes back itself: nothing in it where no
// form does.
type returned struct {
	message string
	wrong   *fault
}

// noteBack shows the thread once more with the note as it was typed, and what is wrong at its field. Where the message
// waits for nobody any more, so that no form can put it right, or the page cannot be made, the error is told.
func (v *visit) noteBack(thread, message string, wrong *fault, err error) error {
	p, failed := v.threadOf(thread)
	if failed != nil || !slices.ContainsFunc(p.ToClear(), func(m *valisev1.MessageView) bool { return m.GetMessage() == message }) {
		return err
	}
	p.back = returned{message: message, wrong: wrong}
	v.show(http.StatusUnprocessableEntity, "thread", p)
	return nil
}

// NotBack is the message whose form came back; empty where none did.
func (p *threadPage) NotBack() string { return p.back.message }

// BackWrong is why that message was not sent back.
func (p *threadPage) BackWrong() *fault { return p.back.wrong }

// BackNote is what stands in the form of a message: what was typed, in the one that came back.
func (p *threadPage) BackNote(m *valisev1.MessageView) string {
	if m.GetMessage() != p.back.message {
		return ""
	}
	return p.v.r.PostFormValue("note")
}

// BackAct is the request id of the form of a message: of the one that came back its own, so that what the node did after
// all is not done twice.
func (p *threadPage) BackAct(m *valisev1.MessageView) (string, error) {
	if m.GetMessage() == p.back.message && actID.MatchString(p.v.r.PostFormValue("act")) {
		return p.v.r.PostFormValue("act"), nil
	}
	return p.Act()
}
