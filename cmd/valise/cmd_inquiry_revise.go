package main

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryReviseCommand(p *program) *cobra.Command {
	var (
		file string
		send sendFlags
	)
	cmd := &cobra.Command{
		Use:   "revise M --file F",
		Short: "Write a draft, or what was sent back, anew in its place",
		Annotations: documented("M `--file`: writes a draft, or what was sent back, anew; whoever wrote any of it does not clear it",
			sentObject),
		Long: `The file is the whole draft, of the same kind; the files it names are brought again. It stays
a draft until valise inquiry clear sends it on. Whoever wrote any of it is no second person for it.

` + exitTable,
		Args: idArgument("message", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runInquiryRevise(cmd.Context(), d, &send, args[0], file) })
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the draft; - reads stdin")
	cmd.Flags().StringVar(&send.requestID, "request-id", "", "makes the act unique: the same id again answers the same")
	mustHave(cmd, "file")
	return cmd
}

func (p *program) runInquiryRevise(ctx context.Context, d *desk, send *sendFlags, message, file string) error {
	_, m, err := d.findMessage(ctx, message)
	if err != nil {
		return err
	}
	payload, err := p.readDraft(m.GetKind(), file)
	if err != nil {
		return err
	}
	folder := draftFolder(file)
	if err := measure(folder, payload); err != nil {
		return err
	}
	if err := d.upload(ctx, folder, payload); err != nil {
		return err
	}
	answer, err := d.inquiry.ReviseMessage(ctx, &valisev1.ReviseMessageRequest{
		Message: m.GetMessage(), Payload: wrap(payload), RequestId: send.requestID,
	})
	if err != nil {
		return err
	}
	return p.sent(ctx, d, send, answer.GetSent(), m.GetTo())
}

// readDraft reads a draft of any kind that officers write.
func (p *program) readDraft(kind valisev1.Kind, file string) (proto.Message, error) {
	text, err := p.readText(file)
	if err != nil {
		return nil, err
	}
	if kind == valisev1.Kind_KIND_INQUIRY {
		return parseInquiry(text)
	}
	return parseReply(kind, text)
}
