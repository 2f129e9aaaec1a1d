package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
)

// door is one gRPC server on the home's socket and, where valise.toml says so, on a TCP address:
// whichever way a caller comes, there is one way to what they may do.
type door struct {
	service *api.Server
	server  *grpc.Server
	open    int
	ended   chan error
}

// openDoor gives the certificate of the door over TCP; nil where the home has none.
func openDoor(home *Home, passphrase []byte) (*tls.Certificate, error) {
	if !home.config.Door.Listen.IsValid() {
		return nil, nil
	}
	key, err := doorKey(home.dir, home.config.Realm, passphrase)
	if err != nil {
		return nil, err
	}
	certificate, err := doorCertificate(home.dir, key)
	return &certificate, err
}

// OpenDoor serves the operator's door alone, at a socket in a private folder, until closeDoor is called:
// for acts on a home that is not running. No mail is sent or fetched.
func (n *Node) OpenDoor(ctx context.Context, socket string) (closeDoor func() error, err error) {
	listener, err := api.ListenUnix(socket)
	if err != nil {
		return nil, err
	}
	d := n.serveAt(n.services(), listener)
	ctx, stop := context.WithCancel(ctx)
	return func() error {
		stop()
		return d.wait(ctx)
	}, nil
}

func (n *Node) serve() (*door, error) {
	service := n.services()
	listeners, err := n.listen(service)
	if err != nil {
		return nil, err
	}
	return n.serveAt(service, listeners...), nil
}

func (n *Node) services() *api.Server {
	return api.New(api.Config{
		Gateway:   core{n},
		Record:    recordReader{n},
		Node:      statusReader{n},
		Backup:    backupKeeper{n},
		Keys:      keyKeeper{n},
		Directory: directoryKeeper{n},
		Others:    otherKeeper{n},
		Officers:  n.people,
		Changes:   n.changes.Listen,
		Logger:    n.log,
		Own:       n.config.State,
		Exercise:  n.exercise,
		Now:       n.now,
	})
}

func (n *Node) serveAt(service *api.Server, listeners ...net.Listener) *door {
	server := grpc.NewServer(append(service.ServerOptions(), atTheDoor()...)...)
	service.Register(server)
	d := &door{service: service, server: server, open: len(listeners), ended: make(chan error, len(listeners))}
	for _, l := range listeners {
		go func() { d.ended <- serveOn(server, l) }()
	}
	return d
}

// listen opens the socket and, where there is one, the TCP address. A node whose address is taken
// does not start: whoever wrote it there counts on it.
func (n *Node) listen(service *api.Server) ([]net.Listener, error) {
	socket, err := api.ListenUnix(filepath.Join(n.home.dir, SocketFile))
	if err != nil || n.door == nil {
		return []net.Listener{socket}, err
	}
	pin, err := pinOf(*n.door)
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	over, err := service.ListenTCP(n.config.Door.Listen.String(), *n.door)
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	n.log.Info("the door is open over TCP", slog.String("address", over.Addr().String()), slog.String("certificate", pin.String()))
	return []net.Listener{socket, over}, nil
}

// serveOn serves until the server is stopped. One that was stopped before it began has ended in
// order too: a node may be ended in the moment that it is ready.
func serveOn(server *grpc.Server, listener net.Listener) error {
	if err := server.Serve(listener); !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// wait ends when ctx does or the door breaks. Every Watch ends at once; calls under way get a
// moment to finish and are cut after it.
func (d *door) wait(ctx context.Context) error {
	var broken error
	select {
	case err := <-d.ended:
		d.open--
		broken = fmt.Errorf("node: the operator's door closed by itself, so nobody could act: %w", err)
	case <-ctx.Done():
	}
	d.service.Close()
	graceful := make(chan struct{})
	go func() { d.server.GracefulStop(); close(graceful) }()
	select {
	case <-graceful:
	case <-time.After(2 * time.Second):
		d.server.Stop()
		<-graceful
	}
	for ; d.open > 0; d.open-- {
		broken = errors.Join(broken, <-d.ended)
	}
	return broken
}
