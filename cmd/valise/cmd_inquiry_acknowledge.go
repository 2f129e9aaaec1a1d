package main

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// replyVerb declares a verb that answers in thread T with what build makes. The text, if any,
// comes from --file.
func (p *program) replyVerb(use, short string, kind valisev1.Kind, fileNeeded bool, build func(ctx context.Context, d *desk, cmd *cobra.Command, args []string, text proto.Message) (proto.Message, error)) *cobra.Command {
	var (
		file string
		send sendFlags
	)
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Long:  short + ".\n\n" + exitTable,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error {
				send.light = kind == valisev1.Kind_KIND_ACKNOWLEDGEMENT
				return p.runReply(cmd, d, &send, kind, file, args, build)
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "text or draft (TOML); - reads stdin")
	addSendFlags(cmd, &send)
	if fileNeeded {
		mustHave(cmd, "file")
	}
	return cmd
}

func (p *program) runReply(cmd *cobra.Command, d *desk, send *sendFlags, kind valisev1.Kind, file string, args []string, build func(context.Context, *desk, *cobra.Command, []string, proto.Message) (proto.Message, error)) error {
	ctx := cmd.Context()
	if err := send.check(); err != nil {
		return err
	}
	if _, err := parseHexPrefix(args[0], "thread"); err != nil {
		return err
	}
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	payload, err := p.readReply(kind, file)
	if err != nil {
		return err
	}
	if build != nil {
		if payload, err = build(ctx, d, cmd, args, payload); err != nil {
			return err
		}
	}
	return p.reply(ctx, d, send, args[0], payload, "")
}

// readReply reads the draft or plain text of a reply; an empty payload of the kind where no
// file is named.
func (p *program) readReply(kind valisev1.Kind, file string) (proto.Message, error) {
	if file == "" {
		payload, _ := valisev1.NewPayload(kind)
		return payload, nil
	}
	text, err := p.readText(file)
	if err != nil {
		return nil, err
	}
	return parseReply(kind, text)
}

func newInquiryAcknowledgeCommand(p *program) *cobra.Command {
	return p.replyVerb("acknowledge T", "Say that a person received every message of the thread so far; it implies no agreement",
		valisev1.Kind_KIND_ACKNOWLEDGEMENT, false, nil)
}

func newInquiryAskCommand(p *program) *cobra.Command {
	return p.replyVerb("ask T --file F", "Ask further questions", valisev1.Kind_KIND_CLARIFICATION_REQUEST, true, nil)
}

func newInquirySupplementCommand(p *program) *cobra.Command {
	return p.replyVerb("supplement T --file F", "Add facts to what was said", valisev1.Kind_KIND_SUPPLEMENT, true, nil)
}

func newInquiryAnswerCommand(p *program) *cobra.Command {
	return p.replyVerb("answer T --file F", "Answer the inquiry, whole or in part", valisev1.Kind_KIND_RESPONSE, true, nil)
}

func newInquiryCloseCommand(p *program) *cobra.Command {
	return p.replyVerb("close T", "Close our side of the thread; late messages still arrive", valisev1.Kind_KIND_CLOSURE, false, nil)
}

func newInquiryReopenCommand(p *program) *cobra.Command {
	return p.replyVerb("reopen T", "Go on with a closed thread", valisev1.Kind_KIND_REOPEN, false, nil)
}
