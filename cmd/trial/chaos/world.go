//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"valise.example/gateway/history"
)

// The States of the trial.
var states = []string{"XA", "XB", "XC"}

// world is a lab whose parts run as processes.
type world struct {
	settings
	out     io.Writer
	dir     string
	lab     string
	proxy   *proxy
	courier courier
	nodes   map[string]*node
	book    *book
	pace    *pace
	threads *threads
}

// courier is the relay, of whichever kind.
type courier interface {
	// start starts all of it and returns when nodes may come.
	start() error
	// harm does one thing to it; whatever it stops it starts again.
	harm(rng *rand.Rand) error
	// targets are where it listens.
	targets() []string
	// done counts what was done to it.
	done() map[string]int
	stop()
}

// newWorld makes a lab in a new folder and starts all of it.
func newWorld(ctx context.Context, s settings, out io.Writer) (*world, error) {
	dir, err := os.MkdirTemp(s.dir, "chaos-")
	if err != nil {
		return nil, err
	}
	if s.program, err = filepath.Abs(s.program); err != nil {
		return nil, err
	}
	if s.history == "" {
		s.history = filepath.Join(dir, "chaos-history.jsonl")
	}
	w := &world{settings: s, out: out, dir: dir, lab: filepath.Join(dir, "l"), nodes: map[string]*node{}, threads: &threads{}, pace: &pace{settings: s}}
	if err := w.build(ctx); err != nil {
		w.keep = true
		w.close()
		return nil, fmt.Errorf("%w (logs are in %s)", err, dir)
	}
	return w, nil
}

func (w *world) build(ctx context.Context) error {
	printed, err := command(w.program, "lab", "new", "--home", w.lab, "--states", strings.Join(states, ","), "--json")
	if err != nil {
		return err
	}
	var made struct{ Relay string }
	if err := json.Unmarshal(printed, &made); err != nil {
		return err
	}
	if w.book, err = newBook(w.history, w.out); err != nil {
		return err
	}
	if w.courier, err = w.newCourier(made.Relay); err != nil {
		return err
	}
	// The card names the proxy: nodes know no other address.
	if w.proxy, err = newProxy(made.Relay, w.seed, w.courier.targets); err != nil {
		return err
	}
	if err := w.courier.start(); err != nil {
		return err
	}
	w.book.note(history.Event{Event: history.Begin, Nodes: states, Views: true})
	for _, s := range states {
		w.nodes[s] = &node{name: s, home: filepath.Join(w.lab, s), log: filepath.Join(w.dir, s+".log"), w: w}
		if err := w.nodes[s].start(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) newCourier(address string) (courier, error) {
	if w.relay == relayCluster {
		return newCluster(w)
	}
	return newOwnRelay(w, address)
}

// play lets officers and faults at it until enough has happened, heals and writes down the end.
func (w *world) play(ctx context.Context) {
	w.load(ctx)
	w.converge(ctx)
	// Also what did not come to rest is read: it tells why.
	w.readEnd(ctx)
}

// load is officers and faults together, and the healing after them.
func (w *world) load(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	w.pace.began = time.Now()
	w.proxy.harm.Store(true)
	var faults, officers sync.WaitGroup
	for i, s := range states {
		rng := rand.New(rand.NewPCG(w.seed, uint64(1000+i))) //nolint:gosec // faults are to be repeated
		faults.Go(func() { w.nodes[s].suffer(ctx, rng) })
		for j, peer := range states {
			if peer == s {
				continue
			}
			rng := rand.New(rand.NewPCG(w.seed, uint64(2000+10*i+j))) //nolint:gosec // the load is to be repeated
			officers.Go(func() { (&officer{node: w.nodes[s], peer: peer, rng: rng}).work(ctx) })
		}
	}
	faults.Go(func() { w.trouble(ctx, rand.New(rand.NewPCG(w.seed, 1))) }) //nolint:gosec // faults are to be repeated
	faults.Go(func() { w.tell(ctx) })
	faults.Wait()
	w.proxy.heal()
	w.say("healed")
	officers.Wait()
	if ctx.Err() != nil {
		w.book.fail("not done within %v, or interrupted", w.limit)
	}
}

// trouble harms the relay.
func (w *world) trouble(ctx context.Context, rng *rand.Rand) {
	for !w.pace.over() && ctx.Err() == nil {
		if w.pace.killersWait() {
			time.Sleep(tick)
			continue
		}
		sleep(ctx, between(rng, 100*time.Millisecond, 2*time.Second))
		if err := w.courier.harm(rng); err != nil {
			w.book.fail("relay: %v", err)
			w.pace.stopped.Store(true)
			return
		}
	}
}

// tell says how far it is, for those who watch.
func (w *world) tell(ctx context.Context) {
	for next := time.Now(); !w.pace.over() && ctx.Err() == nil; time.Sleep(tick) {
		if time.Now().After(next) {
			w.say("%d kills, %d messages", w.pace.kills.Load(), w.pace.sent.Load())
			next = time.Now().Add(15 * time.Second)
		}
	}
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(w.out, "%6.1f s  %s\n", time.Since(w.pace.began).Seconds(), fmt.Sprintf(format, args...))
}

// verdict prints what was done and what held.
func (w *world) verdict() int {
	done := maps.Clone(w.courier.done())
	w.proxy.mu.Lock()
	for what, n := range w.proxy.done {
		done["connection "+what] += n
	}
	w.proxy.mu.Unlock()
	asked := 0
	for _, n := range w.nodes {
		maps.Copy(done, n.counted())
		asked += int(n.again.Load())
	}
	for _, what := range slices.Sorted(maps.Keys(done)) {
		fmt.Fprintf(w.out, "  %5d × %s\n", done[what], what)
	}
	fmt.Fprintf(w.out, "%d kills, %d messages answered, %d asked again for want of an answer, %.1f s\n",
		w.pace.kills.Load(), w.pace.sent.Load(), asked, time.Since(w.pace.began).Seconds())
	passed, failed := w.book.judge()
	if failed > 0 || w.keep {
		w.keep = true
		fmt.Fprintf(w.out, "the lab, its logs and the history are in %s\n", w.dir)
	}
	fmt.Fprintf(w.out, "seed %d: %d passed, %d failed\n", w.seed, passed, failed)
	if failed > 0 || passed == 0 {
		return endFailed
	}
	return 0
}

// close ends every process that is left.
func (w *world) close() {
	for _, n := range w.nodes {
		n.process().kill()
	}
	if w.courier != nil {
		w.courier.stop()
	}
	if w.proxy != nil {
		w.proxy.close()
	}
	if !w.keep {
		_ = os.RemoveAll(w.dir)
	}
}

const tick = 10 * time.Millisecond

func between(rng *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(rng.Int64N(int64(most-least)))
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// freeAddress finds a port that nobody uses now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
