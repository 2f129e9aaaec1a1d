package api

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
)

// Bounds of the door over TCP. The unix socket has bounds of its own, so that whatever happens
// there leaves it room. P7
const (
	// maxStrangers is how many handshakes may be under way. One more ends the oldest of them: an
	// honest one takes milliseconds, one that is held open is what a flood is made of.
	maxStrangers = 64
	// maxStrangersOfOne is how many of them may come from one host.
	maxStrangersOfOne = 8
	// maxKnown and maxOfCertificate bound the connections whose certificate belongs to an officer.
	maxKnown         = 64
	maxOfCertificate = 8
	// maxCallsOverTCP and maxCallsOfOne bound the calls that are open at once over TCP, in all and
	// for one certificate. Each can hold one request in memory.
	maxCallsOverTCP = 64
	maxCallsOfOne   = 16
)

// crowd counts who is at the door over TCP.
type crowd struct {
	mu        sync.Mutex
	strangers *list.List // of *guest, in the order in which they came
	hosts     map[netip.Prefix]int
	known     *quota[Pin]
}

func newCrowd() *crowd {
	return &crowd{strangers: list.New(), hosts: map[netip.Prefix]int{}, known: newQuota[Pin](maxKnown, maxOfCertificate)}
}

// guest is one connection: a stranger until its handshake is over, then of a certificate.
type guest struct {
	conn  net.Conn
	host  netip.Prefix
	place *list.Element // nil once it is no stranger any more
	leave func()        // gives the place of a known certificate back
	gone  bool
}

// come lets a connection begin its handshake; nil says that its host has too many under way.
func (c *crowd) come(conn net.Conn) *guest {
	host := hostOf(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hosts[host] >= maxStrangersOfOne {
		return nil
	}
	if c.strangers.Len() >= maxStrangers {
		oldest := c.strangers.Front().Value.(*guest)
		c.forget(oldest)
		oldest.conn.Close()
	}
	g := &guest{conn: conn, host: host}
	g.place = c.strangers.PushBack(g)
	c.hosts[host]++
	return g
}

// settle makes a stranger one of those who have shown this certificate; false says that there are
// too many, or that it had to give way meanwhile.
func (c *crowd) settle(g *guest, pin Pin) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.gone || g.place == nil {
		return false
	}
	leave, ok := c.known.take(pin)
	if !ok {
		return false
	}
	c.forget(g)
	g.leave = leave
	return true
}

// left takes a connection out that has ended; it may be told more than once.
func (c *crowd) left(g *guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(g)
	if g.leave != nil {
		g.leave()
	}
	g.gone = true
}

// disperse ends every handshake that is under way.
func (c *crowd) disperse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.strangers.Len() > 0 {
		g := c.strangers.Front().Value.(*guest)
		c.forget(g)
		g.conn.Close()
	}
}

// forget takes a connection off the list of strangers.
func (c *crowd) forget(g *guest) {
	if g.place == nil {
		return
	}
	c.strangers.Remove(g.place)
	g.place = nil
	if c.hosts[g.host]--; c.hosts[g.host] == 0 {
		delete(c.hosts, g.host)
	}
}

// hostOf is the address of the other end; of IPv6 the network of it, since one host has all of that.
func hostOf(conn net.Conn) netip.Prefix {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := at.Addr().Unmap().WithZone(""), 32
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// quota counts places that are taken, in all and by each.
type quota[K comparable] struct {
	mu           sync.Mutex
	taken        map[K]int
	all          int
	most, ofEach int
}

func newQuota[K comparable](most, ofEach int) *quota[K] {
	return &quota[K]{taken: map[K]int{}, most: most, ofEach: ofEach}
}

// take gives a place and the function that gives it back, which may be called more than once.
func (q *quota[K]) take(who K) (back func(), ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all >= q.most || q.taken[who] >= q.ofEach {
		return nil, false
	}
	q.all++
	q.taken[who]++
	return sync.OnceFunc(func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.all--
		if q.taken[who]--; q.taken[who] == 0 {
			delete(q.taken, who)
		}
	}), true
}
