package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	connectTimeout = 10 * time.Second
	// maxLine bounds a protocol line: the server's own description is by far the longest.
	maxLine = 64 << 10
	// maxPayload bounds a message from the server; headers count with it.
	maxPayload = MaxEnvelope + maxLine
)

var errOtherKey = errors.New("relay: the relay shows another TLS key than its card names")

// tlsWatch checks the relay's TLS key against its pin. docs/protocol.md §7.8
type tlsWatch struct {
	pin []byte // empty: unknown

	mu      sync.Mutex
	refused bool
}

// config is TLS 1.3 with the pin in place of certificate chains: a relay has no name that an
// authority could vouch for, and needs none.
func (w *tlsWatch) config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection looks at the key itself
		VerifyConnection:   w.verify,
	}
}

func (w *tlsWatch) verify(s tls.ConnectionState) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = false
	if len(w.pin) == 0 {
		return nil // docs/protocol.md §7.8: connects, with a standing warning
	}
	if len(s.PeerCertificates) > 0 {
		sum := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
		if bytes.Equal(sum[:], w.pin) {
			return nil
		}
	}
	w.refused = true
	return errOtherKey
}

// warnings are what the last handshake says about the key.
func (w *tlsWatch) warnings() []valisev1.Warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.refused:
		return []valisev1.Warning{valisev1.Warning_WARNING_RELAY_KEY_OTHER}
	case len(w.pin) == 0:
		return []valisev1.Warning{valisev1.Warning_WARNING_RELAY_KEY_UNKNOWN}
	}
	return nil
}

// nkeyLogin answers the relay's challenge with the key of seed.
func nkeyLogin(seed []byte) (nats.Option, string, error) {
	pair, err := nkeys.FromSeed(bytes.TrimSpace(seed))
	if err != nil {
		return nil, "", errors.New("relay: the connection key is no nkey seed")
	}
	public, err := pair.PublicKey()
	if err != nil || !nkeys.IsValidPublicUserKey(public) {
		return nil, "", errors.New("relay: the connection key is no user nkey")
	}
	return nats.Nkey(public, pair.Sign), public, nil
}

// dialer makes TLS connections whose messages are bounded and that end with ctx. It does the
// handshake itself, before any byte of the relay is believed. docs/protocol.md §7.8
type dialer struct {
	ctx context.Context
	tls *tls.Config
}

// SkipTLSHandshake tells nats.go that the connection is TLS already.
func (d *dialer) SkipTLSHandshake() bool { return true }

// Dial has the form that nats.go asks for.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, connectTimeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, d.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("relay: TLS handshake: %w", err)
	}
	g := &guard{Conn: conn}
	g.stop = context.AfterFunc(d.ctx, func() { conn.Close() })
	return g, nil
}

// guard follows the server's protocol and ends the connection before a message larger than any
// envelope, or an endless line, is taken into memory.
type guard struct {
	net.Conn
	stop func() bool

	line []byte // of the line being read
	skip int    // bytes of payload still to come
}

var errOversize = errors.New("relay: the relay sent more than an envelope; connection ended")

func (g *guard) Close() error {
	g.stop()
	return g.Conn.Close()
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if e := g.follow(p[:n]); e != nil {
		return 0, e
	}
	return n, err
}

func (g *guard) follow(p []byte) error {
	for len(p) > 0 {
		if g.skip > 0 {
			n := min(g.skip, len(p))
			g.skip -= n
			p = p[n:]
			continue
		}
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			end = len(p) - 1
		}
		g.line = append(g.line, p[:end+1]...)
		p = p[end+1:]
		if len(g.line) > maxLine {
			return errOversize
		}
		if g.line[len(g.line)-1] != '\n' {
			return nil
		}
		if err := g.endOfLine(); err != nil {
			return err
		}
	}
	return nil
}

// endOfLine finds the payload size, the last word of a MSG or HMSG line.
func (g *guard) endOfLine() error {
	words := bytes.Fields(g.line)
	g.line = g.line[:0]
	if len(words) < 4 || !bytes.EqualFold(words[0], []byte("MSG")) && !bytes.EqualFold(words[0], []byte("HMSG")) {
		return nil
	}
	size, err := strconv.Atoi(string(words[len(words)-1]))
	if err != nil || size < 0 || size > maxPayload {
		return errOversize
	}
	g.skip = size + len("\r\n")
	return nil
}
