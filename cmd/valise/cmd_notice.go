package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newNoticeCommand(p *program) *cobra.Command {
	return nounCommand("notice", "Inform other States without asking anything of them", newNoticeSendCommand(p))
}

const noticeObject = `{"notices":[{"to",` + sentKeys + `}]}; ` + "`to` is the recipient"

func newNoticeSendCommand(p *program) *cobra.Command {
	var (
		to         []string
		from, file string
		send       sendFlags
	)
	cmd := &cobra.Command{
		Use:   "send --to STATE/track,… --file F",
		Short: "Inform one or several States: a thread with each, none of which learns of another",
		Annotations: documented("informs; `--to XB/technical,XC/technical` (at most 32, of one track), `--file`, `--from`; all of them or none",
			noticeObject),
		Long: `Sends the notice in the draft F (- reads stdin) to each recipient in a thread of its own, as
soon as all of them are durable here; if one of them cannot be written to, nothing is sent
to anybody. The threads are linked at home, and no recipient learns of another: leave the
others' names out of the draft. valise inquiry template voluntary_notice prints one.

With --wait it waits for all of them. It ends with the first code that is not 0.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runNoticeSend(cmd.Context(), &send, to, from, file)
		},
	}
	cmd.Flags().StringSliceVar(&to, "to", nil, "recipients, for example XB/technical,XC/technical")
	cmd.Flags().StringVar(&from, "from", "", "our point of contact (default: the one on the recipients' track)")
	cmd.Flags().StringVar(&file, "file", "", "the draft, TOML; - reads stdin")
	addSendFlags(cmd, &send)
	mustHave(cmd, "to", "file")
	return cmd
}

func (p *program) runNoticeSend(ctx context.Context, send *sendFlags, to []string, from, file string) error {
	if err := send.check(); err != nil {
		return err
	}
	if err := checkAddresses(from, to...); err != nil {
		return err
	}
	payload, err := p.readDraft(valisev1.Kind_KIND_VOLUNTARY_NOTICE, file)
	if err != nil {
		return err
	}
	send.folder = draftFolder(file)
	if err := measure(send.folder, payload); err != nil {
		return err
	}
	return p.atDesk(ctx, func(d *desk) error {
		return p.inform(ctx, d, send, &valisev1.SendNoticeRequest{To: to, From: from, Notice: payload.(*valisev1.VoluntaryNotice)})
	})
}

func (p *program) inform(ctx context.Context, d *desk, send *sendFlags, request *valisev1.SendNoticeRequest) error {
	realm, err := d.realm(ctx)
	if err != nil {
		return err
	}
	request.Options, err = send.options(p, func() string {
		_, track, _ := strings.Cut(request.GetTo()[0], "/")
		s := p.speech()
		return p.checkPage(realm.String(), orElse(request.GetFrom(), d.status.GetState()+"/"+track),
			s.say(s.Check.EachAlone, "to", s.theirs(strings.Join(request.GetTo(), ", "))), request.GetNotice(), d.notCalled(ctx, s, request.GetTo()...)...)
	})
	if err != nil {
		return err
	}
	// One upload serves all recipients.
	if err := d.upload(ctx, send.folder, request.GetNotice()); err != nil {
		return err
	}
	answer, err := d.inquiry.SendNotice(ctx, request)
	if err != nil {
		return err
	}
	return p.informed(ctx, d, send, request.GetTo(), answer.GetSent())
}

// informed is sent for several messages: it waits for all of them, prints them as one object and
// ends with the first code that is not 0.
func (p *program) informed(ctx context.Context, d *desk, send *sendFlags, to []string, all []*valisev1.Sent) error {
	goal, err := send.goal()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, send.timeout)
	defer cancel()
	ends, list, lines := make([]error, len(all)), make([]object, 0, len(all)), []string{}
	for i, sent := range all {
		if goal != valisev1.Delivery_DELIVERY_UNSPECIFIED && !sent.GetPendingClearance() {
			ends[i] = d.await(ctx, sent, goal, send.timeout)
		}
		if ends[i] == nil {
			ends[i] = outcome(goal, sent)
		}
		list = append(list, sentResult(sent, object{"to": to[i]}))
		lines = append(lines, to[i])
		for _, line := range sentLines(p.speech(), sent, to[i]) {
			lines = append(lines, "  "+line)
		}
	}
	if err := p.result(object{"notices": list}, lines...); err != nil {
		return err
	}
	if len(all) > 1 {
		s := p.speech()
		p.tell("%s", s.line(s.count(s.Result.LinkedAtHome, len(all))))
	}
	if i := slices.IndexFunc(ends, func(err error) bool { return err != nil }); i >= 0 {
		return ends[i]
	}
	return nil
}
