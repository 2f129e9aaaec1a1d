package main

import (
	"context"
	"fmt"

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
func paperLines(s speech, r *valisev1.CheckPaperResponse) []string {
	if !r.GetMatches() {
		return []string{s.line(s.say(s.Record.PaperNot, "reason", s.reason(r.GetReason())))}
	}
	place := []string{"thread", s.theirs(r.GetThread()), "peer", s.theirs(r.GetPeer())}
	lines := []string{s.line(s.say(s.Record.PaperMessage, place...))}
	if r.GetPage() {
		covers := s.say(s.Record.PaperCovers, "covered", decimal(r.GetCovered()), "size", decimal(r.GetHead().GetSize()), "time", s.at(r.GetHeadRecorded()))
		lines = []string{
			s.line(s.say(s.Record.PaperPage, place...)), "  " + s.line(covers),
			"  " + s.line(s.say(s.Record.Root, "root", s.theirs(r.GetHead().GetRoot()))),
			"  " + s.line(s.say(s.Record.PaperSince, "items", decimal(r.GetSince()))),
		}
	}
	gone := 0
	for _, x := range r.GetItems() {
		line := fmt.Sprintf("%6d  %s  %s  %s", x.GetItem(), s.at(x.GetRecorded()), s.column(s.named(s.Item, itemTypeName(x.GetType())), 8), s.theirs(x.GetDigest()))
		if x.GetPruned() {
			gone++
			line += "  " + s.Record.ContentRemoved.String()
		}
		lines = append(lines, s.line(line))
	}
	if gone > 0 {
		lines = append(lines, s.line(s.Record.RemovedNote.String()))
	}
	return lines
}

// pageLines are what stands under a printed thread. docs/protocol.md §9.6
func pageLines(s speech, r *valisev1.GetPaperResponse) []string {
	lines := []string{
		"", s.line(s.say(s.Record.PageDigest, "thread", s.theirs(r.GetThread()))),
		"  " + s.line(s.say(s.Record.PageItems, "items", decimal(r.GetCovered()), "size", decimal(r.GetHead().GetSize()))),
		"  " + s.theirs(r.GetHead().GetRoot()), "",
	}
	for _, row := range r.GetRows() {
		lines = append(lines, "    "+s.theirs(row))
	}
	return append(lines, "", "  "+s.line(s.Record.PageCheck.String()))
}
