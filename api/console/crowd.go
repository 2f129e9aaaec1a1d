package console

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// mostConns is how many connections are held: one browser needs six. P7
const mostConns = 64

// crowd lets a newcomer in whatever others hold: where all places are taken, the connection that has said
// nothing whole for the longest time gives way, and only where there is none, the oldest that is answered.
type crowd struct {
	net.Listener
	owner func(peer, own netip.AddrPort) error // refuses who is not of our user

	mu    sync.Mutex
	count uint64
	all   map[net.Conn]place
}

type place struct {
	busy bool   // a request is under way
	turn uint64 // when it last changed, by counting
}

func crowded(l net.Listener, owner func(peer, own netip.AddrPort) error) *crowd {
	return &crowd{Listener: l, owner: owner, all: map[net.Conn]place{}}
}

// Accept gives the next connection of our own user.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c.refused(conn) {
			_ = conn.Close() // nothing was said
			continue
		}
		c.come(conn)
		return conn, nil
	}
}

func (c *crowd) refused(conn net.Conn) bool {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	own, ownErr := netip.ParseAddrPort(conn.LocalAddr().String())
	return errors.Join(err, ownErr) != nil || c.owner(peer, own) != nil
}

func (c *crowd) come(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= mostConns {
		if oldest := c.first(); oldest != nil {
			delete(c.all, oldest)
			_ = oldest.Close() // it gives way, whatever it says to that
		}
	}
	c.count++
	c.all[conn] = place{turn: c.count}
}

// first is who gives way.
func (c *crowd) first() (found net.Conn) {
	var best place
	for conn, p := range c.all {
		if found == nil || best.busy && !p.busy || best.busy == p.busy && p.turn < best.turn {
			found, best = conn, p
		}
	}
	return found
}

// changed follows a connection through its life; http.Server calls it.
func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.all[conn]; !known {
		return
	}
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(c.all, conn)
	case http.StateActive, http.StateIdle:
		c.count++
		c.all[conn] = place{busy: state == http.StateActive, turn: c.count}
	case http.StateNew:
	}
}

var (
	errOtherUser = errors.New("console: the connection is of another user of this machine")
	errNoOwner   = errors.New("console: nobody has this connection")
)
