package console

import (
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// cleared names thread, message and act of a form of the second person.
func (v *visit) cleared() (thread, message, act string, err error) {
	if thread, err = v.id("thread"); err != nil {
		return
	}
	if message, err = v.id("message"); err != nil {
		return
	}
	act, err = v.act()
	return
}

// clearMessage lets a message leave, as the second person. A-9 s4
func (v *visit) clearMessage() error {
	thread, message, act, err := v.cleared()
	if err != nil {
		return err
	}
	if _, err := v.c.door.inquiry.ClearMessage(v.ctx(), &valisev1.ClearMessageRequest{Message: message, RequestId: act}); err != nil {
		return err
	}
	return v.goTo("thread/" + thread + "/sent/" + message)
}

// sendBack returns a message to whoever wrote it, with a note that stays at home. A-9 s4
func (v *visit) sendBack() error {
	thread, message, act, err := v.cleared()
	if err != nil {
		return err
	}
	note := strings.TrimSpace(strings.ReplaceAll(v.r.PostFormValue("note"), "\r\n", "\n"))
	if wrong := v.tooLong("note", "back", note); wrong != nil {
		return v.noteBack(thread, message, wrong, refuse(valisev1.Reason_REASON_BAD_REQUEST))
	}
	_, err = v.c.door.inquiry.SendBackMessage(v.ctx(), &valisev1.SendBackMessageRequest{Message: message, Note: note, RequestId: act})
	if err == nil {
		return v.goTo("thread/" + thread)
	}
	r := refusalOf(err)
	if r.reason == valisev1.Reason_REASON_NOT_PERMITTED || r.reason == valisev1.Reason_REASON_INTERNAL {
		return err
	}
	return v.noteBack(thread, message, v.faultBy(r, r.field, note), err)
}
