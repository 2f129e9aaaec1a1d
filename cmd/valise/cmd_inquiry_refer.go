package main

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// newInquiryReferCommand points to where a matter may go on. Nothing goes there by itself: an officer
// there takes it up with valise inquiry send --follows T. A-9 s2
func newInquiryReferCommand(p *program) *cobra.Command {
	var to string
	kind := valisev1.Kind_KIND_REFERRAL
	cmd := p.replyVerb("refer T --to STATE/track", "Refer the matter to the other track of one of the two States, or to an agency",
		"T: points to the other track, or to an agency; `--to XB/diplomatic`, `--file`", kind,
		func(_ context.Context, _ *desk, _ []string, file string) (proto.Message, error) {
			payload, err := p.readReply(kind, file)
			if err != nil {
				return nil, err
			}
			return referTo(payload.(*valisev1.Referral), to)
		})
	cmd.Long = `The referral goes to the other side of thread T, which stays as it is but for its state.
The matter goes on elsewhere only when an officer there takes it up, in a thread of its own:
valise inquiry send --follows T. An agency stands in the draft: valise inquiry template referral.

` + exitTable
	cmd.Flags().StringVar(&to, "to", "", "the point of contact, for example XB/diplomatic")
	return cmd
}

// referTo fills in what the command line says of a referral.
func referTo(m *valisev1.Referral, to string) (*valisev1.Referral, error) {
	switch {
	case to != "" && m.GetTo() != "" && m.GetTo() != to:
		return nil, usage("--to and the draft name two points of contact")
	case to != "":
		m.To = to
	}
	if m.GetTo() == "" && m.GetAgency() == nil {
		return nil, usageHint("nobody is named to refer to", "--to XB/diplomatic, or --file F with [agency]")
	}
	if m.GetTo() == "" {
		return m, nil
	}
	return m, checkAddresses("", m.GetTo())
}
