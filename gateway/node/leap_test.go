package node_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// sealingFiles are the names of a State's sealing keys.
func (n network) sealingFiles(s ident.State) []string {
	n.t.Helper()
	files, err := filepath.Glob(filepath.Join(n.Home(s), "keys", "sealing-*.key"))
	if err != nil {
		n.t.Fatal(err)
	}
	return files
}

func look(t *testing.T, x *node.Node) {
	t.Helper()
	if err := x.LookAfterKeys(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestAClockTenYearsAhead: the clock of XB leaps and comes back. No key is destroyed, no mail is refused,
// what was written then is marked, and the keys that XB makes afterwards are taken by its peer, although
// the numbers of its bundles have run ahead. docs/protocol.md §8.4, §8.5
func TestAClockTenYearsAhead(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	l := &leap{}
	toA, toB := ident.Address{State: "XA", Track: ident.Technical}, ident.Address{State: "XB", Track: ident.Technical}
	xa, _ := n.node("XA")
	xb, _ := n.nodeAt(n.Home("XB"), l)
	send(t, xb, toA, "before")
	await(t, xb, 1, valisev1.Delivery_DELIVERY_REACHED)
	before := n.sealingFiles("XB")

	l.forward(3650 * day)
	look(t, xb)
	send(t, xb, toA, "written in another year")
	send(t, xa, toB, "to a clock that is ahead")
	for wait := 0; from(t, xb, "to a clock that is ahead") == nil; wait++ {
		if wait == 1200 {
			t.Fatal("mail to a node whose clock is ahead does not arrive")
		}
		time.Sleep(50 * time.Millisecond)
	}
	look(t, xb)
	l.forward(-3650 * day)
	look(t, xb)

	if _, err := throughTheDoor(t, n.Home("XB")).Door.RotateKeys(context.Background(), &valisev1.RotateKeysRequest{}); err != nil {
		t.Fatal(err)
	}
	await(t, xb, 2, valisev1.Delivery_DELIVERY_REACHED)
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	if m := from(t, xa, "written in another year"); !slices.Contains(m.GetMarks(), valisev1.Mark_MARK_CLOCK_SKEW) {
		t.Errorf("what was written by a clock that was ahead is marked %v", m.GetMarks())
	}
	for _, file := range before {
		if !slices.Contains(n.sealingFiles("XB"), file) {
			t.Errorf("%s is destroyed", filepath.Base(file))
		}
	}
	untilTaken(t, xa, xb, toB)
	send(t, xa, toB, "after")
	await(t, xa, 2, valisev1.Delivery_DELIVERY_REACHED)
}

// untilTaken waits until a peer holds the newest bundle of a POC, which names the key of now.
func untilTaken(t *testing.T, peer, owner *node.Node, desk ident.Address) {
	t.Helper()
	for range 1200 {
		status, err := owner.Status(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		poc, err := peer.Directory().Current().Lookup(desk)
		if err != nil {
			t.Fatal(err)
		}
		if key, ok := poc.SealingKey(time.Now()); ok && slices.ContainsFunc(status.GetKeys(), func(k *valisev1.KeyStatus) bool {
			return k.GetAddress() == desk.String() && k.GetUse() == valisev1.KeyUse_KEY_USE_SEALING && k.GetCurrent() && k.GetKeyId() == ident.KeyID(key.ID()).String()
		}) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the peer does not take the newest keys")
}
