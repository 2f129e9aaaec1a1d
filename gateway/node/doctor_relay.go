package node

import (
	"context"
	"log/slog"
	"time"

	"valise.example/relay"
)

// relayPatience is how long a relay may take to answer before it counts as out of reach.
const relayPatience = 5 * time.Second

// checkRelay asks the node for its link, or connects as it would where none runs. It takes no mail.
func (d *doctor) checkRelay(ctx context.Context) {
	if s := d.config.Running; s != nil {
		d.judgeLink(s.GetLink().GetUp(), s.GetLink().GetWarning())
		return
	}
	if d.book == nil {
		return
	}
	card, ok := relayCardOf(d.book.Snapshot(), d.home.config.Relay)
	if !ok {
		d.add(Warn, "import a directory that names one, or set relay in "+configFile, "no relay is known")
		return
	}
	courier, err := relay.Dial(ctx, relay.DialConfig{
		Address: card.GetAddress(), TLSKey: card.GetTlsKey(), NKeySeed: d.home.keys.relay, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.add(Bad, "look at relay in "+configFile+" and at keys/"+relayKeyFile, "the relay cannot be used: %s", sentence(err))
		return
	}
	defer courier.Close()
	link := waitForLink(ctx, courier)
	d.judgeLink(link.Up, link.Warning)
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

func (d *doctor) judgeLink(up bool, warning string) {
	switch {
	case !up && warning != "":
		d.add(Bad, "ask the relay's operator; mail waits at both ends until then", "the relay cannot be used: %s", warning)
	case !up:
		d.add(Warn, "look at the network, and ask the relay's operator; mail waits at both ends until then", "the relay does not answer")
	case warning != "":
		d.add(Warn, "ask the relay's operator", "the relay answers, but: %s", warning)
	default:
		d.good("the relay answers")
	}
}
