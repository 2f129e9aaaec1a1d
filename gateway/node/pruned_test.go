package node_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// keptFile is the record of a home as its file stands: its sealed rows, and the keys of its months.
type keptFile struct {
	t      *testing.T
	path   string
	config store.Config
}

// recordOf is the file of a home that no node runs, with the record key that the home holds.
func recordOf(t *testing.T, home string) keptFile {
	t.Helper()
	opened, err := node.OpenHome(home, nil)
	if err != nil {
		t.Fatal(err)
	}
	realm := opened.Config().Realm
	key, err := seal.ReadSecret(filepath.Join(home, "keys", "record.key"), realm, "record", nil)
	if err != nil {
		t.Fatal(err)
	}
	return keptFile{t, filepath.Join(home, "record.db"), store.Config{RecordKey: [32]byte(key), Realm: realm, Now: time.Now}}
}

// copied is the file as it stands now, somewhere else.
func (f keptFile) copied() keptFile {
	f.t.Helper()
	b, err := os.ReadFile(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	f.path = filepath.Join(f.t.TempDir(), "record.db")
	if err := errors.Join(os.Chmod(filepath.Dir(f.path), 0o700), os.WriteFile(f.path, b, 0o600)); err != nil {
		f.t.Fatal(err)
	}
	return f
}

// all is everything in one bucket of the file, sealed as it stands.
func (f keptFile) all(bucket string) map[string][]byte {
	f.t.Helper()
	out := map[string][]byte{}
	f.raw(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
			out[string(k)] = bytes.Clone(v)
			return nil
		})
	})
	return out
}

// with puts sealed bytes into the file, where they once stood.
func (f keptFile) with(bucket, key string, value []byte) keptFile {
	f.t.Helper()
	f.raw(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte(key), value) })
	return f
}

func (f keptFile) raw(fn func(*bolt.Tx) error) {
	f.t.Helper()
	db, err := bolt.Open(f.path, 0o600, nil)
	if err == nil {
		err = errors.Join(db.Update(fn), db.Close())
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// read opens the record and gives it to fn.
func (f keptFile) read(fn func(*store.Store) error) {
	f.t.Helper()
	s, err := store.OpenReadOnly(f.path, f.config)
	if err == nil {
		err = errors.Join(fn(s), s.Close())
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// opens reports whether the record can read one of its items.
func (f keptFile) opens(number uint64) (item *valisev1.Item, err error) {
	f.t.Helper()
	f.read(func(s *store.Store) error {
		return s.View(context.Background(), func(tx store.Tx) error {
			item, err = tx.Item(number)
			return nil
		})
	})
	return item, err
}

func itemKey(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// said lists the items of a thread.
func said(t *testing.T, x *node.Node, thread string) (numbers []uint64) {
	t.Helper()
	list, err := x.Gateway().Items(context.Background(), officer, &valisev1.ListItemsRequest{Thread: thread, PageSize: 500})
	if err != nil || len(list.GetItems()) == 0 || list.GetNextPageToken() != "" {
		t.Fatalf("the items of a thread: %v, %v", list, err)
	}
	for _, it := range list.GetItems() {
		numbers = append(numbers, it.GetItem().GetNumber())
	}
	return numbers
}

// exchanged is a thread of ours that the peer had, that went on and that our side closed.
func (m *month) exchanged(x *node.Node, title string) (thread string) {
	m.t.Helper()
	thread = send(m.t, x, deskB, title).GetThread()
	time.Sleep(prompt)
	m.supplements(x, thread, 2)
	if _, err := x.Gateway().Reply(context.Background(), officer, &valisev1.ReplyRequest{
		Thread: thread, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{}}},
	}); err != nil {
		m.t.Fatal(err)
	}
	time.Sleep(prompt)
	if n := m.waiting(x); n != 0 {
		m.t.Fatalf("%d messages wait for a peer who is there", n)
	}
	return thread
}

// keepClosed sets the retention rule of a home that no node runs.
func keepClosed(t *testing.T, home, rule string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(home, "valise.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(f, "\n[retention]\nclosed_threads = %q\n", rule)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatAMonthHeldCannotBeReadAgain: two months of a whole node, of which the first is removed. What
// stood in the file before is of no use to whoever has the home as it is then, and of none to whoever
// has a backup of it; the second month, tree and proofs stand. docs/protocol.md §9.3
func TestWhatAMonthHeldCannotBeReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(28 * 24 * time.Hour) // a bubble's time begins with January 2000
		m := newMonth(t, "XA", "XB")
		keepClosed(t, m.Home("XA"), "48h")
		xa, stop := m.node("XA")
		m.node("XB")
		first := m.exchanged(xa, "in January")
		time.Sleep(4 * 24 * time.Hour)
		second := m.exchanged(xa, "in February")
		january, february := said(t, xa, first), said(t, xa, second)
		stop()
		before := recordOf(t, m.Home("XA")).copied()

		xa, stop = m.node("XA")
		time.Sleep(24 * time.Hour)
		out, err := xa.Gateway().Prune(context.Background(), officer, &valisev1.PruneRecordRequest{Confirm: "XA"})
		if months := out.GetPruned().GetMonths(); err != nil || out.GetPruned().GetThreads() != 1 || len(months) != 1 || months[0] != "2000-01" {
			t.Fatalf("removed %v: %v", out, err)
		}
		if got := m.told(xa, second); len(got) != 2 {
			t.Errorf("the thread of February tells %q", got)
		}
		stop() // verifies
		isGone(t, before, recordOf(t, m.Home("XA")), january, february)

		restored := m.compactedAndRestored("XA", before)
		isGone(t, before, recordOf(t, restored), january, february)
	})
}

// isGone wants the items of January to open with nothing that a home holds, and those of February to
// stand; the key that the file from before has is all that is missing.
func isGone(t *testing.T, before, home keptFile, january, february []uint64) {
	t.Helper()
	rows, keys, left := before.all("i"), before.all("k"), home.copied().all("k")
	var key string
	for k, wrapped := range keys {
		if stands, is := left[k]; !is && key == "" {
			key = k
		} else if !is || !bytes.Equal(stands, wrapped) {
			t.Error("another key than that of January is gone or changed")
		}
	}
	if key == "" {
		t.Fatal("no key is gone")
	}
	for _, n := range january {
		if _, err := home.copied().opens(n); !errors.Is(err, store.ErrPruned) {
			t.Errorf("item %d of January: %v", n, err)
		}
		once := home.copied().with("i", itemKey(n), rows[itemKey(n)])
		if item, err := once.opens(n); err == nil || errors.Is(err, store.ErrPruned) {
			t.Errorf("item %d as it stood in January opens as %v, %v", n, item, err)
		}
		if item, err := once.with("k", key, keys[key]).opens(n); err != nil || item.GetNumber() != n {
			t.Errorf("item %d does not open with the key of January either: %v", n, err)
		}
	}
	for _, n := range february {
		if _, err := home.copied().with("i", itemKey(n), rows[itemKey(n)]).opens(n); err != nil {
			t.Errorf("item %d of February as it stood does not open: %v", n, err)
		}
	}
	var head store.Head
	before.read(func(s *store.Store) (err error) { head, err = s.Head(context.Background()); return err })
	home.read(func(s *store.Store) error {
		for _, n := range slices.Concat(january, february) {
			proof, err := s.ProveItem(context.Background(), n, head.Size)
			if err != nil || proof.Head != head || proof.Check() != nil {
				t.Errorf("item %d is not proven under the head from before: %v, %v", n, err, proof.Check())
			}
		}
		report, err := s.Verify(context.Background(), store.VerifyConfig{Heads: []store.Head{head}})
		if !report.OK {
			t.Errorf("the record does not verify: %+v", report)
		}
		return err
	})
}

// compactedAndRestored makes a home again from a backup of one whose file was compacted; the key that
// the file from before has stands nowhere in it.
func (m *month) compactedAndRestored(s ident.State, before keptFile) (dir string) {
	m.t.Helper()
	home, err := node.OpenHome(m.Home(s), nil)
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err := home.CompactRecord(context.Background(), time.Now); err != nil {
		m.t.Fatal(err)
	}
	backup := filepath.Join(m.t.TempDir(), "backup")
	record, err := home.OpenRecord(openConfig())
	if err != nil {
		m.t.Fatal(err)
	}
	_, err = home.Backup(context.Background(), node.BackupConfig{Out: backup, Record: record, Now: time.Now})
	if err := errors.Join(err, record.Close()); err != nil {
		m.t.Fatal(err)
	}
	f, err := os.Open(backup)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	dir = filepath.Join(m.t.TempDir(), "new")
	if _, err := node.Restore(context.Background(), node.RestoreConfig{Dir: dir, File: f, Now: time.Now, Rand: rand.Reader}); err != nil {
		m.t.Fatal(err)
	}
	left := recordOf(m.t, dir).copied().all("k")
	for k, wrapped := range before.all("k") {
		if _, is := left[k]; is {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, wrapped) {
				m.t.Errorf("the key of January stands in %s", filepath.Base(path))
			}
			return err
		})
		if err != nil {
			m.t.Fatal(err)
		}
	}
	return dir
}
