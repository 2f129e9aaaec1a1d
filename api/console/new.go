package console

import (
	"net/http"
	"slices"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// mostRecipients is how many States one notice goes to. A-9b s3
const mostRecipients = 32

// whomPage is where the States are chosen.
type whomPage struct {
	*frame
	Form   string // "inquiry" or "notice"
	Action string // where the choice goes
	Rows   []whomRow
	Fault  locale.Text // what is wrong with the choice; empty: nothing
}

// whomRow is one POC that can be written to. A State is named in full, with its code.
type whomRow struct {
	*valisev1.ContactView
	Chosen bool
}

// Several reports whether more than one can be chosen.
func (p *whomPage) Several() bool { return p.Form == "notice" }

func (v *visit) newInquiry() error { return v.showWhom("inquiry", "new/inquiry", nil, locale.Text{}) }
func (v *visit) newNotice() error  { return v.showWhom("notice", "new/notice", nil, locale.Text{}) }

func (v *visit) showWhom(form, action string, chosen []string, wrong locale.Text) error {
	contacts, err := v.writable()
	if err != nil {
		return err
	}
	p := &whomPage{frame: v.inner(v.t.Write.Act.Of(form).Link, "new"), Form: form, Action: action, Fault: wrong}
	for _, c := range contacts {
		p.Rows = append(p.Rows, whomRow{c, slices.Contains(chosen, c.GetAddress())})
	}
	v.show(http.StatusOK, "whom", p)
	return nil
}

// writable are the POCs of other States on the tracks that this officer acts on. A-9 s2
func (v *visit) writable() (found []*valisev1.ContactView, err error) {
	if !v.c.has(writers...) {
		return nil, refuse(valisev1.Reason_REASON_NOT_PERMITTED)
	}
	list, err := v.c.door.directory.ListContacts(v.ctx(), &valisev1.ListContactsRequest{})
	if err != nil {
		return nil, err
	}
	for _, c := range list.GetContacts() {
		state, _, _ := strings.Cut(c.GetAddress(), "/")
		if state != v.c.state.String() && c.GetPointOfContact() != nil && v.c.ourDesk(c.GetAddress()) != "" {
			found = append(found, c)
		}
	}
	return found, nil
}

// ourDesk is our POC on the track of an address; empty where we have none, or this officer does not act on it.
func (c *Console) ourDesk(address string) string {
	_, track, _ := strings.Cut(address, "/")
	if tracks := c.officer.GetTracks(); len(tracks) > 0 && !slices.Contains(tracks, track) {
		return ""
	}
	for _, ours := range c.ours {
		if strings.HasSuffix(ours, "/"+track) {
			return ours
		}
	}
	return ""
}

// beginNew begins to write to the States that were chosen. The page that asked made up the draft's id, so
// that a second click begins no other.
func (v *visit) beginNew() error {
	form := v.r.PathValue("form")
	if f := forms[form]; f == nil || f.steps == 0 {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	if !v.c.has(writers...) {
		return refuse(valisev1.Reason_REASON_NOT_PERMITTED)
	}
	w, err := v.blank(form)
	if err != nil {
		return err
	}
	return v.choose(w)
}

// blank is a draft without recipients, or the one that this very page began before.
func (v *visit) blank(form string) (*writing, error) {
	if _, err := v.act(); err != nil {
		return nil, err
	}
	id := v.r.PostFormValue("act")
	if w := v.c.writings.find(id); w != nil && w.form == form {
		return w, nil
	} else if w != nil {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	w := &writing{id: id, form: form, values: map[string]string{}}
	for _, f := range w.fields() {
		if f.start != "" {
			w.values[f.key] = f.start
		}
	}
	w.values["language"] = v.language.String()
	return w, nil
}

// choose takes the recipients of a form, and leads back to it where they are wrong.
func (v *visit) choose(w *writing) error {
	if w.sent != "" {
		return v.alreadySent(w)
	}
	if w.follows != "" {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	contacts, err := v.writable()
	if err != nil {
		return err
	}
	w.to = nil
	for _, c := range contacts {
		if slices.Contains(v.r.PostForm["to"], c.GetAddress()) {
			w.to = append(w.to, c.GetAddress())
		}
	}
	w.tried = w.tried || v.wrongTo(w).String() != ""
	if err := v.addressed(w); err != nil {
		return err
	}
	v.c.writings.put(w, v.now)
	if v.wrongTo(w).String() != "" {
		return v.goTo("draft/" + w.id + "/to")
	}
	return v.goTo(w.place(""))
}

// addressed sets whom it is from, and whom the other side can reach, if nobody has said that yet.
func (v *visit) addressed(w *writing) error {
	w.peer, w.ours = "", ""
	if len(w.to) == 0 {
		return nil
	}
	w.peer, w.ours = w.to[0], v.c.ourDesk(w.to[0])
	if w.values["originator.name"] != "" {
		return nil
	}
	return v.originator(w)
}

// wrongTo says what is wrong with the recipients; empty where nothing is.
func (v *visit) wrongTo(w *writing) locale.Text {
	t := v.t.New
	if len(w.to) == 0 {
		return t.ChooseState
	}
	_, track, _ := strings.Cut(w.to[0], "/")
	switch {
	case w.form == "inquiry" && len(w.to) > 1:
		return t.OneState
	case len(w.to) > mostRecipients:
		return t.TooMany
	case slices.ContainsFunc(w.to, func(a string) bool { return !strings.HasSuffix(a, "/"+track) }):
		return t.OneTrack
	}
	return locale.Text{}
}

// whomTo shows the recipients of a draft.
func (v *visit) whomTo() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	if !w.MayChangeTo() {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return v.showWhom(w.form, "draft/"+w.id+"/to", w.to, v.wrongTo(w))
}

// changeTo takes other recipients for a draft.
func (v *visit) changeTo() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if !w.begins() {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	if err := v.r.ParseForm(); err != nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	return v.choose(w)
}
