package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api/locale"
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
	s := p.speech()
	lines := []string{campaignLine(s, answer.GetCampaign())}
	for _, c := range answer.GetChecks() {
		lines = append(lines, checkLines(s, c)...)
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

func checkLines(s speech, c *valisev1.CheckView) []string {
	asked, t := c.GetCheck(), s.Campaign
	lines := []string{s.fact(s.theirs(c.GetAddress()), 15, s.checkState(c.GetState()))}
	add := func(line string) { lines = append(lines, "    "+s.line(line)) }
	if asked.GetAnswered() != nil {
		way := t.ByNode.String()
		if asked.GetWay() != "" {
			way = s.say(t.ByWay, "way", s.sourced(s.theirs(flat(asked.GetWay())), asked.GetWaySource()))
		}
		add(s.say(t.Answered, "answer", s.word(s.CheckAnswer, checkAnswerName(asked.GetAnswer())), "time", s.at(asked.GetAnswered()), "way", way))
	} else {
		add(s.say(t.Question, "delivery", deliveryWords(s, c.GetDelivery(), c.GetAddress())))
	}
	if c.GetText() != "" {
		add(s.theirs(flat(c.GetText())))
	}
	if c.GetEntryNumber() != asked.GetEntryNumber() {
		add(s.say(t.EntryChanged, "asked", decimal(asked.GetEntryNumber()), "now", decimal(c.GetEntryNumber())))
	}
	for _, x := range c.GetContacts() {
		add(contactLine(s, x.GetContact()))
	}
	for _, f := range c.GetFollowUps() {
		outcome := s.word(s.CheckOutcome, checkOutcomeName(f.GetOutcome()))
		add(s.say(t.Followed, "line", contactLine(s, f.GetContact())+"  "+outcome))
	}
	for _, h := range c.GetHistory() {
		add(s.say(t.Earlier, "time", s.at(h.GetStarted()), "state", s.checkState(h.GetState())))
	}
	return lines
}

// checkState says how a check stands: the words of the report in English.
func (s speech) checkState(state valisev1.CheckState) string {
	if text, ok := locale.Named(s.CheckState, checkStateName(state)); ok {
		return text.String()
	}
	return s.Campaign.UnknownState.String()
}

// sourced is a contact detail with where our side has it from.
func (s speech) sourced(detail string, source valisev1.ContactSource) string {
	switch source {
	case valisev1.ContactSource_CONTACT_SOURCE_REGISTERED:
		return s.say(s.Campaign.Registered, "line", detail)
	case valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE:
		return s.say(s.Campaign.Alternative, "line", detail)
	}
	return detail
}

// contactLine is a call or email on one line.
func contactLine(s speech, c *valisev1.ContactLog) string {
	means := s.word(s.Means, lowerName(c.GetMeans().String(), "CONTACT_MEANS_")) + " " + s.theirs(flat(c.GetDetail()))
	parts := []string{
		s.at(c.GetAt()), s.sourced(means, c.GetSource()),
		s.word(s.ContactResult, contactResultName(c.GetResult())), s.theirs(flat(c.GetPerson() + " " + c.GetNote())),
	}
	return strings.Join(parts, "  ")
}
