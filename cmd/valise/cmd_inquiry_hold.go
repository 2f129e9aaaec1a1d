package main

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryHoldCommand(p *program) *cobra.Command {
	var estimate string
	cmd := p.replyVerb("hold T", "Say that we will look into it and follow up", valisev1.Kind_KIND_HOLDING_REPLY, false,
		func(ctx context.Context, d *desk, _ *cobra.Command, _ []string, text proto.Message) (proto.Message, error) {
			reply := text.(*valisev1.HoldingReply)
			if estimate == "" {
				return reply, nil
			}
			e, err := p.estimate(ctx, d, estimate)
			reply.Estimate = e
			return reply, err
		})
	cmd.Flags().StringVar(&estimate, "estimate", "", "when an answer may come: RFC 3339 time, PT6H, or words (words: exercises only)")
	return cmd
}

func newInquiryEstimateCommand(p *program) *cobra.Command {
	cmd := p.replyVerb("estimate T [ESTIMATE]", "Give a new estimated timeframe: RFC 3339 time, PT6H, or words (words: exercises only)",
		valisev1.Kind_KIND_REVISED_ESTIMATE, false,
		func(ctx context.Context, d *desk, _ *cobra.Command, args []string, text proto.Message) (proto.Message, error) {
			reply := text.(*valisev1.RevisedEstimate)
			if len(args) == 2 {
				e, err := p.estimate(ctx, d, args[1])
				if err != nil {
					return nil, err
				}
				reply.Estimate = e
			}
			if reply.GetEstimate() == nil {
				return nil, usageHint("no estimate is given", "valise inquiry estimate T PT6H, or --file F with estimate = …")
			}
			return reply, nil
		})
	cmd.Args = cobra.RangeArgs(1, 2)
	return cmd
}

// estimate reads an instant, a duration or words; words are refused in operation.
func (p *program) estimate(ctx context.Context, d *desk, s string) (*valisev1.Estimate, error) {
	e, words, err := parseEstimate(s)
	if err != nil {
		return nil, err
	}
	if words {
		if err := d.refuseText(ctx, "an estimate in words"); err != nil {
			return nil, err
		}
	}
	return e, nil
}

var duration = regexp.MustCompile(`^P(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,8})S)?)?$`)

// parseEstimate tells the three forms of R-2 apart.
func parseEstimate(s string) (e *valisev1.Estimate, words bool, err error) {
	if s == "" {
		return nil, false, usage("the estimate is empty")
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		_, offset := t.Zone()
		return &valisev1.Estimate{Estimate: &valisev1.Estimate_By{By: &valisev1.ZonedTime{At: timestamppb.New(t), OffsetMinutes: int32(offset / 60)}}}, false, nil
	}
	if m := duration.FindStringSubmatch(s); m != nil {
		seconds, err := durationSeconds(m[1:])
		return &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: seconds}}, false, err
	}
	return &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: s}}, true, nil
}

func durationSeconds(parts []string) (total uint64, err error) {
	for i, unit := range []uint64{24 * 3600, 3600, 60, 1} {
		if parts[i] == "" {
			continue
		}
		n, convErr := strconv.ParseUint(parts[i], 10, 64)
		err = errors.Join(err, convErr)
		total += n * unit
	}
	if err == nil && (total == 0 || total > 315360000) {
		err = usageHint("an estimate is more than 0 seconds and at most ten years", "for example PT6H or P2D")
	}
	return total, err
}

func newInquiryDeclineCommand(p *program) *cobra.Command {
	var reason string
	cmd := p.replyVerb("decline T", "Decline to answer; a lawful answer, and a reason is never needed", valisev1.Kind_KIND_RESPONSE, false,
		func(_ context.Context, _ *desk, _ *cobra.Command, _ []string, text proto.Message) (proto.Message, error) {
			reply := text.(*valisev1.Response)
			reply.Outcome = valisev1.Outcome_OUTCOME_DECLINED
			if reason != "" {
				reply.Reason = reason
			}
			return reply, nil
		})
	p.textFlag(cmd, &reason, "reason", "why, if it is to be said")
	return cmd
}
