package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// itemFlags say which items of the record are listed.
type itemFlags struct {
	thread, since, until string
	kinds, types         []string
}

func newRecordListCommand(p *program) *cobra.Command {
	var f itemFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Items in order of recording",
		Annotations: documented("items in order, one object a line; `--thread`, `--since` and `--until` by the date of recording, `--kind` of message, `--type` of item",
			`{`+itemKeys+`}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request, err := f.request()
			if err != nil {
				return err
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runRecordList(cmd.Context(), d, request) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.thread, "thread", "", "only items of this thread")
	fs.StringVar(&f.since, "since", "", "only what was recorded from this time on, RFC 3339")
	fs.StringVar(&f.until, "until", "", "only what was recorded before this time, RFC 3339")
	fs.StringSliceVar(&f.kinds, "kind", nil, "only items about messages of these kinds, as --json names them, for example inquiry")
	fs.StringSliceVar(&f.types, "type", nil, "only items of these types, as --json names them, for example received")
	for flag, names := range map[string][]string{"kind": namesOf(valisev1.Kind_name, "KIND_"), "type": namesOf(valisev1.ItemType_name, "ITEM_TYPE_")} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)) // fails only where the flag is missing
	}
	return cmd
}

func (f *itemFlags) request() (*valisev1.ListItemsRequest, error) {
	r := &valisev1.ListItemsRequest{PageSize: 500}
	if f.thread != "" {
		id, err := parseHexPrefix(f.thread, "thread")
		if err != nil {
			return nil, err
		}
		r.Thread = id
	}
	for _, name := range f.kinds {
		n, known := valisev1.Kind_value["KIND_"+strings.ToUpper(name)]
		if !known || n == 0 {
			return nil, usageHint("--kind knows no "+shorten(name), "for example inquiry, acknowledgement, response")
		}
		r.Kinds = append(r.Kinds, valisev1.Kind(n))
	}
	for _, name := range f.types {
		n, known := valisev1.ItemType_value["ITEM_TYPE_"+strings.ToUpper(name)]
		if !known || n == 0 {
			return nil, usageHint("--type knows no "+shorten(name), "for example sent, received, contact_log, export")
		}
		r.Types = append(r.Types, valisev1.ItemType(n))
	}
	var err error
	r.Since, r.Until, err = parseSpan(f.since, f.until)
	return r, err
}

// parseSpan reads --since and --until, RFC 3339; nil for one that is empty.
func parseSpan(since, until string) (from, before *timestamppb.Timestamp, err error) {
	for _, t := range []struct {
		flag, text string
		into       **timestamppb.Timestamp
	}{{"--since", since, &from}, {"--until", until, &before}} {
		if t.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, t.text)
		if err != nil {
			return nil, nil, usageHint(t.flag+" is no RFC 3339 time", "for example 2031-05-04T10:30:00+02:00")
		}
		*t.into = timestamppb.New(at)
	}
	return from, before, nil
}

func (p *program) runRecordList(ctx context.Context, d *desk, request *valisev1.ListItemsRequest) error {
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
