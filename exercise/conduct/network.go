package conduct

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// again is how long a part that has ended by itself rests before it is started again.
const again = 200 * time.Millisecond

// network is relay and nodes at work. One that ends by itself is started again with all that it had: what it was to
// do waits in the records.
type network struct {
	e     *Exercise
	parts sync.WaitGroup
	doors map[ident.State]*grpc.ClientConn

	mu      sync.Mutex
	serving map[ident.State]bool
	stops   map[ident.State]context.CancelFunc // of the present life of each node
}

// start runs all parts until ctx ends and returns when all of them are there. wait waits for their end.
func (e *Exercise) startNetwork(ctx context.Context) (*network, error) {
	n := &network{e: e, doors: map[ident.State]*grpc.ClientConn{}, serving: map[ident.State]bool{}, stops: map[ident.State]context.CancelFunc{}}
	ready := make(chan struct{}, 1+len(e.lab.Parties()))
	first := func() func() { return sync.OnceFunc(func() { ready <- struct{}{} }) }
	relayReady := first()
	n.parts.Go(func() {
		n.keep(ctx, "relay", func(ctx context.Context) error {
			return e.lab.RunRelay(ctx, e.log, func(string) { relayReady() })
		})
	})
	for _, s := range e.lab.Parties() {
		there := first()
		n.parts.Go(func() { n.keep(ctx, "node", func(ctx context.Context) error { return n.runNode(ctx, s, there) }) })
	}
	for range 1 + len(e.lab.Parties()) {
		select {
		case <-ready:
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
	return n, n.dial(ctx)
}

// runNode is one life of a node.
func (n *network) runNode(ctx context.Context, s ident.State, there func()) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	n.set(s, true, stop)
	defer n.set(s, false, nil)
	return n.e.lab.RunNodeWith(ctx, s, node.OpenConfig{
		Logger: n.e.log, Clock: n.e.clock, Exercise: &seatView{n.e, s},
	}, func(string) {
		there()
		n.e.news.Ring()
	})
}

func (n *network) set(s ident.State, serving bool, stop context.CancelFunc) {
	n.mu.Lock()
	n.serving[s], n.stops[s] = serving, stop
	n.mu.Unlock()
	n.e.news.Ring()
}

// serves reports whether the node of a State runs now.
func (n *network) serves(s ident.State) bool {
	if n == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.serving[s]
}

// keep runs a part, and starts it again each time that it ends before ctx does.
func (n *network) keep(ctx context.Context, what string, run func(context.Context) error) {
	for ctx.Err() == nil {
		err := run(ctx)
		if ctx.Err() != nil {
			return
		}
		attrs := []any{slog.String("part", what)}
		if err != nil {
			attrs = append(attrs, slog.String("reason", node.ReasonOf(err).String()))
		}
		n.e.log.Warn("a part of the exercise ended by itself and is started again", attrs...)
		rest(ctx, again)
	}
}

// dial opens the door of each node, as the officer of the lab.
func (n *network) dial(ctx context.Context) error {
	for _, s := range n.e.lab.Parties() {
		conn, err := api.Dial(ctx, n.socket(s), api.DialOptions{})
		if err != nil {
			return err
		}
		n.doors[s] = conn
	}
	return nil
}

func (n *network) socket(s ident.State) string {
	return filepath.Join(n.e.lab.Home(s), node.SocketFile)
}

// close waits for all parts; their context has ended.
func (n *network) close() (err error) {
	for _, conn := range n.doors {
		err = errors.Join(err, conn.Close())
	}
	n.parts.Wait()
	return err
}

// seatOfficer makes the officer of a seat that a person has: bound to its track, with a token of this very run.
func (n *network) seatOfficer(ctx context.Context, a ident.Address) (token string, err error) {
	officers := valisev1.NewOfficerServiceClient(n.doors[a.State])
	name := a.Track.String()
	_, err = officers.RemoveOfficer(ctx, &valisev1.RemoveOfficerRequest{Name: name})
	if refused, ok := api.FromStatus(err); ok && refused.Reason != valisev1.Reason_REASON_NOT_FOUND {
		return "", err
	}
	r, err := officers.AddOfficer(ctx, &valisev1.AddOfficerRequest{WithToken: true, Officer: &valisev1.Officer{
		Name: name, ShownAs: "Seat " + a.String(), Tracks: []string{name},
		Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER},
	}})
	return r.GetToken(), err
}

// askAll has the manager ask every seat whether its entry is right: what a communication check begins with. A-8
func (n *network) askAll(ctx context.Context) error {
	manager, there := n.doors[managerState]
	if !there || n.e.scenario.Kind != scenario.CommunicationCheck {
		return nil
	}
	checks := valisev1.NewDirectoryServiceClient(manager)
	var to []string
	for i := range n.e.scenario.Participants {
		p := &n.e.scenario.Participants[i]
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			if _, has := p.Seats[track]; has {
				to = append(to, ident.Address{State: p.State, Track: track}.String())
			}
		}
	}
	_, err := checks.StartCheck(ctx, &valisev1.StartCheckRequest{To: to, Detail: "node", RequestId: "exercise/check"})
	return err
}
