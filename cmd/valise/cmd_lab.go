package main

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

func newLabCommand(p *program) *cobra.Command {
	return nounCommand("lab", "A whole exercise network of invented States on this machine",
		newLabNewCommand(p),
		newLabRunCommand(p),
	)
}

func newLabNewCommand(p *program) *cobra.Command {
	var (
		states  []string
		listen  string
		manager bool
	)
	cmd := &cobra.Command{
		Use:   "new --home L --states XA,XB,…",
		Short: "Make relay, directory and nodes as folders; refuses a folder that is not empty",
		Annotations: documented("a whole exercise network as folders; `--states XA,XB`, `--listen`, `--manager`",
			`{"home","realm","states":[],"relay","manager"}`),
		Long: `Makes L/relay, L/directory and L/XA, L/XB, … in the realm exercise:lab-<32 hex>. With
--manager also L/@global, the node of the directory's manager. Keys are plain files. Your user id is the officer "lab" with every role on every node.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runLabNew(states, listen, manager) },
	}
	cmd.Flags().StringSliceVar(&states, "states", nil, "invented States: QM to QZ, XA to XZ without XK")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "host:port of the relay; port 0 takes a free one and keeps it")
	cmd.Flags().BoolVar(&manager, "manager", false, "make a node of the directory's manager too, in L/@global: it asks for communication checks")
	mustHave(cmd, "states")
	return cmd
}

func (p *program) runLabNew(names []string, listen string, manager bool) error {
	dir, err := p.ownHome()
	if err != nil {
		return err
	}
	states := make([]ident.State, 0, len(names))
	for _, name := range names {
		state, err := ident.ParseState(name)
		if err != nil {
			return usage(err.Error())
		}
		states = append(states, state)
	}
	l, err := lab.New(lab.Config{Dir: dir, States: states, Listen: listen, Manager: manager, Now: p.now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	p.speaksFor(l.Realm)
	p.tell("next: valise lab run --home %s", l.Dir)
	p.tell("or each part alone: valise relay run --home %s, valise node run --home %s", l.RelayHome(), l.Home(l.States[0]))
	return p.result(object{"home": l.Dir, "realm": l.Realm, "states": l.States, "relay": l.Listen, "manager": l.Manager},
		fmt.Sprintf("made a lab of %d States in %s, relay at %s", len(l.States), l.Dir, l.Listen), "realm "+l.Realm.String())
}

func newLabRunCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "run --home L",
		Short: "Run the relay and every node of the lab in one process until SIGTERM",
		Annotations: documented("all of it in one process",
			readyNodeObject,
			readyRelayObject),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runLabRun(cmd.Context()) },
	}
}

func (p *program) runLabRun(ctx context.Context) error {
	dir, err := p.homeDir()
	if err != nil {
		return err
	}
	l, err := lab.Open(dir)
	if err != nil {
		return err
	}
	stop := p.watchdog(ctx, always)
	defer stop()
	lines := newLinePrinter(p, len(l.Parties())+1)
	return orderly(ctx, l.Run(ctx, p.logger(), lines.ready))
}
