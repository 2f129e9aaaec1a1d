package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newInquirySendCommand(p *program) *cobra.Command {
	var (
		to, from, file, follows string
		send                    sendFlags
	)
	cmd := &cobra.Command{
		Use:   "send --to STATE/track --file F",
		Short: "Begin a thread: the Procedure for inquiry",
		Annotations: documented("begins a thread; `--to XB/technical`, `--file`, `--from`; `--follows T` takes up what was referred in thread T",
			sentObject),
		Long: `Sends the inquiry in the draft F (- reads stdin) and prints
{"thread","message","kind","delivery"} as soon as it is durable here. --follows T takes
up the last referral of thread T, on the track that it points to; both threads are linked
at home.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runInquirySend(cmd.Context(), &send, file, &valisev1.SendInquiryRequest{To: to, From: from, Follows: follows})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "recipient, for example XB/technical")
	cmd.Flags().StringVar(&from, "from", "", "our point of contact (default: the one on the recipient's track)")
	cmd.Flags().StringVar(&file, "file", "", "the draft, TOML; - reads stdin")
	cmd.Flags().StringVar(&follows, "follows", "", "the thread whose last referral this inquiry takes up")
	addSendFlags(cmd, &send)
	mustHave(cmd, "to", "file")
	return cmd
}

func (p *program) runInquirySend(ctx context.Context, send *sendFlags, file string, request *valisev1.SendInquiryRequest) error {
	if err := send.check(); err != nil {
		return err
	}
	if err := checkAddresses(request.GetFrom(), request.GetTo()); err != nil {
		return err
	}
	if request.GetFollows() != "" {
		if _, err := parseHexPrefix(request.GetFollows(), "thread"); err != nil {
			return err
		}
	}
	text, err := p.readText(file)
	if err != nil {
		return err
	}
	if request.Inquiry, err = parseInquiry(text); err != nil {
		return err
	}
	send.folder = draftFolder(file)
	if err := measure(send.folder, request.GetInquiry()); err != nil {
		return err
	}
	return p.atDesk(ctx, func(d *desk) error {
		return p.inquire(ctx, d, send, request)
	})
}

func (p *program) inquire(ctx context.Context, d *desk, send *sendFlags, request *valisev1.SendInquiryRequest) (err error) {
	realm, err := d.realm(ctx)
	if err != nil {
		return err
	}
	request.Options, err = send.options(p, func() string {
		_, track, _ := strings.Cut(request.GetTo(), "/")
		s := p.speech()
		return d.besides(ctx, s, request.GetTo()) + p.checkPage(realm.String(), orElse(request.GetFrom(), d.status.GetState()+"/"+track),
			s.theirs(request.GetTo()), request.GetInquiry(), d.notCalled(ctx, s, request.GetTo())...)
	})
	if err != nil {
		return err
	}
	if err := d.upload(ctx, send.folder, request.GetInquiry()); err != nil {
		return err
	}
	answer, err := d.inquiry.SendInquiry(ctx, request)
	if err != nil {
		return err
	}
	return p.sent(ctx, d, send, answer.GetSent(), request.GetTo())
}

// checkAddresses refuses what is no address before a draft is read. A-9 s2
func checkAddresses(from string, to ...string) error {
	for _, address := range to {
		if _, err := ident.ParseAddress(address); err != nil {
			return usage(err.Error())
		}
	}
	if from == "" {
		return nil
	}
	if _, err := ident.ParseAddress(from); err != nil {
		return usage(err.Error())
	}
	return nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// mustHave makes flags required.
func mustHave(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		// The only error is a flag that was never declared: the help test would show it.
		_ = cmd.MarkFlagRequired(name)
	}
}
