package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// channelFlags describe a channel in words.
type channelFlags struct {
	kind, address, file string
	number              int
	send                sendFlags
}

func newInquiryChannelCommand(p *program) *cobra.Command {
	var f channelFlags
	cmd := &cobra.Command{
		Use:   "channel T propose|accept|counter|decline",
		Short: "Propose a preferred channel, or answer the peer's proposal",
		Annotations: documented("T `propose`, `accept`, `counter` or `decline`; `--file`, `--number`",
			sentObject),
		Long: `propose and counter take the channel from --file (TOML) or, in exercises, from
--kind and --address. accept and decline answer the peer's last proposal; --number
picks one of several channels, from 1.

` + exitTable,
		Args: idArgument("thread", 2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &f.send, func(d *desk) error { return p.runInquiryChannel(cmd, d, &f, args[0], args[1]) })
		},
	}
	cmd.Flags().StringVar(&f.file, "file", "", "text or draft (TOML); - reads stdin")
	p.textFlag(cmd, &f.kind, "kind", "kind of channel: phone, email, …")
	p.textFlag(cmd, &f.address, "address", "number, address or account")
	cmd.Flags().IntVar(&f.number, "number", 1, "with accept: which of the proposed channels")
	addSendFlags(cmd, &f.send)
	return cmd
}

func (p *program) runInquiryChannel(cmd *cobra.Command, d *desk, f *channelFlags, thread, act string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	if act == "propose" {
		proposal, err := p.channelProposal(f)
		if err != nil {
			return err
		}
		return p.reply(ctx, d, &f.send, thread, proposal, "")
	}
	answer, err := p.channelAnswer(ctx, d, f, thread, act)
	if err != nil {
		return err
	}
	return p.reply(ctx, d, &f.send, thread, answer, "")
}

// channelProposal names channels, from the file or from the flags.
func (p *program) channelProposal(f *channelFlags) (*valisev1.ChannelProposal, error) {
	switch {
	case f.file != "" && f.kind != "":
		return nil, usage("--file and --kind exclude each other")
	case f.file != "":
		payload, err := p.readReply(valisev1.Kind_KIND_CHANNEL_PROPOSAL, f.file)
		if err != nil {
			return nil, err
		}
		return payload.(*valisev1.ChannelProposal), nil
	case f.kind == "":
		return nil, usageHint("no channel is given", "--file F with [[preferred_channel]], or --kind and --address")
	}
	return &valisev1.ChannelProposal{Channels: []*valisev1.Channel{{Kind: f.kind, Address: f.address}}}, nil
}

// channelAnswer fills in what it answers: the peer's last message that named channels. A-10 s3
func (p *program) channelAnswer(ctx context.Context, d *desk, f *channelFlags, thread, act string) (*valisev1.ChannelAnswer, error) {
	view, err := d.thread(ctx, thread)
	if err != nil {
		return nil, err
	}
	digest, proposed := lastProposal(view.GetMessages())
	if digest == nil {
		return nil, refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the peer has proposed no channel", "valise inquiry channel T propose")
	}
	answer := &valisev1.ChannelAnswer{Proposal: digest}
	switch act {
	case "accept":
		if f.number < 1 || f.number > len(proposed) {
			return nil, usage(fmt.Sprintf("--number: the peer proposed %d channels", len(proposed)))
		}
		answer.Decision, answer.Channel = valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT, proposed[f.number-1]
	case "decline":
		answer.Decision = valisev1.ChannelDecision_CHANNEL_DECISION_DECLINE
	case "counter":
		proposal, err := p.channelProposal(f)
		if err != nil {
			return nil, err
		}
		answer.Decision, answer.Channel, answer.Text = valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER, proposal.GetChannels()[0], proposal.GetText()
		return answer, nil
	default:
		return nil, usageHint("no such act: "+shorten(act), "propose, accept, counter or decline")
	}
	answer.Text, err = p.readWords(f.file)
	return answer, err
}

// lastProposal finds the peer's last message that named channels: a proposal, a counter, or
// the preferred channels of an inquiry or a holding reply. I-4, R-3
func lastProposal(messages []*valisev1.MessageView) (digest []byte, channels []*valisev1.Channel) {
	for _, m := range messages {
		if m.GetOutbound() || m.GetRefused() != valisev1.Reason_REASON_UNSPECIFIED {
			continue
		}
		named := channelsOf(unwrap(m.GetPayload()))
		if len(named) == 0 {
			continue
		}
		if d, err := hex.DecodeString(m.GetDigest()); err == nil {
			digest, channels = d, named
		}
	}
	return digest, channels
}

func channelsOf(payload proto.Message) []*valisev1.Channel {
	switch m := payload.(type) {
	case *valisev1.ChannelProposal:
		return m.GetChannels()
	case *valisev1.Inquiry:
		return m.GetPreferredChannels()
	case *valisev1.HoldingReply:
		return m.GetPreferredChannels()
	case *valisev1.ChannelAnswer:
		if m.GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER && m.GetChannel() != nil {
			return []*valisev1.Channel{m.GetChannel()}
		}
	}
	return nil
}

func newInquiryAgencyCommand(p *program) *cobra.Command {
	var name, contact string
	cmd := p.replyVerb("agency T", "Nominate the agency that leads for this incident", "T: the agency that leads; `--file`", valisev1.Kind_KIND_AGENCY_NOMINATION,
		func(_ context.Context, _ *desk, _ []string, file string) (proto.Message, error) {
			switch {
			case file != "" && name != "":
				return nil, usage("--file and --name exclude each other")
			case file != "":
				return p.readReply(valisev1.Kind_KIND_AGENCY_NOMINATION, file)
			case name == "":
				return nil, usageHint("no agency is named", "--file F with [nominated_agency], or --name and --contact")
			}
			return &valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: name, Contact: contact}}, nil
		})
	p.textFlag(cmd, &name, "name", "name of the agency")
	p.textFlag(cmd, &contact, "contact", "how to reach it")
	return cmd
}
