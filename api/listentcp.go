package api

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// lastWord is how long a caller whose handshake was refused may take to read why.
const lastWord = time.Second

// ListenTCP opens the door at a TCP address, with TLS 1.3 and the node's own certificate. Who has
// no certificate of an officer gets no further than the handshake; nothing is said to them, not
// even whether the node does well. docs/protocol.md §12
//
// The error is always *Error: REASON_BAD_CONFIG with what the system says.
func (s *Server) ListenTCP(address string, certificate tls.Certificate) (net.Listener, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, localError(valisev1.Reason_REASON_BAD_CONFIG, "the address of the door cannot be listened on", errnoOf(err))
	}
	l := &tcpListener{Listener: inner, crowd: newCrowd(), server: s}
	l.config = &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{certificate},
		ClientAuth:             tls.RequireAnyClientCert, // the pin decides, no chain does
		NextProtos:             []string{"h2"},
		SessionTicketsDisabled: true, // each connection proves anew who is there
		VerifyConnection:       func(state tls.ConnectionState) error { _, err := s.certified(state); return err },
	}
	return l, nil
}

var (
	errNoOfficer  = errors.New("api: no officer is known by this certificate")
	errNoGRPC     = errors.New("api: the caller does not speak HTTP/2")
	errTooCrowded = errors.New("api: there are as many connections as there may be")
)

// certified is the pin of a caller who is an officer of this node.
func (s *Server) certified(state tls.ConnectionState) (Pin, error) {
	if len(state.PeerCertificates) != 1 {
		return Pin{}, errNoOfficer
	}
	pin, err := PinOf(state.PeerCertificates[0])
	if err != nil {
		return Pin{}, err
	}
	if _, ok := s.cfg.Officers.ByCertificate(context.Background(), pin); !ok {
		return Pin{}, errNoOfficer
	}
	return pin, nil
}

// errnoOf finds the number of the operating system in an error of package net.
func errnoOf(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// tcpListener takes connections and counts them.
type tcpListener struct {
	net.Listener
	config *tls.Config
	crowd  *crowd
	server *Server

	mu      sync.Mutex
	told    time.Time
	refused int
}

// Accept gives the next connection that may begin its handshake.
func (l *tcpListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := l.crowd.come(conn); g != nil {
			return &tcpConnection{Conn: conn, listener: l, guest: g}, nil
		}
		conn.Close()
		l.refuse()
	}
}

// Close ends listening, and every handshake that is under way: who is not known yet holds up no
// node that ends.
func (l *tcpListener) Close() error {
	err := l.Listener.Close()
	l.crowd.disperse()
	return err
}

// refuse tells the log of handshakes that came to nothing: at most one line in ten seconds, for
// strangers decide how many there are. P7
func (l *tcpListener) refuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused++
	now := l.server.cfg.Now()
	if past := now.Sub(l.told); past >= 0 && past < 10*time.Second {
		return
	}
	l.server.cfg.Logger.Info("connections over TCP were refused before any call", slog.Int("connections", l.refused))
	l.told, l.refused = now, 0
}

// tcpConnection is a stranger until introduce returns.
type tcpConnection struct {
	net.Conn
	listener *tcpListener
	guest    *guest
}

// introduce makes the handshake. How long that may take is the server's ConnectionTimeout.
func (c *tcpConnection) introduce() (net.Conn, Peer, error) {
	conn := tls.Server(c, c.listener.config)
	pin, err := c.handshake(conn)
	if err != nil {
		c.listener.refuse()
		c.bow()
		return nil, Peer{}, err
	}
	return conn, Peer{Certificate: pin, Certified: true}, nil
}

func (c *tcpConnection) handshake(conn *tls.Conn) (Pin, error) {
	if err := conn.Handshake(); err != nil {
		return Pin{}, err
	}
	state := conn.ConnectionState()
	if state.NegotiatedProtocol != "h2" {
		return Pin{}, errNoGRPC
	}
	pin, err := c.listener.server.certified(state)
	if err != nil {
		return Pin{}, err
	}
	if !c.listener.crowd.settle(c.guest, pin) {
		return Pin{}, errTooCrowded
	}
	return pin, nil
}

// bow lets the other end read why it was refused: a connection that is closed while bytes of it are
// unread is reset, and the reason with it.
func (c *tcpConnection) bow() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lastWord)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(c.Conn, 64<<10))
}

// Close gives the place of the connection back.
func (c *tcpConnection) Close() error {
	c.listener.crowd.left(c.guest)
	return c.Conn.Close()
}
