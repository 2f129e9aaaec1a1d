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
		clean, whole, err := store.Peek(path)
		if err != nil || !whole {
			t.Fatalf("both meta pages whole: %v, %v", whole, err)
		}
		return clean
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
	rounds, sound := 30, 0
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

// TestADamagedMetaPage: bbolt would take the page of the commit before, and the last one, which
// was acknowledged, would be gone without a word.
func TestADamagedMetaPage(t *testing.T) {
	for name, image := range map[string][]byte{"closed": read(t, filled(t, 5)), "crashed": imageOfRunning(t, 5)} {
		for page := range 2 {
			b := bytes.Clone(image)
			b[page*4096+16+48] ^= 1
			path := write(t, b)
			_, err := store.Open(path, storetest.Config())
			if _, damaged := errors.AsType[*store.Damaged](err); !damaged {
				t.Errorf("%s, meta page %d: %v, want *Damaged", name, page, err)
			}
			report, err := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
			if err != nil || report.OK {
				t.Errorf("%s, meta page %d: VerifyFile %+v, %v", name, page, report, err)
			}
			cfg := storetest.Config()
			cfg.Restored = true
			s, err := store.Open(path, cfg)
			if err != nil {
				t.Fatalf("%s, meta page %d, as a restored backup: %v", name, page, err)
			}
			fill(t, s, 1)
			storetest.Check(t, s)
			s = reopen(t, closed(t, s, path))
			storetest.Check(t, s)
			closed(t, s, path)
		}
	}
}

// TestAChildThatIsMisused: whoever starts the program as a child by mistake gets an exit code
// and nothing else.
func TestAChildThatIsMisused(t *testing.T) {
	for input, want := range map[string]int{"": 2, "nonsense": 2, `{"path":"/nowhere/record.db","memory":1}` + "\n": 2} {
		cmd := start(t, "", "")
		cmd.Env = []string{"VALISE_STORE_CHILD=1"}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = nil
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_, _ = in.Write([]byte(input))
		if input == "" || input == "nonsense" {
			_ = in.Close()
		}
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("input %q: exit %d, want %d", input, got, want)
		}
	}
}

func TestCheckHere(t *testing.T) {
	for name, path := range map[string]string{"closed": filled(t, 50), "crashed": write(t, imageOfRunning(t, 50))} {
		if err := store.CheckHere(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
