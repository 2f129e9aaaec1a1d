package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestTheSamePartsAtAnotherHour: a second list of a number is refused also where it differs in nothing but
// its dates, so that its parts are those that were signed. docs/protocol.md §8.7
func TestTheSamePartsAtAnotherHour(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.publish(0, 1, start)
	twin := filepath.Join(t.TempDir(), "manager")
	must(t, os.CopyFS(twin, os.DirFS(p.dirs[0])))
	p.sign(2, p.propose(0, start.Add(time.Hour)).File, directory.ReviewOptions{})
	later, err := reopen(t, twin).Propose(directory.ProposeConfig{Now: start.Add(2 * time.Hour), Key: p.key(0)})
	must(t, err)
	p.refuses(2, later.File, valisev1.Reason_REASON_EQUIVOCATION)
}

// TestWhoLeftComesBackByNobodysOversight: a manager had admitted a newer entry of a State when the others'
// list let it leave. The list after it, by that manager, does not bring it back unseen. A-6
func TestWhoLeftComesBackByNobodysOversight(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	xa := newSeat(t, "XA")
	admit(t, p.dirs[0], xa.export(start))
	admit(t, p.dirs[0], newSeat(t, "XB").export(start))
	p.publish(0, 1, start)
	xa.edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2026/0003" })
	admit(t, p.dirs[2], xa.export(start.Add(time.Hour)))
	must(t, p.open(0).Withdraw("XA", start.Add(time.Hour)))
	p.publish(0, 1, start.Add(time.Hour))
	p.publish(2, 1, start.Add(2*time.Hour))
	if got := states(p.open(0)); !slices.Equal(got, []ident.State{"XB"}) {
		t.Fatalf("in force: %v", got)
	}
}
