package node_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// earlyHome lays out the home of XB that a program made which knew of no removal, and names its thread.
func earlyHome(t *testing.T) (home, thread string) {
	t.Helper()
	f, err := os.Open(filepath.FromSlash("../../cmd/valise/testdata/golden/early/before-1.0.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, h.FileInfo().Mode().Perm())
		} else if b, failed := io.ReadAll(files); failed != nil {
			err = failed
		} else {
			err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b, h.FileInfo().Mode().Perm()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	name, err := os.ReadFile(filepath.Join(dir, "thread"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "L", "XB"), string(name)
}

// TestAHomeFromBeforeRemovalsLosesAndKeeps: a home that was made by a program which knew of no removal
// loses what is written in it later with the month, keeps what is open from then, and goes on.
// docs/protocol.md §9.3
func TestAHomeFromBeforeRemovalsLosesAndKeeps(t *testing.T) {
	dir, thread := earlyHome(t)
	keepClosed(t, dir, "48h")
	at := time.Date(2026, 12, 10, 9, 0, 0, 0, time.UTC)
	open := func(run func(*node.Node)) {
		t.Helper()
		c := openConfig()
		c.Now = func() time.Time { return at }
		x, err := node.Open(dir, c)
		if err != nil {
			t.Fatal(err)
		}
		run(x)
		if report, err := x.VerifyRecord(context.Background()); err != nil || !report.GetOk() {
			t.Errorf("the record: %v, %v", report, err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	note := func(x *node.Node, text string) uint64 {
		t.Helper()
		out, err := x.Gateway().AddNote(context.Background(), officer, &valisev1.AddNoteRequest{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return out.GetItem()
	}
	shown := func(x *node.Node) {
		t.Helper()
		got, err := x.Gateway().Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: thread})
		if err != nil || len(got.GetMessages()) != 1 || got.GetThread().GetTitle() != "Scans of energy operators" {
			t.Errorf("the inquiry from before reads as %v, %v", got, err)
		}
	}
	var december uint64
	open(func(x *node.Node) { december = note(x, "in December"); shown(x) })
	at = time.Date(2027, 2, 10, 9, 0, 0, 0, time.UTC)
	open(func(x *node.Node) {
		out, err := x.Gateway().Prune(context.Background(), officer, &valisev1.PruneRecordRequest{Confirm: "XB"})
		if months := out.GetPruned().GetMonths(); err != nil || out.GetPruned().GetItems() != 1 || len(months) != 1 || months[0] != "2026-12" {
			t.Errorf("removed %v: %v", out, err)
		}
		shown(x)
	})
	var later uint64
	open(func(x *node.Node) { shown(x); later = note(x, "in February") })
	f := recordOf(t, dir).copied()
	if _, err := f.opens(december); !errors.Is(err, store.ErrPruned) {
		t.Errorf("the note of December: %v", err)
	}
	if item, err := f.opens(later); err != nil || item.GetNote() == "" {
		t.Errorf("the note of February is %v: %v", item, err)
	}
}

// TestAnEarlyMonthKeepsItsKey: in a home that was made by a program which knew of no removal, what tells of
// the record itself stands under the key of its month, and is still read when all that was said has
// gone. docs/protocol.md §9.3
func TestAnEarlyMonthKeepsItsKey(t *testing.T) {
	dir, _ := earlyHome(t)
	f := recordOf(t, dir)
	f.config.Now = func() time.Time { return time.Date(2027, 2, 10, 9, 0, 0, 0, time.UTC) }
	s, err := store.Open(f.path, f.config)
	if err != nil {
		t.Fatal(err)
	}
	removed := 0
	err = s.Update(context.Background(), func(tx store.Tx) error {
		removed = 0
		for n := range tx.Items() {
			item, err := tx.Item(n)
			if err == nil && len(item.GetThread()) > 0 {
				removed++
				err = tx.Prune(n)
			}
			if err != nil {
				return err
			}
		}
		months, err := tx.Forget(f.config.Now())
		if len(months) != 0 {
			t.Errorf("destroyed the keys of %v, under which something stands", months)
		}
		return err
	})
	report, failed := s.Verify(context.Background(), store.VerifyConfig{})
	if err := errors.Join(err, failed, s.Close()); err != nil || !report.OK || removed == 0 {
		t.Errorf("%d items lost their content: %+v, %v", removed, report, err)
	}
	if item, err := f.opens(0); err != nil || item.GetType() != valisev1.ItemType_ITEM_TYPE_NODE {
		t.Errorf("what tells that the home was made is %v: %v", item, err)
	}
}
