package main

import (
	"context"
	"fmt"

	"valise.example/api"
	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// paperKeys are what docs/cli.md shows of a page that was checked.
const paperKeys = `"paper"?:{"matches","reason","page","thread","peer","size","root","head_recorded","covered","since",` +
	`"messages":[{"item","type","recorded","message","digest","pruned"}]}`

// readPaper refuses what is mistyped before anything is looked at. docs/protocol.md §9.6
func readPaper(typed string) error {
	if _, _, err := ident.ParsePaper(typed); err != nil {
		row := ident.MistypedRow(err)
		return tell(valisev1.Reason_REASON_BAD_REQUEST, func(c *locale.Catalog) string { return c.Mistyped(row) })
	}
	return nil
}

// checkPaper asks what the digest of a page stands for, while the node runs and when it does not.
func (p *program) checkPaper(ctx context.Context, typed string, passphrase *secret) (out *valisev1.CheckPaperResponse, err error) {
	err = p.atRecord(ctx, passphrase, func(d *desk) error {
		out, err = d.record.CheckPaper(ctx, &valisev1.CheckPaperRequest{Digest: typed})
		return err
	})
	return out, err
}

func paperObject(r *valisev1.CheckPaperResponse) object {
	messages := []object{}
	for _, x := range r.GetItems() {
		messages = append(messages, object{
			"item": x.GetItem(), "type": itemTypeName(x.GetType()), "recorded": stamp(x.GetRecorded()),
			"message": x.GetMessage(), "digest": x.GetDigest(), "pruned": x.GetPruned(),
		})
	}
	return object{
		"matches": r.GetMatches(), "reason": reasonOrNull(r.GetReason()), "page": r.GetPage(), "thread": r.GetThread(),
		"peer": r.GetPeer(), "size": r.GetHead().GetSize(), "root": r.GetHead().GetRoot(), "head_recorded": stamp(r.GetHeadRecorded()),
		"covered": r.GetCovered(), "since": r.GetSince(), "messages": messages,
	}
}

// paperLines say what the paper stands for. docs/protocol.md §9.6
func paperLines(r *valisev1.CheckPaperResponse) []string {
	if !r.GetMatches() {
		return []string{"the record does NOT lead to this paper: " + api.Sentence(r.GetReason())}
	}
	lines := []string{fmt.Sprintf("the message is in thread %s with %s", r.GetThread(), r.GetPeer())}
	if r.GetPage() {
		lines = []string{
			fmt.Sprintf("the page is of thread %s with %s", r.GetThread(), r.GetPeer()),
			fmt.Sprintf("  it stands for %d items, when the record had %d; the last of these was recorded %s", r.GetCovered(), r.GetHead().GetSize(), clock(r.GetHeadRecorded())),
			"  root " + r.GetHead().GetRoot(),
			fmt.Sprintf("  recorded in the thread since: %d items", r.GetSince()),
		}
	}
	gone := 0
	for _, x := range r.GetItems() {
		line := fmt.Sprintf("%6d  %s  %-8s  %s", x.GetItem(), clock(x.GetRecorded()), itemTypeName(x.GetType()), x.GetDigest())
		if x.GetPruned() {
			gone++
			line += "  content removed"
		}
		lines = append(lines, line)
	}
	if gone > 0 {
		lines = append(lines, "Where the content was removed by the retention rule, the leaf is left: that it was recorded, when and with which digest is proven, its words are not.")
	}
	return lines
}

// pageLines are what stands under a printed thread. docs/protocol.md §9.6
func pageLines(r *valisev1.GetPaperResponse) []string {
	lines := []string{
		"", "digest of the page of thread " + r.GetThread(),
		fmt.Sprintf("  %d items of it, when the record had %d; root", r.GetCovered(), r.GetHead().GetSize()),
		"  " + r.GetHead().GetRoot(), "",
	}
	for _, row := range r.GetRows() {
		lines = append(lines, "    "+row)
	}
	return append(lines, "", "  valise record verify --digest checks it; the last group of each row is its check group")
}
