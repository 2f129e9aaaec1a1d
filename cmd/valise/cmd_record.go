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

func newRecordListCommand(p *program) *cobra.Command {
	var thread string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Items in order of recording",
		Annotations: documented("items in order, one object a line; `--thread`",
			`{`+itemKeys+`}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runRecordList(cmd.Context(), d, thread) })
		},
	}
	cmd.Flags().StringVar(&thread, "thread", "", "only items of this thread")
	return cmd
}

func (p *program) runRecordList(ctx context.Context, d *desk, thread string) error {
	request := &valisev1.ListItemsRequest{PageSize: 500}
	if thread != "" {
		id, err := parseHexPrefix(thread, "thread")
		if err != nil {
			return err
		}
		request.Thread = id
	}
	for {
		page, err := d.record.ListItems(ctx, request)
		if err != nil {
			return err
		}
		for _, item := range page.GetItems() {
			if err := p.result(itemObject(item), itemLine(p.speech(), item)); err != nil {
				return err
			}
		}
		if page.GetNextPageToken() == "" {
			return nil
		}
		request.PageToken = page.GetNextPageToken()
	}
}

// itemKeys are the keys of an item, as docs/cli.md shows them.
const itemKeys = `"item","type","recorded","thread","message","digest","kind","from","to","officer","role","reason","marks":[],` +
	`"delivery","peer_time"?,"contact_log"?:{` + contactKeys + `},"act"?,"note"?,"export"?:{"form","third_party","messages":[],"consents":[],"items"},"pruned"?,"prune"?:{` + pruneKeys + `},"attention"?:{"step","means","taken"},"other_directory"?:{"id","name","contacts","table_hash"?,"mapping_hash"?,"removed"},"trust"?:{` + trustKeys + `}`

func itemObject(v *valisev1.ItemView) object {
	item := v.GetItem()
	o := object{
		"item": item.GetNumber(), "type": itemTypeName(item.GetType()), "recorded": stamp(item.GetRecorded()),
		"thread": v.GetThread(), "message": v.GetMessage(), "digest": v.GetDigest(), "kind": kindName(item.GetKind()),
		"from": v.GetFrom(), "to": v.GetTo(), "officer": item.GetOfficer(), "role": item.GetRole(),
		"reason": reasonOrNull(item.GetReason()), "marks": markNames(item.GetMarks()), "delivery": nil,
	}
	if f := item.GetDelivery(); f != nil {
		o["delivery"] = deliveryName(f.GetDelivery())
		o["peer_time"] = stamp(f.GetPeerTime())
	}
	if log := item.GetContactLog(); log != nil {
		o["contact_log"] = contactLogObject(log)
	}
	if item.GetDraftAct() != valisev1.DraftAct_DRAFT_ACT_UNSPECIFIED {
		o["act"] = actName(item.GetDraftAct())
	}
	if f := item.GetAttention(); f != nil {
		o["attention"] = object{"step": lowerName(f.GetStep().String(), "ATTENTION_STEP_"), "means": f.GetMeans(), "taken": f.GetTaken()}
	}
	if f := item.GetOther(); f != nil {
		o["other_directory"] = otherFactObject(f)
	}
	if item.GetNote() != "" {
		o["note"] = item.GetNote()
	}
	if fact := item.GetExport(); fact != nil {
		o["export"] = exportFactObject(fact)
	}
	if v.GetPruned() {
		o["pruned"] = true
	}
	if f := item.GetTrust(); f != nil {
		o["trust"] = trustObject(f)
	}
	if f := item.GetPrune(); f != nil {
		o["prune"] = pruneObject(f)
	}
	return o
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
