package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

// broken calls step for a copy of a manager's folder whose disk fails at each operation in turn,
// until none fails any more.
func (p *panel) broken(n int, step func(r *directory.Registry, dir string) (done bool)) {
	p.t.Helper()
	for good := range 200 {
		dir := filepath.Join(p.t.TempDir(), "manager")
		must(p.t, os.CopyFS(dir, os.DirFS(p.dirs[n])))
		r, err := directory.OpenRegistryOn(&directory.BrokenDisk{Good: good, Err: errDisk}, dir, realm)
		must(p.t, err)
		if step(r, dir) {
			if good == 0 {
				p.t.Fatal("it wrote nothing")
			}
			return
		}
	}
	p.t.Fatal("it never ended")
}

// TestPowerFailsWhileSigning: before or after, never half; and a signature that left is remembered.
func TestPowerFailsWhileSigning(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	admit(t, p.dirs[1], newSeat(t, "XB").export(start))
	proposal, other := p.propose(0, start), p.propose(1, start)
	p.broken(2, func(r *directory.Registry, dir string) bool {
		s, err := r.Sign(proposal.File, p.key(2), directory.ReviewOptions{})
		if err != nil {
			wantReason(t, err, valisev1.Reason_REASON_STORAGE_UNKNOWN)
			if s.File != nil {
				t.Fatal("a signature left that is not remembered")
			}
			// Signed or not: the same list can still be signed.
			if _, err := reopen(t, dir).Sign(proposal.File, p.key(2), directory.ReviewOptions{}); err != nil {
				t.Fatal(err)
			}
			return false
		}
		_, err = reopen(t, dir).Sign(other.File, p.key(2), directory.ReviewOptions{})
		wantReason(t, err, valisev1.Reason_REASON_EQUIVOCATION)
		return true
	})
}

// TestPowerFailsWhileProposing: the proposal is there whole, or its number is passed over.
func TestPowerFailsWhileProposing(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.broken(0, func(r *directory.Registry, dir string) bool {
		_, err := r.Propose(directory.ProposeConfig{Now: start, Key: p.key(0)})
		if err == nil {
			kept, err := os.ReadFile(filepath.Join(dir, directory.ListProposalFile))
			must(t, err)
			p.sign(1, kept, directory.ReviewOptions{})
			return true
		}
		wantReason(t, err, valisev1.Reason_REASON_STORAGE_UNKNOWN)
		s, err := reopen(t, dir).Propose(directory.ProposeConfig{Now: start.Add(time.Hour), Key: p.key(0), Next: true})
		if err != nil || s.Review.Number == 0 || s.Review.Number > 2 {
			t.Fatalf("list %d, %v", s.Review.Number, err)
		}
		return false
	})
}

// TestPowerFailsWhileTaking: the old list is in force or the new one, and the same step again ends
// where it ends without a failure.
func TestPowerFailsWhileTaking(t *testing.T) {
	oneGoroutine(t)
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	admit(t, p.dirs[0], newSeat(t, "XB").export(start))
	admit(t, p.dirs[0], relayCard(t, "relay one", "127.0.0.1:4222"))
	p.publish(0, 1, start)
	must(t, p.open(0).Withdraw("XB", start))
	must(t, p.open(0).WithdrawRelay("relay one"))
	admit(t, p.dirs[0], newSeat(t, "XC").export(start))
	admit(t, p.dirs[0], relayCard(t, "relay two", "127.0.0.1:4223"))
	whole := p.sign(1, p.propose(0, start.Add(time.Hour)).File, directory.ReviewOptions{})
	p.take(0, whole.File)
	want := p.admitted(0)
	seen := map[uint64]bool{}
	p.broken(2, func(r *directory.Registry, dir string) bool {
		_, err := r.Take(whole.File, directory.ReviewOptions{})
		if err != nil {
			wantReason(t, err, valisev1.Reason_REASON_STORAGE_UNKNOWN)
		}
		seen[reopen(t, dir).Published().Number()] = true
		_, again := reopen(t, dir).Take(whole.File, directory.ReviewOptions{})
		must(t, again)
		was := p.dirs[2]
		p.dirs[2] = dir
		defer func() { p.dirs[2] = was }()
		sameDirectory(t, p.open(0).Published(), p.open(2).Published())
		if got := p.admitted(2); !slices.Equal(got, want) {
			t.Fatalf("admitted %v, want %v", got, want)
		}
		for _, name := range []string{directory.ImportFile, directory.RosterFile} {
			a, errA := os.ReadFile(filepath.Join(p.dirs[0], name))
			b, errB := os.ReadFile(filepath.Join(dir, name))
			if errA != nil || errB != nil || !slices.Equal(a, b) {
				t.Fatalf("%s differs, or is not there: %v, %v", name, errA, errB)
			}
		}
		return err == nil
	})
	if !seen[1] || !seen[2] {
		t.Fatalf("lists found after failures: %v", seen)
	}
}

// TestASetThatIsNotOnDiskIsNotInForce: as for lists.
func TestASetThatIsNotOnDiskIsNotInForce(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.publish(0, 1, start)
	s, err := p.open(0).ProposeManagers(directory.ManagersChange{Threshold: 3}, p.key(0), start, directory.ReviewOptions{})
	must(t, err)
	whole := p.sign(2, p.sign(1, s.File, directory.ReviewOptions{}).File, directory.ReviewOptions{})
	seen := map[uint64]bool{}
	p.broken(2, func(r *directory.Registry, dir string) bool {
		_, err := r.Take(whole.File, directory.ReviewOptions{})
		seen[reopen(t, dir).Managers().Number] = true
		if err == nil && reopen(t, dir).Managers().Threshold != 3 {
			t.Fatal("a set was used that is not on disk")
		}
		_, again := reopen(t, dir).Take(whole.File, directory.ReviewOptions{})
		must(t, again)
		return err == nil
	})
	if !seen[1] || !seen[2] {
		t.Fatalf("sets found after failures: %v", seen)
	}
}
