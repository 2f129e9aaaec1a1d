package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newDirectoryContactCommand(p *program) *cobra.Command {
	return nounCommand("contact", "Calls and emails with a point of contact, and which detail worked",
		newContactListCommand(p),
		newContactLogCommand(p),
	)
}

type contactFlags struct {
	log              logFlags
	failed           bool
	correct, changed bool
}

func newContactLogCommand(p *program) *cobra.Command {
	var f contactFlags
	cmd := &cobra.Command{
		Use:   "log STATE/track --file F",
		Short: "Record a call or email with a point of contact: who, when, by which number, whether it worked",
		Annotations: documented("POC: a call, email or meeting, bound to the entry; `--file`, `--means`, `--at`, `--inbound`, `--did-not-work`; `--entry-correct` or `--needs-change` where a person answered a check of ours by it",
			`{"item","thread"}`),
		Long: `Bound to the entry of the point of contact, and never leaves this node. --file takes TOML:
person, detail, note; any other text is the note. The node says whether the entry names the
detail. With --entry-correct or --needs-change it is the answer to the newest check of ours.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runContactLog(cmd.Context(), &f, args[0]) },
	}
	addContactFlags(cmd, &f.log)
	cmd.Flags().BoolVar(&f.failed, "did-not-work", false, "nobody answered there")
	cmd.Flags().BoolVar(&f.correct, "entry-correct", false, "a person answered a check of ours: the entry is right")
	cmd.Flags().BoolVar(&f.changed, "needs-change", false, "a person answered a check of ours: the entry needs change")
	mustHave(cmd, "file")
	return cmd
}

func (p *program) runContactLog(ctx context.Context, f *contactFlags, address string) error {
	if f.correct && f.changed || f.failed && (f.correct || f.changed) {
		return usage("--entry-correct, --needs-change and --did-not-work exclude each other")
	}
	f.log.peer = address
	contact, err := p.contactLog(&f.log)
	if err != nil {
		return err
	}
	contact.Result = valisev1.ContactResult_CONTACT_RESULT_WORKED
	switch {
	case f.failed:
		contact.Result = valisev1.ContactResult_CONTACT_RESULT_DID_NOT_WORK
	case f.correct:
		contact.CheckAnswer = valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT
	case f.changed:
		contact.CheckAnswer = valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE
	}
	return p.atDesk(ctx, func(d *desk) error {
		if err := p.logContact(ctx, d, &valisev1.LogContactRequest{Contact: contact, RequestId: f.log.requestID}); err != nil {
			return err
		}
		p.tellNoFirstCall(ctx, d, contact)
		return nil
	})
}

func newContactListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list STATE/track",
		Short: "Calls and emails with a point of contact, newest first",
		Annotations: documented("POC: calls and emails that were logged, newest first, one object a line",
			`{`+entryContactKeys+`}`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkAddresses("", args[0]); err != nil {
				return err
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runContactList(cmd.Context(), d, args[0]) })
		},
	}
}

func (p *program) runContactList(ctx context.Context, d *desk, address string) error {
	s, request := p.speech(), &valisev1.ListEntryContactsRequest{Address: address, PageSize: 500}
	for {
		page, err := d.directory.ListEntryContacts(ctx, request)
		if err != nil {
			return err
		}
		for _, c := range page.GetContacts() {
			if err := p.result(entryContactObject(c), s.line(strings.TrimRight(contactLine(s, c.GetContact()), " "))); err != nil {
				return err
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return nil
		}
	}
}
