package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// logger writes to stderr; in JSON where the caller asked for JSON. Every line says its realm, so that nobody takes
// the log of an exercise for that of operation. docs/protocol.md §2.2
func (p *program) logger() *slog.Logger {
	var h slog.Handler = slog.NewTextHandler(p.err, nil)
	if p.json {
		h = slog.NewJSONHandler(p.err, nil)
	}
	l := slog.New(h)
	if p.realm != "" {
		l = l.With(slog.String("realm", p.realm.String()))
	}
	return l
}

// ready prints the one line that says a run verb serves, and tells the service manager.
func (p *program) ready(o object, line string) {
	// A closed stdout does not stop a node: its work is not to print.
	_ = p.data(o, line)
	if p.env["NOTIFY_SOCKET"] != "" {
		_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	}
}

// orderly is the end of a run verb: whoever asks it to end while it still starts gets 0 too.
func orderly(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// always is for what runs no core that could hang.
func always(context.Context) bool { return true }

// watchdog tells the service manager, at half the asked interval, that the program lives, while
// alive says so within that time, and that it stops, when ctx ends. Who says nothing for the whole
// interval is ended and begun again by the manager.
func (p *program) watchdog(ctx context.Context, alive func(context.Context) bool) (stop func()) {
	if p.env["NOTIFY_SOCKET"] == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		every, err := daemon.SdWatchdogEnabled(false)
		if err != nil || every <= 0 {
			<-ctx.Done()
		} else {
			tick(ctx, every/2, func() {
				asking, answered := context.WithTimeout(ctx, every/2)
				defer answered()
				if alive(asking) {
					_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
				}
			})
		}
		_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
	}()
	return func() { cancel(); <-ended }
}

func tick(ctx context.Context, every time.Duration, do func()) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			do()
		}
	}
}
