package node_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// nextEntry puts the keys of a State's node on its root's sheet, lets change work on that, and gives
// the directory with the new entry to the homes of takers, which no node runs.
func (n network) nextEntry(s ident.State, now time.Time, change func(*directory.KeySheet), takers ...ident.State) {
	n.t.Helper()
	must := func(err error) {
		n.t.Helper()
		if err != nil {
			n.t.Fatal(err)
		}
	}
	home, err := node.OpenHome(n.Home(s), nil)
	must(err)
	dir := n.RootHome(s)
	sheet, err := directory.ReadKeySheet(dir, n.Realm)
	must(err)
	for track, keys := range home.PointKeys() {
		for _, key := range keys {
			id := key.ID(n.Realm)
			if !slices.ContainsFunc(sheet.Signing, func(k directory.SigningSheetKey) bool { return k.ID == id }) {
				sheet.Signing = append(sheet.Signing, directory.SigningSheetKey{
					SheetKey: directory.SheetKey{Key: key, ID: id}, Address: ident.Address{State: s, Track: track},
					ValidFrom: now.UTC().Truncate(time.Second), ValidUntil: now.Add(directory.MaxSigningKeyLife).UTC().Truncate(time.Second),
				})
			}
		}
	}
	change(&sheet)
	must(directory.WriteKeySheet(dir, sheet))
	folder, err := directory.OpenStateFolder(dir, n.Realm, s)
	must(err)
	root, err := seal.ReadSigningKey(filepath.Join(dir, directory.RootKeyFile), n.Realm, nil)
	must(err)
	_, view, err := folder.SignEntry(root, 0)
	must(err)
	bundles, err := home.KeyBundles(view.Entry, now)
	must(err)
	export, err := folder.Export(bundles...)
	must(err)
	manager, err := directory.OpenRegistry(n.DirectoryHome(), n.Realm)
	must(err)
	_, err = manager.Admit(export, directory.AdmitOptions{Now: now})
	must(err)
	key, err := seal.ReadSigningKey(filepath.Join(n.DirectoryHome(), directory.ManagerKeyFile), n.Realm, nil)
	must(err)
	published, err := manager.Publish(directory.PublishConfig{Now: now, Signers: []*seal.SigningKey{key}})
	must(err)
	for _, taker := range takers {
		home, err := node.OpenHome(n.Home(taker), nil)
		must(err)
		book, err := home.Directory()
		must(err)
		_, err = book.Import(published.Import, directory.ImportOptions{})
		must(err)
	}
}

// rotateSigning makes the next signing keys of a home that no node runs.
func (n network) rotateSigning(s ident.State) {
	n.t.Helper()
	home, err := node.OpenHome(n.Home(s), nil)
	if err != nil {
		n.t.Fatal(err)
	}
	record, err := home.OpenRecord(openConfig())
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := home.RotateClosed(context.Background(), record, true); err != nil {
		n.t.Fatal(err)
	}
	if err := record.Close(); err != nil {
		n.t.Fatal(err)
	}
}

// from is what a record holds of a message with this title that came from a peer; nil for nothing.
func from(t *testing.T, x *node.Node, title string) *valisev1.MessageView {
	t.Helper()
	list, err := x.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range list.GetThreads() {
		got, err := x.Gateway().Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: th.GetThread()})
		if err != nil {
			t.Fatal(err)
		}
		if m := got.GetMessages()[0]; m.GetPayload().GetInquiry().GetTitle() == title && !m.GetOutbound() {
			return m
		}
	}
	return nil
}

// TestARevokedKey: a key of XB is stolen and revoked as of a time that has passed. What XA recorded
// before stays as it was, what it recorded until the news is marked, what the thief dates back and XA
// first sees after the news is refused, and what waited at XB arrives under its new key as the message
// that it was. docs/protocol.md §8.5
func TestARevokedKey(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	l := &leap{}
	desk := ident.Address{State: "XA", Track: ident.Technical}
	_, stopXA := n.nodeAt(n.Home("XA"), l)
	xb, stopXB := n.nodeAt(n.Home("XB"), l)
	send(t, xb, desk, "before")
	await(t, xb, 1, valisev1.Delivery_DELIVERY_REACHED)
	l.forward(day)
	since := l.now()
	l.forward(time.Hour)
	send(t, xb, desk, "between")
	await(t, xb, 2, valisev1.Delivery_DELIVERY_REACHED)
	stopXB()
	stopXA()

	thief := filepath.Join(t.TempDir(), "thief")
	copyHome(t, n.Home("XB"), thief)
	xb, stopXB = n.nodeAt(n.Home("XB"), l)
	waiting := send(t, xb, desk, "waiting").GetMessage()
	await(t, xb, 3, valisev1.Delivery_DELIVERY_LEFT)
	stopXB()
	back := &leap{} // a day and more behind
	forger, stopThief := n.nodeAt(thief, back)
	send(t, forger, desk, "forged")
	await(t, forger, 3, valisev1.Delivery_DELIVERY_LEFT)
	stopThief()

	n.rotateSigning("XB")
	old := ident.KeyID{}
	n.nextEntry("XB", l.now(), func(sheet *directory.KeySheet) {
		for _, k := range sheet.Signing {
			if k.Address.Track == ident.Technical && (old == ident.KeyID{}) {
				old = k.ID
			}
		}
		if _, err := sheet.Revoke(old.String(), since, l.now()); err != nil {
			t.Fatal(err)
		}
	}, "XA", "XB")
	xa, _ := n.nodeAt(n.Home("XA"), l)
	untilRefused(t, xa)
	if from(t, xa, "forged") != nil {
		t.Error("what a thief dates back is taken")
	}
	xb, _ = n.nodeAt(n.Home("XB"), l)
	await(t, xb, 3, valisev1.Delivery_DELIVERY_REACHED)

	for title, want := range map[string]bool{"before": false, "between": true, "waiting": false} {
		m := from(t, xa, title)
		if got := slices.Contains(m.GetMarks(), valisev1.Mark_MARK_KEY_REVOKED_SINCE); m == nil || got != want {
			t.Errorf("%q is here: %v, marked: %v, want %v", title, m != nil, got, want)
		}
	}
	if m := from(t, xa, "waiting"); m.GetMessage() != waiting || m.GetDigest() != digestOf(t, xb, waiting) {
		t.Errorf("what waited is another message now: %v", m)
	}
	if from(t, xa, "forged") != nil {
		t.Error("what a thief dates back is taken after all")
	}
}

// untilRefused waits until something signed with a revoked key has come.
func untilRefused(t *testing.T, x *node.Node) {
	t.Helper()
	for range 1200 {
		list, err := x.Gateway().Quarantine(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(list, func(q *valisev1.QuarantineRow) bool { return q.GetReason() == valisev1.Reason_REASON_REVOKED_KEY }) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("what was signed with a revoked key is not refused")
}

// digestOf is the digest of a message of ours.
func digestOf(t *testing.T, x *node.Node, message string) string {
	t.Helper()
	list, err := x.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range list.GetThreads() {
		got, err := x.Gateway().Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: th.GetThread()})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range got.GetMessages() {
			if m.GetMessage() == message {
				return m.GetDigest()
			}
		}
	}
	return ""
}
