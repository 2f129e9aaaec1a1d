package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newDirectoryCheckCommand(p *program) *cobra.Command {
	return nounCommand("check", "Ask points of contact whether their entry is right; a person answers",
		newCheckAnswerCommand(p),
		newCheckCalendarCommand(p),
		newCheckFollowUpCommand(p),
		newCheckListCommand(p),
		newCheckReportCommand(p),
		newCheckShowCommand(p),
		newCheckStartCommand(p),
	)
}

type checkStartFlags struct {
	to               []string
	all              bool
	means, requestID string
	deadline         time.Duration
}

func newCheckStartCommand(p *program) *cobra.Command {
	var f checkStartFlags
	cmd := &cobra.Command{
		Use:   "start --to STATE/track,… | --all",
		Short: "Ask for a communication check: a thread with each point of contact, all of them or none",
		Annotations: documented("asks; `--to XB/technical,XC/technical` or `--all`, `--means`, `--deadline`; all of them or none",
			`{"campaign","deadline","checks":[{"to",`+sentKeys+`}]}`),
		Long: `Asks each point of contact whether its entry is right. The manager may ask all of them, a State
those on its own tracks. A person there answers with directory check answer; a receipt of
a node is no answer, and nothing is ever asked or answered by itself.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runCheckStart(cmd.Context(), &f) },
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&f.to, "to", nil, "whom to ask, for example XB/technical,XC/technical")
	fs.BoolVar(&f.all, "all", false, "ask all that we may ask")
	fs.StringVar(&f.means, "means", "node", "which contact detail it checks: node, telephone or email")
	fs.DurationVar(&f.deadline, "deadline", 48*time.Hour, "within which time an answer is asked for, 1h to 720h")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique")
	return cmd
}

func (f *checkStartFlags) request() (*valisev1.StartCheckRequest, error) {
	switch f.means {
	case "node", "telephone", "email":
	default:
		return nil, usageHint("--means knows no "+shorten(f.means), "node, telephone or email")
	}
	switch {
	case f.all == (len(f.to) > 0):
		return nil, usageHint("either --to or --all says who is asked", "valise directory check start --to XB/technical")
	case f.deadline < time.Hour || f.deadline > 720*time.Hour:
		return nil, usage("--deadline is between 1h and 720h")
	}
	if err := checkAddresses("", f.to...); err != nil {
		return nil, err
	}
	return &valisev1.StartCheckRequest{
		To: f.to, All: f.all, Detail: f.means, WithinSeconds: uint64(f.deadline / time.Second), RequestId: f.requestID,
	}, nil
}

func (p *program) runCheckStart(ctx context.Context, f *checkStartFlags) error {
	request, err := f.request()
	if err != nil {
		return err
	}
	return p.atDesk(ctx, func(d *desk) error {
		answer, err := d.directory.StartCheck(ctx, request)
		if err != nil {
			return err
		}
		campaign, err := d.directory.GetCheck(ctx, &valisev1.GetCheckRequest{Campaign: answer.GetCampaign()})
		if err != nil {
			return err
		}
		peers := map[string]string{}
		for _, c := range campaign.GetChecks() {
			peers[c.GetThread()] = c.GetAddress()
		}
		s := p.speech()
		list, lines := []object{}, []string{s.line(s.say(s.Campaign.Asked, "campaign", s.theirs(answer.GetCampaign()), "time", s.at(answer.GetDeadline())))}
		for _, sent := range answer.GetSent() {
			to := peers[sent.GetThread()]
			list = append(list, sentResult(sent, object{"to": to}))
			lines = append(lines, "  "+s.fact(s.theirs(to), 15, deliveryWords(s, sent.GetDelivery(), to)))
		}
		return p.result(object{"campaign": answer.GetCampaign(), "deadline": stamp(answer.GetDeadline()), "checks": list}, lines...)
	})
}

const campaignKeys = `"campaign","started","deadline","detail","asked","officer"`

func newCheckListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Checks of ours by campaign, newest first",
		Annotations: documented("checks of ours by campaign, newest first, one object a line",
			`{`+campaignKeys+`}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runCheckList(cmd.Context(), d) })
		},
	}
}

func (p *program) runCheckList(ctx context.Context, d *desk) error {
	request := &valisev1.ListChecksRequest{PageSize: 500}
	for {
		page, err := d.directory.ListChecks(ctx, request)
		if err != nil {
			return err
		}
		for _, c := range page.GetCampaigns() {
			if err := p.result(campaignObject(c), campaignLine(p.speech(), c)); err != nil {
				return err
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return nil
		}
	}
}

func campaignObject(c *valisev1.CampaignView) object {
	return object{
		"campaign": c.GetCampaign(), "started": stamp(c.GetStarted()), "deadline": stamp(c.GetDeadline()),
		"detail": c.GetDetail(), "asked": c.GetAsked(), "officer": c.GetOfficer(),
	}
}

func campaignLine(s speech, c *valisev1.CampaignView) string {
	return s.line(s.theirs(c.GetCampaign()) + "  " + s.say(s.Campaign.Begun, "started", s.at(c.GetStarted()), "deadline", s.at(c.GetDeadline()),
		"asked", fmt.Sprint(c.GetAsked()), "detail", s.named(s.CampaignDetail, flat(c.GetDetail()))))
}

// calendarLine says when checks of everybody are due.
func calendarLine(s speech, c *valisev1.GetCheckCalendarResponse) string {
	command := s.theirs("valise directory check start --all")
	if c.GetLast() == nil {
		return s.line(s.say(s.Campaign.None, "command", command))
	}
	line := s.say(s.Campaign.Calendar, "last", s.at(c.GetLast()), "next", s.at(c.GetNext()))
	if c.GetDue() {
		line = s.say(s.Campaign.Due, "line", line, "command", command)
	}
	return s.line(line)
}

func newCheckCalendarCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "calendar",
		Short: "When checks of everybody are due: six calendar months after the last; none begins by itself",
		Annotations: documented("when checks of everybody are due, six calendar months after the last",
			`{"last","next","due"}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error {
				c, err := d.directory.GetCheckCalendar(cmd.Context(), &valisev1.GetCheckCalendarRequest{})
				if err != nil {
					return err
				}
				return p.result(object{"last": stamp(c.GetLast()), "next": stamp(c.GetNext()), "due": c.GetDue()}, calendarLine(p.speech(), c))
			})
		},
	}
}

func checkStateName(s valisev1.CheckState) string { return lowerName(s.String(), "CHECK_STATE_") }

func checkAnswerName(a valisev1.CheckAnswer) string { return lowerName(a.String(), "CHECK_ANSWER_") }

func contactSourceName(s valisev1.ContactSource) string {
	return lowerName(s.String(), "CONTACT_SOURCE_")
}

func contactResultName(r valisev1.ContactResult) string {
	return lowerName(r.String(), "CONTACT_RESULT_")
}

func checkOutcomeName(o valisev1.CheckOutcome) string {
	return lowerName(o.String(), "CHECK_OUTCOME_")
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
