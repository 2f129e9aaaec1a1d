package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

func newRelayDoctorCommand(p *program) *cobra.Command {
	var roster string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Name what is unsafe about the relay and what to change; ends with 1 if anything is",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.runRelayDoctor(cmd.Context(), roster) },
	}
	cmd.Flags().StringVar(&roster, "roster", "", "the manager's roster file (default: as relay run)")
	return cmd
}

func (p *program) runRelayDoctor(ctx context.Context, rosterFlag string) error {
	home, roster, err := p.relayHome(rosterFlag)
	if err != nil {
		return err
	}
	findings, err := relay.Doctor(ctx, relay.DoctorConfig{Dir: home, RosterPath: roster})
	if err != nil {
		return err
	}
	list, lines, safe := []object{}, []string{}, true
	for _, f := range findings {
		list = append(list, object{"level": f.Level, "what": f.What, "fix": f.Fix})
		lines = append(lines, fmt.Sprintf("%-7s  %s", f.Level, f.What))
		if f.Fix != "" {
			lines = append(lines, "         do: "+f.Fix)
		}
		safe = safe && f.Level != relay.Unsafe
	}
	if err := p.result(object{"safe": safe, "findings": list}, lines...); err != nil {
		return err
	}
	if !safe {
		return &failure{reason: valisev1.Reason_REASON_BAD_CONFIG, message: "the relay is unsafe", exit: exitFailed, quiet: true}
	}
	return nil
}

func newRelayPeekCommand(p *program) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "peek",
		Short: "All that the relay's operator can see: boxes and sizes; --out writes raw envelopes",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.runRelayPeek(cmd.Context(), out) },
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the raw envelopes")
	return cmd
}

func (p *program) runRelayPeek(ctx context.Context, out string) error {
	home, err := p.homeDir()
	if err != nil {
		return err
	}
	boxes, err := relay.Peek(ctx, relay.PeekConfig{Dir: home, Out: out})
	if err != nil {
		return err
	}
	list, lines := []object{}, []string{}
	for _, b := range boxes {
		envelopes := []object{}
		lines = append(lines, fmt.Sprintf("%s  %d envelopes, %d bytes", b.Mailbox, len(b.Mail), b.Bytes()))
		for _, l := range b.Mail {
			envelopes = append(envelopes, object{"token": l.Token, "slot": l.Slot, "sequence": l.Sequence, "size": l.Size, "came": l.Came, "file": l.File})
			lines = append(lines, fmt.Sprintf("    token %s slot %d: %d bytes, %s", l.Token, l.Slot, l.Size, l.Came.Format("15:04:05")))
		}
		list = append(list, object{"mailbox": b.Mailbox, "bytes": b.Bytes(), "envelopes": envelopes})
	}
	return p.result(object{"mailboxes": list}, lines...)
}
