package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

func newRelayCommand(p *program) *cobra.Command {
	return nounCommand("relay", "The courier: it carries sealed envelopes and can read none",
		newRelayApplyCommand(p),
		newRelayConfigCommand(p),
		newRelayDoctorCommand(p),
		newRelayInitCommand(p),
		newRelayPeekCommand(p),
		newRelayRunCommand(p),
	)
}

type relayInitFlags struct {
	listen, address, key, realm string
}

func newRelayInitCommand(p *program) *cobra.Command {
	var f relayInitFlags
	cmd := &cobra.Command{
		Use:   "init --home R --listen ADDR [--key F]",
		Short: "Make the relay's keys and its card R/relay.card, which the manager admits",
		Annotations: documented("keys and `relay.card`; in a lab it makes a wiped relay again; `--listen`, `--address`, `--key`, `--realm`",
			`{"home","address","name","realm","card"}`),
		Long: `In a lab, relay init --home L/relay makes a wiped relay again with the key and the address
that L/directory keeps, and needs no other flag.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runRelayInit(&f, cmd.Flags().Changed("realm"))
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.listen, "listen", "", "host:port to listen on")
	fs.StringVar(&f.address, "address", "", "host:port that nodes use (default: --listen)")
	fs.StringVar(&f.key, "key", "", "TLS key to keep, PEM (default: a new one)")
	fs.StringVar(&f.realm, "realm", ident.Operational.String(), "operational, or exercise:NAME-<32 hexadecimal digits>")
	return cmd
}

func (p *program) runRelayInit(f *relayInitFlags, realmGiven bool) error {
	home, err := p.ownHome()
	if err != nil {
		return err
	}
	config := relay.InitConfig{Listen: f.listen, Address: f.address, Realm: f.realm, Key: f.key}
	if l, ok := lab.OfRelay(home); ok {
		config.Realm = l.Realm.String()
		if realmGiven && f.realm != config.Realm {
			return refuse(valisev1.Reason_REASON_WRONG_REALM, "the lab has another realm", "leave --realm out")
		}
		config.Listen = orElse(config.Listen, l.Listen)
		config.Key = orElse(config.Key, l.KeptRelayKey())
	}
	if config.Listen == "" {
		return usageHint("say where it listens", "--listen 192.0.2.1:4222")
	}
	if _, err := p.parseRealm(config.Realm); err != nil {
		return err
	}
	card, err := relay.Init(home, config)
	if err != nil {
		return err
	}
	p.tell("next: give %s/relay.card to the manager: valise directory admit", home)
	return p.result(object{"home": home, "address": card.GetAddress(), "name": card.GetName(), "realm": card.GetRealm(), "card": home + "/relay.card"},
		fmt.Sprintf("made a relay in %s that nodes reach at %s", home, card.GetAddress()))
}

func newRelayRunCommand(p *program) *cobra.Command {
	var roster string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Carry envelopes for whom the roster names, until SIGTERM; a new roster, and the relay.objects beside it, are applied live",
		Annotations: documented("carries envelopes for whom the roster names, and the directory for them, `relay.objects` beside the roster; `--roster`",
			readyRelayObject),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runRelayRun(cmd.Context(), roster) },
	}
	cmd.Flags().StringVar(&roster, "roster", "", "the manager's roster file (default: as relay.toml says; in a lab L/directory/relay.roster)")
	return cmd
}

func (p *program) runRelayRun(ctx context.Context, roster string) error {
	home, roster, err := p.relayHome(roster)
	if err != nil {
		return err
	}
	stop := p.watchdog(ctx, always)
	defer stop()
	return orderly(ctx, relay.Run(ctx, relay.RunConfig{Dir: home, RosterPath: roster, Logger: p.logger(), Ready: func(address string) {
		p.ready(readyRelay(address))
	}}))
}

// relayHome is the home and the roster to look for: a lab's relay watches the lab's directory.
func (p *program) relayHome(roster string) (home, path string, err error) {
	if home, err = p.homeDir(); err != nil {
		return "", "", err
	}
	if _, err := os.Stat(filepath.Join(home, "relay.toml")); errors.Is(err, fs.ErrNotExist) {
		return "", "", refuse(valisev1.Reason_REASON_NOT_FOUND, "this folder holds no relay", "valise relay init makes one")
	}
	if roster != "" {
		roster, err = absolute(roster)
		return home, roster, err
	}
	if l, ok := lab.OfRelay(home); ok {
		return home, l.RosterPath(), nil
	}
	return home, "", nil
}
