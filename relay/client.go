package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	valisev1 "valise.example/proto/valise/v1"
)

// DialConfig says which relay to use and as whom.
type DialConfig struct {
	Address  string // host:port
	TLSKey   []byte // SHA-256 of the relay's TLS key (SPKI, DER), 32 bytes; empty: not known
	NKeySeed []byte // nkey user seed, ASCII ("SU…")
	Logger   *slog.Logger
	Now      func() time.Time // nil means time.Now
}

// Dial returns a Courier at once; the connection is made, and made again, in the background,
// for ever, until ctx ends or Close. Errors are only of the configuration.
//
// The connection is TLS 1.3. With TLSKey, a relay that shows another key is not used; without,
// any relay is, under a standing warning of Link: delay is all that a wrong relay can cause.
// docs/protocol.md §7.8
func Dial(ctx context.Context, c DialConfig) (Courier, error) {
	if err := checkHostPort(c.Address); err != nil {
		return nil, fmt.Errorf("relay: dial: %w", err)
	}
	if n := len(c.TLSKey); n != 0 && n != 32 {
		return nil, fmt.Errorf("relay: dial: a TLS key is 32 bytes of SHA-256, not %d", n)
	}
	login, nkey, err := nkeyLogin(c.NKeySeed)
	if err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	ctx, cancel := context.WithCancel(ctx)
	x := &client{
		address: c.Address, login: login, nkey: nkey, log: c.Logger, now: c.Now,
		tls: &tlsWatch{pin: c.TLSKey}, ctx: ctx, cancel: cancel,
		waiting: make(map[*waiter]struct{}), changed: make(chan struct{}),
	}
	x.link = Link{Since: x.now(), Warnings: x.tls.warnings()}
	x.running.Add(1)
	go x.keepConnected()
	return x, nil
}

// client is a Courier over one nkey login. Every connection is a new one: what was bound to
// the last is bound again, so that nothing depends on what the relay remembers.
type client struct {
	address string
	login   nats.Option
	nkey    string
	log     *slog.Logger
	now     func() time.Time
	tls     *tlsWatch

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup // keepConnected and every Receive

	mu       sync.Mutex
	conn     *nats.Conn    // nil while there is none
	changed  chan struct{} // closed and replaced when conn changes
	link     Link
	watchers []func(Link)
	hearers  []func() // of news about objects
	waiting  map[*waiter]struct{}
	closed   bool

	telling sync.Mutex // holds the order of what watchers are told
}

var _ Courier = (*client)(nil)

func (x *client) keepConnected() {
	defer x.running.Done()
	for attempt := 0; x.ctx.Err() == nil; attempt++ {
		began := x.now()
		if x.connectOnce() && x.now().Sub(began) > time.Minute {
			attempt = 0
		}
		x.pause(attempt)
	}
}

// connectOnce holds one connection until it ends; it reports whether there was one.
func (x *client) connectOnce() bool {
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	nc, err := nats.Connect("tls://"+x.address, x.login,
		nats.SetCustomDialer(&dialer{ctx: x.ctx, tls: x.tls.config()}),
		nats.Secure(x.tls.config()), nats.TLSHandshakeFirst(),
		nats.Timeout(connectTimeout), nats.NoReconnect(), nats.IgnoreDiscoveredServers(), nats.SkipHostLookup(),
		nats.CustomInboxPrefix(inboxOf(x.nkey)), nats.PingInterval(15*time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(x.onError), nats.ClosedHandler(func(*nats.Conn) { end() }))
	if err != nil {
		if x.ctx.Err() == nil {
			x.setConn(nil, x.failure(err))
			x.log.Debug("relay not reached", slog.Bool("other_key", errors.Is(err, errOtherKey)))
		}
		return false
	}
	stop := context.AfterFunc(x.ctx, nc.Close)
	defer stop()
	x.hear(nc)
	x.setConn(nc, x.serverWarnings(nc))
	x.log.Info("relay connected")
	<-ended
	x.setConn(nil, x.tls.warnings())
	x.log.Info("relay connection ended")
	return true
}

// failure is what stands for a connection that was not made.
func (x *client) failure(err error) []valisev1.Warning {
	if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) || errors.Is(err, nats.ErrAuthRevoked) {
		return []valisev1.Warning{valisev1.Warning_WARNING_RELAY_NOT_ADMITTED}
	}
	return x.tls.warnings()
}

// serverWarnings name what is visible here of an unsafe relay. docs/protocol.md §7.8
func (x *client) serverWarnings(nc *nats.Conn) []valisev1.Warning {
	warnings := x.tls.warnings()
	if nc.MaxPayload() < MaxEnvelope {
		warnings = append(warnings, valisev1.Warning_WARNING_RELAY_TAKES_LESS)
	}
	if isOldServer(nc.ConnectedServerVersion()) {
		warnings = append(warnings, valisev1.Warning_WARNING_RELAY_OLD_SERVER)
	}
	return warnings
}

func isOldServer(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return errA != nil || errB != nil || a < 2 || a == 2 && b < 15
}

// pause waits between attempts: at once after the first loss, then doubling to 15 seconds, each
// time with jitter, so that the nodes of a relay that comes back do not come all together.
func (x *client) pause(attempt int) {
	limit := min(200*time.Millisecond<<min(attempt, 8), 15*time.Second)
	sleep(x.ctx, limit/4+rand.N(limit*3/4)) //nolint:gosec // jitter guards nothing
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// setConn changes the connection and the link together and tells the watchers.
func (x *client) setConn(nc *nats.Conn, warnings []valisev1.Warning) {
	x.telling.Lock()
	defer x.telling.Unlock()
	x.mu.Lock()
	if x.conn != nc {
		close(x.changed)
		x.changed = make(chan struct{})
	}
	x.conn = nc
	link := Link{Up: nc != nil, Since: x.link.Since, Warnings: warnings}
	if link.Up != x.link.Up {
		link.Since = x.now()
	}
	told := link.Same(x.link) || x.closed
	x.link = link
	watchers := x.watchers
	x.mu.Unlock()
	if told {
		return
	}
	for _, f := range watchers {
		f(link)
	}
}

func (x *client) current() (*nats.Conn, <-chan struct{}) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.conn, x.changed
}

// onError takes what the server says outside of answers: a refused publication ends the wait
// for its answer; the rest is counted by level only, since the text is a peer's.
func (x *client) onError(_ *nats.Conn, _ *nats.Subscription, err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		x.log.Debug("relay connection reports an error")
		return
	}
	text := err.Error()
	x.mu.Lock()
	defer x.mu.Unlock()
	for w := range x.waiting {
		if strings.Contains(text, `"`+w.subject+`"`) {
			w.refuse(ErrRefused)
		}
	}
}

// Link implements Courier.
func (x *client) Link() Link {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.link
}

// Watch implements Courier.
func (x *client) Watch(f func(Link)) {
	x.telling.Lock()
	defer x.telling.Unlock()
	x.mu.Lock()
	if x.closed {
		x.mu.Unlock()
		return
	}
	x.watchers = append(slices.Clip(x.watchers), f)
	link := x.link
	x.mu.Unlock()
	f(link)
}

// Close implements Courier.
func (x *client) Close() error {
	x.mu.Lock()
	x.closed = true
	x.mu.Unlock()
	x.cancel()
	x.running.Wait()
	return nil
}
