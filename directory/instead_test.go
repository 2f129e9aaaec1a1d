package directory_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// stranded is a panel in which managers 0 and 1 have another list 2 in force than manager 2: a copy of
// manager 1's folder, which knows nothing of what the first has signed, was used to complete it.
func stranded(t *testing.T) (p *panel, theirs directory.Signature) {
	p = newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.publish(0, 1, start)
	twin := filepath.Join(t.TempDir(), "manager")
	must(t, os.CopyFS(twin, os.DirFS(p.dirs[1])))
	admit(t, p.dirs[2], newSeat(t, "XB").export(start))
	mine, err := reopen(t, twin).Sign(p.propose(2, start).File, p.key(1), directory.ReviewOptions{})
	must(t, err)
	p.take(2, mine.File)
	admit(t, p.dirs[0], newSeat(t, "XC").export(start))
	theirs = p.sign(1, p.propose(0, start).File, directory.ReviewOptions{})
	p.take(0, theirs.File)
	p.take(1, theirs.File)
	return p, theirs
}

func (p *panel) listOf(n int) ident.KeyID { return ident.KeyID(p.open(n).Published().Hash()) }

// TestAManagerWithAnotherListOfTheNumber can follow none of the others' lists. A person compares theirs by
// telephone; then it takes the place of the one that is in force nowhere else, which is kept, and all go
// on together. docs/protocol.md §8.7
func TestAManagerWithAnotherListOfTheNumber(t *testing.T) {
	p, theirs := stranded(t)
	third := p.sign(1, p.propose(0, start.Add(time.Hour)).File, directory.ReviewOptions{})
	p.take(0, third.File)
	p.take(1, third.File)
	mine := p.listOf(2)
	for _, file := range [][]byte{theirs.File, third.File} {
		_, err := p.open(2).Take(file, directory.ReviewOptions{})
		wantReason(t, err, valisev1.Reason_REASON_EQUIVOCATION)
		_, err = p.open(2).Take(file, directory.ReviewOptions{GiveUp: true})
		wantReason(t, err, valisev1.Reason_REASON_EQUIVOCATION)
	}
	// What was compared is another list; or the file has no quorum.
	_, err := p.open(2).Take(theirs.File, directory.ReviewOptions{Instead: p.listOf(0)})
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	alone, err := p.open(0).Propose(directory.ProposeConfig{Now: start.Add(2 * time.Hour), Key: p.key(0)})
	must(t, err)
	_, err = p.open(2).Take(alone.File, directory.ReviewOptions{Instead: listIn(t, alone.File)})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	if p.listOf(2) != mine {
		t.Fatal("what was refused has changed the list in force")
	}

	taken, err := p.open(2).Take(third.File, directory.ReviewOptions{Instead: p.listOf(0)})
	must(t, err)
	if p.listOf(2) != p.listOf(0) || taken.Review.Number != 3 {
		t.Fatalf("in force is list %d", p.open(2).Published().Number())
	}
	kept, err := filepath.Glob(filepath.Join(p.dirs[2], "given-up", "2-*"))
	if err != nil || len(kept) != 1 || ident.KeyID(openBook(t, kept[0]).Snapshot().Hash()) != mine {
		t.Fatalf("the list that was given up is not kept whole: %v, %v", kept, err)
	}
	// What this manager had admitted into its own list goes into the next of all.
	if got := states(p.open(2)); !slices.Equal(got, []ident.State{"XA", "XC"}) {
		t.Fatalf("in force: %v", got)
	}
	must(t, os.Remove(filepath.Join(p.dirs[0], directory.ListProposalFile)))
	s, err := p.open(2).Propose(directory.ProposeConfig{Now: start.Add(3 * time.Hour), Key: p.key(2)})
	must(t, err)
	p.takeAll(p.sign(1, s.File, directory.ReviewOptions{}).File)
	if got := states(p.open(0)); !slices.Equal(got, []ident.State{"XA", "XB", "XC"}) {
		t.Fatalf("in force: %v", got)
	}
}

// TestNoOtherWayAround: a list in the place of another goes back in number as little as any, and a State's
// new root still needs a call.
func TestNoOtherWayAround(t *testing.T) {
	p, theirs := stranded(t)
	admit(t, p.dirs[2], newSeat(t, "XD").export(start))
	twin := filepath.Join(t.TempDir(), "manager")
	must(t, os.CopyFS(twin, os.DirFS(p.dirs[2]))) // a second folder of this manager stands in for another's signature
	next := p.propose(2, start.Add(time.Hour))
	whole, err := reopen(t, twin).Sign(next.File, p.key(1), directory.ReviewOptions{})
	must(t, err)
	p.take(2, whole.File)
	_, err = p.open(2).Take(theirs.File, directory.ReviewOptions{Instead: listIn(t, theirs.File)})
	wantReason(t, err, valisev1.Reason_REASON_ROLLBACK)

	q, _ := stranded(t)
	other := newSeatSeeded(t, "XB", "another root")
	admit(t, q.dirs[0], other.export(start))
	forged := q.sign(1, q.propose(0, start.Add(time.Hour)).File, directory.ReviewOptions{})
	compared := directory.ReviewOptions{Instead: listIn(t, forged.File)}
	_, err = q.open(2).Take(forged.File, compared)
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	compared.ConfirmRoots = map[ident.State]ident.KeyID{"XB": other.key(directory.RootKeyFile).Public().ID(realm)}
	if _, err = q.open(2).Take(forged.File, compared); err != nil {
		t.Fatal(err)
	}
}

// TestPowerFailsWhileGivingUp: the one list is in force or the other, and the same step again ends where
// it ends without a failure.
func TestPowerFailsWhileGivingUp(t *testing.T) {
	p, theirs := stranded(t)
	mine, want := p.listOf(2), p.listOf(0)
	p.broken(2, func(r *directory.Registry, dir string) bool {
		_, err := r.Take(theirs.File, directory.ReviewOptions{Instead: want})
		if now := ident.KeyID(reopen(t, dir).Published().Hash()); now != mine && now != want {
			t.Fatal("neither is in force")
		}
		again, failed := reopen(t, dir).Take(theirs.File, directory.ReviewOptions{Instead: want})
		if failed != nil || again.Review.Number != 2 {
			t.Fatalf("again: %v", failed)
		}
		kept, _ := filepath.Glob(filepath.Join(dir, "given-up", "2-*"))
		if len(kept) != 1 || ident.KeyID(openBook(t, kept[0]).Snapshot().Hash()) != mine {
			t.Fatalf("the list that was given up is not kept whole: %v", kept)
		}
		return err == nil
	})
}

// listIn is the hash of the list in a proposal.
func listIn(t *testing.T, file []byte) ident.KeyID {
	t.Helper()
	f := &valisev1.Proposal{}
	decode(t, file, f)
	return ident.KeyID(sha256.Sum256(f.GetList().GetObject()))
}
