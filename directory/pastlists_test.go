package directory_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

// TestListsBeforeAreKept: exact bytes and signatures of the lists before the one in force, over a
// restart, no more than 64, and a changed one is found when the book is opened. docs/protocol.md §8.3
func TestListsBeforeAreKept(t *testing.T) {
	dir := t.TempDir()
	e := firstEdition(t)
	var want [][]byte
	for range 67 {
		want = append(want, encode(t, e.list))
		mustImport(t, openBook(t, dir), e)
		e = e.next()
	}
	s := openBook(t, dir).Snapshot()
	for i, object := range want {
		o, kept := s.ListOf(uint64(i+1)), i >= len(want)-65
		if (o != nil) != kept || kept && (!bytes.Equal(o.GetObject(), object) || len(o.GetSignatures()) == 0) {
			t.Fatalf("list %d of %d: kept %v, want %v", i+1, len(want), o != nil, kept)
		}
	}
	if s.ListOf(1000) != nil {
		t.Error("a list that never was")
	}
	sum := sha256.Sum256(want[60])
	path := filepath.Join(dir, "objects", hex.EncodeToString(sum[:]))
	o := &valisev1.SignedObject{}
	b, err := os.ReadFile(path)
	if err != nil || proto.Unmarshal(b, o) != nil {
		t.Fatal(err)
	}
	o.Object[40] ^= 1
	if err := os.WriteFile(path, encode(t, o), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = directory.Open(dir, realm)
	wantReason(t, err, valisev1.Reason_REASON_RECORD_DAMAGED)
}
