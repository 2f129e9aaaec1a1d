package node_test

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func (n network) managerKey() *seal.SigningKey {
	key, err := seal.ReadSigningKey(filepath.Join(n.DirectoryHome(), directory.ManagerKeyFile), n.Realm, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	return key
}

// registry changes what is admitted, and publishes the next list into the folder that the relay watches.
func (n network) publish(change func(*directory.Registry) error) directory.Publication {
	n.t.Helper()
	r, err := directory.OpenRegistry(n.DirectoryHome(), n.Realm)
	if err != nil {
		n.t.Fatal(err)
	}
	if change != nil {
		if err := change(r); err != nil {
			n.t.Fatal(err)
		}
	}
	p, err := r.Publish(directory.PublishConfig{Now: time.Now(), Signers: []*seal.SigningKey{n.managerKey()}})
	if err != nil {
		n.t.Fatal(err)
	}
	return p
}

// awaitList waits until a node has a list in force.
func awaitList(t testing.TB, x *node.Node, number uint64) {
	t.Helper()
	for range 1200 {
		if x.Directory().Current().Number() == number {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	status, err := x.Status(context.Background())
	t.Fatalf("list %d is in force and not %d; %v, %v", x.Directory().Current().Number(), number, status.GetRelayedDirectory(), err)
}

// awaitRefusal waits until a node has refused what the relay keeps.
func awaitRefusal(t testing.TB, x *node.Node, want valisev1.Reason) *valisev1.GetStatusResponse {
	t.Helper()
	var status *valisev1.GetStatusResponse
	for range 1200 {
		var err error
		if status, err = x.Status(context.Background()); err != nil {
			t.Fatal(err)
		}
		if status.GetRelayedDirectory().GetRefused() == want {
			return status
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("what the relay keeps was never refused with %s: %v", want, status.GetRelayedDirectory())
	return nil
}

// TestNewListComesByTheRelay: running nodes take the next list without a file, the reading key with it,
// and a State that left reads nothing more.
func TestNewListComesByTheRelay(t *testing.T) {
	n := newNetworkOf(t, "XA", "XB", "XC")
	n.relay()
	xa, stop := n.node("XA")
	xb, _ := n.node("XB")
	began := time.Now()
	n.publish(nil)
	awaitList(t, xa, 2)
	awaitList(t, xb, 2)
	t.Logf("two nodes had the list %v after it was published", time.Since(began))

	stop() // XA is away while XC leaves, and while the key changes once more
	before, _ := xb.Directory().Current().ReadingKey()
	n.publish(func(r *directory.Registry) error { return r.Withdraw("XC", time.Now()) })
	awaitList(t, xb, 3)
	after, _ := xb.Directory().Current().ReadingKey()
	if before.Secret() == after.Secret() {
		t.Error("who left still has the reading key of today")
	}
	p := n.publish(nil)
	xa, _ = n.node("XA")
	awaitList(t, xa, 4)
	if left := xa.Directory().Current(); slices.Contains(left.States(), "XC") {
		t.Error("XC has not left")
	}
	// The same file from a stick changes nothing.
	if _, err := xa.Directory().Import(t.Context(), p.Import); err != nil || xa.Directory().Current().Number() != 4 {
		t.Errorf("the same list as a file: %v", err)
	}
	ask(t, xa, "under the new list")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	status := awaitRefusal(t, xa, valisev1.Reason_REASON_UNSPECIFIED)
	items := directoryItems(t, xa) // of list 3 there is one too, where the relay had it still
	if len(items) < 2 || !strings.Contains(items[0].GetNote(), "list 2 ") || !strings.Contains(items[len(items)-1].GetNote(), "list 4 ") {
		t.Errorf("the record does not tell where the lists came from: %v", items)
	}
	if status.GetRelayedDirectory().GetTaken() != 4 {
		t.Errorf("the status does not tell where the list came from: %v", status.GetRelayedDirectory())
	}
	ofXC := n.home("XC")
	book, err := ofXC.Directory()
	if err != nil {
		t.Fatal(err)
	}
	old, _ := book.Snapshot().ReadingKey()
	for _, o := range n.objects().GetObjects() {
		if _, _, err := seal.OpenPiece(o.GetData(), old); err == nil {
			t.Errorf("XC opens %s", o.GetName())
		}
	}
}

func (n network) home(s ident.State) *node.Home {
	h, err := node.OpenHome(n.Home(s), nil)
	if err != nil {
		n.t.Fatal(err)
	}
	return h
}

// directoryItems are what the record tells of the directory.
func directoryItems(t testing.TB, x *node.Node) []*valisev1.Item {
	t.Helper()
	list, err := x.Gateway().Items(context.Background(), gateway.Actor{Name: "lab", Roles: officer.Roles}, &valisev1.ListItemsRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	var found []*valisev1.Item
	for _, v := range list.GetItems() {
		if it := v.GetItem(); it.GetType() == valisev1.ItemType_ITEM_TYPE_DIRECTORY && it.GetKind() == valisev1.Kind_KIND_UNSPECIFIED {
			found = append(found, it)
		}
	}
	return found
}

func (n network) objectsPath() string { return filepath.Join(n.DirectoryHome(), directory.ObjectsFile) }

func (n network) objects() *valisev1.RelayObjects {
	n.t.Helper()
	b, err := os.ReadFile(n.objectsPath())
	if err != nil {
		n.t.Fatal(err)
	}
	o := &valisev1.RelayObjects{}
	if err := proto.Unmarshal(b, o); err != nil {
		n.t.Fatal(err)
	}
	return o
}

// serve lets the relay keep these objects. Its operator may call them by whatever number.
func (n network) serve(o *valisev1.RelayObjects, number uint64) {
	n.t.Helper()
	o = proto.CloneOf(o)
	o.Number = number
	slices.SortFunc(o.Objects, func(a, b *valisev1.RelayObject) int { return strings.Compare(a.GetName(), b.GetName()) })
	b, err := proto.Marshal(o)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(n.objectsPath()+".next", b, 0o600); err != nil {
		n.t.Fatal(err)
	}
	if err := os.Rename(n.objectsPath()+".next", n.objectsPath()); err != nil {
		n.t.Fatal(err)
	}
}

// forge makes objects of a file as a member would who has the reading key, and the relay.
func (n network) forge(file *valisev1.ImportBundle) *valisev1.RelayObjects {
	n.t.Helper()
	book, err := n.home("XA").Directory()
	if err != nil {
		n.t.Fatal(err)
	}
	key, _ := book.Snapshot().ReadingKey()
	list := &valisev1.List{}
	if err := proto.Unmarshal(file.GetList().GetObject(), list); err != nil {
		n.t.Fatal(err)
	}
	sum := sha256.Sum256(file.GetList().GetObject())
	head, out := &valisev1.DirectoryHead{Realm: string(n.Realm), Number: list.GetNumber(), ListHash: sum[:]}, &valisev1.RelayObjects{Realm: string(n.Realm)}
	lay := func(content []byte, name string) []byte {
		o, err := seal.Close(content, key.Recipient())
		if err != nil {
			n.t.Fatal(err)
		}
		sum := sha256.Sum256(o)
		if name == "" {
			name = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
		}
		out.Objects = append(out.Objects, &valisev1.RelayObject{Name: name, Data: o})
		return sum[:16]
	}
	for kind, group := range [][]*valisev1.SignedObject{file.GetManagerSets(), {file.GetList()}, file.GetEntries(), file.GetKeyBundles()} {
		for _, o := range group {
			b := marshalled(n.t, o)
			sum := sha256.Sum256(b)
			head.Parts = append(head.Parts, &valisev1.DirectoryPart{
				Kind: valisev1.DirectoryPartKind(kind + 1), Sha256: sum[:], Size: uint32(len(b)), Pieces: [][]byte{lay(b, "")},
			})
		}
	}
	lay(marshalled(n.t, head), directory.HeadObject)
	return out
}

func marshalled(t testing.TB, m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAttacksByARelay: whatever a relay keeps, the list in force stays, also over a restart; the
// officers are told why, once in the record; and the honest list is taken after it.
func TestAttacksByARelay(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	xa, stop := n.node("XA")
	first := n.objects()
	n.publish(nil)
	awaitList(t, xa, 2)
	stop()
	served := uint64(10)
	p := n.publish(nil) // list 3, which nobody has yet
	honest := n.objects()
	file := func(change func(f *valisev1.ImportBundle, l *valisev1.List) []*seal.SigningKey) *valisev1.RelayObjects {
		f, l := &valisev1.ImportBundle{}, &valisev1.List{}
		if err := proto.Unmarshal(p.Import, f); err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(f.GetList().GetObject(), l); err != nil {
			t.Fatal(err)
		}
		if keys := change(f, l); keys != nil {
			var err error
			if f.List, err = seal.SignObject(n.Realm, seal.PurposeList, marshalled(t, l), keys...); err != nil {
				t.Fatal(err)
			}
		}
		return n.forge(f)
	}
	stranger, err := seal.GenerateSigningKey(openConfig().Rand)
	if err != nil {
		t.Fatal(err)
	}
	managers := []*seal.SigningKey{n.managerKey()}
	for name, c := range map[string]struct {
		objects *valisev1.RelayObjects
		reason  valisev1.Reason
	}{
		"an older list": {first, valisev1.Reason_REASON_ROLLBACK},
		"a piece is withheld": {without(honest, func(x *valisev1.RelayObject) bool {
			return x.GetName() != directory.HeadObject && len(x.GetName()) == 26
		}),
			valisev1.Reason_REASON_PART_MISSING},
		"no head that can be read": {&valisev1.RelayObjects{Realm: string(n.Realm), Objects: []*valisev1.RelayObject{{Name: directory.HeadObject, Data: []byte("list 9")}}},
			valisev1.Reason_REASON_ENVELOPE_PROFILE},
		"a list of a stranger": {file(func(_ *valisev1.ImportBundle, l *valisev1.List) []*seal.SigningKey {
			return []*seal.SigningKey{stranger}
		}), valisev1.Reason_REASON_QUORUM},
		"a list far ahead": {file(func(_ *valisev1.ImportBundle, l *valisev1.List) []*seal.SigningKey {
			l.Number += 600
			return managers
		}), valisev1.Reason_REASON_FAST_FORWARD},
		"another list of the number in force": {file(func(_ *valisev1.ImportBundle, l *valisev1.List) []*seal.SigningKey {
			l.Number, l.History = 2, l.GetHistory()[1:]
			return managers
		}), valisev1.Reason_REASON_EQUIVOCATION},
		"parts of two versions": {file(func(f *valisev1.ImportBundle, _ *valisev1.List) []*seal.SigningKey {
			f.Entries = f.Entries[1:]
			return nil
		}), valisev1.Reason_REASON_UNSPECIFIED},
		"a State vanishes": {file(func(f *valisev1.ImportBundle, l *valisev1.List) []*seal.SigningKey {
			f.Entries, l.Members, f.KeyBundles = f.Entries[:1], l.Members[:1], nil
			return managers
		}), valisev1.Reason_REASON_TOMBSTONE},
	} {
		if c.reason == valisev1.Reason_REASON_UNSPECIFIED {
			continue // XA holds the entry that is left out: nothing is wrong with it here
		}
		t.Run(name, func(t *testing.T) {
			n := network{n.Lab, t}
			served++
			n.serve(c.objects, served)
			for range 2 { // and once more after a restart
				xa, stop := n.node("XA")
				status := awaitRefusal(t, xa, c.reason)
				if status.GetDirectoryNumber() != 2 || len(status.GetWarnings()) == 0 {
					t.Errorf("list %d is in force, warnings %q", status.GetDirectoryNumber(), status.GetWarnings())
				}
				told := slices.ContainsFunc(directoryItems(t, xa), func(it *valisev1.Item) bool { return it.GetReason() == c.reason })
				if !told {
					t.Error("the record does not tell of it")
				}
				stop()
			}
		})
	}
	served++
	n.serve(honest, served)
	xa, _ = n.node("XA")
	awaitList(t, xa, 3)
}

func without(o *valisev1.RelayObjects, gone func(*valisev1.RelayObject) bool) *valisev1.RelayObjects {
	o = proto.CloneOf(o)
	o.Objects = slices.DeleteFunc(o.Objects, gone)
	return o
}

// TestFilesOnly: a State that takes no list from a relay gets none, and its status says so by saying
// nothing.
func TestFilesOnly(t *testing.T) {
	n := newNetwork(t)
	path := filepath.Join(n.Home("XA"), "valise.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "\n[directory]\nfrom_relay = false\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	n.relay()
	xa, _ := n.node("XA")
	xb, _ := n.node("XB")
	n.publish(nil)
	awaitList(t, xb, 2)
	ask(t, xa, "by now the relay has told both")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	status, err := xa.Status(t.Context())
	if err != nil || status.GetDirectoryNumber() != 1 || status.GetRelayedDirectory() != nil {
		t.Errorf("list %d is in force, %v, %v", status.GetDirectoryNumber(), status.GetRelayedDirectory(), err)
	}
}
