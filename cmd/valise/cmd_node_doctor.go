package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

func newNodeDoctorCommand(p *program) *cobra.Command {
	var passphrase secret
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Name what is wrong with a home and what to do; ends with 1 if anything is, 7 if its record is damaged",
		Annotations: documented("names what is wrong with a home and what to do, while the node runs and when it does not; ends with 1 if anything is, with 7 if its record is damaged",
			`{"ok","findings":[{"level","what","fix"}]}`+"; `level` is `ok`, `warn` or `bad`"),
		Long: `Works while the node runs and when it does not; it changes nothing and shows no content. The
whole record is checked by valise record verify.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runNodeDoctor(cmd.Context(), &passphrase) },
	}
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runNodeDoctor(ctx context.Context, passphrase *secret) error {
	home, err := p.homeDir()
	if err != nil {
		return err
	}
	config := node.DoctorConfig{Dir: home, Now: p.now}
	if config.Passphrase, err = passphrase.read(p); err != nil {
		return err
	}
	// A node that does not let us in is looked at from outside like one that does not run.
	if status, err := p.nodeStatus(ctx); err == nil {
		config.Running = status
	}
	findings, err := node.Doctor(ctx, config)
	if err != nil {
		return err
	}
	list, lines, reason := []object{}, []string{}, valisev1.Reason_REASON_UNSPECIFIED
	for _, f := range findings {
		list = append(list, object{"level": f.Level, "what": f.What, "fix": f.Fix})
		lines = append(lines, fmt.Sprintf("%-4s  %s", f.Level, f.What))
		if f.Fix != "" {
			lines = append(lines, "      do: "+f.Fix)
		}
		switch {
		case f.Integrity:
			reason = valisev1.Reason_REASON_RECORD_DAMAGED
		case f.Level == node.Bad && reason == valisev1.Reason_REASON_UNSPECIFIED:
			reason = valisev1.Reason_REASON_INTERNAL
		}
	}
	if err := p.result(object{"ok": reason == valisev1.Reason_REASON_UNSPECIFIED, "findings": list}, lines...); err != nil {
		return err
	}
	if reason != valisev1.Reason_REASON_UNSPECIFIED {
		return ended(reason)
	}
	return nil
}
