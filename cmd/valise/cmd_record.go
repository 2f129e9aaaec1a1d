package main

import (
	"context"

	"github.com/spf13/cobra"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

func newRecordCommand(p *program) *cobra.Command {
	return nounCommand("record", "The confidential record: read it and check that nothing was changed",
		newRecordExportCommand(p),
		newRecordHeadCommand(p),
		newRecordListCommand(p),
		newRecordPrintCommand(p),
		newRecordPruneCommand(p),
		newRecordShowCommand(p),
		newRecordVerifyCommand(p),
	)
}

func newRecordShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show ITEM",
		Short: "One item in full",
		Annotations: documented("ITEM: one item in full",
			`{`+itemKeys+`,"signed","evidence","body"?:{}}`+"; `signed` and `evidence` are base64, `body` has the keys of the draft"),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runRecordShow(cmd.Context(), d, args[0]) })
		},
	}
}

func (p *program) runRecordShow(ctx context.Context, d *desk, number string) error {
	n, err := parseNumber(number, "item number")
	if err != nil {
		return err
	}
	answer, err := d.record.GetItem(ctx, &valisev1.GetItemRequest{Item: n})
	if err != nil {
		return err
	}
	v := answer.GetItem()
	o := itemObject(v)
	o["signed"] = v.GetItem().GetSigned()
	o["evidence"] = v.GetItem().GetEvidence()
	s := p.speech()
	lines := append(itemLines(s, v), trustLines(s, v.GetItem().GetTrust())...)
	if payload := signedPayload(v.GetItem()); payload != nil {
		o["body"] = draft.Body(payload)
		lines = append(lines, indent(clean(draft.Format(payload))))
	}
	return p.result(o, lines...)
}

func newRecordHeadCommand(p *program) *cobra.Command {
	var forPaper bool
	cmd := &cobra.Command{
		Use:   "head",
		Short: "Size and root of the record's tree",
		Annotations: documented("size and root of the tree; `--print` in groups for paper",
			`{"size","root","at"}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runRecordHead(cmd.Context(), d, forPaper) })
		},
	}
	cmd.Flags().BoolVar(&forPaper, "print", false, "in groups, to anchor the record on paper")
	return cmd
}

func (p *program) runRecordHead(ctx context.Context, d *desk, forPaper bool) error {
	head, err := d.record.GetHead(ctx, &valisev1.GetHeadRequest{})
	if err != nil {
		return err
	}
	s := p.speech()
	lines := []string{s.line(s.say(s.Record.Head, "items", decimal(head.GetSize()), "root", s.theirs(head.GetRoot())))}
	if forPaper {
		realm, err := d.realm(ctx)
		if err != nil {
			return err
		}
		lines = paperHead(s, d.status.GetState(), realm.String(), head)
	}
	return p.result(object{"size": head.GetSize(), "root": head.GetRoot(), "at": stamp(head.GetAt())}, lines...)
}
