package node_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// restoreInPlace takes a home away, as a machine that is lost does, and makes another in its place.
func restoreInPlace(t *testing.T, n network, s ident.State, backup string, now func() time.Time) {
	t.Helper()
	if err := os.RemoveAll(n.Home(s)); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(backup)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := node.Restore(context.Background(), node.RestoreConfig{Dir: n.Home(s), File: f, Now: now, Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
}

func backUpClosed(t *testing.T, dir string) (file string) {
	t.Helper()
	home, err := node.OpenHome(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	record, err := home.OpenRecord(openConfig())
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "backup")
	if _, err := home.Backup(context.Background(), node.BackupConfig{Out: file, Record: record, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// untilKnown waits until every peer of a restored home has named its new keys.
func untilKnown(t *testing.T, home string) *valisev1.GetStatusResponse {
	t.Helper()
	door := throughTheDoor(t, home).Door
	var status *valisev1.GetStatusResponse
	for range 1200 {
		var err error
		if status, err = door.GetStatus(context.Background(), &valisev1.GetStatusRequest{}); err != nil {
			t.Fatal(err)
		}
		if status.GetLink().GetUp() && len(status.GetRestore().GetUnheard()) == 0 {
			return status
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the peers do not know of the restore: %v", status)
	return nil
}

// TestRestoredHomeGetsItsMail: mail sealed to the lost keys lies in the mailbox and waits at the
// peer; the restored home tells of its new keys, and all of it arrives, once.
func TestRestoredHomeGetsItsMail(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	xa, _ := n.node("XA")
	_, stop := n.node("XB")
	ask(t, xa, "before")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	stop()
	backup := backUpClosed(t, n.Home("XB"))
	for _, title := range []string{"one", "two", "three"} {
		ask(t, xa, title)
	}
	await(t, xa, 4, valisev1.Delivery_DELIVERY_LEFT)

	restoreInPlace(t, n, "XB", backup, time.Now)
	xb, stop := n.node("XB")
	await(t, xa, 4, valisev1.Delivery_DELIVERY_REACHED)
	status := untilKnown(t, n.Home("XB"))
	if status.GetRestore() == nil || status.GetLastBackup() == nil {
		t.Errorf("status tells of no restore: %v", status)
	}
	list, err := xb.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{})
	if err != nil || len(list.GetThreads()) != 4 {
		t.Errorf("%d threads, %v", len(list.GetThreads()), err)
	}
	stop()
	// The new keys are the keys of this home now: a restart makes no others.
	_, before := newest(t, n, "XB")
	_, stop = n.node("XB")
	untilKnown(t, n.Home("XB"))
	stop()
	if _, after := newest(t, n, "XB"); after != before {
		t.Errorf("a restart made bundle %d after %d", after, before)
	}
}

// TestKeysMadeByAClockThatWasBehind: a home is restored twice, the second time by a clock that has
// gone back. Its peers hold a bundle with a higher number and take no lower one; once the clock is
// right again they hear of keys that they can take, and the mail arrives.
func TestKeysMadeByAClockThatWasBehind(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	l := &leap{}
	xa, _ := n.nodeAt(n.Home("XA"), l)
	_, stop := n.nodeAt(n.Home("XB"), l)
	desk := ident.Address{State: "XB", Track: ident.Technical}
	send(t, xa, desk, "before")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	stop()
	backup := backUpClosed(t, n.Home("XB"))
	l.forward(10 * time.Minute)
	restoreInPlace(t, n, "XB", backup, l.now)
	_, stop = n.nodeAt(n.Home("XB"), l)
	untilKnown(t, n.Home("XB"))
	stop()

	send(t, xa, desk, "sealed to keys that are lost")
	restoreInPlace(t, n, "XB", backup, time.Now) // ten minutes behind
	_, first := newest(t, n, "XB")
	_, stop = n.nodeAt(n.Home("XB"), &leap{})
	made := first
	for wait := 0; made == first; wait++ {
		if wait == 1200 {
			t.Fatal("the restored home makes no new keys known")
		}
		time.Sleep(50 * time.Millisecond)
		_, made = newest(t, n, "XB")
	}
	stop()
	l.forward(25 * time.Hour)
	n.nodeAt(n.Home("XB"), l)
	untilKnown(t, n.Home("XB"))
	await(t, xa, 2, valisev1.Delivery_DELIVERY_REACHED)
}

// newest is the bundle of a State's technical POC that its own book holds.
func newest(t *testing.T, n network, s ident.State) (*valisev1.SignedObject, uint64) {
	t.Helper()
	home, err := node.OpenHome(n.Home(s), nil)
	if err != nil {
		t.Fatal(err)
	}
	book, err := home.Directory()
	if err != nil {
		t.Fatal(err)
	}
	return book.Snapshot().Bundle(ident.Address{State: s, Track: ident.Technical})
}
