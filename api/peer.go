package api

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc/credentials"
)

// Peer is what the door knows of a connection: the user id that the kernel names for the
// process at the other end when it connected. A-9 s4
type Peer struct {
	credentials.CommonAuthInfo
	// UID is the user id; it means nothing unless Known.
	UID uint32
	// Known is false where the connection is no unix socket or the system names no one.
	Known bool
}

// AuthType names where the identity comes from.
func (Peer) AuthType() string { return "unix-peer" }

// peerCredentials are the transport credentials of the unix socket: no bytes are exchanged, the
// kernel has said who is there.
type peerCredentials struct{}

var _ credentials.TransportCredentials = peerCredentials{}

func (peerCredentials) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	p := Peer{CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}
	p.UID, p.Known = peerUID(conn)
	return conn, p, nil
}

var errServerOnly = errors.New("api: these credentials name callers to a node, they are not for callers")

func (peerCredentials) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errServerOnly
}

func (peerCredentials) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "unix-peer"}
}

func (peerCredentials) Clone() credentials.TransportCredentials { return peerCredentials{} }

func (peerCredentials) OverrideServerName(string) error { return nil }
