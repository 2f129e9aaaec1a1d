package main

import (
	"context"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryClearCommand(p *program) *cobra.Command {
	var send sendFlags
	cmd := &cobra.Command{
		Use:   "clear M",
		Short: "Release a message of another officer that waits for a second person",
		Annotations: documented("M: submits a draft; releases another officer's message",
			sentObject),
		Args: idArgument("message", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &send, func(d *desk) error { return p.runInquiryClear(cmd.Context(), d, &send, args[0]) })
		},
	}
	addWaitFlags(cmd, &send)
	return cmd
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
		return p.checkPage(realm.String(), m.GetFrom(), m.GetTo(), unwrap(m.GetPayload()))
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
	return p.result(object{"message": message, "stage": stageName(valisev1.Stage_STAGE_DRAFT)}, "sent back to its drafter")
}
