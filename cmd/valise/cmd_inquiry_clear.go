package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryClearCommand(p *program) *cobra.Command {
	var send sendFlags
	cmd := &cobra.Command{
		Use:   "clear M…",
		Short: "Release messages of another officer that wait for a second person",
		Annotations: documented("M…: submits a draft; releases another officer's message. Of several each is shown and asked for alone, an object for each",
			sentObject),
		Args: idArguments("message", 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 && send.requestID != "" {
				return usage("a request id is of one act: clear the messages one at a time")
			}
			return p.sendAtDesk(cmd.Context(), &send, func(d *desk) error { return p.clearAll(cmd.Context(), d, &send, args) })
		},
	}
	addWaitFlags(cmd, &send)
	return cmd
}

// clearAll clears one message after another. What one of them still waits for is told in the end and
// holds up none of the others; a refusal does.
func (p *program) clearAll(ctx context.Context, d *desk, send *sendFlags, messages []string) (waits error) {
	for _, m := range messages {
		err := p.runInquiryClear(ctx, d, send, m)
		if f, is := errors.AsType[*failure](err); err != nil && (!is || !f.quiet) {
			return err
		}
		waits = cmp.Or(waits, err)
	}
	return waits
}

func (p *program) runInquiryClear(ctx context.Context, d *desk, send *sendFlags, message string) error {
	_, m, err := d.findMessage(ctx, message)
	if err != nil {
		return err
	}
	realm, err := d.realm(ctx)
	if err != nil {
		return err
	}
	if _, err := send.options(p, func() string {
		return p.checkPage(realm.String(), m.GetFrom(), p.speech().theirs(m.GetTo()), unwrap(m.GetPayload()), d.notCalled(ctx, p.speech(), m.GetTo())...)
	}); err != nil {
		return err
	}
	answer, err := d.inquiry.ClearMessage(ctx, &valisev1.ClearMessageRequest{Message: m.GetMessage(), RequestId: send.requestID})
	if err != nil {
		return err
	}
	return p.sent(ctx, d, send, answer.GetSent(), m.GetTo())
}

func newInquirySendBackCommand(p *program) *cobra.Command {
	var file, requestID string
	cmd := &cobra.Command{
		Use:   "send-back M",
		Short: "Give a message that waits for a second person back to its drafter",
		Annotations: documented("M: gives it back to its drafter",
			`{"message","stage"}`),
		Args: idArgument("message", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error {
				return p.runInquirySendBack(cmd.Context(), d, args[0], file, requestID)
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "why, as text; - reads stdin")
	cmd.Flags().StringVar(&requestID, "request-id", "", "makes the act unique")
	return cmd
}

func (p *program) runInquirySendBack(ctx context.Context, d *desk, message, file, requestID string) error {
	note, err := p.readWords(file)
	if err != nil {
		return err
	}
	if _, err := d.inquiry.SendBackMessage(ctx, &valisev1.SendBackMessageRequest{Message: message, Note: note, RequestId: requestID}); err != nil {
		return err
	}
	return p.result(object{"message": message, "stage": stageName(valisev1.Stage_STAGE_DRAFT)}, p.speech().line(p.speech().Result.SentBack.String()))
}
