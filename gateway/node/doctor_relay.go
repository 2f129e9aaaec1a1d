package node

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// relayPatience is how long a relay may take to answer before it counts as out of reach.
const relayPatience = 5 * time.Second

// checkRelay asks the node for its link, or connects as it would where none runs. It takes no mail.
func (d *doctor) checkRelay(ctx context.Context) {
	if s := d.config.Running; s != nil {
		d.judgeLink(s.GetLink().GetUp(), locale.Standing(s.GetLink().GetStanding(), s.GetLink().GetWarning()))
		return
	}
	if d.book == nil {
		return
	}
	card, ok := relayCardOf(d.book.Snapshot(), d.home.config.Relay)
	if !ok {
		d.add(Warn, "relay_unknown", withName("file", configFile))
		return
	}
	courier, err := relay.Dial(ctx, relay.DialConfig{
		Address: card.GetAddress(), TLSKey: card.GetTlsKey(), NKeySeed: d.home.keys.relay, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.fault(Bad, "relay_config", err, withName("file", configFile), withName("key", filepath.Join(keysFolder, relayKeyFile)))
		return
	}
	defer courier.Close()
	link := waitForLink(ctx, courier)
	d.judgeLink(link.Up, ofLink(link.Warnings))
}

// waitForLink gives the state of a new connection once it is up, or after a while.
func waitForLink(ctx context.Context, courier relay.Courier) relay.Link {
	changes := make(chan relay.Link, 16)
	courier.Watch(func(l relay.Link) {
		select {
		case changes <- l:
		default:
		}
	})
	patience := time.NewTimer(relayPatience)
	defer patience.Stop()
	var last relay.Link
	for !last.Up {
		select {
		case last = <-changes:
		case <-patience.C:
			return last
		case <-ctx.Done():
			return last
		}
	}
	return last
}

func (d *doctor) judgeLink(up bool, warnings []*valisev1.StandingWarning) {
	for _, w := range warnings {
		level, code := Warn, "relay_warns"
		if !up {
			level, code = Bad, "relay_refuses"
		}
		d.put(level, locale.Found{Code: code, Warning: w})
	}
	switch {
	case len(warnings) > 0:
	case up:
		d.good("relay_good")
	default:
		d.add(Warn, "relay_silent")
	}
}
