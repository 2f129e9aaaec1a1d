package main

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryCorrectCommand(p *program) *cobra.Command {
	var (
		file string
		send sendFlags
	)
	cmd := &cobra.Command{
		Use:   "correct M --file F",
		Short: "Put an earlier message of ours right; the old one stays in both records",
		Annotations: documented("M `--file`: puts a message of ours right; both stay",
			sentObject),
		Args: idArgument("message", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &send, func(d *desk) error {
				return p.runInquiryCorrect(cmd.Context(), d, &send, args[0], file)
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "what is right, as text; - reads stdin")
	addSendFlags(cmd, &send)
	mustHave(cmd, "file")
	return cmd
}

func (p *program) runInquiryCorrect(ctx context.Context, d *desk, send *sendFlags, message, file string) error {
	payload, err := p.readReply(valisev1.Kind_KIND_CORRECTION, file)
	if err != nil {
		return err
	}
	thread, m, err := d.findMessage(ctx, message)
	if err != nil {
		return err
	}
	if !m.GetOutbound() {
		return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "only a message of ours can be corrected", "to add to what the peer said use valise inquiry supplement")
	}
	correction := payload.(*valisev1.Correction)
	if correction.Message, err = hex.DecodeString(m.GetDigest()); err != nil || len(correction.Message) == 0 {
		return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the message is not released yet", "valise inquiry retract M takes it back")
	}
	return p.reply(ctx, d, send, thread, correction, "")
}

// findMessage looks a message id or unique prefix up, newest threads first.
func (d *desk) findMessage(ctx context.Context, prefix string) (thread string, found *valisev1.MessageView, err error) {
	threads, err := d.threads(ctx, &valisev1.ListThreadsRequest{PageSize: 500})
	if err != nil {
		return "", nil, err
	}
	for _, t := range threads {
		view, err := d.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: t.GetThread()})
		if err != nil {
			return "", nil, err
		}
		for _, m := range view.GetMessages() {
			if !strings.HasPrefix(m.GetMessage(), prefix) {
				continue
			}
			if found != nil && found.GetMessage() != m.GetMessage() {
				return "", nil, refuse(valisev1.Reason_REASON_AMBIGUOUS, "more than one message begins with "+prefix, "give more digits")
			}
			thread, found = t.GetThread(), m
		}
		if found != nil && len(prefix) == 32 {
			return thread, found, nil
		}
	}
	if found == nil {
		return "", nil, refuse(valisev1.Reason_REASON_NOT_FOUND, "no message begins with "+prefix, "")
	}
	return thread, found, nil
}

func newInquiryRetractCommand(p *program) *cobra.Command {
	var (
		reason, file string
		send         sendFlags
	)
	cmd := &cobra.Command{
		Use:   "retract M",
		Short: "Take a message back: deleted before release, voided before it left, later \"sent in error\"",
		Annotations: documented("M: deleted before release, voided before it left, later a Retraction",
			`{"thread","message","kind","delivery","delivery_reason","withdrawn","pending_clearance"?,"stage"?,"advice"?:[{"step","text"}]}`+"; none of `pending_clearance`, `stage` and `advice` where `withdrawn` is true"),
		Long: `What did not leave is withdrawn. For what left a Retraction is sent, which asks to
disregard it and deletes nothing; it leaves as every message does.

` + exitTable,
		Args: idArgument("message", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &send, func(d *desk) error {
				return p.runInquiryRetract(cmd, d, &send, args[0], reason, file)
			})
		},
	}
	p.textFlag(cmd, &reason, "reason", "why, if it is to be said")
	cmd.Flags().StringVar(&file, "file", "", "why, as text; - reads stdin")
	addWaitFlags(cmd, &send)
	return cmd
}

func (p *program) runInquiryRetract(cmd *cobra.Command, d *desk, send *sendFlags, message, reason, file string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	words, err := p.readWords(file)
	if err != nil {
		return err
	}
	if words != "" {
		reason = words
	}
	if _, err := send.options(p, func() string {
		s := p.speech()
		return s.line(s.say(s.Check.TakeBack, "message", s.theirs(message)))
	}); err != nil {
		return err
	}
	answer, err := d.inquiry.RetractMessage(ctx, &valisev1.RetractMessageRequest{Message: message, Reason: reason, RequestId: send.requestID})
	if err != nil {
		return err
	}
	sent := answer.GetSent()
	if answer.GetWithdrawn() {
		return p.printWithdrawn(sent)
	}
	view, err := d.thread(ctx, sent.GetThread())
	if err != nil {
		return err
	}
	p.tell("%s", p.speech().line(p.speech().Result.Retraction.String()))
	send.more = object{"withdrawn": false}
	return p.sent(ctx, d, send, sent, view.GetThread().GetPeer())
}

func (p *program) printWithdrawn(sent *valisev1.Sent) error {
	s := p.speech()
	lines := append([]string{s.line(s.Result.Withdrawn.String())},
		s.table(labelled{s.Result.Thread, s.theirs(sent.GetThread())}, labelled{s.Result.Message, s.theirs(sent.GetMessage())})...)
	return p.result(object{
		"thread": sent.GetThread(), "message": sent.GetMessage(), "kind": kindName(sent.GetKind()),
		"delivery": deliveryName(sent.GetDelivery()), "delivery_reason": reasonOrNull(sent.GetDeliveryReason()),
		"withdrawn": true,
	}, lines...)
}
