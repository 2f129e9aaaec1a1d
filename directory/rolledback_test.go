package directory_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// withEntry is an edition in which a State's entry is that of another edition.
func (e *edition) withEntry(state string, of *edition) *edition {
	e.entries[state], e.roots[state] = proto.CloneOf(of.entries[state]), of.roots[state]
	e.enrol()
	return e
}

// TestAQuorumRollsAnEntryBack: a list that it signed and that names an older entry of a State, or another
// of its number, is refused and known for what it is. What nobody vouches for, and what was right once,
// is not. docs/protocol.md §8.5
func TestAQuorumRollsAnEntryBack(t *testing.T) {
	first := firstEdition(t)
	second := first.next()
	second.entries["XB"].Number = 2
	second.enrol()
	book := openBook(t, t.TempDir())
	if _, back := book.Snapshot().RollsBack(second.bytes(), "XB"); back {
		t.Error("rolled back, where no list is held")
	}
	mustImport(t, book, first)
	mustImport(t, book, second)

	other := second.next()
	other.entries["XB"].ReviewBy = other.list.GetIssued()
	other.enrol()
	stranger := second.next().withEntry("XB", first)
	stranger.signers = []*seal.SigningKey{signingKey(t, "stranger")}
	contradicts := first.next()
	contradicts.list.Expires = first.list.GetExpires()
	newer := second.next()
	newer.entries["XB"].Number = 3
	newer.enrol()
	gone := second.next()
	gone.leave("XB")
	gone.enrol()
	for name, c := range map[string]struct {
		e      *edition
		state  ident.State
		number uint64 // of the entry that is named, 0 where nothing is rolled back
		refuse valisev1.Reason
	}{
		"an older entry":                  {second.next().withEntry("XB", first), "XB", 1, valisev1.Reason_REASON_ROLLBACK},
		"another entry of its number":     {other, "XB", 2, valisev1.Reason_REASON_EQUIVOCATION},
		"another list of the number held": {contradicts, "XB", 1, valisev1.Reason_REASON_EQUIVOCATION},
		"of another State":                {second.next().withEntry("XB", first), "XA", 0, valisev1.Reason_REASON_ROLLBACK},
		"signed by a stranger":            {stranger, "XB", 0, valisev1.Reason_REASON_QUORUM},
		"the list before":                 {first, "XB", 0, valisev1.Reason_REASON_ROLLBACK},
		"the list in force":               {second, "XB", 0, 0},
		"the next list":                   {second.next(), "XB", 0, 0},
		"a newer entry":                   {newer, "XB", 0, 0},
		"a list without it":               {gone, "XB", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := book.Check(c.e.bytes(), directory.ImportOptions{}); reasonOf(err) != c.refuse {
				t.Errorf("taken with %v, want %v", err, c.refuse)
			}
			r, back := book.Snapshot().RollsBack(c.e.bytes(), c.state)
			if back != (c.number > 0) || r.EntryNumber != c.number {
				t.Fatalf("%v, %+v", back, r)
			}
			if !back {
				return
			}
			if r.Number != c.e.list.GetNumber() || r.List == nil {
				t.Errorf("list %d, want %d", r.Number, c.e.list.GetNumber())
			}
			b, err := directory.EncodeSplit(&valisev1.SplitEvidence{Realm: string(realm), List: r.List})
			if err != nil {
				t.Fatal(err)
			}
			j, err := book.Snapshot().JudgeSplit(b)
			if err != nil || j.Number != r.Number || j.Hash != r.Hash || len(j.Signers) != 1 || !j.Peer.IsZero() {
				t.Errorf("the evidence shows %+v, %v", j, err)
			}
		})
	}
	if _, back := book.Snapshot().RollsBack([]byte("no file"), "XB"); back {
		t.Error("no file rolls back")
	}
}
