package main

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// build makes the payload of a reply from the arguments and the file.
type build func(ctx context.Context, d *desk, args []string, file string) (proto.Message, error)

// replyVerb declares a verb that answers in thread T with what make gives; row is what documented
// wants.
func (p *program) replyVerb(use, short, row string, kind valisev1.Kind, make build) *cobra.Command {
	var (
		file string
		send sendFlags
	)
	cmd := &cobra.Command{
		Use:         use,
		Short:       short,
		Annotations: documented(row, sentObject),
		Long:        short + ".\n\n" + exitTable,
		Args:        idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			send.light = kind == valisev1.Kind_KIND_ACKNOWLEDGEMENT
			return p.sendAtDesk(cmd.Context(), &send, func(d *desk) error { return p.runReply(cmd, d, &send, make, args, file) })
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "text or draft (TOML); - reads stdin")
	addSendFlags(cmd, &send)
	return cmd
}

func (p *program) runReply(cmd *cobra.Command, d *desk, send *sendFlags, make build, args []string, file string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	payload, err := make(ctx, d, args, file)
	if err != nil {
		return err
	}
	send.folder = draftFolder(file)
	return p.reply(ctx, d, send, args[0], payload, "")
}

// asWritten sends what the file says, or the bare kind.
func (p *program) asWritten(kind valisev1.Kind) build {
	return func(_ context.Context, _ *desk, _ []string, file string) (proto.Message, error) {
		return p.readReply(kind, file)
	}
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
	kind := valisev1.Kind_KIND_ACKNOWLEDGEMENT
	cmd := p.replyVerb("acknowledge T", "Say that a person received every message of the thread so far; it implies no agreement", "T: a person received every message so far; needs no `--yes`", kind, p.asWritten(kind))
	cmd.Annotations[annotationObjects] = acknowledgedObject
	return cmd
}

func newInquiryAskCommand(p *program) *cobra.Command {
	kind := valisev1.Kind_KIND_CLARIFICATION_REQUEST
	return fileNeeded(p.replyVerb("ask T --file F", "Ask further questions", "T `--file`: further questions", kind, p.asWritten(kind)))
}

func newInquirySupplementCommand(p *program) *cobra.Command {
	kind := valisev1.Kind_KIND_SUPPLEMENT
	return fileNeeded(p.replyVerb("supplement T --file F", "Add facts to what was said", "T `--file`: further facts", kind, p.asWritten(kind)))
}

func newInquiryAnswerCommand(p *program) *cobra.Command {
	kind := valisev1.Kind_KIND_RESPONSE
	return fileNeeded(p.replyVerb("answer T --file F", "Answer the inquiry, whole or in part", "T `--file`: the answer, whole or in part", kind,
		func(ctx context.Context, d *desk, args []string, file string) (proto.Message, error) {
			payload, err := p.readReply(kind, file)
			if err != nil {
				return nil, err
			}
			return payload, d.resolveAnswers(ctx, args[0], payload)
		}))
}

// resolveAnswers brings the draft's questions together with those of the thread's Inquiry: by
// number, or by their words. I-3, R-1
func (d *desk) resolveAnswers(ctx context.Context, thread string, payload proto.Message) error {
	if response, ok := payload.(*valisev1.Response); !ok || len(response.GetAnswers()) == 0 {
		return nil
	}
	view, err := d.thread(ctx, thread)
	if err != nil {
		return err
	}
	var questions []string
	for _, m := range view.GetMessages() {
		if inquiry, ok := unwrap(m.GetPayload()).(*valisev1.Inquiry); ok {
			questions = inquiry.GetQuestions()
			break
		}
	}
	return draft.ResolveAnswers(payload, questions)
}

func newInquiryCloseCommand(p *program) *cobra.Command {
	kind := valisev1.Kind_KIND_CLOSURE
	return p.replyVerb("close T", "Close our side of the thread; late messages still arrive", "T: closes our side", kind, p.asWritten(kind))
}

func newInquiryReopenCommand(p *program) *cobra.Command {
	kind := valisev1.Kind_KIND_REOPEN
	return p.replyVerb("reopen T", "Go on with a closed thread", "T: goes on with a closed thread", kind, p.asWritten(kind))
}

func fileNeeded(cmd *cobra.Command) *cobra.Command {
	mustHave(cmd, "file")
	return cmd
}
