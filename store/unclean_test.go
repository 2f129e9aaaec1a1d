package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"valise.example/store"
	"valise.example/store/storetest"
)

// imageOfRunning copies the file of an open record: what a power failure would leave.
func imageOfRunning(t testing.TB, items int) []byte {
	t.Helper()
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, items)
	image := read(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return image
}

func TestAnUncleanCloseShows(t *testing.T) {
	clean := func(path string) bool {
		t.Helper()
		ok, err := store.Peek(path)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	if clean(path) {
		t.Error("an open record looks closed in order before its first commit")
	}
	fill(t, s, 3)
	if clean(path) {
		t.Error("an open record looks closed in order")
	}
	image := read(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !clean(path) {
		t.Error("a record closed in order looks unclean")
	}
	crashed := write(t, image)
	again, err := store.Open(crashed, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, again)
	if err := again.Close(); err != nil || !clean(crashed) {
		t.Errorf("the checked record is not clean after its close: %v", err)
	}
}

func TestAnUncleanRecordNeedsTheChild(t *testing.T) {
	crashed, closed := write(t, imageOfRunning(t, 3)), filled(t, 3)
	restore := store.ForgetChild()
	defer restore()
	if _, err := store.Open(crashed, storetest.Config()); !errors.Is(err, store.ErrNoChild) {
		t.Errorf("without a child: %v, want ErrNoChild", err)
	}
	s, err := store.Open(closed, storetest.Config())
	if err != nil {
		t.Fatalf("a record closed in order needs no child: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// branchCycle makes a branch page point at itself: bbolt follows it for ever, or until its
// memory ends.
func branchCycle(t *testing.T, image []byte) []byte {
	t.Helper()
	const page, branch = 4096, 1
	image = bytes.Clone(image)
	done := false
	for at := 2 * page; at+page <= len(image); at += page {
		if binary.NativeEndian.Uint16(image[at+8:]) == branch {
			id := uint64(at / page)
			for e := range binary.NativeEndian.Uint16(image[at+10:]) {
				binary.NativeEndian.PutUint64(image[at+16+16*int(e)+8:], id)
			}
			done = true
		}
	}
	if !done {
		t.Fatal("the record has no branch page: make it larger")
	}
	return image
}

func TestDamageCannotHarmTheParent(t *testing.T) {
	image := imageOfRunning(t, 300)
	zeroed := bytes.Clone(image)
	for at := 4 * 4096; at < len(zeroed); at += 3 * 4096 {
		clear(zeroed[at:min(at+4096, len(zeroed))])
	}
	wild := bytes.Clone(image)
	for at := 2 * 4096; at+20 < len(wild); at += 4096 {
		binary.NativeEndian.PutUint32(wild[at+12:], 1<<30)
	}
	for name, damaged := range map[string][]byte{
		"a branch that points at itself": branchCycle(t, image),
		"pages of zeros":                 zeroed,
		"pages that claim a GiB each":    wild,
	} {
		_, err := store.Open(write(t, damaged), storetest.Config())
		if _, ok := errors.AsType[*store.Damaged](err); !ok {
			t.Errorf("Open of %s: %v, want *Damaged", name, err)
		}
		report, err := store.VerifyFile(context.Background(), write(t, damaged), storetest.Config(), store.VerifyConfig{})
		if err != nil || report.OK || len(report.Problems) == 0 {
			t.Errorf("VerifyFile of %s: %+v, %v", name, report, err)
		}
	}
}

// TestFlippedBits flips bits all over a file. A record that then verifies must read as before.
func TestFlippedBits(t *testing.T) {
	image := imageOfRunning(t, 60)
	used := len(bytes.TrimRight(image, "\x00"))
	source := rand.New(rand.NewPCG(1, 2))
	rounds, sound := 60, 0
	if testing.Short() {
		rounds = 15
	}
	for range rounds {
		flipped := bytes.Clone(image)
		for range 1 + source.IntN(4) {
			flipped[source.IntN(used)] ^= 1 << source.IntN(8)
		}
		if verifyFlipped(t, flipped) {
			sound++
		}
	}
	if sound == rounds {
		t.Error("no flipped bit was found")
	}
}

func verifyFlipped(t *testing.T, image []byte) bool {
	t.Helper()
	path := write(t, image)
	defer os.Remove(path)
	report, err := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
	if err != nil && !errors.Is(err, store.ErrWrongKey) && !errors.Is(err, store.ErrWrongRealm) && !errors.Is(err, store.ErrFormat) {
		t.Errorf("VerifyFile: %v", err)
	}
	if err != nil || !report.OK {
		return false
	}
	s, err := store.OpenReadOnly(path, storetest.Config())
	if err != nil {
		t.Fatalf("a record that verifies cannot be opened: %v", err)
	}
	defer s.Close()
	storetest.Check(t, s)
	if head, err := s.Head(context.Background()); err != nil || head.Size != 60 {
		t.Errorf("a record that verifies has %d items, want 60: %v", head.Size, err)
	}
	return true
}

func TestAFileCutUnderARunningStore(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 200)
	if err := os.Truncate(path, 2*4096); err != nil {
		t.Fatal(err)
	}
	err = s.View(context.Background(), func(tx store.Tx) error {
		for n := range tx.Items() {
			if _, err := tx.Item(n); err != nil {
				return err
			}
		}
		return nil
	})
	if _, ok := errors.AsType[*store.Damaged](err); !ok {
		t.Errorf("reading pages that are gone: %v, want *Damaged", err)
	}
	if err := s.Update(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrStopped) {
		t.Errorf("Update after damage: %v, want ErrStopped", err)
	}
	_ = s.Close()
}
