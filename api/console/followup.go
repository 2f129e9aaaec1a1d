package console

import (
	"net/http"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// followPage logs a contact with the authorities of a State about a check of ours. A-8 s3
type followPage struct {
	*frame
	Code, Address, Campaign string
	Point                   point
	NoPerson                bool // nobody is named with whom somebody spoke
	BadTime                 bool
	Wrong                   *fault            // what else is not taken of a field; nil: nothing
	typed                   map[string]string // what was typed, by field
}

// Bad reports whether something has to be put right before it is recorded.
func (p *followPage) Bad() bool { return p.NoPerson || p.BadTime || p.Wrong != nil }

// FaultOf is what is not taken of a field; nil where it is something else.
func (p *followPage) FaultOf(field string) *fault {
	if p.Wrong != nil && p.Wrong.Field == field {
		return p.Wrong
	}
	return nil
}

// Typed is what a field says.
func (p *followPage) Typed(field string) string { return p.typed[field] }

// Ways are how people speak. I-1
func (p *followPage) Ways() []choiceOf { return waysOf(p.T.Contacts) }

func waysOf(t locale.ContactTexts) []choiceOf {
	return []choiceOf{{"CALL", t.Call}, {"EMAIL", t.Email}, {"MEETING", t.Meeting}, {"OTHER", t.OtherWay}}
}

// Ends are how following up ends; the first one: it has not yet. A-8 s3
func (p *followPage) Ends() []choiceOf {
	t := p.T.Contacts
	return []choiceOf{{"", t.GoesOn}, {"ENTRY_UPDATED", t.CheckUpdated}, {"UNRESOLVED", t.CheckUnresolved}}
}

// following is the page about the newest check of one POC, which the request names together with its campaign.
func (v *visit) following() (*followPage, error) {
	known, err := v.contactOf()
	if err != nil {
		return nil, err
	}
	if err := v.lastChecks(known.Points); err != nil {
		return nil, err
	}
	p := &followPage{
		frame: known.frame, Code: known.Code, Address: v.r.FormValue("address"), Campaign: v.r.FormValue("campaign"),
		typed: map[string]string{"means": "CALL", "at": known.Now},
	}
	for _, one := range known.Points {
		if one.Check != nil && one.GetAddress() == p.Address && one.Campaign() == p.Campaign {
			p.Point = one
			return p, nil
		}
	}
	return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
}

// askFollowUp shows the form. Nobody is contacted over the head of a desk whose time has not passed. A-8 s3
func (v *visit) askFollowUp() error {
	p, err := v.following()
	if err != nil {
		return err
	}
	if !p.Point.MayFollow() {
		return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE)
	}
	v.show(http.StatusOK, "contactfollow", p)
	return nil
}

// followUp puts the contact into the record; the other State is told nothing. A-8 s3
func (v *visit) followUp() error {
	p, err := v.following()
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	for _, field := range []string{"means", "person", "detail", "at", "note", "outcome"} {
		p.typed[field] = strings.TrimSpace(v.r.PostFormValue(field))
	}
	_, isTime := momentOf(p.typed["at"])
	p.NoPerson, p.BadTime = p.typed["person"] == "", !isTime
	var call *valisev1.ContactLog
	if !p.Bad() {
		call, p.Wrong = v.callLogged()
	}
	if p.Bad() {
		v.show(http.StatusUnprocessableEntity, "contactfollow", p)
		return nil
	}
	_, err = v.c.door.directory.FollowUpCheck(v.ctx(), &valisev1.FollowUpCheckRequest{
		Campaign: p.Campaign, Address: p.Address, Contact: call, RequestId: act,
		Outcome: valisev1.CheckOutcome(valisev1.CheckOutcome_value["CHECK_OUTCOME_"+p.typed["outcome"]]),
	})
	if err != nil {
		return err
	}
	return v.goTo("contacts/" + p.Code)
}
