package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

func newDemoCommand(p *program) *cobra.Command {
	var once, open bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Two invented States and a relay on this machine, with a desk for each in the browser",
		Annotations: documented("two invented States and a relay on this machine, with a desk for each; `--open`; `--once` tells the story of an inquiry there and back, and ends",
			`{"demo","state"?,"link"?}`+"; one line each; `link` opens the desk of `state`"),
		Long: `Makes a lab in a temporary folder and runs it. Nothing leaves 127.0.0.1. Inquiries of
Alder (XA) wait at Birch (XB), and a link opens the desk of each State in a browser.
Enter makes new links; it stays up until Ctrl-C. With --once no desk is served: the
officers go through the two procedures with the commands of this program, and it ends
after the story. The folder is removed at the end.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if once && open {
				return usage("--once serves no desk, so there is nothing to --open")
			}
			if !cmd.Flags().Changed("open") {
				open = p.atTerminal() && p.hasScreen()
			}
			return p.runDemo(cmd.Context(), once, open)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "tell the story of one inquiry, serve no desk, and end")
	cmd.Flags().BoolVar(&open, "open", false, "start the browser with both desks (default: at a terminal with a screen)")
	return cmd
}

func (p *program) runDemo(ctx context.Context, once, open bool) error {
	if err := p.demonstrate(ctx, once, open); err != nil {
		return err
	}
	if once {
		return nil
	}
	const end = "Removed. Next: valise lab new, or valise node init"
	return p.result(object{"demo": end}, "", end)
}

// demonstrate leaves nothing behind, however it ends.
func (p *program) demonstrate(ctx context.Context, once, open bool) (err error) {
	dir, err := os.MkdirTemp(p.env["TMPDIR"], "valise-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := lab.New(lab.Config{Dir: dir, Name: "demo", States: []ident.State{alder, birch}, Now: p.now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	p.speaksFor(l.Realm)
	d := newDemo(p, l)
	defer func() { err = errors.Join(err, d.stopAll()) }()
	if once {
		return d.play(ctx)
	}
	return orderly(ctx, d.showDesks(ctx, open))
}

// part is a relay or node that runs beside the story.
type part struct {
	stop  context.CancelFunc
	ended chan error
}

// start runs a part and returns when it is ready.
func start(ctx context.Context, run func(ctx context.Context, ready func(string)) error) (*part, error) {
	ctx, stop := context.WithCancel(ctx)
	p := &part{stop: stop, ended: make(chan error, 1)}
	ready := make(chan struct{})
	go func() { p.ended <- run(ctx, func(string) { close(ready) }) }()
	select {
	case <-ready:
		return p, nil
	case err := <-p.ended:
		stop()
		if err == nil {
			err = errors.New("a part of the demonstration ended before it was ready")
		}
		return nil, err
	}
}

func (d *demo) startRelay(ctx context.Context) error {
	p, err := start(ctx, func(ctx context.Context, ready func(string)) error {
		return d.lab.RunRelay(ctx, slog.New(slog.DiscardHandler), ready)
	})
	if err == nil {
		d.parts = append(d.parts, p)
	}
	return err
}

func (d *demo) startNode(ctx context.Context, state ident.State) error {
	p, err := start(ctx, func(ctx context.Context, ready func(string)) error {
		return d.lab.RunNode(ctx, state, slog.New(slog.DiscardHandler), ready)
	})
	if err == nil {
		d.parts = append(d.parts, p)
	}
	return err
}

// stopAll ends the parts, the latest first, and waits for each.
func (d *demo) stopAll() (err error) {
	for len(d.parts) > 0 {
		last := d.parts[len(d.parts)-1]
		d.parts = d.parts[:len(d.parts)-1]
		last.stop()
		err = errors.Join(err, <-last.ended)
	}
	return err
}

func (d *demo) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	_ = d.p.result(object{"demo": text}, text)
}
