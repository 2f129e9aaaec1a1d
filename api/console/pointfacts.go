package console

import (
	"html/template"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"
)

// checked is a POC with the frame of the page that its last check stands on.
type checked struct {
	F *frame
	P point
}

// LastCheck gives a POC to the part of a page that shows its last check.
func (p *contactPage) LastCheck(one point) checked { return checked{p.frame, one} }

// Campaign is the id of the campaign in which a POC was asked last.
func (p point) Campaign() string { return p.Check.campaign.GetCampaign() }

// Begun says who asked, and when. A-8
func (p point) Begun() (template.HTML, error) {
	at, err := p.f.Moment(p.Check.campaign.GetStarted().AsTime())
	if err != nil {
		return "", err
	}
	return p.f.Say(p.f.T.Contacts.CheckBy, "officer", p.Check.campaign.GetOfficer(), "time", at)
}

// Answer is what a person said of the entry, and by which number or address it came where that was not this system;
// empty where nobody has. A-8 s2
func (p point) Answer() template.HTML {
	c := p.Check.GetCheck()
	said := p.f.valueWords(c.GetAnswer())
	if said == "" || c.GetWay() == "" {
		return said
	}
	return said + " · " + peerText(c.GetWay()) + " " + p.f.Known(c.GetWaySource())
}

// OtherEntry says that another entry was asked about than is in force; empty where it is the same. A-8
func (p point) OtherEntry() (template.HTML, error) {
	asked, now := p.Check.GetCheck().GetEntryNumber(), p.Check.GetEntryNumber()
	if asked == now {
		return "", nil
	}
	return p.f.Say(p.f.T.Contacts.CheckEntry, "asked", asked, "number", now)
}

// MayFollow reports whether the authorities of the State may be contacted about the check: once its time has passed
// without an answer, or where an answer asks for a change; and no more once the entry was updated. The node decides.
// A-8 s3
func (p point) MayFollow() bool {
	done := p.Check.GetFollowUps()
	if n := len(done); n > 0 && done[n-1].GetOutcome() == valisev1.CheckOutcome_CHECK_OUTCOME_ENTRY_UPDATED {
		return false
	}
	switch p.Check.GetState() {
	case valisev1.CheckState_CHECK_STATE_NO_REPLY, valisev1.CheckState_CHECK_STATE_FOLLOW_UP, valisev1.CheckState_CHECK_STATE_UNRESOLVED:
		return true
	case valisev1.CheckState_CHECK_STATE_REPLIED, valisev1.CheckState_CHECK_STATE_REPLIED_LATE:
		return p.Check.GetCheck().GetAnswer() == valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE
	}
	return false
}

// Known says whether the entry names a number or address; empty where nobody can say.
func (f *frame) Known(s valisev1.ContactSource) template.HTML { return f.valueWords(s) }

// Ended says how following up ended, or that it goes on. A-8 s3
func (f *frame) Ended(o valisev1.CheckOutcome) template.HTML {
	switch o {
	case valisev1.CheckOutcome_CHECK_OUTCOME_ENTRY_UPDATED:
		return valueOf(f.T.Contacts.CheckUpdated)
	case valisev1.CheckOutcome_CHECK_OUTCOME_UNRESOLVED:
		return valueOf(f.T.Contacts.CheckUnresolved)
	}
	return valueOf(f.T.Contacts.GoesOn)
}

// Past says how an earlier check stands; silence is no verdict. A-8
func (f *frame) Past(s valisev1.CheckState) template.HTML {
	t := f.T.Contacts
	switch s {
	case valisev1.CheckState_CHECK_STATE_REPLIED, valisev1.CheckState_CHECK_STATE_REPLIED_LATE:
		return valueOf(t.PastReplied)
	case valisev1.CheckState_CHECK_STATE_NO_REPLY:
		return valueOf(t.CheckSilent)
	case valisev1.CheckState_CHECK_STATE_FOLLOW_UP:
		return valueOf(t.CheckFollowed)
	case valisev1.CheckState_CHECK_STATE_ENTRY_UPDATED:
		return valueOf(t.CheckUpdated)
	case valisev1.CheckState_CHECK_STATE_UNRESOLVED:
		return valueOf(t.CheckUnresolved)
	case valisev1.CheckState_CHECK_STATE_WITHDRAWN:
		return valueOf(t.CheckWithdrawn)
	}
	return valueOf(t.PastSent)
}

// valueWords is a value of the contract in words; empty where it says nothing.
func (f *frame) valueWords(value interface {
	String() string
	Number() protoreflect.EnumNumber
}) template.HTML {
	text, known := f.T.Value.Of(strings.ToLower(value.String()))
	if !known || value.Number() == 0 {
		return ""
	}
	return valueOf(text)
}
