package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

func newDirectoryEvidenceCommand(p *program) *cobra.Command {
	return nounCommand("evidence", "What shows that two States were shown different lists of one number",
		newEvidenceExportCommand(p),
		newEvidenceSettleCommand(p),
		newEvidenceVerifyCommand(p),
	)
}

func newEvidenceExportCommand(p *program) *cobra.Command {
	var (
		out        string
		passphrase secret
	)
	cmd := &cobra.Command{
		Use:   "export ITEM --out FILE",
		Short: "Write what shows a split view into a file for the managers: our list, and the peer's signed word on its own",
		Annotations: documented("ITEM of a question in `node status`: our list as it was signed, and header and signatures of the peer, without what it said; `--out`",
			`{"item","file","bytes"}`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runEvidenceExport(cmd.Context(), args[0], out, &passphrase)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the file, which must not be there")
	addPassphraseFlags(cmd, &passphrase)
	mustHave(cmd, "out")
	return cmd
}

func (p *program) runEvidenceExport(ctx context.Context, name, out string, passphrase *secret) error {
	item, err := itemNumber(name)
	if err != nil {
		return err
	}
	return p.atRecord(ctx, passphrase, func(d *desk) error {
		answer, err := d.directory.GetEvidence(ctx, &valisev1.GetEvidenceRequest{Item: item})
		if err != nil {
			return err
		}
		b, err := directory.EncodeSplit(answer.GetEvidence())
		if err != nil {
			return err
		}
		if err := p.writeNew(out, b); err != nil {
			return err
		}
		return p.result(object{"item": item, "file": out, "bytes": len(b)}, "wrote "+out+"; hand it to all managers, and ask the other State for its own")
	})
}

func itemNumber(name string) (uint64, error) {
	item, err := strconv.ParseUint(name, 10, 63)
	if err != nil {
		return 0, usageHint("ITEM is a number", "valise node status lists the items of questions")
	}
	return item, nil
}

func newEvidenceSettleCommand(p *program) *cobra.Command {
	var (
		file, requestID string
		passphrase      secret
	)
	cmd := &cobra.Command{
		Use:   "settle ITEM --file NOTE",
		Short: "Say what came of a split view, or of a change to our own entry: nobody is called for it any more",
		Annotations: documented("ITEM of a question in `node status` that no call-back settles: what came of it; `--file`",
			`{"item","question"}`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			item, err := itemNumber(args[0])
			if err != nil {
				return err
			}
			text, err := p.readText(file)
			if err != nil {
				return err
			}
			return p.atRecord(cmd.Context(), &passphrase, func(d *desk) error {
				answer, err := d.directory.SettleQuestion(cmd.Context(), &valisev1.SettleQuestionRequest{Item: item, Note: string(text), RequestId: requestID})
				if err != nil {
					return err
				}
				return p.result(object{"item": answer.GetItem(), "question": item}, fmt.Sprintf("recorded as item %d", answer.GetItem()))
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "what came of it; - reads stdin")
	cmd.Flags().StringVar(&requestID, "request-id", "", "makes the act unique")
	addPassphraseFlags(cmd, &passphrase)
	mustHave(cmd, "file")
	return cmd
}

func newEvidenceVerifyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE…",
		Short: "Hold evidence against the managers and States that a home knows: which managers signed both lists",
		Annotations: documented("FILE…, in a manager's or a node's home: the list in it, which managers signed it, and which other list the peer holds (empty where a list alone is the evidence), one object a file",
			`{"file","number","hash","signers":[],"peer","other"}`),
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.runEvidenceVerify(args) },
	}
}

func (p *program) runEvidenceVerify(files []string) error {
	snapshot, err := p.snapshot()
	if err != nil {
		return err
	}
	for _, file := range files {
		b, err := p.readInput(file, maxFile)
		if err != nil {
			return err
		}
		j, err := snapshot.JudgeSplit(b)
		if err != nil {
			return err
		}
		signers, lines, peer, other := []string{}, []string{}, "", ""
		if !j.Peer.IsZero() {
			peer, other = j.Peer.String(), fmt.Sprintf("%x", j.Other)
			lines = append(lines, fmt.Sprintf("%s holds another list %d, SHA-256 %s", peer, j.Number, other))
		}
		lines = append(lines, fmt.Sprintf("this list %d has SHA-256 %x", j.Number, j.Hash))
		for _, id := range j.Signers {
			signers, lines = append(signers, id.Fingerprint()), append(lines, "  signed by  "+id.Fingerprint())
		}
		if err := p.result(object{"file": file, "number": j.Number, "hash": fmt.Sprintf("%x", j.Hash), "signers": signers, "peer": peer, "other": other}, lines...); err != nil {
			return err
		}
	}
	return nil
}
