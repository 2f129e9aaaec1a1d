package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/api/campaign"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	entryContactKeys = `"item","at","means","inbound","person","detail","source","result","answer","note","officer","thread"`
	checkKeys        = `"address","thread","state","answer","answered","text","way","way_source","delivery","entry_number","entry_number_asked",` +
		`"follow_ups":[{` + entryContactKeys + `,"outcome"}],"contacts":[{` + entryContactKeys + `}],"history":[{"campaign","started","state"}]`
)

func newCheckShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show C",
		Short: "One campaign: every point of contact that was asked, in order of addresses",
		Annotations: documented("C: one campaign, in order of addresses, with what was answered and by which contact detail, following up, and earlier checks",
			`{`+campaignKeys+`,"checks":[{`+checkKeys+`}]}`),
		Args: idArgument("campaign", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runCheckShow(cmd.Context(), d, args[0]) })
		},
	}
}

func (p *program) runCheckShow(ctx context.Context, d *desk, id string) error {
	answer, err := d.directory.GetCheck(ctx, &valisev1.GetCheckRequest{Campaign: id})
	if err != nil {
		return err
	}
	lines := []string{campaignLine(answer.GetCampaign())}
	for _, c := range answer.GetChecks() {
		lines = append(lines, checkLines(c)...)
	}
	return p.result(reportObject(answer), lines...)
}

// reportObject is a campaign with every point of contact that was asked.
func reportObject(answer *valisev1.GetCheckResponse) object {
	o, list := campaignObject(answer.GetCampaign()), []object{}
	for _, c := range answer.GetChecks() {
		list = append(list, checkObject(c))
	}
	o["checks"] = list
	return o
}

func checkObject(c *valisev1.CheckView) object {
	followUps, contacts, history := []object{}, []object{}, []object{}
	for _, f := range c.GetFollowUps() {
		o := entryContactObject(&valisev1.EntryContact{Contact: f.GetContact(), Officer: f.GetOfficer(), Item: f.GetItem(), Thread: c.GetThread()})
		o["outcome"] = checkOutcomeName(f.GetOutcome())
		followUps = append(followUps, o)
	}
	for _, x := range c.GetContacts() {
		contacts = append(contacts, entryContactObject(x))
	}
	for _, x := range c.GetHistory() {
		history = append(history, object{"campaign": x.GetCampaign(), "started": stamp(x.GetStarted()), "state": checkStateName(x.GetState())})
	}
	return object{
		"address": c.GetAddress(), "thread": c.GetThread(), "state": checkStateName(c.GetState()), "answer": checkAnswerName(c.GetCheck().GetAnswer()),
		"answered": stamp(c.GetCheck().GetAnswered()), "text": c.GetText(), "way": c.GetCheck().GetWay(), "way_source": contactSourceName(c.GetCheck().GetWaySource()),
		"delivery": deliveryName(c.GetDelivery()), "entry_number": c.GetEntryNumber(), "entry_number_asked": c.GetCheck().GetEntryNumber(),
		"follow_ups": followUps, "contacts": contacts, "history": history,
	}
}

func entryContactObject(x *valisev1.EntryContact) object {
	c := x.GetContact()
	return object{
		"item": x.GetItem(), "at": stamp(c.GetAt()), "means": lowerName(c.GetMeans().String(), "CONTACT_MEANS_"), "inbound": c.GetInbound(),
		"person": c.GetPerson(), "detail": c.GetDetail(), "source": contactSourceName(c.GetSource()), "result": contactResultName(c.GetResult()),
		"answer": checkAnswerName(c.GetCheckAnswer()), "note": c.GetNote(), "officer": x.GetOfficer(), "thread": x.GetThread(),
	}
}

func checkLines(c *valisev1.CheckView) []string {
	lines := []string{fmt.Sprintf("%-15s %s", c.GetAddress(), campaign.Words(c.GetState()))}
	add := func(form string, args ...any) { lines = append(lines, "    "+fmt.Sprintf(form, args...)) }
	if c.GetCheck().GetAnswered() != nil {
		way := "by its node"
		if c.GetCheck().GetWay() != "" {
			way = "by " + flat(c.GetCheck().GetWay()) + sourceWords(c.GetCheck().GetWaySource())
		}
		add("%s, %s, %s", words(checkAnswerName(c.GetCheck().GetAnswer())), clock(c.GetCheck().GetAnswered()), way)
	} else {
		add("the question: %s; a node's receipt is no answer", deliveryWords(inEnglish(), c.GetDelivery(), c.GetAddress()))
	}
	if c.GetText() != "" {
		add("%s", flat(c.GetText()))
	}
	if c.GetEntryNumber() != c.GetCheck().GetEntryNumber() {
		add("entry %d was asked about, entry %d is in force", c.GetCheck().GetEntryNumber(), c.GetEntryNumber())
	}
	for _, x := range c.GetContacts() {
		add("%s", contactLine(x.GetContact()))
	}
	for _, f := range c.GetFollowUps() {
		add("followed up: %s  %s", contactLine(f.GetContact()), words(checkOutcomeName(f.GetOutcome())))
	}
	for _, h := range c.GetHistory() {
		add("earlier: %s %s", clock(h.GetStarted()), campaign.Words(h.GetState()))
	}
	return lines
}

func sourceWords(s valisev1.ContactSource) string {
	switch s {
	case valisev1.ContactSource_CONTACT_SOURCE_REGISTERED:
		return " (registered)"
	case valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE:
		return " (alternative)"
	}
	return ""
}

// contactLine is a call or email on one line.
func contactLine(c *valisev1.ContactLog) string {
	return fmt.Sprintf("%s  %s %s%s  %s  %s", clock(c.GetAt()), lowerName(c.GetMeans().String(), "CONTACT_MEANS_"),
		flat(c.GetDetail()), sourceWords(c.GetSource()), words(contactResultName(c.GetResult())), flat(c.GetPerson()+" "+c.GetNote()))
}
