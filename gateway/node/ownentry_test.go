package node_test

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// faultsTold are the questions about our own entry that wait at a node.
func faultsTold(t *testing.T, x *node.Node) (list []*valisev1.TrustQuestion) {
	t.Helper()
	all, err := x.Gateway().Questions(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		if q.GetEvent() == valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY {
			list = append(list, q)
		}
	}
	return list
}

func awaitFault(t *testing.T, x *node.Node, want valisev1.OwnFault) *valisev1.TrustQuestion {
	t.Helper()
	for range 1200 {
		list := faultsTold(t, x)
		if i := slices.IndexFunc(list, func(q *valisev1.TrustQuestion) bool { return q.GetFault() == want }); i >= 0 {
			return list[i]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nobody is told of %s: %v", want, faultsTold(t, x))
	return nil
}

func bundleFile(t *testing.T, b []byte) *valisev1.ImportBundle {
	t.Helper()
	f := &valisev1.ImportBundle{}
	if err := proto.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	return f
}

// rolledBack is the next list as managers make it who put a State's first entry in the place of its second.
func (n network) rolledBack(s ident.State, first, next []byte) *valisev1.ImportBundle {
	n.t.Helper()
	old, f := bundleFile(n.t.(*testing.T), first), bundleFile(n.t.(*testing.T), next)
	l, before := &valisev1.List{}, &valisev1.List{}
	if err := proto.Unmarshal(f.GetList().GetObject(), l); err != nil {
		n.t.Fatal(err)
	}
	if err := proto.Unmarshal(old.GetList().GetObject(), before); err != nil {
		n.t.Fatal(err)
	}
	of := func(l *valisev1.List) int {
		return slices.IndexFunc(l.GetMembers(), func(m *valisev1.Membership) bool { return m.GetState() == string(s) })
	}
	l.Members[of(l)] = before.Members[of(before)]
	f.Entries[of(l)] = old.Entries[of(before)]
	f.KeyBundles = nil
	var err error
	if f.List, err = seal.SignObject(n.Realm, seal.PurposeList, marshalled(n.t, l), n.managerKey()); err != nil {
		n.t.Fatal(err)
	}
	return f
}

// TestAQuorumRollsOurEntryBack: the node of that State refuses the list, from a relay or a file, and its
// desk is told, once, over a restart, until a person has looked into it; other States' desks are not.
func TestAQuorumRollsOurEntryBack(t *testing.T) {
	n := newNetwork(t)
	first, err := os.ReadFile(filepath.Join(n.DirectoryHome(), directory.ImportFile))
	if err != nil {
		t.Fatal(err)
	}
	n.rotateSigning("XB")
	n.nextEntry("XB", time.Now(), func(*directory.KeySheet) {}, "XA", "XB")
	file := n.rolledBack("XB", first, n.publish(nil).Import)
	n.serve(n.forge(file), 10)
	n.relay()
	xb, stop := n.node("XB")
	q := awaitFault(t, xb, valisev1.OwnFault_OWN_FAULT_ROLLED_BACK)
	if xb.Directory().Current().Number() != 2 || q.GetListNumber() != 3 || len(q.GetListTheirs()) != 64 {
		t.Errorf("list %d is in force, and the desk is told %v", xb.Directory().Current().Number(), q)
	}
	if _, err := xb.Directory().Import(t.Context(), marshalled(t, file)); node.ReasonOf(err) != valisev1.Reason_REASON_ROLLBACK {
		t.Errorf("as a file: %v", err)
	}
	stop()
	xb, stop = n.node("XB")
	awaitRefusal(t, xb, valisev1.Reason_REASON_ROLLBACK)
	if list := faultsTold(t, xb); len(list) != 1 || list[0].GetItem() != q.GetItem() {
		t.Fatalf("after a restart: %v", list)
	}
	if out, err := xb.Gateway().Evidence(t.Context(), officer, &valisev1.GetEvidenceRequest{Item: q.GetItem()}); err != nil || out.GetEvidence().GetList() == nil {
		t.Errorf("evidence %v, %v", out, err)
	}
	if _, err := xb.Gateway().SettleQuestion(t.Context(), officer, &valisev1.SettleQuestionRequest{Item: q.GetItem(), Note: "the managers were called"}); err != nil {
		t.Fatal(err)
	}
	if _, err := xb.Directory().Import(t.Context(), marshalled(t, file)); err == nil {
		t.Error("it is taken")
	}
	if list := faultsTold(t, xb); len(list) != 0 {
		t.Errorf("told again: %v", list)
	}
	stop()
	xa, _ := n.node("XA")
	awaitRefusal(t, xa, valisev1.Reason_REASON_ROLLBACK)
	if list := faultsTold(t, xa); len(list) != 0 {
		t.Errorf("XA is told of its own entry: %v", list)
	}
}

// TestARefusedListEndsNoQuestion: what is wrong with the list in force waits on, also when another list is
// refused meanwhile.
func TestARefusedListEndsNoQuestion(t *testing.T) {
	n := newNetwork(t)
	first, err := os.ReadFile(filepath.Join(n.DirectoryHome(), directory.ImportFile))
	if err != nil {
		t.Fatal(err)
	}
	n.rotateSigning("XB")
	n.nextEntry("XB", time.Now(), func(*directory.KeySheet) {}, "XB")
	next := n.publish(nil).Import
	back := n.rolledBack("XB", first, next)
	xb, _ := n.node("XB")
	if _, err := xb.Directory().Import(t.Context(), marshalled(t, n.madeUp("XB", next))); err != nil {
		t.Fatal(err)
	}
	awaitFault(t, xb, valisev1.OwnFault_OWN_FAULT_OTHER_ROOT)
	if _, err := xb.Directory().Import(t.Context(), marshalled(t, back)); err == nil {
		t.Error("it is taken")
	}
	awaitFault(t, xb, valisev1.OwnFault_OWN_FAULT_ROLLED_BACK)
	awaitFault(t, xb, valisev1.OwnFault_OWN_FAULT_OTHER_ROOT)
}

// madeUp is a list as managers make it who sign an entry of a State with a root of their own.
func (n network) madeUp(s ident.State, next []byte) *valisev1.ImportBundle {
	n.t.Helper()
	root, err := seal.GenerateSigningKey(openConfig().Rand)
	if err != nil {
		n.t.Fatal(err)
	}
	f, l, e := bundleFile(n.t.(*testing.T), next), &valisev1.List{}, &valisev1.Entry{}
	if err := proto.Unmarshal(f.GetList().GetObject(), l); err != nil {
		n.t.Fatal(err)
	}
	i := slices.IndexFunc(l.GetMembers(), func(m *valisev1.Membership) bool { return m.GetState() == string(s) })
	if err := proto.Unmarshal(f.GetEntries()[i].GetObject(), e); err != nil {
		n.t.Fatal(err)
	}
	e.Number, e.Root, e.NextRoot = e.GetNumber()+1, root.Public().Proto(), nil
	if f.Entries[i], err = seal.SignObject(n.Realm, seal.PurposeEntry, marshalled(n.t, e), root); err != nil {
		n.t.Fatal(err)
	}
	id, sum := root.Public().ID(n.Realm), sha256.Sum256(f.Entries[i].GetObject())
	l.Members[i] = &valisev1.Membership{State: string(s), Root: id[:], EntryNumber: e.GetNumber(), EntryHash: sum[:]}
	if f.List, err = seal.SignObject(n.Realm, seal.PurposeList, marshalled(n.t, l), n.managerKey()); err != nil {
		n.t.Fatal(err)
	}
	f.KeyBundles = nil
	return f
}

// TestABundleOfOursThatWeDidNotMake: whoever has a signing key of ours can lead our mail elsewhere. Our
// desk is told, once, over a restart, also when the node has made another, until a person has looked into it.
func TestABundleOfOursThatWeDidNotMake(t *testing.T) {
	n := newNetwork(t)
	ours := ident.Address{State: "XB", Track: ident.Technical}
	key, err := seal.ReadSigningKey(filepath.Join(n.Home("XB"), "keys", "signing-technical.key"), n.Realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealing, err := seal.GenerateSealingKey()
	if err != nil {
		t.Fatal(err)
	}
	signed, number := newest(t, n, "XB")
	made, err := directory.ParseBundle(n.Realm, signed)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	stolen, err := directory.SignBundle(directory.BuildBundle(directory.BundleConfig{
		Realm: n.Realm, Address: ours, EntryNumber: made.GetEntryNumber(), Number: number + 1, Mailbox: "aaaaaaaaaaaaaaaaaaaaaaaaaa", SenderToken: "bbbbbbbbbbbbbbbbbbbbbbbbba",
		SealingKeys: []directory.SealingKeyDates{{Recipient: sealing.Recipient(), ValidFrom: now, AcceptedUntil: now.AddDate(0, 0, 44)}},
		RelayNKeys:  made.GetRelayNkeys(), Issued: now, Expires: now.AddDate(0, 0, 44),
	}), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(n.DirectoryHome(), directory.ImportFile))
	if err != nil {
		t.Fatal(err)
	}
	file := bundleFile(t, raw)
	for i, b := range file.GetKeyBundles() {
		if body, err := directory.ParseBundle(n.Realm, b); err == nil && body.GetAddress() == ours.String() {
			file.KeyBundles[i] = stolen
		}
	}
	xb, stop := n.node("XB")
	if list := faultsTold(t, xb); len(list) != 0 {
		t.Fatalf("told of nothing: %v", list)
	}
	if _, err := xb.Directory().Import(t.Context(), marshalled(t, file)); err != nil {
		t.Fatal(err)
	}
	q := awaitFault(t, xb, valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE)
	if q.GetPeer() != ours.String() {
		t.Errorf("about %s", q.GetPeer())
	}
	stop()
	xb, _ = n.node("XB")
	if list := faultsTold(t, xb); len(list) != 1 || list[0].GetItem() != q.GetItem() {
		t.Fatalf("after a restart: %v", list)
	}
	if _, err := xb.Gateway().SettleQuestion(t.Context(), officer, &valisev1.SettleQuestionRequest{Item: q.GetItem(), Note: "the key was revoked"}); err != nil {
		t.Fatal(err)
	}
	if _, err := xb.Directory().Import(t.Context(), marshalled(t, file)); err != nil {
		t.Fatal(err)
	}
	if list := faultsTold(t, xb); len(list) != 0 {
		t.Errorf("told again: %v", list)
	}
}
