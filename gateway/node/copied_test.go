package node_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// leap is a clock that a test moves on.
type leap struct{ ahead atomic.Int64 }

func (l *leap) now() time.Time          { return time.Now().Add(time.Duration(l.ahead.Load())) }
func (l *leap) forward(d time.Duration) { l.ahead.Add(int64(d)) }

func (n network) nodeAt(dir string, l *leap) (*node.Node, func()) {
	c := openConfig()
	c.Now = l.now
	x, err := node.Open(dir, c)
	if err != nil {
		n.t.Fatal(err)
	}
	stop := n.background(x.Run)
	closeAll := sync.OnceFunc(func() {
		stop()
		if err := x.Close(); err != nil {
			n.t.Error(err)
		}
	})
	n.t.Cleanup(closeAll)
	return x, closeAll
}

func stopped(t *testing.T, x *node.Node) bool {
	t.Helper()
	s, err := x.Gateway().Standing(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s.GetStopped()
}

func send(t *testing.T, x *node.Node, to ident.Address, title string) *valisev1.Sent {
	t.Helper()
	sent, err := x.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to.String(), Inquiry: inquiry(title)})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// copyHome copies a home with its permissions, as cp -a does.
func copyHome(t *testing.T, from, to string) {
	t.Helper()
	err := errors.Join(os.CopyFS(to, os.DirFS(from)), filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o600)
		if d.IsDir() {
			mode = 0o700
		}
		return os.Chmod(path, mode)
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// TestACopiedHomeIsFoundOut: a home that was copied into another folder is run twice, at one relay
// and one mailbox. One of the two stops sending and says so; once the other is switched off a
// node_admin lets it go on, and all that it said arrives.
func TestACopiedHomeIsFoundOut(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	l := &leap{}
	xa, _ := n.nodeAt(n.Home("XA"), l)
	_, stop := n.nodeAt(n.Home("XB"), l)
	send(t, xa, ident.Address{State: "XB", Track: ident.Technical}, "first")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	stop()
	twinHome := filepath.Join(t.TempDir(), "twin")
	copyHome(t, n.Home("XB"), twinHome)
	xb, stopXB := n.nodeAt(n.Home("XB"), l)
	twin, stopTwin := n.nodeAt(twinHome, l)
	xaDesk, xbDesk := ident.Address{State: "XA", Track: ident.Technical}, ident.Address{State: "XB", Track: ident.Technical}
	round := 0
	for ; !stopped(t, xb) && !stopped(t, twin); round++ {
		if round == 200 {
			t.Fatal("neither copy has noticed")
		}
		send(t, xa, xbDesk, fmt.Sprint("of XA ", round))
		if round%3 != 0 {
			send(t, xb, xaDesk, fmt.Sprint("of one ", round))
		}
		if round%3 != 1 {
			send(t, twin, xaDesk, fmt.Sprint("of the other ", round))
		}
		time.Sleep(150 * time.Millisecond)
		l.forward(10 * time.Minute)
	}
	t.Logf("found out after %d rounds", round)
	clone, home := xb, n.Home("XB")
	if stopped(t, twin) {
		clone, home = twin, twinHome
		stopXB()
	} else {
		stopTwin()
	}
	status, err := throughTheDoor(t, home).Door.GetStatus(context.Background(), &valisev1.GetStatusRequest{})
	if err != nil || status.GetSendingStopped() == nil || !says(diagnosis(t, home, l.now(), status), node.Bad, "a copy of this home runs") {
		t.Errorf("its status says nothing of it: %v, %v", status, err)
	}
	sent := send(t, clone, xaDesk, "waits")
	if sent.GetDeliveryReason() != valisev1.Reason_REASON_SENDING_STOPPED {
		t.Errorf("a node that stopped sending says %s", sent.GetDeliveryReason())
	}
	admin := gateway.Actor{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}
	if err := clone.Gateway().ResumeSending(context.Background(), admin); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		rows, err := clone.Gateway().Outbox(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
		l.forward(time.Minute)
	}
	t.Error("what the node said while it was stopped has not arrived")
}
