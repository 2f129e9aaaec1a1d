package console

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

type contactPage struct {
	*frame
	Code      string
	Points    []point
	Questions []*valisev1.TrustQuestion
	Others    *valisev1.CompareOthersResponse
	InDoubt   bool // another root is shown for this State
	NotCalled bool
	NoneAsked bool // a communication check of nobody was asked for
	Now       string
	At        string // form that came back; empty: none did
	Faults    []*fault
}

const minuteForm = "2006-01-02T15:04" // as a browser sends a moment

// state is the one that the path names.
func (v *visit) state() (string, error) {
	code := v.r.PathValue("state")
	if !stateCode.MatchString(code) {
		return "", refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return code, nil
}

// contact is all that is known of one State.
func (v *visit) contact() error {
	p, err := v.contactAll()
	if err != nil {
		return err
	}
	v.show(http.StatusOK, "contact", p)
	return nil
}

// contactAll is the page of one State with all that stands on it.
func (v *visit) contactAll() (*contactPage, error) {
	p, err := v.contactOf()
	if err != nil {
		return nil, err
	}
	if p.Others, err = v.c.door.directory.CompareOthers(v.ctx(), &valisev1.CompareOthersRequest{State: p.Code}); err != nil {
		return nil, err
	}
	if p.Reads() {
		if err := v.lastChecks(p.Points); err != nil {
			return nil, err
		}
		for i := range p.Points {
			logged, err := v.c.door.directory.ListEntryContacts(v.ctx(), &valisev1.ListEntryContactsRequest{Address: p.Points[i].GetAddress(), PageSize: 20})
			if err != nil {
				return nil, err
			}
			p.Points[i].Logged = logged.GetContacts()
		}
	}
	return p, nil
}

// contactOf is a page about one State, with what its entry says and what waits for a person.
func (v *visit) contactOf() (*contactPage, error) {
	code, err := v.state()
	if err != nil {
		return nil, err
	}
	found, err := v.c.door.directory.ListContacts(v.ctx(), &valisev1.ListContactsRequest{State: code})
	if err != nil {
		return nil, err
	}
	p := &contactPage{frame: v.inner(v.t.Frame.Contacts, "contacts"), Code: code, Now: v.now.UTC().Format(minuteForm)}
	for _, c := range found.GetContacts() {
		p.Points = append(p.Points, point{f: p.frame, ContactView: c})
		p.NotCalled = p.NotCalled || c.GetNotCalledBack()
	}
	status, err := v.nodeStatus()
	if err != nil {
		return nil, err
	}
	for _, q := range status.GetQuestions() {
		if q.GetState() == code {
			p.Questions = append(p.Questions, q)
			p.InDoubt = p.InDoubt || q.GetEvent() == valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION
		}
	}
	if len(p.Points) == 0 && len(p.Questions) == 0 {
		return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return p, nil
}

// Means names how people spoke.
func (f *frame) Means(m valisev1.ContactMeans) template.HTML {
	t := f.T.Contacts
	switch m {
	case valisev1.ContactMeans_CONTACT_MEANS_CALL:
		return valueOf(t.Call)
	case valisev1.ContactMeans_CONTACT_MEANS_EMAIL:
		return valueOf(t.Email)
	case valisev1.ContactMeans_CONTACT_MEANS_MEETING:
		return valueOf(t.Meeting)
	}
	return valueOf(t.OtherWay)
}

// Worked says whether a number or address did; empty where nobody said.
func (f *frame) Worked(r valisev1.ContactResult) template.HTML {
	switch r {
	case valisev1.ContactResult_CONTACT_RESULT_WORKED:
		return valueOf(f.T.Contacts.Worked)
	case valisev1.ContactResult_CONTACT_RESULT_DID_NOT_WORK:
		return valueOf(f.T.Contacts.DidNotWork)
	}
	return ""
}

// logContact puts a call or an email into the record; the other State is told nothing. I-1
func (v *visit) logContact() error {
	code, err := v.state()
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	call, wrong := v.callLogged()
	if wrong != nil {
		return v.showBack(logForm, wrong, refuse(valisev1.Reason_REASON_BAD_REQUEST))
	}
	if of, _, _ := strings.Cut(call.GetPeer(), "/"); of != code {
		return v.comeBack(logForm, &refusal{reason: valisev1.Reason_REASON_BAD_REQUEST, field: "contact.peer"})
	}
	if _, err := v.c.door.inquiry.LogContact(v.ctx(), &valisev1.LogContactRequest{Contact: call, RequestId: act}); err != nil {
		return v.comeBack(logForm, err)
	}
	return v.goTo("contacts/" + code + "#logged")
}

// callLogged reads the fields of a call from a form; the fault is of a time that is none, or of a text too long.
func (v *visit) callLogged() (*valisev1.ContactLog, *fault) {
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	call := &valisev1.ContactLog{
		Means:   valisev1.ContactMeans(valisev1.ContactMeans_value["CONTACT_MEANS_"+field("means")]),
		Result:  valisev1.ContactResult(valisev1.ContactResult_value["CONTACT_RESULT_"+field("result")]),
		Inbound: field("inbound") != "", Person: field("person"), Detail: field("detail"), Peer: field("address"),
		Note: strings.ReplaceAll(field("note"), "\r\n", "\n"),
	}
	if at := field("at"); at != "" {
		when, err := time.ParseInLocation(minuteForm, at, time.UTC)
		if err != nil {
			return nil, &fault{Field: "at", Text: v.t.Write.Fault.BadTime}
		}
		call.At = timestamppb.New(when)
	}
	for input, text := range map[string]string{"person": call.GetPerson(), "detail": call.GetDetail(), "note": call.GetNote()} {
		if wrong := v.tooLong(input, input, text); wrong != nil {
			return nil, wrong
		}
	}
	return call, nil
}
