package main

import (
	"context"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newNodeResumeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Let a node send again that had stopped because a copy of it ran",
		Annotations: documented("lets a node send again that had stopped because a copy of it ran; a node_admin, after the copy is switched off",
			`{"resumed","epoch"}`),
		Long: `Switch the other copy off first, for ever: if it still runs, sending stops again. The node goes
on in a new epoch. It ends with 4 where sending is not stopped.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runNodeResume(cmd.Context(), d) })
		},
	}
}

func (p *program) runNodeResume(ctx context.Context, d *desk) error {
	out, err := d.node.ResumeSending(ctx, &valisev1.ResumeSendingRequest{})
	if err != nil {
		return err
	}
	return p.result(object{"resumed": true, "epoch": out.GetEpoch()}, "the node sends again, in epoch "+out.GetEpoch())
}
