//go:build linux

package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between the nodes and the relay. What passes is TLS, so it can harm a connection
// and not change what is said on it.
type proxy struct {
	listener net.Listener
	targets  func() []string
	seed     uint64
	harm     atomic.Bool
	count    atomic.Uint64 // connections so far
	running  sync.WaitGroup

	mu    sync.Mutex
	links map[*link]bool
	done  map[string]int // what was done to connections
}

func newProxy(address string, seed uint64, targets func() []string) (*proxy, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, targets: targets, seed: seed, links: map[*link]bool{}, done: map[string]int{}}
	p.running.Go(p.accept)
	return p, nil
}

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		n := p.count.Add(1)
		p.running.Go(func() { p.carry(c, n) })
	}
}

// close ends every connection and waits for all that carried them.
func (p *proxy) close() {
	p.listener.Close()
	p.cutAll()
	p.running.Wait()
}

// heal lets everything pass from now on; connections that were harmed are cut.
func (p *proxy) heal() {
	p.harm.Store(false)
	p.cutAll()
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.cut()
	}
}

func (p *proxy) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done[what]++
}

// link is one connection that is carried.
type link struct {
	client, server net.Conn
	over           chan struct{}
	once           sync.Once
}

func (l *link) cut() {
	l.once.Do(func() {
		close(l.over)
		l.client.Close()
		l.server.Close()
	})
}

// wait lets time pass unless the connection is cut meanwhile.
func (l *link) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.over:
	}
}

func (p *proxy) carry(client net.Conn, n uint64) {
	rng := rand.New(rand.NewPCG(p.seed, n)) //nolint:gosec // faults are to be repeated
	all := p.targets()
	target := all[rng.IntN(len(all))]
	server, err := net.DialTimeout("tcp", target, time.Second)
	if err != nil {
		client.Close()
		return
	}
	l := &link{client: client, server: server, over: make(chan struct{})}
	p.mu.Lock()
	p.links[l] = true
	p.mu.Unlock()
	defer func() {
		l.cut()
		p.mu.Lock()
		delete(p.links, l)
		p.mu.Unlock()
	}()
	var toServer io.Writer = server
	if p.harm.Load() && rng.IntN(20) == 0 {
		if twin, err := net.DialTimeout("tcp", target, time.Second); err == nil {
			defer twin.Close()
			p.note("doubled")
			toServer = &doubled{server, twin}
		}
	}
	var both sync.WaitGroup
	seeds := [2]uint64{rng.Uint64(), rng.Uint64()}
	both.Go(func() { p.pump(l, toServer, client, seeds[0]) })
	both.Go(func() { p.pump(l, client, server, seeds[1]) })
	both.Wait()
}

// doubled says everything to a second connection as well, as somebody who replays does.
type doubled struct{ one, twin io.Writer }

func (d *doubled) Write(b []byte) (int, error) {
	_, _ = d.twin.Write(b) // the relay may hang up on the echo
	return d.one.Write(b)
}

// pump carries one direction.
func (p *proxy) pump(l *link, to io.Writer, from io.Reader, seed uint64) {
	defer l.cut()
	rng := rand.New(rand.NewPCG(seed, p.seed)) //nolint:gosec // faults are to be repeated
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if p.pass(l, to, from, buffer[:n], rng) != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// errHarmed ends a connection that was harmed.
var errHarmed = errors.New("harmed")

// pass carries one piece, or harms it. The odds are those of one piece in so many.
func (p *proxy) pass(l *link, to io.Writer, from io.Reader, b []byte, rng *rand.Rand) error {
	if !p.harm.Load() {
		_, err := to.Write(b)
		return err
	}
	switch odds := rng.IntN(3000); {
	case odds < 3:
		p.note("cut in the middle")
		_, _ = to.Write(b[:rng.IntN(len(b))])
		return errHarmed
	case odds < 5:
		p.note("corrupted")
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
	case odds < 7:
		p.note("half open")
		return p.swallow(l, from, time.Duration(500+rng.IntN(4000))*time.Millisecond)
	case odds < 12:
		p.note("stalled")
		l.wait(time.Duration(100+rng.IntN(1500)) * time.Millisecond)
	case odds < 60:
		p.note("delayed")
		l.wait(time.Duration(1+rng.IntN(30)) * time.Millisecond)
	case odds < 70:
		p.note("throttled")
		return p.drip(l, to, b, 1+rng.IntN(200))
	}
	_, err := to.Write(b)
	return err
}

// swallow takes what comes and carries nothing on, as a connection does whose other end is gone.
func (p *proxy) swallow(l *link, from io.Reader, d time.Duration) error {
	timer := time.AfterFunc(d, l.cut)
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, from) // until the connection is cut
	return errHarmed
}

// drip writes the beginning in small pieces.
func (p *proxy) drip(l *link, to io.Writer, b []byte, size int) error {
	for range 40 {
		if len(b) <= size {
			break
		}
		if _, err := to.Write(b[:size]); err != nil {
			return err
		}
		b = b[size:]
		l.wait(time.Millisecond)
	}
	_, err := to.Write(b)
	return err
}
