package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/storetest"
)

// rfc6962 is the root as the RFC's section 2.1 writes it, sharing no code with the store.
func rfc6962(leaves [][]byte) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	left, right := rfc6962(leaves[:k]), rfc6962(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// leafBytes is docs/protocol.md §9.1 written down again from the raw row.
func leafBytes(number uint64, item *valisev1.Item, row []byte) []byte {
	b := []byte("valise/v1/leaf\x00")
	b = binary.BigEndian.AppendUint64(b, number)
	b = binary.BigEndian.AppendUint32(b, uint32(item.Type))
	b = binary.BigEndian.AppendUint64(b, uint64(item.Recorded.AsTime().UnixNano()))
	b = append(b, append(bytes.Clone(item.Digest), make([]byte, 32-len(item.Digest))...)...)
	stored := sha256.Sum256(row)
	return append(b, stored[:]...)
}

func TestTheTreeIsRFC6962(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	var roots [][32]byte
	var items []*valisev1.Item
	for n := range 35 {
		head, err := s.Head(context.Background())
		if err != nil || head.Size != uint64(n) {
			t.Fatalf("head of %d items, want %d: %v", head.Size, n, err)
		}
		roots = append(roots, head.Root)
		item := storetest.Item(byte(n))
		if n%3 == 0 {
			item.Digest = nil
		}
		if n%4 == 0 {
			item.Recorded.Seconds = -int64(n) * 1e8
		}
		items = append(items, item)
		update(t, s, func(tx store.Tx) error { _, err := tx.Append(item); return err })
	}
	var leaves [][]byte
	raw(t, closed(t, s, path), func(f *file) {
		for n, it := range items {
			leaves = append(leaves, leafBytes(uint64(n), it, f.get(store.BucketItems, item(uint64(n)))))
		}
	})
	for n, root := range roots {
		if want := rfc6962(leaves[:n]); root != want {
			t.Errorf("root of %d items is %x, want %x", n, root, want)
		}
	}
}

func TestProofs(t *testing.T) {
	s := storetest.New(t)
	ctx := context.Background()
	heads := make([]store.Head, 0, 21)
	for n := range 21 {
		head, err := s.Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
		fill(t, s, 1)
		_ = n
	}
	for size := uint64(1); size <= 20; size++ {
		for n := range size {
			proof, err := s.ProveItem(ctx, n, size)
			if err != nil || proof.Check() != nil || proof.Head != heads[size] {
				t.Fatalf("item %d in a tree of %d: %v, %v", n, size, err, proof.Check())
			}
			proof.Leaf.Digest[0] ^= 1
			if proof.Check() == nil {
				t.Fatalf("a proof of item %d in %d verifies for another digest", n, size)
			}
		}
		for old := range size + 1 {
			proof, err := s.ProveTree(ctx, old, size)
			if err != nil || proof.Check() != nil || proof.Old != heads[old] || proof.Head != heads[size] {
				t.Fatalf("%d in %d: %v, %v", old, size, err, proof.Check())
			}
			proof.Old.Root[3] ^= 1
			if proof.Check() == nil {
				t.Fatalf("a proof of %d in %d verifies for another root", old, size)
			}
		}
	}
	refusedProofs(t, s)
}

func refusedProofs(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	_, beyond := s.ProveItem(ctx, 21, 0)
	_, tooSmall := s.ProveItem(ctx, 5, 5)
	_, tooLarge := s.ProveItem(ctx, 5, 22)
	_, backwards := s.ProveTree(ctx, 6, 5)
	_, never := s.ProveTree(ctx, 5, 1<<63)
	if !errors.Is(beyond, store.ErrNotFound) {
		t.Errorf("an item that is not there: %v", beyond)
	}
	for _, err := range []error{tooSmall, tooLarge, backwards, never} {
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("a tree that never was: %v", err)
		}
	}
	for _, bad := range []interface{ Check() error }{store.ItemProof{}, store.TreeProof{}, store.TreeProof{Old: store.Head{Size: 2}, Head: store.Head{Size: 1}}} {
		if bad.Check() == nil {
			t.Errorf("%T verifies though it proves nothing", bad)
		}
	}
}

func TestCommitment(t *testing.T) {
	nonce := [32]byte{7}
	head := store.Head{Size: 0x0102, Root: [32]byte{9}}
	want := sha256.Sum256(append(append(nonce[:], 0, 0, 0, 0, 0, 0, 1, 2), head.Root[:]...))
	if got := store.Commitment(nonce, head); got != want {
		t.Errorf("commitment %x, want %x", got, want)
	}
}

func TestHeadsKnownFromElsewhere(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	fill(t, s, 7)
	middle, err := s.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	backup := read(t, path)
	s = reopen(t, path)
	fill(t, s, 4)
	end, err := s.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Verify(ctx, store.VerifyConfig{Heads: []store.Head{{Root: sha256.Sum256(nil)}, middle, end}})
	if err != nil || !report.OK {
		t.Errorf("its own heads: %+v, %v", report, err)
	}
	closed(t, s, path)
	forged := middle
	forged.Root[0] ^= 1
	for name, c := range map[string]struct {
		path string
		head store.Head
		want string
	}{
		"as it is":           {path, end, ""},
		"another root":       {path, forged, "-/7/TREE_BROKEN"},
		"an older backup":    {write(t, backup), end, "7/-/TRUNCATED"},
		"backup, older head": {write(t, backup), middle, ""},
	} {
		report, err := store.VerifyFile(ctx, c.path, storetest.Config(), store.VerifyConfig{Heads: []store.Head{c.head}})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		matchProblems(t, report, c.want)
	}
}

func TestPrunedItemsKeepTheirLeaves(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 6)
	head, err := s.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint64{0, 3} {
		update(t, s, func(tx store.Tx) error { return tx.Prune(n) })
	}
	s = reopen(t, closed(t, s, path))
	report, err := s.Verify(context.Background(), store.VerifyConfig{Heads: []store.Head{head}})
	if err != nil || !report.OK || report.Items != 6 {
		t.Errorf("with two pruned items: %+v, %v", report, err)
	}
	view(t, s, func(tx store.Tx) error {
		if _, err := tx.Item(3); !errors.Is(err, store.ErrPruned) {
			t.Errorf("a pruned item: %v, want ErrPruned", err)
		}
		_, err := tx.Item(4)
		return err
	})
	if proof, err := s.ProveItem(context.Background(), 3, 0); err != nil || proof.Check() != nil {
		t.Errorf("a pruned item cannot be proven: %v", err)
	}
	raw(t, closed(t, s, path), func(f *file) { f.swap(store.BucketItems, item(0), item(3)) })
	report, err = store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	matchProblems(t, report, "0/0/ITEM_MOVED 3/3/ITEM_MOVED")
}

// TestAThiefOfTheKeyIsFound: whoever has the record key can seal other content, but not under
// the old leaf.
func TestAThiefOfTheKeyIsFound(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 5)
	err = store.ReplaceItem(s, 2, func(plain []byte) []byte {
		item := new(valisev1.Item)
		if err := proto.Unmarshal(plain, item); err != nil {
			t.Fatal(err)
		}
		item.Note = "rewritten"
		out, err := proto.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Verify(context.Background(), store.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	matchProblems(t, report, "2/2/ITEM_CHANGED")
	if err := store.ReplaceItem(s, 3, func([]byte) []byte { return []byte("no item") }); err != nil {
		t.Fatal(err)
	}
	report, err = store.VerifyFile(context.Background(), closed(t, s, path), storetest.Config(), store.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	matchProblems(t, report, "2/2/ITEM_CHANGED 3/3/ITEM_CHANGED")
}

func TestVerifyAsksTheCallerOfEachItem(t *testing.T) {
	path := filled(t, 5)
	vc := store.VerifyConfig{Item: func(item *valisev1.Item) valisev1.Reason {
		if item.Number == 3 {
			return valisev1.Reason_REASON_BAD_SIGNATURE
		}
		return valisev1.Reason_REASON_UNSPECIFIED
	}}
	report, err := store.VerifyFile(context.Background(), path, storetest.Config(), vc)
	if err != nil {
		t.Fatal(err)
	}
	matchProblems(t, report, "3/3/BAD_SIGNATURE")
}

// TestVerifyWhileTheNodeWorks verifies a record of several steps while it grows.
func TestVerifyWhileTheNodeWorks(t *testing.T) {
	s := storetest.New(t)
	update(t, s, func(tx store.Tx) error {
		for n := range 2*store.VerifyChunk + 5 {
			if _, err := tx.Append(storetest.Item(byte(n))); err != nil {
				return err
			}
		}
		return nil
	})
	grown := false
	report, err := s.Verify(context.Background(), store.VerifyConfig{Item: func(item *valisev1.Item) valisev1.Reason {
		if item.Number == store.VerifyChunk+1 && !grown {
			grown = true
			done := make(chan error)
			go func() {
				done <- s.Update(context.Background(), func(tx store.Tx) error {
					_, err := tx.Append(storetest.Item(1))
					return errors.Join(err, tx.Put("t", nil, []byte("x")))
				})
			}()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		return valisev1.Reason_REASON_UNSPECIFIED
	}})
	if err != nil || !report.OK || !grown || report.Items != 2*store.VerifyChunk+5 {
		t.Errorf("%+v, %v, grown: %v", report, err, grown)
	}
}

func TestAMonthIsUnreadableWithoutItsKey(t *testing.T) {
	path := storetest.Path(t)
	now := time.Date(2031, 1, 31, 23, 59, 59, 0, time.UTC)
	cfg := storetest.Config()
	cfg.Now = func() time.Time { return now }
	s, err := store.Create(path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{now, now.Add(time.Second), now.AddDate(0, 2, 0), now, now.AddDate(-2040, 0, 0)} {
		now = at
		fill(t, s, 1)
	}
	storetest.Check(t, s)
	raw(t, closed(t, s, path), func(f *file) {
		if keys := f.keys(store.BucketKeys); len(keys) != 4 {
			t.Errorf("%d data keys for 4 months", len(keys))
		}
		f.drop(store.BucketKeys, item(1))
	})
	report, err := store.VerifyFile(context.Background(), path, cfg, store.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	got := problems(report)
	matchProblems(t, report, "0/0/ITEM_CHANGED 3/3/ITEM_CHANGED …")
	for _, p := range got {
		if p[0] == '1' || p[0] == '2' || p[0] == '4' {
			t.Errorf("another month's item is closed too: %s", p)
		}
	}
}
