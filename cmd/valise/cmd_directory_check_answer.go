package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/api/draft"
)

type checkAnswerFlags struct {
	correct, change bool
	file            string
	send            sendFlags
}

func newCheckAnswerCommand(p *program) *cobra.Command {
	var f checkAnswerFlags
	cmd := &cobra.Command{
		Use:   "answer T --entry-correct | --needs-change --file F",
		Short: "Answer a communication check, as a person: the entry is right, or what needs change",
		Annotations: documented("T: the entry is right (`--entry-correct`), or what needs change (`--needs-change --file F`); a later answer corrects",
			`{`+sentKeys+`}`),
		Long: `Answers the check in thread T. It says that your desk is awake and what your State has
published, so no second person clears it; a duty officer answers. Look at the entry first:
valise directory show.

` + exitTable,
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runCheckAnswer(cmd.Context(), &f, args[0]) },
	}
	cmd.Flags().BoolVar(&f.correct, "entry-correct", false, "the entry is right")
	cmd.Flags().BoolVar(&f.change, "needs-change", false, "the entry needs change; --file says what")
	cmd.Flags().StringVar(&f.file, "file", "", "what needs change, in words; - reads stdin")
	addSendFlags(cmd, &f.send)
	return cmd
}

func (p *program) runCheckAnswer(ctx context.Context, f *checkAnswerFlags, thread string) error {
	if f.correct == f.change || f.change != (f.file != "") {
		return usageHint("either --entry-correct, or --needs-change with --file", "valise directory check answer T --entry-correct")
	}
	answer := &valisev1.PingReply{EntryCorrect: f.correct}
	if f.file != "" {
		text, err := p.readText(f.file)
		if err != nil {
			return err
		}
		answer.Text = strings.TrimSpace(string(text))
		if err := draft.CheckParagraphs(answer.GetText()); err != nil {
			return err
		}
	}
	return p.sendAtDesk(ctx, &f.send, func(d *desk) error { return p.reply(ctx, d, &f.send, thread, answer, "") })
}

type followUpFlags struct {
	log     logFlags
	outcome string
}

func newCheckFollowUpCommand(p *program) *cobra.Command {
	var f followUpFlags
	cmd := &cobra.Command{
		Use:   "follow-up C STATE/track --file F",
		Short: "Record a contact with a State's authorities about a check, and how that ended; nothing is sent",
		Annotations: documented("C, POC: a contact with the State's authorities once its time has passed, `--file`, `--means`, `--at`, `--outcome entry-updated` or `unresolved`",
			`{"item","campaign","address"}`),
		Long: `--file takes TOML: person, detail, note; any other text is the note. Without --outcome the
following up goes on. It never leaves this node.

` + exitTable,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runCheckFollowUp(cmd.Context(), &f, args) },
	}
	addContactFlags(cmd, &f.log)
	cmd.Flags().StringVar(&f.outcome, "outcome", "", "how it ended: entry-updated or unresolved")
	mustHave(cmd, "file")
	return cmd
}

// addContactFlags declares what a logged contact has, but for words, which come from the file.
func addContactFlags(cmd *cobra.Command, f *logFlags) {
	fs := cmd.Flags()
	fs.StringVar(&f.means, "means", "call", "call, email, meeting or other")
	fs.StringVar(&f.at, "at", "", "when, RFC 3339 (default now)")
	fs.BoolVar(&f.inbound, "inbound", false, "they called us")
	fs.StringVar(&f.file, "file", "", "person, detail and note as TOML, or a note; - reads stdin")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique")
}

func (p *program) runCheckFollowUp(ctx context.Context, f *followUpFlags, args []string) error {
	campaign, err := parseHexPrefix(args[0], "campaign")
	if err != nil {
		return err
	}
	if err := checkAddresses("", args[1]); err != nil {
		return err
	}
	request := &valisev1.FollowUpCheckRequest{Campaign: campaign, Address: args[1], RequestId: f.log.requestID}
	if f.outcome != "" {
		n, known := valisev1.CheckOutcome_value["CHECK_OUTCOME_"+strings.ToUpper(strings.ReplaceAll(f.outcome, "-", "_"))]
		if !known || n == 0 {
			return usageHint("--outcome knows no "+shorten(f.outcome), "entry-updated or unresolved")
		}
		request.Outcome = valisev1.CheckOutcome(n)
	}
	if request.Contact, err = p.contactLog(&f.log); err != nil {
		return err
	}
	return p.atDesk(ctx, func(d *desk) error {
		answer, err := d.directory.FollowUpCheck(ctx, request)
		if err != nil {
			return err
		}
		s := p.speech()
		return p.result(object{"item": answer.GetItem(), "campaign": campaign, "address": args[1]},
			s.line(s.say(s.Result.Recorded, "item", decimal(answer.GetItem()))))
	})
}
