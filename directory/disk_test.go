package directory_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func TestTwoBooksOnOneFolder(t *testing.T) {
	dir := t.TempDir()
	node, command := openBook(t, dir), openBook(t, dir)
	first := firstEdition(t)
	mustImport(t, command, first)
	if changed, err := node.Reload(); err != nil || !changed {
		t.Fatalf("reload: %v, %v", changed, err)
	}
	if changed, err := node.Reload(); err != nil || changed {
		t.Fatalf("nothing new: %v, %v", changed, err)
	}
	mustImport(t, command, first.next())
	// The node has not reloaded: its own step still starts from what is on disk.
	_, err := node.Import(first.bytes(), directory.ImportOptions{})
	wantReason(t, err, valisev1.Reason_REASON_ROLLBACK)
	if n := node.Snapshot().Number(); n != 2 {
		t.Fatalf("the node is at list %d", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	book := openBook(t, dir)
	editions := []*edition{firstEdition(t)}
	for range 4 {
		editions = append(editions, editions[len(editions)-1].next())
	}
	files := make([][]byte, len(editions))
	for i, e := range editions {
		files[i] = e.bytes()
	}
	opts := trust(t)
	var wg sync.WaitGroup
	for _, file := range files {
		wg.Go(func() {
			if _, err := book.Import(file, opts); err != nil && reasonOf(err) != valisev1.Reason_REASON_ROLLBACK {
				t.Error(err)
			}
		})
		wg.Go(func() {
			last := uint64(0)
			for range 50 {
				s := book.Snapshot()
				if s.Number() < last {
					t.Errorf("list %d after list %d", s.Number(), last)
				}
				last = s.Number()
				s.Roster()
			}
		})
	}
	wg.Wait()
	if n := openBook(t, dir).Snapshot().Number(); n != uint64(len(files)) {
		t.Fatalf("list %d is in force", n)
	}
}

var errDisk = errors.New("no more disk")

// TestPowerFailsAtEveryWrite breaks the disk at each operation of an import in turn: what is
// found after it is the old list or the new one, whole.
func TestPowerFailsAtEveryWrite(t *testing.T) {
	oneGoroutine(t)
	first := firstEdition(t)
	second := first.next()
	renewKey(t, second, "XB", "technical", "second key")
	second.leave("XE")
	base := t.TempDir()
	mustImport(t, openBook(t, base), first)
	old := openBook(t, base).Snapshot()
	file := second.bytes()

	seen := map[uint64]bool{}
	for good := 0; ; good++ {
		dir := filepath.Join(t.TempDir(), "book")
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		broken, err := directory.OpenOn(&directory.BrokenDisk{Good: good, Err: errDisk}, dir, realm)
		if err != nil {
			t.Fatal(err)
		}
		_, err = broken.Import(file, directory.ImportOptions{})
		if err != nil {
			wantReason(t, err, valisev1.Reason_REASON_STORAGE_UNKNOWN)
			sameDirectory(t, old, broken.Snapshot())
		}
		after := openBook(t, dir)
		seen[after.Snapshot().Number()] = true
		if after.Snapshot().Number() == 1 {
			sameDirectory(t, old, after.Snapshot())
		}
		if err == nil && after.Snapshot().Number() != 2 {
			t.Fatal("a list was used that is not on disk")
		}
		if _, err := after.Import(file, directory.ImportOptions{}); err != nil {
			t.Fatalf("after a failure at operation %d the list cannot be taken: %v", good, err)
		}
		if err == nil && good > 20 {
			break
		}
	}
	if !seen[1] || !seen[2] {
		t.Fatalf("lists found after failures: %v", seen)
	}
}

func TestOpenFindsDamage(t *testing.T) {
	base := t.TempDir()
	mustImport(t, openBook(t, base), firstEdition(t))
	objects, err := os.ReadDir(filepath.Join(base, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		for name, harm := range map[string]func(path string, b []byte) error{
			"gone":      func(path string, _ []byte) error { return os.Remove(path) },
			"one bit":   func(path string, b []byte) error { b[len(b)/2] ^= 1; return os.WriteFile(path, b, 0o600) },
			"truncated": func(path string, b []byte) error { return os.WriteFile(path, b[:len(b)-1], 0o600) },
		} {
			t.Run(name, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "book")
				if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, "objects", o.Name())
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := harm(path, b); err != nil {
					t.Fatal(err)
				}
				_, err = directory.Open(dir, realm)
				wantReason(t, err, valisev1.Reason_REASON_RECORD_DAMAGED)
			})
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	mustImport(t, openBook(t, dir), firstEdition(t))
	_, err := directory.Open(dir, ident.Operational)
	wantReason(t, err, valisev1.Reason_REASON_WRONG_REALM)
	_, err = directory.Open(dir, "nowhere")
	wantReason(t, err, valisev1.Reason_REASON_WRONG_REALM)
	if err := os.WriteFile(filepath.Join(dir, "current.toml"), []byte("realm = \"x\"\nextra = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = directory.Open(dir, realm)
	wantReason(t, err, valisev1.Reason_REASON_RECORD_DAMAGED)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err = directory.Open(dir, realm)
	wantReason(t, err, valisev1.Reason_REASON_UNSAFE_PERMISSIONS)
}

func TestLostCurrentFileIsNotANewBeginning(t *testing.T) {
	dir := t.TempDir()
	book := openBook(t, dir)
	first := firstEdition(t)
	mustImport(t, book, first)
	if err := os.Remove(filepath.Join(dir, "current.toml")); err != nil {
		t.Fatal(err)
	}
	_, err := book.Import(first.next().bytes(), trust(t))
	wantReason(t, err, valisev1.Reason_REASON_RECORD_DAMAGED)
}

func TestCheckWritesNothing(t *testing.T) {
	dir := t.TempDir()
	book := openBook(t, dir)
	first := firstEdition(t)
	if c, err := book.Check(first.bytes(), trust(t)); err != nil || c.ListNumber != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	if openBook(t, dir).Snapshot().Number() != 0 {
		t.Fatal("a check took the list")
	}
	s, _, err := directory.CheckFile(realm, first.bytes(), trust(t))
	if err != nil || s.Number() != 1 || len(s.States()) != 5 {
		t.Fatalf("%v, %v", s, err)
	}
	_, err = book.Check(first.bytes()[:10], trust(t))
	wantReason(t, err, valisev1.Reason_REASON_WIRE_FORM)
}
