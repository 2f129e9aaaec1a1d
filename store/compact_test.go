package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/store"
	"valise.example/store/storetest"
)

func init() {
	for _, step := range store.CompactSteps {
		roles["compact-"+step] = func(path string) { compactUpTo(path, step) }
	}
	roles["compact-all"] = func(path string) { compactUpTo(path, "") }
}

// compactUpTo is ended as by a kill when a step is reached.
func compactUpTo(path, step string) {
	store.MaybeCheckChild()
	fmt.Println("begun")
	_, err := store.CompactStepwise(path, storetest.Config(), func(at string) {
		if at == step {
			os.Exit(9)
		}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// worn makes a record of which much is free: most of its items lost their content.
func worn(t *testing.T) (path string, head store.Head) {
	t.Helper()
	path = filled(t, 400)
	s := reopen(t, path)
	for n := range uint64(390) {
		update(t, s, func(tx store.Tx) error { return tx.Prune(n) })
	}
	head, err := s.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, s, path), head
}

// whole opens a record and checks that it is what worn made, however often it was compacted.
func whole(t *testing.T, path string, head store.Head) {
	t.Helper()
	s := reopen(t, path)
	defer s.Close()
	storetest.Check(t, s)
	report, err := s.Verify(context.Background(), store.VerifyConfig{Heads: []store.Head{head}})
	if err != nil || !report.OK || report.TreeSize != head.Size {
		t.Fatalf("the record is not what it was: %+v, %v", report, err)
	}
	view(t, s, func(tx store.Tx) error {
		if _, err := tx.Item(0); !errors.Is(err, store.ErrPruned) {
			t.Errorf("what was removed reads as %v", err)
		}
		_, err := tx.Item(399)
		return err
	})
}

func TestCompactingKeepsWhatIsLeftAndNothingElse(t *testing.T) {
	path, head := worn(t)
	old := read(t, path)
	out, err := store.Compact(context.Background(), path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	compacted := read(t, path)
	if out.Before != int64(len(old)) || out.After != int64(len(compacted)) || out.After >= out.Before || !out.Overwritten {
		t.Errorf("%+v, of %d bytes are left %d", out, len(old), len(compacted))
	}
	if clean, sound, err := store.Peek(path); err != nil || !clean || !sound {
		t.Errorf("the new file looks as if it was not closed in order: %v, %v, %v", clean, sound, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can reach the new file: %v, %v", info.Mode(), err)
	}
	whole(t, path, head)
}

// TestTheOldFileIsOverwritten looks at it through a name that it kept.
func TestTheOldFileIsOverwritten(t *testing.T) {
	path, _ := worn(t)
	kept := filepath.Join(filepath.Dir(path), "kept")
	if err := os.Link(path, kept); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no links here")
	}
	if _, err := store.Compact(context.Background(), path, storetest.Config()); err != nil {
		t.Fatal(err)
	}
	if old := read(t, kept); len(old) == 0 || len(bytes.Trim(old, "\x00")) != 0 {
		t.Error("the old file still has what stood in it")
	}
}

// TestTheKeyOfAMonthIsInNoPageOfTheNewFile: what a key that was destroyed had been wrapped in is in
// free pages until then.
func TestTheKeyOfAMonthIsInNoPageOfTheNewFile(t *testing.T) {
	path, c := months(t, 3)
	var wrapped, row []byte
	raw(t, path, func(f *file) {
		wrapped, row = f.get(store.BucketKeys, store.NumberKey(1)), f.get(store.BucketItems, item(0))
	})
	s := c.open(t, path)
	if got := forget(t, s, c.at, 0, 1, 2); len(got) != 1 {
		t.Fatalf("destroyed %v", got)
	}
	path = closed(t, s, path)
	if _, err := store.Compact(context.Background(), path, c.config()); err != nil {
		t.Fatal(err)
	}
	after := read(t, path)
	for what, b := range map[string][]byte{"wrapped key": wrapped, "row of an item": row} {
		if len(b) == 0 || bytes.Contains(after, b) {
			t.Errorf("the %s stands in the new file", what)
		}
	}
	if opens, err := store.OpensWithRootKey(path, c.config(), 0, row); err != nil || opens {
		t.Errorf("what stood there once opens: %v, %v", opens, err)
	}
	s = c.open(t, path)
	defer s.Close()
	wholeMonths(t, s, 3)
}

func TestWhatIsOpenIsNotCompacted(t *testing.T) {
	path := filled(t, 3)
	s := reopen(t, path)
	defer s.Close()
	if _, err := store.Compact(context.Background(), path, storetest.Config()); !errors.Is(err, store.ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
}

func TestADamagedRecordIsNotCompacted(t *testing.T) {
	path := filled(t, 5)
	raw(t, path, func(f *file) { f.edit(store.BucketItems, item(2), 40) })
	before := read(t, path)
	_, err := store.Compact(context.Background(), path, storetest.Config())
	if _, ok := errors.AsType[*store.Damaged](err); !ok {
		t.Errorf("%v, want *Damaged", err)
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("the damaged file was changed")
	}
	noLeftovers(t, path)
}

func noLeftovers(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d things lie in the folder: %v", len(entries), err)
	}
}

func TestKilledAtEachStepOfCompactingOneFileIsWhole(t *testing.T) {
	for _, step := range store.CompactSteps {
		path, head := worn(t)
		cmd := start(t, "compact-"+step, path)
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 9 {
			t.Fatalf("%s: the child ended with %v", step, err)
		}
		whole(t, path, head)
		if _, err := store.Compact(context.Background(), path, storetest.Config()); err != nil {
			t.Fatalf("%s: compacting again: %v", step, err)
		}
		whole(t, path, head)
		noLeftovers(t, path)
	}
}

func TestKilledAtAnyMomentOfCompactingOneFileIsWhole(t *testing.T) {
	path, head := worn(t)
	source := rand.New(rand.NewPCG(7, 8))
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	for range rounds {
		cmd := start(t, "compact-all", path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadFull(out, make([]byte, 6))
		timer := time.AfterFunc(time.Duration(source.IntN(120_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		timer.Stop()
		whole(t, path, head)
	}
}

// TestAFileThatWasReplacedIsNotOpened: who waited for the old file must not write into it.
func TestAFileThatWasReplacedIsNotOpened(t *testing.T) {
	path := filled(t, 3)
	err := store.ReplaceWhileOpening(path, func() error {
		return os.Rename(path, path+".away")
	})
	if !errors.Is(err, store.ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
}
