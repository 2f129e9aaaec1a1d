package main

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryHoldCommand(p *program) *cobra.Command {
	var estimate string
	cmd := p.replyVerb("hold T", "Say that we will look into it and follow up", "T: we will look into it; `--estimate` takes RFC 3339, `PT6H` or words", valisev1.Kind_KIND_HOLDING_REPLY,
		func(ctx context.Context, d *desk, _ []string, file string) (proto.Message, error) {
			payload, err := p.readReply(valisev1.Kind_KIND_HOLDING_REPLY, file)
			if err != nil || estimate == "" {
				return payload, err
			}
			e, err := p.estimate(ctx, d, estimate)
			payload.(*valisev1.HoldingReply).Estimate = e
			return payload, err
		})
	cmd.Flags().StringVar(&estimate, "estimate", "", "when an answer may come: RFC 3339 time, PT6H, or words (words: exercises only)")
	return cmd
}

func newInquiryEstimateCommand(p *program) *cobra.Command {
	cmd := p.replyVerb("estimate T [ESTIMATE]", "Give a new estimated timeframe: RFC 3339 time, PT6H, or words (words: exercises only)", "T: a new estimated timeframe",
		valisev1.Kind_KIND_REVISED_ESTIMATE, func(ctx context.Context, d *desk, args []string, file string) (proto.Message, error) {
			if len(args) == 1 {
				if file == "" {
					return nil, usageHint("no estimate is given", "valise inquiry estimate T PT6H, or --file F with estimate = …")
				}
				return p.readReply(valisev1.Kind_KIND_REVISED_ESTIMATE, file)
			}
			e, err := p.estimate(ctx, d, args[1])
			if err != nil {
				return nil, err
			}
			reason, err := p.readWords(file)
			return &valisev1.RevisedEstimate{Estimate: e, Reason: reason}, err
		})
	cmd.Args = idArgument("thread", 1, 2)
	return cmd
}

// estimate reads an instant, a span or words; words are refused in operation.
func (p *program) estimate(ctx context.Context, d *desk, text string) (*valisev1.Estimate, error) {
	e, err := draft.ParseEstimate(text)
	if err != nil {
		return nil, err
	}
	if e.GetWords() != "" {
		return e, d.refuseText(ctx, "an estimate in words")
	}
	return e, nil
}

func newInquiryDeclineCommand(p *program) *cobra.Command {
	var reason string
	cmd := p.replyVerb("decline T", "Decline to answer; a lawful answer, and a reason is never needed", "T: a lawful answer; `--reason` is never needed", valisev1.Kind_KIND_RESPONSE,
		func(_ context.Context, _ *desk, _ []string, file string) (proto.Message, error) {
			words, err := p.readWords(file)
			if words == "" {
				words = reason
			}
			return &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_DECLINED, Reason: words}, err
		})
	p.textFlag(cmd, &reason, "reason", "why, if it is to be said")
	return cmd
}
