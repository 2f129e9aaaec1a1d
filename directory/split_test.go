package directory_test

import (
	"crypto/sha256"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// splitEvidence is what XB/technical signed, naming list 1 by a hash, beside list 1 of the book.
func splitEvidence(t testing.TB, e *edition, book *directory.Book, named [32]byte) *valisev1.SplitEvidence {
	t.Helper()
	h := seal.Header{
		Realm: realm, Kind: valisev1.Kind_KIND_INQUIRY, From: address(t, "XB/technical"), To: address(t, "XA/technical"),
		Epoch: 1, Sequence: 1, Thread: ident.ThreadID{1}, ThreadSequence: 1, MessageID: ident.MessageID{1},
		Created: start, DirectoryNumber: 1, DirectoryHash: named,
	}
	content, err := seal.NewContent(h, [seal.NonceSize]byte{}, nil)
	must(t, err)
	s, err := seal.SignContent(realm, e.speakers["XB/technical"], content)
	must(t, err)
	hash := sha256.Sum256(content.Body)
	return &valisev1.SplitEvidence{
		Realm: string(realm), List: book.Snapshot().ListOf(1), Header: content.Header, BodyHash: hash[:],
		Signature: &valisev1.Signature{Suite: uint32(s.Suite), KeyId: s.KeyID[:], Ed25519: s.Ed25519, Mldsa65: s.MLDSA65},
	}
}

// TestSplitEvidenceIsJudged: the header, the hash of the body and the signature belong together, and the
// list in it must contradict the header. docs/protocol.md §8.3
func TestSplitEvidenceIsJudged(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	honest := splitEvidence(t, first, book, [32]byte{9})
	j, err := book.Snapshot().JudgeSplit(encode(t, honest))
	if err != nil || j.Number != 1 || j.Peer.String() != "XB/technical" || j.Other != [32]byte{9} || j.Hash != book.Snapshot().Hash() || len(j.Signers) != 1 {
		t.Fatalf("%+v, %v", j, err)
	}
	for name, c := range map[string]struct {
		change func(*valisev1.SplitEvidence)
		want   valisev1.Reason
	}{
		"another realm":      {func(e *valisev1.SplitEvidence) { e.Realm = "operational" }, valisev1.Reason_REASON_WRONG_REALM},
		"a changed header":   {func(e *valisev1.SplitEvidence) { e.Header[len(e.Header)-1] ^= 1 }, valisev1.Reason_REASON_BAD_SIGNATURE},
		"another body":       {func(e *valisev1.SplitEvidence) { e.BodyHash[0] ^= 1 }, valisev1.Reason_REASON_BAD_SIGNATURE},
		"a longer body hash": {func(e *valisev1.SplitEvidence) { e.BodyHash = append(e.BodyHash, 0) }, valisev1.Reason_REASON_FRAME},
		"no body hash":       {func(e *valisev1.SplitEvidence) { e.BodyHash = nil }, valisev1.Reason_REASON_FRAME},
		"no signature":       {func(e *valisev1.SplitEvidence) { e.Signature = nil }, valisev1.Reason_REASON_UNKNOWN_KEY},
		"half a signature":   {func(e *valisev1.SplitEvidence) { e.Signature.Mldsa65 = e.Signature.Mldsa65[1:] }, valisev1.Reason_REASON_BAD_SIGNATURE},
		"no contradiction": {func(e *valisev1.SplitEvidence) {
			proto.Reset(e)
			proto.Merge(e, splitEvidence(t, first, book, book.Snapshot().Hash()))
		}, valisev1.Reason_REASON_MIXED},
	} {
		e := proto.CloneOf(honest)
		c.change(e)
		_, err := book.Snapshot().JudgeSplit(encode(t, e))
		if reasonOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzJudgeSplit(f *testing.F) {
	first := firstEdition(f)
	book := openBook(f, f.TempDir())
	mustImport(f, book, first)
	badBytes(f, encode(f, splitEvidence(f, first, book, [32]byte{9})))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := book.Snapshot().JudgeSplit(b)
		refusedOrFine(t, err)
	})
}
