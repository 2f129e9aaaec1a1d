package api

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// Peer is what the door knows of a connection: the user id that the kernel names for the process at
// the other end of a socket, or the certificate that was shown over TCP. A-9 s4
type Peer struct {
	credentials.CommonAuthInfo
	// UID is the user id; it means nothing unless Known.
	UID uint32
	// Known is false where the connection is no unix socket or the system names no one.
	Known bool
	// Certificate is the pin of the certificate whose key the other end has proven to hold; it
	// means nothing unless Certified.
	Certificate Pin
	// Certified is true over TCP, and only there.
	Certified bool
}

// AuthType names where the identity comes from.
func (Peer) AuthType() string { return "valise-door" }

// introduced is a connection of one of our listeners that knows how to find out who is there.
type introduced interface {
	introduce() (net.Conn, Peer, error)
}

// doorCredentials are the transport credentials of every listener of the door, so that one server
// with one way to authorization serves them all.
type doorCredentials struct{}

var _ credentials.TransportCredentials = doorCredentials{}

func (doorCredentials) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	var p Peer
	if c, ok := conn.(introduced); ok {
		var err error
		if conn, p, err = c.introduce(); err != nil {
			return nil, nil, err
		}
	}
	p.CommonAuthInfo = credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}
	return conn, p, nil
}

var errServerOnly = errors.New("api: these credentials name callers to a node, they are not for callers")

func (doorCredentials) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errServerOnly
}

func (doorCredentials) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "valise-door"}
}

func (doorCredentials) Clone() credentials.TransportCredentials { return doorCredentials{} }

func (doorCredentials) OverrideServerName(string) error { return nil }

// introduce asks the kernel: no bytes are exchanged on a unix socket.
func (c *connection) introduce() (net.Conn, Peer, error) {
	var p Peer
	p.UID, p.Known = peerUID(c)
	return c, p, nil
}

// peerOf is who is at the other end of a call's connection; the zero Peer where that is unknown.
func peerOf(ctx context.Context) Peer {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return Peer{}
	}
	info, _ := p.AuthInfo.(Peer)
	return info
}
