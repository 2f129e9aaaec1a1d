package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

func newRelayDoctorCommand(p *program) *cobra.Command {
	var f relayDoctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Name what is unsafe about the relay and what to change; ends with 1 if anything is",
		Annotations: documented("names what is unsafe; ends with 1 if anything is; of a server of one's own with `--address`, `--replicas`, `--server-config`",
			`{"safe","findings":[{"level","what","fix"}]}`),
		Long: `Without flags it looks at the relay of this home. With --address it looks at a running server or
cluster that relay config and relay apply were used on, and with --server-config at the
configuration file of one: only there it stands whether every stored envelope is synced.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runRelayDoctor(cmd.Context(), &f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.roster, "roster", "", "the manager's roster file (default: as relay run)")
	fs.StringVar(&f.address, "address", "", "host:port of a running server to look at")
	fs.IntVar(&f.replicas, "replicas", 1, "with --address: copies of each mailbox, as relay apply was told")
	fs.StringVar(&f.serverConfig, "server-config", "", "configuration file of the server to look at")
	return cmd
}

type relayDoctorFlags struct {
	roster, address, serverConfig string

	replicas int
}

// look is what the flags ask to look at.
func (f *relayDoctorFlags) look(ctx context.Context, p *program) ([]relay.Finding, error) {
	if f.address == "" && f.serverConfig == "" {
		home, roster, err := p.relayHome(f.roster)
		if err != nil {
			return nil, err
		}
		return relay.Doctor(ctx, relay.DoctorConfig{Dir: home, RosterPath: roster})
	}
	if f.replicas < 1 || f.replicas > maxReplicas {
		return nil, usage("--replicas is 1 to 5")
	}
	files, roster, err := p.relayFiles(f.roster)
	if err != nil {
		return nil, err
	}
	var found []relay.Finding
	if f.address != "" {
		more, err := relay.Examine(ctx, files.adminConfig(f.address, f.replicas), roster)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	if f.serverConfig == "" {
		return append(found, relay.Finding{
			Level: relay.Caution, What: "whether every stored envelope is synced to disk cannot be asked over the network",
			Fix: "run relay doctor --server-config with each server's file",
		}), nil
	}
	admin, err := files.adminKey()
	if err != nil {
		return nil, err
	}
	more, err := relay.ExamineConfig(f.serverConfig, roster, admin)
	return append(found, more...), err
}

func (p *program) runRelayDoctor(ctx context.Context, flags *relayDoctorFlags) error {
	findings, err := flags.look(ctx, p)
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
		Annotations: documented("all that the relay's operator can see; `--out` writes raw envelopes",
			`{"mailboxes":[{"mailbox","bytes","envelopes":[{"token","slot","sequence","size","came","file"}]}]}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runRelayPeek(cmd.Context(), out) },
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
