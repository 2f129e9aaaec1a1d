package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

type pruneFlags struct {
	before, confirm, requestID string
	dryRun, compact            bool
	passphrase                 secret
}

// pruneKeys are the keys of what was removed, as docs/cli.md shows them.
const pruneKeys = `"before","items","threads","months":[]`

func newRecordPruneCommand(p *program) *cobra.Command {
	var f pruneFlags
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove contents by the retention rule; that they were there can still be proven",
		Annotations: documented("removes contents by `[retention]` of `valise.toml`; `--dry-run` counts, `--confirm XA` with the code of our State removes; `--before T` for older ones only; `--compact` frees the file while the node does not run",
			`{`+pruneKeys+`,"item","reclaimable","dry_run"}`,
			`{"compacted","bytes_before","bytes_after","overwritten"}`),
		Long: `Only whole threads go that our side closed or withdrew long enough ago, of which nothing waits to
leave and for which no consent holds, and with them what belongs to no thread and is as old. Nothing
goes without a rule. What is left are number, type, time and digest: the record verifies as before.
The key of a month of which no content is left is destroyed.

In free pages of the file the old values and keys stand until it is compacted: stop the node, then
valise record prune --compact. A copy in a backup, and blocks that a disk keeps elsewhere, it does
not reach.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runRecordPrune(cmd.Context(), &f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.before, "before", "", "only what was over before this time, RFC 3339; never younger than the rule lets go")
	fs.BoolVar(&f.dryRun, "dry-run", false, "count, and remove nothing")
	fs.StringVar(&f.confirm, "confirm", "", "the code of our State: what is removed is gone for good")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique")
	fs.BoolVar(&f.compact, "compact", false, "free the pages of what was removed; the node must not run")
	addPassphraseFlags(cmd, &f.passphrase)
	return cmd
}

func (p *program) runRecordPrune(ctx context.Context, f *pruneFlags) error {
	if f.compact {
		if f.before != "" || f.confirm != "" || f.requestID != "" || f.dryRun {
			return usageHint("--compact goes alone: it removes nothing that is not removed yet", "valise record prune --confirm XA while the node runs, then --compact while it does not")
		}
		return p.compactRecord(ctx, f)
	}
	r := &valisev1.PruneRecordRequest{DryRun: f.dryRun, Confirm: f.confirm, RequestId: f.requestID}
	if f.before != "" {
		t, err := time.Parse(time.RFC3339, f.before)
		if err != nil {
			return usage("--before is no time: want RFC 3339, such as 2026-01-31T00:00:00Z")
		}
		r.Before = timestamppb.New(t)
	}
	if !f.dryRun && f.confirm == "" {
		return usageHint("what is removed is gone for good, so it is confirmed by the code of our State", "count first: --dry-run, then --confirm XA")
	}
	return p.atDesk(ctx, func(d *desk) error {
		out, err := d.record.PruneRecord(ctx, r)
		if err != nil {
			return err
		}
		return p.printPruned(out, f.dryRun)
	})
}

func (p *program) printPruned(out *valisev1.PruneRecordResponse, counted bool) error {
	o := pruneObject(out.GetPruned())
	o["reclaimable"], o["dry_run"], o["item"] = out.GetReclaimable(), counted, nil
	if out.GetItem() != 0 {
		o["item"] = out.GetItem()
	}
	word := "removed"
	if counted {
		word = "would be removed"
	}
	lines := []string{fmt.Sprintf("%s: %s", word, pruneLine(inEnglish(), out.GetPruned()))}
	if !counted && out.GetPruned().GetItems() > 0 {
		lines = append(lines, "the file frees them when it is compacted: stop the node, then valise record prune --compact")
	}
	return p.result(o, lines...)
}

func pruneObject(f *valisev1.PruneFact) object {
	return object{"before": stamp(f.GetBefore()), "items": f.GetItems(), "threads": f.GetThreads(), "months": strs(f.GetMonths())}
}

func pruneLine(s speech, f *valisev1.PruneFact) string {
	line := s.say(s.Record.Pruned, "items", decimal(f.GetItems()), "threads", decimal(f.GetThreads()), "time", s.at(f.GetBefore()))
	if len(f.GetMonths()) > 0 {
		line = s.say(s.Record.PrunedKeys, "line", line, "months", s.theirs(strings.Join(f.GetMonths(), ", ")))
	}
	return line
}

func (p *program) compactRecord(ctx context.Context, f *pruneFlags) error {
	home, err := p.openOffline(&f.passphrase)
	if err != nil {
		return err
	}
	out, err := home.CompactRecord(ctx, p.now)
	if err != nil {
		return err
	}
	lines := []string{fmt.Sprintf("the record had %d bytes and has %d", out.Before, out.After)}
	if !out.Overwritten {
		lines = append(lines, "the old file could not be overwritten: its blocks are free, and may still be read from the disk")
	}
	return p.result(object{
		"compacted": true, "bytes_before": out.Before, "bytes_after": out.After, "overwritten": out.Overwritten,
	}, lines...)
}
