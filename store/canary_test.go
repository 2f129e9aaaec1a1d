package store_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/storetest"
)

const canary = "yellow-bird-of-the-mine"

// canaryItem has the canary in every field that takes text or bytes.
func canaryItem() *valisev1.Item {
	item := storetest.Item(1)
	item.Digest = []byte(canary + canary)[:32]
	item.Thread = []byte(canary)[:16]
	item.Signed, item.Evidence = []byte(canary), bytes.Repeat([]byte(canary), 500)
	item.Officer, item.Role, item.Note = canary, canary, strings.Repeat(canary, 300)
	item.ContactLog = &valisev1.ContactLog{Person: canary, Detail: canary, Note: canary, Peer: canary}
	return item
}

func TestNothingOfTheContentStandsInTheFile(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 30 {
		update(t, s, func(tx store.Tx) error {
			_, err := tx.Append(canaryItem())
			return errors.Join(err,
				tx.Put(canary, []byte(canary), []byte(canary)), tx.Put("t", []byte(canary), bytes.Repeat([]byte(canary), 400)),
				tx.PutRow(canary, []byte(canary), uint64(n), []byte(canary)), tx.DeleteRow(canary, []byte(canary), uint64(n-3)))
		})
	}
	storetest.Check(t, s)
	running := read(t, path)
	plain, err := proto.Marshal(canaryItem())
	if err != nil || !bytes.Contains(plain, []byte(canary)) {
		t.Fatal("the canary is not in the item")
	}
	config := storetest.Config()
	for what, file := range map[string][]byte{"open": running, "closed": read(t, closed(t, s, path))} {
		for _, secret := range []string{canary, canary[:10], canary[3:], string(config.RecordKey[:]), string(config.Realm)} {
			if at := bytes.Index(file, []byte(secret)); at >= 0 {
				t.Errorf("%q stands in the %s file at %d", secret, what, at)
			}
		}
	}
}

// TestTwoRecordsShareNoNames: the same table and key, under the same record key, have other
// names on disk in another record, so that two stolen disks cannot be compared.
func TestTwoRecordsShareNoNames(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		raw(t, filled(t, 2), func(f *file) {
			for _, letter := range []byte{store.BucketTable, store.BucketRows} {
				for _, key := range f.keys(letter) {
					if seen[string(key)] {
						t.Errorf("the name %x stands in both", key)
					}
					seen[string(key)] = true
				}
			}
		})
	}
	if len(seen) != 6 {
		t.Errorf("%d names, want 6", len(seen))
	}
}
