package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// desk is an open door to a running node: the services as this officer sees them.
type desk struct {
	conn      *grpc.ClientConn
	inquiry   valisev1.InquiryServiceClient
	record    valisev1.RecordServiceClient
	directory valisev1.DirectoryServiceClient
	node      valisev1.NodeServiceClient
	officers  valisev1.OfficerServiceClient

	status *valisev1.GetStatusResponse
}

// socketName is the node's door inside its home.
const socketName = "valise.sock"

// connect opens the door of the node in the home, as the officer that --as and the token name
// or as the one that belongs to the caller's uid.
func (p *program) connect(ctx context.Context) (*desk, error) {
	d, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.speaksForNode(ctx, d); err != nil {
		d.close()
		return nil, err
	}
	return p.namedByFlag(ctx, d)
}

// speaksForNode asks a node for its realm where its home has not told it: behind a door on another machine, and where
// only the socket of a home can be reached.
func (p *program) speaksForNode(ctx context.Context, d *desk) error {
	if p.realm != "" {
		return nil
	}
	realm, err := d.realm(ctx)
	if err != nil {
		return err
	}
	p.speaksFor(realm)
	return nil
}

// namedByFlag refuses a door that --as was to open in operation, and closes it.
func (p *program) namedByFlag(ctx context.Context, d *desk) (*desk, error) {
	if p.as == "" {
		return d, nil
	}
	realm, err := d.realm(ctx)
	if err == nil && realm.IsOperational() {
		err = refuse(valisev1.Reason_REASON_TEXT_ON_COMMAND_LINE,
			"--as would put a name on the command line, where every user of this machine can read it",
			"leave --as out: the token says who you are")
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// open reaches the node on its socket, or over TCP where --door says so.
func (p *program) open(ctx context.Context) (*desk, error) {
	token, err := p.readSecret(p.tokenFile, "valise-token")
	if err != nil {
		return nil, err
	}
	if p.door != "" {
		conn, err := p.dialNode(ctx, api.DialOptions{Token: string(token), As: p.as})
		if err != nil {
			return nil, err
		}
		return newDesk(conn), nil
	}
	home, err := p.homeDir()
	if err != nil {
		return nil, err
	}
	return openDesk(ctx, home, p.as, string(token))
}

// openDesk is connect without flags: the demo's officers use it too.
func openDesk(ctx context.Context, home, as, token string) (*desk, error) {
	conn, err := api.Dial(ctx, filepath.Join(home, socketName), api.DialOptions{Token: token, As: as})
	if err != nil {
		return nil, err
	}
	return newDesk(conn), nil
}

func newDesk(conn *grpc.ClientConn) *desk {
	return &desk{
		conn:      conn,
		inquiry:   valisev1.NewInquiryServiceClient(conn),
		record:    valisev1.NewRecordServiceClient(conn),
		directory: valisev1.NewDirectoryServiceClient(conn),
		node:      valisev1.NewNodeServiceClient(conn),
		officers:  valisev1.NewOfficerServiceClient(conn),
	}
}

func (d *desk) close() { d.conn.Close() }

// realm asks the node once.
func (d *desk) realm(ctx context.Context) (ident.Realm, error) {
	if d.status == nil {
		status, err := d.node.GetStatus(ctx, &valisev1.GetStatusRequest{})
		if err != nil {
			return "", err
		}
		d.status = status
	}
	return ident.ParseRealm(d.status.GetRealm())
}

// refuseText refuses words on the command line where this node's realm is operational.
func (d *desk) refuseText(ctx context.Context, what ...string) error {
	if len(what) == 0 {
		return nil
	}
	realm, err := d.realm(ctx)
	if err != nil {
		return err
	}
	return refuseText(realm, what...)
}

// atDesk runs a verb's act on an open door.
func (p *program) atDesk(ctx context.Context, act func(*desk) error) error {
	d, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	return act(d)
}

// atRecord is atDesk that also works when no node runs: then this process takes the home, and opens
// the door for itself alone. Nothing is sent meanwhile.
func (p *program) atRecord(ctx context.Context, passphrase *secret, act func(*desk) error) error {
	d, err := p.connect(ctx)
	if err != nil && passing(err) && p.door == "" {
		return p.atClosedRecord(ctx, passphrase, act)
	}
	if err != nil {
		return err
	}
	defer d.close()
	return act(d)
}

func (p *program) atClosedRecord(ctx context.Context, passphrase *secret, act func(*desk) error) (err error) {
	home, err := p.homeDir()
	if err != nil {
		return err
	}
	words, err := passphrase.read(p)
	if err != nil {
		return err
	}
	token, err := p.readSecret(p.tokenFile, "valise-token")
	if err != nil {
		return err
	}
	n, err := node.Open(home, node.OpenConfig{Passphrase: words, Logger: p.logger(), Now: p.now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	folder, err := os.MkdirTemp("", "valise-door-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	closeDoor, err := n.OpenDoor(ctx, filepath.Join(folder, socketName))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDoor()) }()
	d, err := openDesk(ctx, folder, p.as, string(token))
	if err != nil {
		return err
	}
	if d, err = p.namedByFlag(ctx, d); err != nil {
		return err
	}
	defer d.close()
	return act(d)
}
