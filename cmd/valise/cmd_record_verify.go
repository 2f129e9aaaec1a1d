package main

import (
	"context"

	"github.com/spf13/cobra"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

func newRecordVerifyCommand(p *program) *cobra.Command {
	var (
		headsFile, digest string
		passphrase        secret
	)
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check every item, signature and the tree; works while the node runs and when it does not",
		Annotations: documented("works while the node runs and when it does not; ends with 0 or 7; `--heads F` compares with heads kept elsewhere; `--digest 'AB12 …'` says what a printed page, or one message, stands for, and ends with 2 where it is mistyped, 3 where this record has no such thing, 7 where the record does not lead to it",
			`{"ok","items","tree_size","root","problems":[{"item","leaf","reason"}],`+paperKeys+`}; `+"`ok` is about record and paper; `paper` is there with `--digest`, where the record verifies"),
		Long: `Ends with 0 or 7; each problem is named by item and leaf. With --heads the record must lead to
every head in F too: a record that was rolled back to an earlier one does not.

With --digest the digest of a printed page, or of one message, is looked for as well. It is typed as
it is printed, in groups of four, as one argument; blanks, hyphens and case do not matter. The last
group of each row is its check group, so that a slip is told with its row (exit 2). Exit 3: the page
is of another record. Exit 7: this record is not the one of which the page was printed, or no
longer. A page can be checked too after contents were removed. For that an officer who reads is needed.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runRecordVerify(cmd.Context(), headsFile, cmd.Flags().Changed("digest"), digest, &passphrase)
		},
	}
	cmd.Flags().StringVar(&headsFile, "heads", "", "heads kept elsewhere, as valise record head --json prints them, one a line; - reads stdin")
	cmd.Flags().StringVar(&digest, "digest", "", "digest of a printed page or of one message, as it is printed")
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runRecordVerify(ctx context.Context, headsFile string, hasPaper bool, digest string, passphrase *secret) error {
	if hasPaper {
		if err := readPaper(digest); err != nil {
			return err
		}
	}
	heads, err := p.readHeads(headsFile)
	if err != nil {
		return err
	}
	report, err := p.verifyRunning(ctx, heads)
	if err != nil && passing(err) {
		report, err = p.verifyFile(ctx, heads, passphrase)
	}
	if err != nil {
		return err
	}
	var paper *valisev1.CheckPaperResponse
	if hasPaper && report.GetOk() {
		if paper, err = p.checkPaper(ctx, digest, passphrase); err != nil {
			return err
		}
	}
	if err := p.printReport(report, paper); err != nil {
		return err
	}
	if !report.GetOk() || paper != nil && !paper.GetMatches() {
		return ended(valisev1.Reason_REASON_RECORD_DAMAGED)
	}
	return nil
}

func (p *program) verifyRunning(ctx context.Context, heads []*valisev1.KnownHead) (report *valisev1.VerifyRecordResponse, err error) {
	err = p.atDesk(ctx, func(d *desk) error {
		report, err = d.record.VerifyRecord(ctx, &valisev1.VerifyRecordRequest{Heads: heads})
		return err
	})
	return report, err
}

// openOffline opens the home of a node that does not run.
func (p *program) openOffline(passphrase *secret) (*node.Home, error) {
	home, err := p.homeDir()
	if err != nil {
		return nil, err
	}
	words, err := passphrase.read(p)
	if err != nil {
		return nil, err
	}
	return node.OpenHome(home, words)
}

func (p *program) verifyFile(ctx context.Context, heads []*valisev1.KnownHead, passphrase *secret) (*valisev1.VerifyRecordResponse, error) {
	home, err := p.openOffline(passphrase)
	if err != nil {
		return nil, err
	}
	return home.VerifyRecord(ctx, p.now, heads...)
}

// placeOf is an item's or leaf's number, or null for a problem of the record as a whole.
func placeOf(n uint64) any {
	if n == store.None {
		return nil
	}
	return n
}

func problemLine(s speech, x *valisev1.RecordProblem) string {
	if x.GetItem() == store.None {
		return s.line(s.say(s.Record.ProblemRecord, "reason", s.reason(x.GetReason())))
	}
	return s.line(s.say(s.Record.ProblemItem, "item", decimal(x.GetItem()), "reason", s.reason(x.GetReason())))
}

func (p *program) printReport(r *valisev1.VerifyRecordResponse, paper *valisev1.CheckPaperResponse) error {
	s, problems, lines := p.speech(), []object{}, []string{}
	for _, x := range r.GetProblems() {
		problems = append(problems, object{"item": placeOf(x.GetItem()), "leaf": placeOf(x.GetLeaf()), "reason": reasonName(x.GetReason())})
		lines = append(lines, problemLine(s, x))
	}
	word := s.Record.Verifies
	if !r.GetOk() {
		word = s.Record.NotVerifies
	}
	lines = append(lines, s.line(s.say(word, "items", decimal(r.GetItems()), "tree", decimal(r.GetTreeSize()), "root", s.theirs(r.GetRoot()))))
	o := object{
		"ok": r.GetOk(), "items": r.GetItems(), "tree_size": r.GetTreeSize(), "root": r.GetRoot(), "problems": problems,
	}
	if paper != nil {
		o["ok"], o["paper"] = paper.GetMatches(), paperObject(paper)
		lines = append(lines, paperLines(s, paper)...)
	}
	return p.result(o, lines...)
}
