package console

import (
	"html/template"
	"net/http"
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// mostCampaigns bounds how far back the last communication check of a POC is looked for.
const mostCampaigns = 12

// pointCheck is the newest communication check of a POC. A-8
type pointCheck struct {
	campaign *valisev1.CampaignView
	*valisev1.CheckView
}

// lastChecks finds the newest check of each POC.
func (v *visit) lastChecks(points []point) error {
	all, err := v.c.door.directory.ListChecks(v.ctx(), &valisev1.ListChecksRequest{PageSize: mostCampaigns})
	if err != nil {
		return err
	}
	for _, campaign := range all.GetCampaigns() {
		if !slices.ContainsFunc(points, func(p point) bool { return p.Check == nil }) {
			return nil
		}
		one, err := v.c.door.directory.GetCheck(v.ctx(), &valisev1.GetCheckRequest{Campaign: campaign.GetCampaign()})
		if err != nil {
			return err
		}
		for i := range points {
			for _, c := range one.GetChecks() {
				if points[i].Check == nil && c.GetAddress() == points[i].GetAddress() {
					points[i].Check = &pointCheck{one.GetCampaign(), c}
				}
			}
		}
	}
	return nil
}

// Checked says how the last check of a POC stands; silence is no verdict. A-8
func (p point) Checked() (template.HTML, error) {
	t := p.f.T.Contacts
	if p.Check == nil {
		return p.f.Say(t.NoCheck)
	}
	switch p.Check.GetState() {
	case valisev1.CheckState_CHECK_STATE_REPLIED, valisev1.CheckState_CHECK_STATE_REPLIED_LATE:
		at, err := p.f.Moment(p.Check.GetCheck().GetAnswered().AsTime())
		if err != nil {
			return "", err
		}
		return p.f.Say(t.CheckReplied, "time", at)
	case valisev1.CheckState_CHECK_STATE_NO_REPLY:
		return p.f.Say(t.CheckSilent)
	case valisev1.CheckState_CHECK_STATE_FOLLOW_UP:
		return p.f.Say(t.CheckFollowed)
	case valisev1.CheckState_CHECK_STATE_ENTRY_UPDATED:
		return p.f.Say(t.CheckUpdated)
	case valisev1.CheckState_CHECK_STATE_UNRESOLVED:
		return p.f.Say(t.CheckUnresolved)
	case valisev1.CheckState_CHECK_STATE_WITHDRAWN:
		return p.f.Say(t.CheckWithdrawn)
	}
	at, err := p.f.Moment(p.Check.campaign.GetStarted().AsTime())
	if err != nil {
		return "", err
	}
	until, err := p.f.Moment(p.Check.campaign.GetDeadline().AsTime())
	if err != nil {
		return "", err
	}
	return p.f.Say(t.CheckSent, "time", at, "deadline", until)
}

// askCheck shows whom a check would ask, before it does.
func (v *visit) askCheck() error {
	p, err := v.contactOf()
	if err != nil {
		return err
	}
	if p.Own() {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	v.show(http.StatusOK, "contactcheck", p)
	return nil
}

// startCheck asks the chosen POCs of a State whether their entry is right. A-8, B-1c-i
func (v *visit) startCheck() error {
	p, err := v.contactOf()
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	var to []string
	for _, one := range p.Points {
		if slices.Contains(v.r.PostForm["to"], one.GetAddress()) {
			to = append(to, one.GetAddress())
		}
	}
	if len(to) == 0 {
		p.NoneAsked = true
		v.show(http.StatusUnprocessableEntity, "contactcheck", p)
		return nil
	}
	if _, err := v.c.door.directory.StartCheck(v.ctx(), &valisev1.StartCheckRequest{To: to, Detail: "node", RequestId: act}); err != nil {
		return err
	}
	return v.goTo("contacts/" + p.Code)
}
