package node_test

import (
	"bytes"
	"os"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	"valise.example/relay"
	"valise.example/seal"
)

// TestBothSidesOfTheWallMeanTheSame: relay and directory do not know each other, so the names that each
// has written down for itself are equal by hand; and what the one writes the other takes, and would write
// as the same bytes. docs/protocol.md §8.6
func TestBothSidesOfTheWallMeanTheSame(t *testing.T) {
	if relay.ObjectsFile != directory.ObjectsFile || relay.HeadObject != directory.HeadObject {
		t.Errorf("%q and %q, %q and %q", relay.ObjectsFile, directory.ObjectsFile, relay.HeadObject, directory.HeadObject)
	}
	n := newNetworkOf(t, "XA", "XB", "XC")
	written, err := os.ReadFile(n.objectsPath())
	if err != nil {
		t.Fatal(err)
	}
	taken, err := relay.ParseObjects(written)
	if err != nil {
		t.Fatalf("the relay refuses what the directory wrote: %v", err)
	}
	again, err := proto.MarshalOptions{Deterministic: true}.Marshal(taken)
	if err != nil || !bytes.Equal(again, written) {
		t.Errorf("the relay would write %d bytes, the directory wrote %d: %v", len(again), len(written), err)
	}
	if taken.GetRealm() != string(n.Realm) || taken.GetNumber() != 1 {
		t.Errorf("of realm %q, number %d", taken.GetRealm(), taken.GetNumber())
	}
	names := map[string]bool{}
	for _, o := range taken.GetObjects() {
		names[o.GetName()] = true
	}
	book := n.book("XA")
	for _, s := range book.States() {
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			poc, err := book.Lookup(ident.Address{State: s, Track: track})
			if err != nil {
				t.Fatal(err)
			}
			if !names[poc.Bundle.GetMailbox()] || !relay.IsObjectName(poc.Bundle.GetMailbox()) {
				t.Errorf("the relay has no object for the mailbox of %s", poc.Bundle.GetAddress())
			}
		}
	}
	key, err := seal.GenerateSealingKey()
	if err != nil {
		t.Fatal(err)
	}
	largest, err := seal.Close(make([]byte, seal.MaxPiece), key.Recipient())
	if err != nil || len(largest) > relay.MaxEnvelope {
		t.Errorf("a piece can have %d bytes, the relay takes %d: %v", len(largest), relay.MaxEnvelope, err)
	}
}

// book is the directory in force at a State's home.
func (n network) book(s ident.State) *directory.Snapshot {
	n.t.Helper()
	b, err := directory.Open(n.Home(s)+"/directory", n.Realm)
	if err != nil {
		n.t.Fatal(err)
	}
	return b.Snapshot()
}
