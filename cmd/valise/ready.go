package main

import (
	"sync"

	"github.com/coreos/go-systemd/v22/daemon"

	"valise.example/exercise/lab"
)

// linePrinter prints the ready lines of several parts, one at a time, and tells the service
// manager when the last of them serves.
type linePrinter struct {
	mu      sync.Mutex
	p       *program
	waiting int
}

func newLinePrinter(p *program, parts int) *linePrinter { return &linePrinter{p: p, waiting: parts} }

func (l *linePrinter) ready(r lab.Ready) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Address != "" {
		_ = l.p.data(readyRelay(r.Address))
	} else {
		_ = l.p.data(readyNode(r.State))
	}
	if l.waiting--; l.waiting == 0 && l.p.env["NOTIFY_SOCKET"] != "" {
		_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	}
}

// What run verbs print when they are ready, as docs/cli.md shows it.
const (
	readyRelayObject = `{"ready","address"}`
	readyNodeObject  = `{"ready","state"}`
	readyDeskObject  = `{"ready","link"}`
	deskLinkObject   = `{"link"}`
)

func readyRelay(address string) (object, string) {
	return object{"ready": "relay", "address": address}, "ready relay " + address
}

func readyNode(state string) (object, string) {
	return object{"ready": "node", "state": state}, "ready node " + state
}

func readyDesk(link string) (object, string) {
	return object{"ready": "desk", "link": link}, "ready desk " + link
}
