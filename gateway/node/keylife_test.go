package node_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// keyHome is a home whose node does nothing but look after its keys, by a clock and a running time that
// a test moves on.
type keyHome struct {
	network
	clock leap
	ran   time.Duration
	node  *node.Node
}

func newKeyHome(t *testing.T) *keyHome {
	h := &keyHome{network: newNetworkOf(t, "XA", "XB", "XC")}
	h.open()
	t.Cleanup(func() { h.close() })
	return h
}

func (h *keyHome) open() {
	h.t.Helper()
	c := openConfig()
	c.Now, c.Running = h.clock.now, func() time.Duration { return h.ran }
	var err error
	if h.node, err = node.Open(h.Home("XA"), c); err != nil {
		h.t.Fatal(err)
	}
}

func (h *keyHome) close() {
	h.t.Helper()
	if err := h.node.Close(); err != nil {
		h.t.Error(err)
	}
}

// look lets the node look after its keys.
func (h *keyHome) look() {
	h.t.Helper()
	if err := h.node.LookAfterKeys(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// files are the names of the key files of the technical desk.
func (h *keyHome) files(pattern string) (names []string) {
	h.t.Helper()
	paths, err := filepath.Glob(filepath.Join(h.Home("XA"), "keys", pattern))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	return names
}

func (h *keyHome) sealing() []string { return h.files("sealing-technical-*.key") }

// notes are what the record tells of the technical desk's keys.
func (h *keyHome) notes(word string) (notes []string) {
	h.t.Helper()
	list, err := h.node.Gateway().Items(context.Background(), officer, &valisev1.ListItemsRequest{PageSize: 500})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, item := range list.GetItems() {
		if note := item.GetItem().GetNote(); strings.Contains(note, word) && strings.Contains(note, "XA/technical") {
			notes = append(notes, note)
		}
	}
	return notes
}

// wait is what the destruction of the oldest sealing key of the technical desk waits for.
func (h *keyHome) wait() valisev1.KeyWait {
	h.t.Helper()
	status, err := h.node.Status(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	var last *valisev1.KeyStatus
	for _, k := range status.GetKeys() {
		if k.GetUse() == valisev1.KeyUse_KEY_USE_SEALING && k.GetAddress() == "XA/technical" {
			last = k
		}
	}
	return last.GetWaitsFor()
}

const day = 24 * time.Hour

// TestASealingKeyEveryWeek: a node makes one when the newest is a week old, once, and not because its
// clock goes back; the bundle that it makes then names all of them. docs/protocol.md §8.4
func TestASealingKeyEveryWeek(t *testing.T) {
	h := newKeyHome(t)
	h.look()
	if n := len(h.sealing()); n != 1 {
		t.Fatalf("a new home has %d sealing keys after a look", n)
	}
	for week := range 3 {
		h.clock.forward(7*day + time.Minute)
		h.look()
		h.look()
		if n := len(h.sealing()); n != week+2 {
			t.Errorf("after %d weeks there are %d sealing keys", week+1, n)
		}
	}
	if notes := h.notes("new sealing key"); len(notes) != 3 {
		t.Errorf("the record tells of %q", notes)
	}
	h.clock.forward(-10 * day)
	h.look()
	if n := len(h.sealing()); n != 4 {
		t.Errorf("a clock that went back has %d sealing keys", n)
	}
	h.close()
	h.open()
	home, err := node.OpenHome(h.Home("XA"), nil)
	if err != nil {
		t.Fatal(err)
	}
	bundles, err := home.KeyBundles(&valisev1.Entry{Number: 1}, h.clock.now().Add(10*day))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bundles {
		if body, err := directory.ParseBundle(h.Realm, b); err != nil || len(body.GetSealingKeys()) != 4 {
			t.Errorf("a bundle names %d keys, %v", len(body.GetSealingKeys()), err)
		}
	}
}

// TestNoSealingKeyEndsByTheClockAlone: the clock says that its time has come, and the key stays until
// the counted running time or the dates of two others say so too. docs/protocol.md §8.5
func TestNoSealingKeyEndsByTheClockAlone(t *testing.T) {
	for name, agree := range map[string]func(*keyHome){
		"running time": func(h *keyHome) {
			h.ran += 899 * time.Hour
			h.look()
			if len(h.sealing()) != 2 {
				h.t.Error("a key was destroyed after 899 hours of running")
			}
			h.ran += time.Hour
		},
		"dates of two others": func(h *keyHome) {
			for _, by := range []struct {
				state ident.State
				at    time.Time
			}{{"XA", h.clock.now()}, {"XB", h.clock.now().Add(-2 * day)}, {"XB", h.clock.now()}} {
				h.node.Signed(by.state, by.at)
				h.look()
				if len(h.sealing()) != 2 {
					h.t.Errorf("a key was destroyed by the date of %s", by.state)
				}
			}
			h.node.Signed("XC", h.clock.now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newKeyHome(t)
			h.ran += time.Minute // from here on the first key is counted
			h.look()
			first := h.sealing()[0]
			if w := h.wait(); w != valisev1.KeyWait_KEY_WAIT_NEXT_KEY {
				t.Errorf("the only key waits for %s", w)
			}
			h.clock.forward(44 * day)
			h.look()
			if w := h.wait(); w != valisev1.KeyWait_KEY_WAIT_CLOCK {
				t.Errorf("after 44 days it waits for %s", w)
			}
			h.clock.forward(day + time.Hour)
			h.look()
			if w := h.wait(); w != valisev1.KeyWait_KEY_WAIT_EVIDENCE || len(h.sealing()) != 2 {
				t.Errorf("after 45 days it waits for %s, and there are %d keys", w, len(h.sealing()))
			}
			agree(h)
			h.look()
			if slices.Contains(h.sealing(), first) || len(h.sealing()) != 1 {
				t.Errorf("the key is not destroyed: %v", h.sealing())
			}
			if notes := h.notes("is destroyed"); len(notes) != 1 || !strings.Contains(notes[0], "45 days have passed by our clock") {
				t.Errorf("the record tells of it as %q", notes)
			}
			h.close()
			h.open()
			h.look()
			if len(h.sealing()) != 1 || len(h.notes("is destroyed")) != 1 {
				t.Errorf("after a restart there are %v and %q", h.sealing(), h.notes("is destroyed"))
			}
		})
	}
}

// TestRunningTimeIsCountedAcrossStarts: what one run had counted is not lost with it, and the first
// minutes of the next are not counted twice; no leap of the clock counts. docs/protocol.md §8.5
func TestRunningTimeIsCountedAcrossStarts(t *testing.T) {
	h := newKeyHome(t)
	h.ran = time.Hour
	h.look()
	for range 9 {
		h.ran += 100 * time.Hour
		h.look()
		h.close()
		h.open() // the running time goes on from where it is: it is not counted again
		h.look()
	}
	status, err := h.node.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := status.GetKeys()[0].GetRanHours(); got != 900 {
		t.Errorf("%d hours of running are counted, want 900", got)
	}
	h.clock.forward(3650 * day)
	h.clock.forward(-3650 * day)
	h.look()
	if status, err = h.node.Status(context.Background()); err != nil || status.GetKeys()[0].GetRanHours() != 900 {
		t.Errorf("after a leap of the clock: %v, %v", status.GetKeys()[0], err)
	}
}

// TestADestructionThatWasInterrupted: the record tells of it, and then a crash; the next look ends it
// and tells nothing twice. What else a crash leaves in the folder stops no start and goes too.
func TestADestructionThatWasInterrupted(t *testing.T) {
	h := newKeyHome(t)
	h.ran = time.Minute
	h.look()
	first := h.sealing()[0]
	keys := filepath.Join(h.Home("XA"), "keys")
	inTheWay := filepath.Join(keys, ".gone-"+first, "x")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	h.clock.forward(46 * day)
	h.ran += 1000 * time.Hour
	if err := h.node.LookAfterKeys(context.Background()); err == nil {
		t.Error("what cannot be destroyed is told as destroyed")
	}
	if !slices.Contains(h.sealing(), first) || len(h.notes("is destroyed")) != 1 {
		t.Fatalf("the folder holds %v, the record %q", h.sealing(), h.notes("is destroyed"))
	}
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".new-sealing-technical-1.key", ".gone-sealing-technical-2.key", ".new-signing-technical-2.key"} {
		if err := os.WriteFile(filepath.Join(keys, name), []byte("half a k"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.close()
	h.open()
	h.look()
	if slices.Contains(h.sealing(), first) || len(h.notes("is destroyed")) != 1 {
		t.Errorf("the folder holds %v, the record %q", h.sealing(), h.notes("is destroyed"))
	}
	if left := h.files(".*"); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}
