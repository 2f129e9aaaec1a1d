package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// Record is what the suite drives.
type Record interface {
	Update(ctx context.Context, fn func(store.Tx) error) error
	View(ctx context.Context, fn func(store.Tx) error) error
	Head(ctx context.Context) (store.Head, error)
	Close() error
}

var _ Record = (*store.Store)(nil)

// Now is the clock of tests: it stands still.
func Now() time.Time { return time.Date(2031, 5, 6, 7, 8, 9, 10, time.UTC) }

// Config is a configuration for records of the test operational realm.
func Config() store.Config {
	return store.Config{RecordKey: [32]byte{1, 2, 3}, Realm: ident.Operational, Now: Now}
}

// Path gives a path for a new record, in a folder that only its owner can reach.
func Path(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "record.db")
}

// New makes a record that is wholly checked and then closed when the test ends.
func New(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Create(Path(t), Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		Check(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Check verifies the whole record and reads every item that has its content. A closed or stopped Store is an error.
func Check(t testing.TB, s *store.Store) {
	t.Helper()
	report, err := s.Verify(context.Background(), store.VerifyConfig{})
	if err != nil {
		t.Errorf("the record cannot be verified: %v", err)
		return
	}
	if !report.OK || report.Items != report.TreeSize {
		t.Errorf("the record does not verify: %d items, tree of %d, problems %v", report.Items, report.TreeSize, report.Problems)
	}
	err = s.View(context.Background(), func(tx store.Tx) error {
		for n := range tx.Items() {
			if item, err := tx.Item(n); !errors.Is(err, store.ErrPruned) && (err != nil || item.Number != n) {
				t.Errorf("item %d reads as %v, %v", n, item.GetNumber(), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Item makes an item whose fields all derive from seed.
func Item(seed byte) *valisev1.Item {
	digest := make([]byte, 32)
	thread := make([]byte, 16)
	for i := range digest {
		digest[i] = seed ^ byte(i)
	}
	copy(thread, digest[16:])
	return &valisev1.Item{
		Type:     valisev1.ItemType_ITEM_TYPE_RECEIVED,
		Recorded: timestamppb.New(Now().Add(time.Duration(seed) * time.Second)),
		Thread:   thread, Digest: digest, Signed: append([]byte("signed "), seed), Note: "a note",
	}
}

// same reports whether two items are equal but for their number.
func same(a, b *valisev1.Item) bool {
	a, b = proto.CloneOf(a), proto.CloneOf(b)
	a.Number, b.Number = 0, 0
	return proto.Equal(a, b)
}

// must runs a transaction that may not fail.
func must(t testing.TB, run func(context.Context, func(store.Tx) error) error, fn func(store.Tx) error) {
	t.Helper()
	if err := run(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}
