package node_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// throughTheDoor is the record of a running node, as the command reaches it.
func throughTheDoor(t *testing.T, home string) node.RunningRecord {
	t.Helper()
	conn, err := api.Dial(context.Background(), filepath.Join(home, node.SocketFile), api.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return node.RunningRecord{Door: valisev1.NewNodeServiceClient(conn)}
}

func logCall(x *node.Node, note string) error {
	_, err := x.Gateway().LogContact(context.Background(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: timestamppb.Now(), Person: "B", Peer: "XB/technical", Note: note,
	}})
	return err
}

// TestBackupUnderLoad: while many record, each backup holds all that was recorded before it began,
// verifies, and makes a home of its own that nobody takes for the first.
func TestBackupUnderLoad(t *testing.T) {
	n := newNetwork(t)
	x, _ := n.node("XA")
	home, err := node.OpenHome(n.Home("XA"), nil)
	if err != nil {
		t.Fatal(err)
	}
	record := throughTheDoor(t, n.Home("XA"))
	var work sync.WaitGroup
	var recorded atomic.Uint64
	ctx, stop := context.WithCancel(context.Background())
	for w := range 4 {
		work.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := logCall(x, fmt.Sprint(w, i)); err != nil {
					t.Error(err)
					return
				}
				recorded.Add(1)
			}
		})
	}
	var epochs = map[string]bool{x.Gateway().Epoch().String(): true}
	for round := range 5 {
		before := recorded.Load()
		out := filepath.Join(t.TempDir(), "backup")
		info, err := home.Backup(context.Background(), node.BackupConfig{Out: out, Record: record, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if info.Head.Size < before {
			t.Errorf("round %d: %d items, %d acts were recorded before it began", round, info.Head.Size, before)
		}
		restored := restore(t, out)
		if restored.Head != info.Head || epochs[restored.Epoch.String()] {
			t.Errorf("round %d: restored %v in epoch %s", round, restored.Head, restored.Epoch)
		}
		epochs[restored.Epoch.String()] = true
	}
	stop()
	work.Wait()
}

// restore makes a home from a backup, verifies its record and gives what was told.
func restore(t *testing.T, backup string) node.RestoreInfo {
	t.Helper()
	f, err := os.Open(backup)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := filepath.Join(t.TempDir(), "new")
	info, err := node.Restore(context.Background(), node.RestoreConfig{Dir: dir, File: f, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	home, err := node.OpenHome(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := home.VerifyRecord(context.Background(), time.Now, &valisev1.KnownHead{Size: info.Head.Size, Root: fmt.Sprintf("%x", info.Head.Root)})
	if err != nil || !report.GetOk() {
		t.Errorf("the restored record: %v, %v", report, err)
	}
	return info
}
