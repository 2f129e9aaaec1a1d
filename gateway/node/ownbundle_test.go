package node_test

import (
	"context"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// ownBundles are the bundles of both POCs of XA in the book of its home.
func ownBundles(t *testing.T, n network) map[ident.Track]*valisev1.KeyBundle {
	t.Helper()
	home, err := node.OpenHome(n.Home("XA"), nil)
	if err != nil {
		t.Fatal(err)
	}
	book, err := home.Directory()
	if err != nil {
		t.Fatal(err)
	}
	out := map[ident.Track]*valisev1.KeyBundle{}
	for _, a := range home.Addresses() {
		signed, _ := book.Snapshot().Bundle(a)
		if out[a.Track], err = directory.ParseBundle(n.Realm, signed); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestANewKeyIsInTheBookAtOnce: when a sealing key of a POC is made, in whichever way and without a
// relay, the bundle that names it is durable in our own book before the maker returns, for both POCs.
// docs/protocol.md §8.4
func TestANewKeyIsInTheBookAtOnce(t *testing.T) {
	for name, rotate := range map[string]func(*testing.T, network){
		"through the door": func(t *testing.T, n network) {
			_, stop := n.node("XA")
			defer stop()
			if _, err := throughTheDoor(t, n.Home("XA")).Door.RotateKeys(context.Background(), &valisev1.RotateKeysRequest{}); err != nil {
				t.Fatal(err)
			}
		},
		"in a closed home": func(t *testing.T, n network) {
			home, err := node.OpenHome(n.Home("XA"), nil)
			if err != nil {
				t.Fatal(err)
			}
			record, err := home.OpenRecord(openConfig())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := home.RotateClosed(context.Background(), record, false); err != nil {
				t.Error(err)
			}
			if err := record.Close(); err != nil {
				t.Error(err)
			}
		},
		"after a week": func(t *testing.T, n network) {
			l := &leap{}
			c := openConfig()
			c.Now = l.now
			x, err := node.Open(n.Home("XA"), c)
			if err != nil {
				t.Fatal(err)
			}
			l.forward(8 * 24 * time.Hour)
			if err := x.LookAfterKeys(context.Background()); err != nil {
				t.Error(err)
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			before := ownBundles(t, n)
			rotate(t, n)
			for track, b := range ownBundles(t, n) {
				if was := before[track]; b.GetNumber() <= was.GetNumber() || len(b.GetSealingKeys()) != len(was.GetSealingKeys())+1 {
					t.Errorf("%s: bundle %d with %d keys after bundle %d with %d", track, b.GetNumber(), len(b.GetSealingKeys()), was.GetNumber(), len(was.GetSealingKeys()))
				}
			}
		})
	}
}
