package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/storetest"
)

// calendar is a clock that a test sets.
type calendar struct{ at time.Time }

func (c *calendar) now() time.Time { return c.at }

func (c *calendar) config() store.Config {
	cfg := storetest.Config()
	cfg.Now = c.now
	return cfg
}

func (c *calendar) open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, c.config())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// months makes a record with three items and two rows in each of some months from January 2031 on.
func months(t *testing.T, count int) (path string, c *calendar) {
	t.Helper()
	path, c = storetest.Path(t), &calendar{time.Date(2031, 1, 10, 0, 0, 0, 0, time.UTC)}
	s, err := store.Create(path, c.config())
	if err != nil {
		t.Fatal(err)
	}
	for m := range count {
		c.at = time.Date(2031, time.Month(1+m), 10, 0, 0, 0, 0, time.UTC)
		for range 3 {
			update(t, s, func(tx store.Tx) error {
				item := storetest.Item(byte(m))
				item.Recorded = nil
				_, err := tx.Append(item)
				return errors.Join(err, tx.Put("t", []byte{byte(m)}, []byte("kept")), tx.PutRow("t", nil, uint64(m), []byte("row")))
			})
		}
	}
	return closed(t, s, path), c
}

// forget removes the content of some items, and the keys that nothing needs then.
func forget(t *testing.T, s *store.Store, before time.Time, numbers ...uint64) (destroyed []string) {
	t.Helper()
	update(t, s, func(tx store.Tx) (err error) {
		for _, n := range numbers {
			if err := tx.Prune(n); err != nil {
				return err
			}
		}
		destroyed, err = tx.Forget(before)
		return err
	})
	return destroyed
}

func wholeMonths(t *testing.T, s *store.Store, count int) {
	t.Helper()
	storetest.Check(t, s)
	view(t, s, func(tx store.Tx) error {
		for m := range byte(count) {
			if v, err := tx.Get("t", []byte{m}); err != nil || string(v) != "kept" {
				t.Errorf("the row of month %d reads as %q: %v", m, v, err)
			}
		}
		rows := 0
		err := tx.Rows("t", nil, 0, false, func(uint64, []byte) (bool, error) { rows++; return true, nil })
		if rows != count {
			t.Errorf("%d rows, want %d", rows, count)
		}
		return err
	})
}

func TestTheKeyOfAMonthWithoutContentIsDestroyed(t *testing.T) {
	path, c := months(t, 3)
	var before [][]byte
	raw(t, path, func(f *file) {
		for n := range uint64(9) {
			before = append(before, f.get(store.BucketItems, item(n)))
		}
	})
	s := c.open(t, path)
	head, err := s.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	march := time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC)
	if got := forget(t, s, march, 0, 1); got != nil {
		t.Fatalf("with an item left in it, the key of %v is destroyed", got)
	}
	if got := forget(t, s, march, 2); len(got) != 1 || got[0] != "2031-01" {
		t.Fatalf("destroyed %v, want 2031-01", got)
	}
	if got := forget(t, s, march); got != nil {
		t.Errorf("destroyed %v again", got)
	}
	wholeMonths(t, s, 3)
	keys, err := store.Keys(s)
	if err != nil || len(keys) != 2 || keys[2] != 2 || keys[3] != 4 {
		t.Errorf("keys and what stands under them: %v, %v", keys, err)
	}
	path = closed(t, s, path)
	for n, row := range before {
		opens, err := store.OpensWithRootKey(path, c.config(), uint64(n), row)
		if err != nil || opens != (n > 2) {
			t.Errorf("the row of item %d as it stood once opens: %v, %v", n, opens, err)
		}
	}
	s = c.open(t, path)
	defer s.Close()
	wholeMonths(t, s, 3)
	if report, err := s.Verify(context.Background(), store.VerifyConfig{Heads: []store.Head{head}}); err != nil || !report.OK {
		t.Errorf("the head from before is not proven: %+v, %v", report, err)
	}
}

// TestAViewFromBeforeReadsOn: who reads an older state of the file still needs the key that the newer
// one has no more.
func TestAViewFromBeforeReadsOn(t *testing.T) {
	path, c := months(t, 2)
	s := c.open(t, path)
	defer s.Close()
	err := s.View(context.Background(), func(tx store.Tx) error {
		if got := forget(t, s, c.at, 0, 1, 2); len(got) != 1 {
			t.Errorf("destroyed %v", got)
		}
		for n := range uint64(3) {
			if _, err := tx.Item(n); err != nil {
				t.Errorf("item %d: %v", n, err)
			}
		}
		_, err := tx.Get("t", []byte{0})
		return err
	})
	if err != nil {
		t.Error(err)
	}
	wholeMonths(t, s, 2)
}

// TestNoKeyInUseIsDestroyed: the present month's is used, and a clock that went back makes it of another.
func TestNoKeyInUseIsDestroyed(t *testing.T) {
	path, c := months(t, 3)
	s := c.open(t, path)
	defer s.Close()
	c.at = time.Date(2031, 2, 3, 0, 0, 0, 0, time.UTC)
	if got := forget(t, s, c.at.AddDate(1, 0, 0), 0, 1, 2, 3, 4, 5, 6, 7, 8); len(got) != 1 || got[0] != "2031-01" {
		t.Errorf("in February, destroyed %v, want January alone", got)
	}
	c.at = time.Date(2031, 1, 9, 0, 0, 0, 0, time.UTC)
	fill(t, s, 1) // makes a new key of January
	keys, err := store.Keys(s)
	if err != nil || len(keys) != 3 || keys[1] != 0 {
		t.Errorf("keys %v, %v: the one that was destroyed must not be used again", keys, err)
	}
	wholeMonths(t, s, 3)
}

// TestManyRowsAreSealedAnewInTurns: one commit takes so many and no more, and the key goes with the last.
func TestManyRowsAreSealedAnewInTurns(t *testing.T) {
	path, c := months(t, 1)
	s := c.open(t, path)
	defer s.Close()
	const more = 3000
	for from := uint64(1); from < store.ResealAtOnce+more; from += 5000 {
		update(t, s, func(tx store.Tx) error {
			for n := from; n < from+5000; n++ {
				if err := tx.PutRow("many", nil, n, []byte{1}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	c.at = c.at.AddDate(0, 2, 0)
	if got := forget(t, s, c.at, 0, 1, 2); got != nil {
		t.Fatalf("destroyed %v at once", got)
	}
	keys, err := store.Keys(s)
	if err != nil || keys[1] == 0 || keys[2] != store.ResealAtOnce {
		t.Errorf("rows under each key: %v, %v", keys, err)
	}
	if got := forget(t, s, c.at); len(got) != 1 {
		t.Errorf("destroyed %v at the second call", got)
	}
	wholeMonths(t, s, 1)
}

// TestWhatTellsOfTheRecordKeepsNoKey: items without content do not keep the key of their month.
func TestWhatTellsOfTheRecordKeepsNoKey(t *testing.T) {
	path, c := storetest.Path(t), &calendar{time.Date(2031, 1, 10, 0, 0, 0, 0, time.UTC)}
	s, err := store.Create(path, c.config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_NODE, Note: "started"})
		_, err2 := tx.Append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_RECEIPT_IN, Signed: []byte("batch")})
		_, err3 := tx.Append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_QUARANTINED, Evidence: []byte("bytes")})
		return errors.Join(err, err2, err3)
	})
	c.at = c.at.AddDate(0, 2, 0)
	if got := forget(t, s, c.at); got != nil {
		t.Errorf("destroyed %v although something of a peer is left", got)
	}
	if got := forget(t, s, c.at, 2); len(got) != 1 {
		t.Errorf("destroyed %v, want the month", got)
	}
	storetest.Check(t, s)
	view(t, s, func(tx store.Tx) error {
		first, err := tx.Item(0)
		if first.GetNote() != "started" {
			t.Errorf("the first item reads as %v", first)
		}
		return err
	})
}

// TestATombstoneOpensInItsPlaceOnly keeps one from standing for another item.
func TestATombstoneOpensInItsPlaceOnly(t *testing.T) {
	path, c := months(t, 2)
	s := c.open(t, path)
	forget(t, s, c.at, 0, 3)
	raw(t, closed(t, s, path), func(f *file) { f.swap(store.BucketItems, item(0), item(3)) })
	report, err := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
	if err != nil || report.OK {
		t.Errorf("two tombstones changed places unnoticed: %+v, %v", report, err)
	}
	other := storetest.Config()
	other.Realm = ident.Realm("exercise:lab-0123456789abcdef0123456789abcdef")
	if _, err := store.Open(path, other); !errors.Is(err, store.ErrWrongRealm) {
		t.Errorf("in another realm: %v", err)
	}
}
