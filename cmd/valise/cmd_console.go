package main

import (
	"context"
	"crypto/rand"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"valise.example/api/console"
	"valise.example/api/locale"
)

type consoleFlags struct {
	listen     string
	idle, undo time.Duration
	open       bool
	quiet      bool             // nothing is logged
	present    func() time.Time // clock of an exercise, by which pages go; nil: that of this machine
}

func newConsoleCommand(p *program) *cobra.Command {
	var f consoleFlags
	cmd := &cobra.Command{
		Use:   "console",
		Short: "Serve the desk of one officer, a web page for this machine alone, until SIGTERM",
		Annotations: documented("the desk, a web page in six languages for one officer on this machine; `--listen`, `--idle`, `--undo`, `--open`",
			readyDeskObject,
			deskLinkObject+"; for each line on stdin"),
		Long: `Prints "ready desk" with a link that begins one session: it works once and for ten
minutes. Enter, or any line on stdin, makes another, whose use ends the session before;
the end of stdin ends nothing. --open starts the browser with the link, and is on at a
terminal of a machine with a screen. On Linux nobody reaches the desk but programs of
the user who runs this command.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("open") {
				f.open = p.atTerminal() && p.hasScreen()
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runConsole(cmd.Context(), d, f) })
		},
		PreRunE: func(*cobra.Command, []string) error { return f.check() },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.listen, "listen", "127.0.0.1:0", "address of this machine alone, and port; port 0 takes a free one")
	fs.DurationVar(&f.idle, "idle", console.DefaultIdle, "how long without use until the session ends, 1m to 8h")
	fs.DurationVar(&f.undo, "undo", console.DefaultUndo, "how long what is sent from the page can be taken back, 1s to 1h")
	fs.BoolVar(&f.open, "open", false, "start the browser (default: at a terminal with a screen)")
	return cmd
}

// check refuses what the desk could not keep to, before anything is asked or opened.
func (f *consoleFlags) check() error {
	at, err := netip.ParseAddrPort(f.listen)
	switch {
	case err != nil || !at.Addr().IsLoopback() || at.Addr().Is4In6() || at.Addr().Zone() != "":
		return usageHint("--listen is no address of this machine alone", "127.0.0.1:0 or [::1]:0")
	case f.idle < time.Minute || f.idle > 8*time.Hour:
		return usage("--idle is between 1m and 8h")
	case f.undo < time.Second || f.undo > time.Hour || f.undo%time.Second != 0:
		return usage("--undo is between 1s and 1h, in whole seconds")
	}
	return nil
}

func (p *program) runConsole(ctx context.Context, d *desk, f consoleFlags) error {
	page, err := p.serveDesk(ctx, d, f)
	if err != nil {
		return orderly(ctx, err)
	}
	link, err := page.console.Link()
	if err != nil {
		return page.close(err)
	}
	p.ready(readyDesk(link))
	p.follow(link, f.open)
	stop := p.watchdog(ctx, always)
	defer stop()
	lines := p.lines(ctx)
	for {
		select {
		case err := <-page.ended:
			return err
		case <-lines:
			if err := p.nextLink(page.console, f.open); err != nil {
				return page.close(err)
			}
		}
	}
}

// nextLink makes and prints a link that ends the one before, used or not.
func (p *program) nextLink(c *console.Console, open bool) error {
	link, err := c.Link()
	if err != nil {
		return err
	}
	if open {
		p.openBrowser(link)
	}
	return p.data(object{"link": link}, "link "+link)
}

// follow says at the terminal, in the language of whoever sits there, what to do with the link.
func (p *program) follow(link string, open bool) {
	l := p.catalog().Language()
	texts := p.catalog().Page().Console
	first := texts.Follow
	if open && p.openBrowser(link) {
		first = texts.Opens
	}
	for _, text := range []locale.Text{first, texts.Again, texts.Close} {
		p.tell("%s", l.Line(text.String()))
	}
}

// servedDesk is a desk that browsers reach, until its context ends.
type servedDesk struct {
	console *console.Console
	stop    context.CancelFunc
	ended   chan error
}

// serveDesk begins to serve an officer's desk.
func (p *program) serveDesk(ctx context.Context, d *desk, f consoleFlags) (*servedDesk, error) {
	config := console.Config{
		Conn: d.conn, Now: p.now, Rand: rand.Reader, Zone: time.Local,
		Language: p.catalog().Language(), Undo: f.undo, Idle: f.idle, Present: f.present,
	}
	if !f.quiet {
		config.Logger = p.logger()
	}
	c, err := console.New(ctx, config)
	if err != nil {
		return nil, err
	}
	l, err := listenHere(ctx, f.listen)
	if err != nil {
		return nil, err
	}
	if err := c.At(l.Addr()); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := &servedDesk{console: c, stop: stop, ended: make(chan error, 1)}
	go func() { s.ended <- c.Serve(ctx, l) }()
	go tick(ctx, reconnectTime, d.conn.ResetConnectBackoff)
	return s, nil
}

// reconnectTime is how soon a desk looks again for a node that is away: a person waits for it.
const reconnectTime = 2 * time.Second

// close ends the desk and waits for it; why is what is told.
func (s *servedDesk) close(why error) error {
	s.stop()
	if err := <-s.ended; why == nil {
		return err
	}
	return why
}
