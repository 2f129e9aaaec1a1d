package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api/campaign"
	valisev1 "valise.example/proto/valise/v1"
)

// reportForms write a report of a campaign.
var reportForms = map[string]func(campaign.Report, io.Writer) error{
	"text": campaign.Report.Text, "html": campaign.Report.HTML, "csv": reportTable, "json": reportJSON,
}

func newCheckReportCommand(p *program) *cobra.Command {
	var form, out string
	cmd := &cobra.Command{
		Use:   "report C",
		Short: "The report of one campaign: text, JSON, a table, or one page that needs nothing else",
		Annotations: documented("C: the report of one campaign; `--form` text, json, csv or html, `--out`",
			`{"campaign","path","form","asked"}`),
		Long: `In order of addresses: whether a person answered, in time or later, and by which contact
detail; what was followed up with a State's authorities, and how that ended; earlier checks.
No State is measured by it. Without --out it goes to stdout.

` + exitTable,
		Args: idArgument("campaign", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reportForms[form] == nil {
				return usageHint("--form knows no "+shorten(form), "text, json, csv or html")
			}
			if p.json && out == "" {
				return usageHint("with --json the report needs a file of its own", "name it with --out")
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runCheckReport(cmd.Context(), d, args[0], form, out) })
		},
	}
	cmd.Flags().StringVar(&form, "form", "text", "text, json, csv or html")
	cmd.Flags().StringVar(&out, "out", "", "file to write, which must not exist")
	return cmd
}

func (p *program) runCheckReport(ctx context.Context, d *desk, id, form, out string) error {
	realm, err := d.realm(ctx)
	if err != nil {
		return err
	}
	answer, err := d.directory.GetCheck(ctx, &valisev1.GetCheckRequest{Campaign: id})
	if err != nil {
		return err
	}
	r := campaign.Report{Check: answer, Realm: realm.String(), Made: p.now()}
	if out == "" {
		return reportForms[form](r, p.out)
	}
	if err := writeNewFile(out, func(w io.Writer) error { return reportForms[form](r, w) }); err != nil {
		return err
	}
	s := p.speech()
	return p.result(object{"campaign": answer.GetCampaign().GetCampaign(), "path": out, "form": form, "asked": answer.GetCampaign().GetAsked()},
		s.line(s.say(s.Campaign.Report, "path", s.theirs(out), "form", s.theirs(form))))
}

func reportJSON(r campaign.Report, w io.Writer) error {
	return json.NewEncoder(w).Encode(reportObject(r.Check))
}

// reportTable writes one row a point of contact. reliability.md 44
func reportTable(r campaign.Report, w io.Writer) error {
	t := csv.NewWriter(w)
	rows := [][]string{{"address", "state", "answer", "answered", "way", "way_source", "text", "entry_asked", "entry_now", "contacts", "follow_ups", "outcome", "earlier"}}
	for _, c := range r.Check.GetChecks() {
		rows = append(rows, reportRow(c))
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := t.Write(row); err != nil {
			return err
		}
	}
	t.Flush()
	return t.Error()
}

func reportRow(c *valisev1.CheckView) []string {
	var contacts, followUps, earlier []string
	outcome, answered := "", ""
	for _, x := range c.GetContacts() {
		contacts = append(contacts, contactLine(inEnglish(), x.GetContact()))
	}
	for _, f := range c.GetFollowUps() {
		followUps = append(followUps, contactLine(inEnglish(), f.GetContact()))
		outcome = checkOutcomeName(f.GetOutcome())
	}
	for _, h := range c.GetHistory() {
		earlier = append(earlier, clock(h.GetStarted())+" "+checkStateName(h.GetState()))
	}
	if at := c.GetCheck().GetAnswered(); at != nil {
		answered = clock(at)
	}
	return []string{
		c.GetAddress(), checkStateName(c.GetState()), checkAnswerName(c.GetCheck().GetAnswer()), answered,
		c.GetCheck().GetWay(), contactSourceName(c.GetCheck().GetWaySource()), c.GetText(),
		strconv.FormatUint(c.GetCheck().GetEntryNumber(), 10), strconv.FormatUint(c.GetEntryNumber(), 10),
		strings.Join(contacts, "\n"), strings.Join(followUps, "\n"), outcome, strings.Join(earlier, "\n"),
	}
}
