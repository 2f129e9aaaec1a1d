package main

import (
	"context"
	"errors"

	"valise.example/api/console"
	"valise.example/api/locale"
	"valise.example/proto/ident"
)

// demoDesk is the desk of one State of the demonstration.
type demoDesk struct {
	state ident.State
	name  string
	door  *desk
	page  *servedDesk
}

// showDesks has both nodes run, an inquiry wait at Birch on each track, and serves the desk of each State
// until ctx ends.
func (d *demo) showDesks(ctx context.Context, open bool) (err error) {
	d.banner()
	if err := d.startAll(ctx); err != nil {
		return err
	}
	for _, to := range []string{"XB/diplomatic", "XB/technical"} {
		if _, err := d.run(ctx, alder, demoInquiry, "inquiry", "send", "--to", to, "--file", "-", "--yes", "--wait", "receipt", "--timeout", "60s"); err != nil {
			return err
		}
	}
	desks := []*demoDesk{{state: alder, name: "Alder"}, {state: birch, name: "Birch"}}
	ctx, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		for _, at := range desks {
			err = errors.Join(err, at.close())
		}
	}()
	for _, at := range desks {
		if err := d.openDesk(ctx, at); err != nil {
			return err
		}
	}
	d.say("")
	d.say("Two inquiries of Alder wait at Birch, one on each track. Open both links in a browser on this")
	d.say("computer, side by side: at Birch's desk one click acknowledges, and Alder's desk says so.")
	if err := d.links(desks, open); err != nil {
		return err
	}
	d.hints()
	return d.keep(ctx, desks, open)
}

// startAll has the relay and both nodes run.
func (d *demo) startAll(ctx context.Context) error {
	if err := d.startRelay(ctx); err != nil {
		return err
	}
	for _, s := range d.lab.States {
		if err := d.startNode(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// openDesk serves the desk of one State, as the officer that whoever runs the demonstration is there.
func (d *demo) openDesk(ctx context.Context, at *demoDesk) (err error) {
	if at.door, err = openDesk(ctx, d.lab.Home(at.state), "", ""); err != nil {
		return err
	}
	at.page, err = d.p.serveDesk(ctx, at.door, consoleFlags{listen: "127.0.0.1:0", idle: console.DefaultIdle, undo: console.DefaultUndo, quiet: true})
	return err
}

// close waits for a desk whose context has ended.
func (at *demoDesk) close() (err error) {
	if at.page != nil {
		err = at.page.close(nil)
	}
	if at.door != nil {
		at.door.close()
	}
	return err
}

// links prints a new link for each desk.
func (d *demo) links(desks []*demoDesk, open bool) error {
	d.say("")
	for _, at := range desks {
		link, err := at.page.console.Link()
		if err != nil {
			return err
		}
		text := "   " + at.state.String() + " " + at.name + "  " + link
		if err := d.p.result(object{"demo": text, "state": at.state, "link": link}, text); err != nil {
			return err
		}
		if open {
			d.p.openBrowser(link)
		}
	}
	return nil
}

func (d *demo) hints() {
	c := d.p.catalog()
	texts := c.Page().Console
	d.say("")
	for _, text := range []locale.Text{texts.Again, texts.Close} {
		d.p.tell("%s", c.Language().Line(text.String()))
	}
	d.say("The network stays up until Ctrl-C. The same from another terminal, for example:")
	for _, s := range d.lab.States {
		d.say("   valise inquiry list --home %s", d.lab.Home(s))
	}
}

// keep makes new links for each line on stdin until ctx ends.
func (d *demo) keep(ctx context.Context, desks []*demoDesk, open bool) error {
	lines := d.p.lines(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-lines:
			if err := d.links(desks, open); err != nil {
				return err
			}
		}
	}
}
