//go:build linux

package main

import (
	"context"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/gateway/history"
	valisev1 "valise.example/proto/valise/v1"
)

// node is one State's, killed and started again many times.
type node struct {
	w               *world
	name, home, log string
	again           atomic.Int64 // calls that were made again

	mu      sync.Mutex
	running *process
	count   map[string]int
	heads   []head

	// asking is held by officers from a call to the line that its answer becomes, so that no
	// answer of an earlier disk is written down after that disk went back.
	asking sync.RWMutex
	backup backup

	copied, cheated bool // of a control

	back atomic.Int64 // how often the home was made again from a backup
}

type head struct {
	Size uint64 `json:"size"`
	Root string `json:"root"`
}

func (n *node) process() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.running
}

func (n *node) did(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.count == nil {
		n.count = map[string]int{}
	}
	n.count[n.name+" "+what]++
}

func (n *node) counted() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.count)
}

// start starts the node and waits until it serves. With rng it may be killed before that, again
// and again: a start is as good a moment as any.
func (n *node) start(ctx context.Context, rng *rand.Rand) error {
	for {
		p, err := launch(n.log, n.w.program, "node", "run", "--home", n.home)
		if err != nil {
			return err
		}
		n.mu.Lock()
		n.running = p
		n.mu.Unlock()
		if rng == nil || rng.IntN(4) > 0 || ctx.Err() != nil {
			if err := p.awaitReady(); err != nil {
				return err
			}
			n.noteHead(ctx)
			return nil
		}
		time.Sleep(between(rng, 0, 150*time.Millisecond))
		if err := p.selfEnded(); err != nil {
			return err
		}
		p.kill()
		n.w.pace.kills.Add(1)
		n.did("killed while it started")
	}
}

// suffer kills and stops the node until enough has happened, and, for a control, until its home was
// put back: a trial in which chance left that out would pass and prove nothing.
func (n *node) suffer(ctx context.Context, rng *rand.Rand) {
	for (!n.w.pace.over() || n.isControl() && !n.cheated && !n.w.pace.stopped.Load()) && ctx.Err() == nil {
		if n.w.pace.killersWait() && !n.w.pace.over() {
			time.Sleep(tick)
			continue
		}
		most := 1500 * time.Millisecond
		if n.w.relay == relayCluster {
			most *= 6 // three servers take longer to come back
		}
		sleep(ctx, between(rng, 20*time.Millisecond, most))
		if err := n.harm(ctx, rng); err != nil {
			n.w.book.fail("%s: %v", n.name, err)
			n.w.pace.stopped.Store(true)
			return
		}
	}
}

func (n *node) harm(ctx context.Context, rng *rand.Rand) error {
	p := n.process()
	if err := p.selfEnded(); err != nil {
		return err
	}
	if rng.IntN(6) == 0 {
		n.did("stopped for a while")
		p.pause(between(rng, 50*time.Millisecond, 1500*time.Millisecond))
		return nil
	}
	switch now := n.w.pace.killed(); {
	case n.isControl() && !n.copied:
		return n.copyHome(ctx)
	case n.isControl() && now > 0.6 && !n.cheated:
		return n.putBack(ctx)
	case n.w.goesBack() == n.name && n.backup.name == "" && n.backup.made < mostBack && now > n.backup.due:
		return n.save(rng)
	case n.backup.name != "" && now > n.backup.due:
		return n.goBack(ctx, rng)
	}
	p.kill()
	n.w.pace.kills.Add(1)
	n.did("killed")
	sleep(ctx, between(rng, 0, 300*time.Millisecond))
	return n.start(ctx, rng)
}

// desk is an officer's open door.
type desk struct {
	conn    *grpc.ClientConn
	inquiry valisev1.InquiryServiceClient
	record  valisev1.RecordServiceClient
	status  valisev1.NodeServiceClient
}

// answerIn is how long an officer waits; a node that is stopped for a while may take longer.
const answerIn = 5 * time.Second

func (n *node) door(ctx context.Context) (*desk, error) {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	conn, err := api.Dial(ctx, filepath.Join(n.home, "valise.sock"), api.DialOptions{})
	if err != nil {
		return nil, err
	}
	return &desk{
		conn: conn, inquiry: valisev1.NewInquiryServiceClient(conn), record: valisev1.NewRecordServiceClient(conn), status: valisev1.NewNodeServiceClient(conn),
	}, nil
}

// noteHead writes down what the record is after a start: it never shrinks and never changes.
// Only whoever starts the node calls it, so heads are noted in their order.
func (n *node) noteHead(ctx context.Context) {
	d, err := n.door(ctx)
	if err != nil {
		return // the next start will tell
	}
	defer d.conn.Close()
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	h, err := d.record.GetHead(ctx, &valisev1.GetHeadRequest{})
	if err != nil {
		return
	}
	n.w.book.note(history.Event{Event: history.Head, Node: n.name, Size: h.GetSize(), Root: h.GetRoot()})
	n.heads = append(n.heads, head{h.GetSize(), h.GetRoot()})
}
