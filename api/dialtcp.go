package api

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	valisev1 "valise.example/proto/valise/v1"
)

// Identity is what an officer comes with over TCP.
type Identity struct {
	// Certificate with its key; the node knows its pin.
	Certificate tls.Certificate
	// Node is the pin of the node's own certificate.
	Node Pin
}

// DialTCP connects to the node whose door is at address, host:port, and returns when it answers.
// Nothing is sent to any other than the node whose certificate is known.
//
// The error is always *Error: REASON_NODE_UNREACHABLE when no node answers, REASON_KEY_CHANGED when
// one with another certificate does, REASON_NOT_PERMITTED when it knows no officer by ours,
// REASON_TIMED_OUT when ctx ends first.
func DialTCP(ctx context.Context, address string, identity Identity, options DialOptions) (*grpc.ClientConn, error) {
	var last lastError
	pinned := &pinnedCredentials{last: &last, config: &tls.Config{
		MinVersion:         tls.VersionTLS13,
		Certificates:       []tls.Certificate{identity.Certificate},
		NextProtos:         []string{"h2"},
		ServerName:         DoorName,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection looks at the key itself
		VerifyConnection:   func(state tls.ConnectionState) error { return sameNode(state, identity.Node) },
	}}
	return dialed(ctx, &last, options, pinned, func(ctx context.Context, _ string) (net.Conn, error) {
		return last.keep(new(net.Dialer).DialContext(ctx, "tcp", address))
	})
}

func sameNode(state tls.ConnectionState, want Pin) error {
	if len(state.PeerCertificates) == 1 {
		if pin, err := PinOf(state.PeerCertificates[0]); err == nil && pin == want {
			return nil
		}
	}
	return refusal(valisev1.Reason_REASON_KEY_CHANGED, "what answers at this address is not the node whose certificate is known")
}

// pinnedCredentials are TLS credentials of a caller that remember why a connection came to nothing:
// gRPC tells it only in words.
type pinnedCredentials struct {
	config *tls.Config
	last   *lastError
}

var _ credentials.TransportCredentials = (*pinnedCredentials)(nil)

func (p *pinnedCredentials) ClientHandshake(ctx context.Context, _ string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn := tls.Client(raw, p.config)
	if err := conn.HandshakeContext(ctx); err != nil {
		conn.Close()
		if _, ours := errors.AsType[*Error](err); !ours {
			_, noTLS := errors.AsType[tls.RecordHeaderError](err)
			err = handshakeError(err, noTLS)
		}
		_, err = p.last.keep(nil, err)
		return nil, nil, err
	}
	info := credentials.TLSInfo{
		State:          conn.ConnectionState(),
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
	}
	return &greeted{Conn: conn, last: p.last}, info, nil
}

func handshakeError(cause error, noTLS bool) error {
	detail := "what answers there ends the connection"
	if noTLS {
		detail = "what answers there does not speak TLS"
	}
	e := refusal(valisev1.Reason_REASON_NODE_UNREACHABLE, detail)
	e.cause = cause
	return e
}

func (p *pinnedCredentials) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("api: these credentials are for callers")
}

func (p *pinnedCredentials) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls"}
}

func (p *pinnedCredentials) Clone() credentials.TransportCredentials {
	return &pinnedCredentials{config: p.config.Clone(), last: p.last}
}

func (p *pinnedCredentials) OverrideServerName(string) error { return nil }

// greeted is a connection of which the node may still say, with its first bytes, that it knows no
// officer by the certificate: in TLS 1.3 the caller's half of the handshake is over before that.
type greeted struct {
	net.Conn
	last *lastError
}

func (g *greeted) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		_, _ = g.last.keep(nil, refusal(valisev1.Reason_REASON_NOT_PERMITTED, "no officer of this node is known by this certificate"))
	}
	return n, err
}
