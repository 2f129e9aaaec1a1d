package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	bolt "go.etcd.io/bbolt"

	"valise.example/store"
	"valise.example/store/storetest"
)

// relabel gives a record the number of another form, with the sum that a program would write or not.
func relabel(f *file, number string, summed bool) {
	row := f.get(store.BucketMeta, store.KeyFormat)
	_, rest, _ := bytes.Cut(row, []byte("\n"))
	row = append([]byte("valise record "+number+"\n"), rest...)
	if sum := sha256.Sum256(row[:len(row)-8]); summed {
		copy(row[len(row)-8:], sum[:8])
	}
	f.put(store.BucketMeta, store.KeyFormat, row)
}

// TestARecordOfALaterVersionIsNotCalledDamaged: whoever put an older program in place is told so, and
// the file is as it was.
func TestARecordOfALaterVersionIsNotCalledDamaged(t *testing.T) {
	path := filled(t, 40)
	if n, err := store.FormatOf(path, storetest.Now); n != store.Format || err != nil {
		t.Errorf("a record of now has format %d, %v", n, err)
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		relabel(&file{t, tx}, "4294967295", true)
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	if n, err := store.FormatOf(path, storetest.Now); n != 4294967295 || err != nil {
		t.Errorf("a record of a later version has format %d, %v", n, err)
	}
	_, opened := store.Open(path, storetest.Config())
	_, readOnly := store.OpenReadOnly(path, storetest.Config())
	_, verified := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
	_, compacted := store.Compact(context.Background(), path, storetest.Config())
	for what, err := range map[string]error{"Open": opened, "OpenReadOnly": readOnly, "VerifyFile": verified, "Compact": compacted} {
		if !errors.Is(err, store.ErrLater) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("the file changed")
	}
}

// TestTheFormOfWhatIsNoRecord: nothing is guessed.
func TestTheFormOfWhatIsNoRecord(t *testing.T) {
	if _, err := store.FormatOf(storetest.Path(t), storetest.Now); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("nothing: %v", err)
	}
	_, err := store.FormatOf(write(t, []byte("not a record")), storetest.Now)
	if _, damaged := errors.AsType[*store.Damaged](err); !damaged {
		t.Errorf("text: %v", err)
	}
	path := filled(t, 1)
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.FormatOf(path, storetest.Now); !errors.Is(err, store.ErrInUse) {
		t.Errorf("in use: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
