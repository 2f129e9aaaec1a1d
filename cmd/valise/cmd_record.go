package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
			if err := p.result(itemObject(item), itemLine(item)); err != nil {
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

func itemLine(v *valisev1.ItemView) string {
	item := v.GetItem()
	line := fmt.Sprintf("%6d  %s  %-12s", item.GetNumber(), clock(item.GetRecorded()), itemTypeName(item.GetType()))
	if k := kindName(item.GetKind()); k != "" {
		line += "  " + k
	}
	if f := item.GetDelivery(); f != nil {
		line += "  " + lowerName(f.GetDelivery().String(), "DELIVERY_")
	}
	if f := item.GetAttention(); f != nil {
		line += fmt.Sprintf("  %s by %s", lowerName(f.GetStep().String(), "ATTENTION_STEP_"), f.GetMeans())
		if !f.GetTaken() {
			line += ", not taken"
		}
	}
	if f := item.GetTrust(); f != nil {
		line += "  " + f.GetState() + " " + words(trustEvent(f.GetEvent()))
	}
	if v.GetFrom() != "" {
		line += fmt.Sprintf("  %s → %s", v.GetFrom(), v.GetTo())
	}
	if item.GetReason() != valisev1.Reason_REASON_UNSPECIFIED {
		line += "  " + reasonName(item.GetReason())
	}
	if f := item.GetPrune(); f != nil {
		line += "  " + pruneLine(f)
	}
	if f := item.GetOther(); f != nil {
		line += "  " + otherFactLine(f)
	}
	if v.GetPruned() {
		line += "  removed by the retention rule"
	}
	return line
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
	lines := []string{itemLine(v)}
	for _, fact := range []struct{ name, value string }{
		{"thread", v.GetThread()}, {"message", v.GetMessage()}, {"digest", v.GetDigest()},
		{"officer", clean(v.GetItem().GetOfficer())}, {"act", actName(v.GetItem().GetDraftAct())},
		{"note", clean(v.GetItem().GetNote())},
	} {
		if fact.value != "" {
			lines = append(lines, fmt.Sprintf("  %-8s %s", fact.name, fact.value))
		}
	}
	lines = append(lines, trustLines(v.GetItem().GetTrust())...)
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
	lines := []string{fmt.Sprintf("%d items, root %s", head.GetSize(), head.GetRoot())}
	if forPaper {
		realm, err := d.realm(ctx)
		if err != nil {
			return err
		}
		lines = paperHead(d.status.GetState(), realm.String(), head)
	}
	return p.result(object{"size": head.GetSize(), "root": head.GetRoot(), "at": stamp(head.GetAt())}, lines...)
}

// paperHead is what is printed, dated and signed by hand: a record that is rolled back later
// no longer leads to it. docs/protocol.md §9.2
func paperHead(state, realm string, head *valisev1.GetHeadResponse) []string {
	lines := []string{
		"Head of the confidential record of " + state, "realm " + realm,
		fmt.Sprintf("items %d", head.GetSize()), "root",
	}
	for row := range slices.Chunk([]byte(head.GetRoot()), 16) {
		var groups []string
		for group := range slices.Chunk(row, 4) {
			groups = append(groups, string(group))
		}
		lines = append(lines, "    "+strings.Join(groups, " "))
	}
	return append(lines, "read "+clock(head.GetAt()), "", "name ______________________  date ______________________")
}
