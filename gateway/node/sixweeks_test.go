package node_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// warnsOf is what a node's status says about the sealing keys of a peer.
func warnsOf(t *testing.T, x *node.Node, peer string) (warnings []string) {
	t.Helper()
	status, err := x.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range status.GetWarnings() {
		if strings.Contains(w, peer) && strings.Contains(w, "sealing key") {
			warnings = append(warnings, w)
		}
	}
	return warnings
}

// wantWarning wants one warning about a peer's sealing keys, with these words, or none where there are no words.
func wantWarning(t *testing.T, when string, x *node.Node, peer string, words ...string) {
	t.Helper()
	got := warnsOf(t, x, peer)
	if len(words) == 0 {
		if len(got) > 0 {
			t.Errorf("%s: %q", when, got)
		}
		return
	}
	if len(got) != 1 {
		t.Errorf("%s: of %s it says %q", when, peer, got)
		return
	}
	for _, w := range words {
		if !strings.Contains(got[0], w) {
			t.Errorf("%s: %q does not say %q", when, got[0], w)
		}
	}
}

// freshKeys gives the directory with the newest key bundles of these States to their homes, which no
// node runs: each entry stays as its root signed it.
func (n network) freshKeys(states ...ident.State) {
	n.t.Helper()
	must := func(err error) {
		n.t.Helper()
		if err != nil {
			n.t.Fatal(err)
		}
	}
	manager, err := directory.OpenRegistry(n.DirectoryHome(), n.Realm)
	must(err)
	for _, s := range states {
		home, err := node.OpenHome(n.Home(s), nil)
		must(err)
		folder, err := directory.OpenStateFolder(n.RootHome(s), n.Realm, s)
		must(err)
		book, err := home.Directory()
		must(err)
		entry, _ := book.Snapshot().Entry(s)
		bundles, err := home.KeyBundles(entry, time.Now())
		must(err)
		export, err := folder.Export(bundles...)
		must(err)
		_, err = manager.Admit(export, directory.AdmitOptions{Now: time.Now()})
		must(err)
	}
	key, err := seal.ReadSigningKey(filepath.Join(n.DirectoryHome(), directory.ManagerKeyFile), n.Realm, nil)
	must(err)
	published, err := manager.Publish(directory.PublishConfig{Now: time.Now(), Signers: []*seal.SigningKey{key}})
	must(err)
	for _, s := range states {
		home, err := node.OpenHome(n.Home(s), nil)
		must(err)
		_, err = home.Import(published.Import, node.ImportConfig{})
		must(err)
	}
}

// TestSixWeeksWithoutContact: two nodes run and reach each other for longer than their sealing keys live.
// Both desks are told in time; then neither has a live key of the other, and what lies at the relay is
// under a key that was destroyed. It waits, and node status says what to do. With the next directory file
// all of it is sealed anew and arrives. docs/protocol.md §8.4
func TestSixWeeksWithoutContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonth(t, "XA", "XB")
		n := network{m.Lab, t}
		xa, stopXA := m.node("XA")
		send(t, xa, ident.Address{State: "XB", Track: ident.Technical}, "under a key that is destroyed")
		time.Sleep(time.Hour)
		m.relay.SetUp(false)
		xb, stopXB := m.node("XB")
		first := n.sealingFiles("XB")[0]
		send(t, xb, ident.Address{State: "XA", Track: ident.Technical}, "never left in six weeks")
		pass := func(days int) { time.Sleep(time.Duration(days) * 24 * time.Hour) }
		pass(29)
		wantWarning(t, "after 29 days", xa, "XB/technical")
		wantWarning(t, "after 29 days", xb, "XA/technical")
		pass(4)
		wantWarning(t, "after 33 days", xa, "XB/technical", "in 11 days", "call them")
		wantWarning(t, "after 33 days", xb, "XA/technical", "in 11 days", "call them")
		pass(13)
		for _, file := range n.sealingFiles("XB") {
			if file == first {
				t.Error("the first key of XB is not destroyed")
			}
		}
		m.relay.SetUp(true)
		pass(2)
		wantWarning(t, "after 48 days", xa, "XB/technical", "ended on", "valise directory entry export")
		wantWarning(t, "after 48 days", xb, "XA/technical", "ended on", "valise directory entry export")
		if a, b := m.waiting(xa), m.waiting(xb); a != 1 || b != 1 {
			t.Errorf("%d and %d messages wait, want 1 and 1", a, b)
		}
		if got := cannotOpen(t, xb); got == 0 {
			t.Error("what lay at the relay could be opened: nothing has to be sealed anew")
		}
		stopXA()
		stopXB()
		m.withFreshKeys("under a key that is destroyed", "never left in six weeks")
	})
}

// withFreshKeys starts both nodes with a directory file that has the newest keys of both, and wants what
// waited to arrive.
func (m *month) withFreshKeys(toXB, toXA string) {
	m.t.Helper()
	network{m.Lab, m.t}.freshKeys("XA", "XB")
	xa, _ := m.node("XA")
	xb, _ := m.node("XB")
	time.Sleep(24 * time.Hour)
	wantWarning(m.t, "with the new list", xa, "XB/technical")
	wantWarning(m.t, "with the new list", xb, "XA/technical")
	if a, b := m.waiting(xa), m.waiting(xb); a != 0 || b != 0 {
		m.t.Errorf("%d and %d messages wait", a, b)
	}
	if from(m.t, xb, toXB) == nil || from(m.t, xa, toXA) == nil {
		m.t.Error("what was said did not arrive")
	}
}

// TestBothAreAwayForSixWeeks: both nodes are switched off for longer than their sealing keys live. None is
// destroyed by the clock, and still nothing can be sealed to either: both desks are told as soon as they are
// back. docs/protocol.md §8.4, §8.5
func TestBothAreAwayForSixWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonth(t, "XA", "XB")
		_, stopXA := m.node("XA")
		_, stopXB := m.node("XB")
		time.Sleep(24 * time.Hour)
		stopXA()
		stopXB()
		time.Sleep(46 * 24 * time.Hour)
		xa, stopXA := m.node("XA")
		xb, stopXB := m.node("XB")
		send(t, xa, ident.Address{State: "XB", Track: ident.Technical}, "from one that is back")
		send(t, xb, ident.Address{State: "XA", Track: ident.Technical}, "from the other")
		time.Sleep(24 * time.Hour)
		wantWarning(t, "when both are back", xa, "XB/technical", "ended on", "valise directory entry export")
		wantWarning(t, "when both are back", xb, "XA/technical", "ended on", "valise directory entry export")
		if a, b := m.waiting(xa), m.waiting(xb); a != 1 || b != 1 {
			t.Errorf("%d and %d messages wait, want 1 and 1", a, b)
		}
		stopXA()
		stopXB()
		m.withFreshKeys("from one that is back", "from the other")
	})
}

// TestWhoIsAwayForSixWeeks: a node that was switched off for longer than its keys live has destroyed none,
// because no clock ends a key alone. It opens what came under the old one, which tells it the newest keys
// of its peer, and its own next key makes the rest arrive: no directory file is needed.
// docs/protocol.md §8.4, §8.5
func TestWhoIsAwayForSixWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonth(t, "XA", "XB")
		desk := ident.Address{State: "XB", Track: ident.Technical}
		xa, _ := m.node("XA")
		_, stop := m.node("XB")
		time.Sleep(24 * time.Hour)
		stop()
		send(t, xa, desk, "while the key lived")
		time.Sleep(46 * 24 * time.Hour)
		send(t, xa, desk, "when there was none")
		time.Sleep(time.Hour)
		wantWarning(t, "while it is away", xa, "XB/technical", "ended on", "waits here")
		xb, _ := m.node("XB")
		time.Sleep(24 * time.Hour)
		wantWarning(t, "when it is back", xa, "XB/technical")
		wantWarning(t, "when it is back", xb, "XA/technical")
		if m.waiting(xa) != 0 || from(t, xb, "while the key lived") == nil || from(t, xb, "when there was none") == nil {
			t.Errorf("%d messages wait", m.waiting(xa))
		}
		if n := cannotOpen(t, xb); n != 0 {
			t.Errorf("%d envelopes could not be opened", n)
		}
	})
}

// cannotOpen is how many envelopes lie in quarantine because no key opens them.
func cannotOpen(t *testing.T, x *node.Node) (n int) {
	t.Helper()
	list, err := x.Gateway().Quarantine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range list {
		if q.GetReason() == valisev1.Reason_REASON_CANNOT_DECRYPT {
			n++
		}
	}
	return n
}
