package node_test

import (
	"context"
	"testing"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestAKeyOfTheSameSecondIsNotYetTheOneInUse: of two keys that are made within one second the later begins with
// the next, as its file's name says. Until then the answer to whoever made it, as the state of the node, names
// the earlier one as current. docs/protocol.md §8.4
func TestAKeyOfTheSameSecondIsNotYetTheOneInUse(t *testing.T) {
	n := newNetwork(t)
	home, err := node.OpenHome(n.Home("XA"), nil)
	if err != nil {
		t.Fatal(err)
	}
	within := time.Now().Add(time.Minute).Truncate(time.Second).Add(500 * time.Millisecond)
	c := openConfig()
	c.Now = func() time.Time { return within }
	record, err := home.OpenRecord(c)
	if err != nil {
		t.Fatal(err)
	}
	var made [2][]*valisev1.KeyStatus
	for i := range made {
		if made[i], err = home.RotateClosed(context.Background(), record, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	for i, a := range home.Addresses() {
		first, second := made[0][i], made[1][i]
		if !first.GetCurrent() || first.GetFrom().AsTime().After(within) {
			t.Errorf("%s: a key that has begun: %v", a, first)
		}
		if second.GetCurrent() || !second.GetFrom().AsTime().After(within) {
			t.Errorf("%s: a key that begins with the next second: %v", a, second)
		}
		if now := sealingInUse(t, n, a, within); now != first.GetKeyId() {
			t.Errorf("%s: the node seals to %s, and was told of %s", a, now, first.GetKeyId())
		}
		if soon := sealingInUse(t, n, a, within.Add(time.Second)); soon != second.GetKeyId() {
			t.Errorf("%s: a second later the node seals to %s, and not to %s", a, soon, second.GetKeyId())
		}
	}
}

// sealingInUse is the sealing key of a POC of XA that its node names as current at a time.
func sealingInUse(t *testing.T, n network, a ident.Address, at time.Time) (id string) {
	t.Helper()
	c := openConfig()
	c.Now = func() time.Time { return at }
	x, err := node.Open(n.Home("XA"), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	status, err := x.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range status.GetKeys() {
		if k.GetAddress() == a.String() && k.GetUse() == valisev1.KeyUse_KEY_USE_SEALING && k.GetCurrent() {
			id += k.GetKeyId()
		}
	}
	return id
}
