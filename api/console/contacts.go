package console

import (
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	valisev1 "valise.example/proto/valise/v1"
)

var stateCode = regexp.MustCompile(`^(?:[A-Z]{2}|@[a-z]{1,31})$`)

type contactsPage struct {
	*frame
	Points    []point
	Questions []*valisev1.TrustQuestion
	Kept      *valisev1.ListOthersResponse
	Calendar  *valisev1.GetCheckCalendarResponse // nil for whoever may not read it
}

// point is one POC as the directory has it, and what is known here beyond that.
type point struct {
	f *frame
	*valisev1.ContactView
	Check  *pointCheck
	Logged []*valisev1.EntryContact
}

// contacts are all POCs, each in one line, with what about them waits for a person on top.
func (v *visit) contacts() error {
	found, err := v.c.door.directory.ListContacts(v.ctx(), &valisev1.ListContactsRequest{})
	if err != nil {
		return err
	}
	p := &contactsPage{frame: v.inner(v.t.Frame.Contacts, "contacts")}
	for _, c := range found.GetContacts() {
		p.Points = append(p.Points, point{f: p.frame, ContactView: c})
	}
	if status, err := v.nodeStatus(); err == nil {
		p.Questions = status.GetQuestions()
	}
	if p.Kept, err = v.c.door.directory.ListOthers(v.ctx(), &valisev1.ListOthersRequest{}); err != nil {
		return err
	}
	if p.Reads() {
		if p.Calendar, err = v.c.door.directory.GetCheckCalendar(v.ctx(), &valisev1.GetCheckCalendarRequest{}); err != nil {
			return err
		}
	}
	v.show(http.StatusOK, "contacts", p)
	return nil
}

// Due says when everybody is to be asked again; nothing is ever sent by itself. A-8 s1
func (p *contactsPage) Due() (template.HTML, error) {
	switch {
	case p.Calendar == nil:
		return "", nil
	case p.Calendar.GetNext() == nil:
		return p.Say(p.T.Contacts.DueNever)
	}
	last, err := p.Moment(p.Calendar.GetLast().AsTime())
	if err != nil {
		return "", err
	}
	next, err := p.Moment(p.Calendar.GetNext().AsTime())
	if err != nil {
		return "", err
	}
	return p.Say(p.T.Contacts.DueNext, "last", last, "time", next)
}

// Code is the State of a POC.
func (p point) Code() string {
	code, _, _ := strings.Cut(p.GetAddress(), "/")
	return code
}

// Office says how an office stands now. A-7a-iii
func (f *frame) Office(now *valisev1.OfficeNow) (template.HTML, error) {
	t := f.T.Contacts
	if now == nil {
		return "", nil
	}
	if now.GetChanges() == nil {
		if now.GetOpen() {
			return f.Say(t.AlwaysOpen)
		}
		return f.Say(t.Shut)
	}
	text := t.Closed
	if now.GetOpen() {
		text = t.Open
	}
	distance, err := f.Distance(now.GetChanges().AsTime())
	if err != nil {
		return "", err
	}
	return f.Say(text, "distance", distance)
}

// Writable says whether a POC can be written to, and why not.
func (p point) Writable() (template.HTML, error) {
	switch {
	case p.Code() == p.f.v.c.state.String():
		return p.f.Say(p.f.T.Contacts.OurOwn)
	case p.GetPointOfContact() == nil:
		return p.f.Say(p.f.T.Contacts.ByTelephone)
	case p.GetReachable():
		return p.f.Say(p.f.T.Contacts.Reachable)
	}
	return p.f.Say(p.f.T.Contacts.Unreachable)
}

// Telephone is a number of a signed entry as a link that dials it.
func (f *frame) Telephone(number string) template.HTML {
	safe := template.HTMLEscapeString(number)
	if !telephone.MatchString(number) {
		return peerText(number)
	}
	return template.HTML(`<a class="telephone" href="tel:` + safe + `"><bdi dir="ltr">` + safe + `</bdi></a>`) //nolint:gosec // a plus sign and digits
}

var telephone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Words are what an entry says in one language, marked as that language.
func (f *frame) Words(t *valisev1.LocalText) template.HTML {
	return template.HTML(`<span`+langOf(t.GetLanguage())+` dir="auto">`) + peerText(t.GetText()) + `</span>` //nolint:gosec // a parsed tag
}

// Speaks names a language in the language of the page and in its own. A-7a-iii
func (f *frame) Speaks(tag string) template.HTML {
	parsed, err := language.Parse(tag)
	if err != nil {
		return peerText(tag)
	}
	here := display.Languages(language.Make(f.Lang())).Name(parsed)
	own := display.Self.Name(parsed)
	if here == "" {
		return peerText(tag)
	}
	if own == "" || own == here {
		return peerText(here)
	}
	return peerText(here) + template.HTML(` (<span lang="`+parsed.String()+`">`) + peerText(own) + `</span>)` //nolint:gosec // a parsed tag
}

// Question says what about a State waits for a person. docs/protocol.md §8.5
func (f *frame) Question(q *valisev1.TrustQuestion) (template.HTML, error) {
	t := f.T.Contacts
	switch q.GetEvent() {
	case valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW:
		return f.Say(t.SplitQuestion, "state", f.State(q.GetState()))
	case valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY:
		return f.Say(t.OwnQuestion)
	}
	return f.Say(t.RootQuestion)
}
