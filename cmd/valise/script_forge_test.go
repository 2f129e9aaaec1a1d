package main

import (
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// forgery is the directory file that would follow the one a lab's manager published last, in parts, so that
// any of them can be changed before it is signed with the lab's own keys.
type forgery struct {
	ts      *testscript.TestScript
	lab     string
	realm   ident.Realm
	list    *valisev1.List
	sets    []*valisev1.SignedObject
	entries map[string]*valisev1.Entry
	roots   map[string]*seal.SigningKey
	bundles map[string]*valisev1.KeyBundle
	desks   map[string]*seal.SigningKey
	signers []*seal.SigningKey
	// sign makes the list of its exact bytes, purpose and realm.
	object  func([]byte) []byte
	purpose seal.Purpose
	// after changes the file when everything is signed.
	after   func(*valisev1.ImportBundle)
	reading string
}

// forge writes a directory file and the objects of a relay that nobody may take, made with the keys of a
// lab: forge ATTACK LAB NAME writes NAME.import and NAME.objects. With a FILE in the place of an attack
// it lays that directory file out for a relay.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge ATTACK|FILE LAB NAME")
	}
	f := honestNext(ts, ts.MkAbs(args[1]))
	var file []byte
	if attack, known := forgeries[args[0]]; known {
		attack(f)
		file = f.file()
	} else {
		file = readBytes(ts, ts.MkAbs(args[0]))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]+".import"), file, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]+".objects"), f.objects(file), 0o600))
}

func readBytes(ts *testscript.TestScript, path string) []byte {
	b, err := os.ReadFile(path)
	ts.Check(err)
	return b
}

func marshalled(ts *testscript.TestScript, m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	ts.Check(err)
	return b
}

// honestNext is the list that the manager would publish now, with everything that is in force.
func honestNext(ts *testscript.TestScript, lab string) *forgery {
	file, l := &valisev1.ImportBundle{}, &valisev1.List{}
	ts.Check(proto.Unmarshal(readBytes(ts, filepath.Join(lab, "directory", "directory.import")), file))
	ts.Check(proto.Unmarshal(file.GetList().GetObject(), l))
	f := &forgery{
		ts: ts, lab: lab, realm: ident.Realm(l.GetRealm()), list: l, sets: file.GetManagerSets(), reading: file.GetReadingKey(),
		entries: map[string]*valisev1.Entry{}, roots: map[string]*seal.SigningKey{}, bundles: map[string]*valisev1.KeyBundle{}, desks: map[string]*seal.SigningKey{},
		object: func(b []byte) []byte { return b }, purpose: seal.PurposeList, after: func(*valisev1.ImportBundle) {},
	}
	f.signers = []*seal.SigningKey{f.key("directory/manager.key")}
	sum := sha256.Sum256(file.GetList().GetObject())
	l.History = append([][]byte{sum[:]}, l.GetHistory()...)
	l.Number++
	l.Issued, l.Expires = timestamppb.New(time.Now()), timestamppb.New(time.Now().AddDate(0, 0, 30))
	for _, o := range file.GetEntries() {
		e := &valisev1.Entry{}
		ts.Check(proto.Unmarshal(o.GetObject(), e))
		f.entries[e.GetState()], f.roots[e.GetState()] = e, f.key("directory/roots/"+e.GetState()+"/root.key")
	}
	for _, o := range file.GetKeyBundles() {
		b := &valisev1.KeyBundle{}
		ts.Check(proto.Unmarshal(o.GetObject(), b))
		state, track, _ := strings.Cut(b.GetAddress(), "/")
		f.bundles[b.GetAddress()], f.desks[b.GetAddress()] = b, f.key(state+"/keys/signing-"+track+".key")
	}
	return f
}

func (f *forgery) key(path string) *seal.SigningKey {
	k, err := seal.ReadSigningKey(filepath.Join(f.lab, filepath.FromSlash(path)), f.realm, nil)
	f.ts.Check(err)
	return k
}

func (f *forgery) sign(purpose seal.Purpose, object []byte, keys ...*seal.SigningKey) *valisev1.SignedObject {
	o, err := seal.SignObject(f.realm, purpose, object, keys...)
	f.ts.Check(err)
	return o
}

// stranger is a key of nobody.
func (f *forgery) stranger() *seal.SigningKey {
	k, err := seal.GenerateSigningKey(strings.NewReader(strings.Repeat("a stranger in the directory", 8)))
	f.ts.Check(err)
	return k
}

// enrol has the list name the entries as they are now.
func (f *forgery) enrol() {
	for _, m := range f.list.GetMembers() {
		e := f.entries[m.GetState()]
		sum := sha256.Sum256(marshalled(f.ts, e))
		m.EntryNumber, m.EntryHash = e.GetNumber(), sum[:]
	}
}

// newSet puts a manager set after those of the file, and makes the list under it.
func (f *forgery) newSet(threshold uint32, signers []*seal.SigningKey, managers ...*seal.SigningKey) {
	set := &valisev1.ManagerSet{Realm: string(f.realm), Number: uint64(len(f.sets)) + 1, Threshold: threshold}
	for _, m := range managers {
		set.Managers = append(set.Managers, m.Public().Proto())
	}
	f.sets = append(f.sets, f.sign(seal.PurposeManagerSet, marshalled(f.ts, set), signers...))
	f.list.ManagerSet = set.GetNumber()
}

func (f *forgery) file() []byte {
	file := &valisev1.ImportBundle{ManagerSets: f.sets, ReadingKey: f.reading}
	file.List = f.sign(f.purpose, f.object(marshalled(f.ts, f.list)), f.signers...)
	for _, m := range f.list.GetMembers() {
		if e := f.entries[m.GetState()]; e != nil {
			file.Entries = append(file.Entries, f.sign(seal.PurposeEntry, marshalled(f.ts, e), f.roots[m.GetState()]))
		}
	}
	for _, address := range slices.Sorted(maps.Keys(f.bundles)) {
		file.KeyBundles = append(file.KeyBundles, f.sign(seal.PurposeKeyBundle, marshalled(f.ts, f.bundles[address]), f.desks[address]))
	}
	f.after(file)
	return marshalled(f.ts, file)
}

// objects lays a file out as whoever keeps the relay could who has the reading key. The number that the
// relay looks at is that of the next list, so that it takes them.
func (f *forgery) objects(b []byte) []byte {
	file, list := &valisev1.ImportBundle{}, &valisev1.List{}
	f.ts.Check(proto.Unmarshal(b, file))
	key, err := seal.ParseSealingKey(f.reading)
	f.ts.Check(err)
	sum := sha256.Sum256(file.GetList().GetObject())
	head := &valisev1.DirectoryHead{Realm: string(f.realm), Number: f.list.GetNumber(), ListHash: sum[:]}
	if proto.Unmarshal(file.GetList().GetObject(), list) == nil && list.GetNumber() > 0 {
		head.Number = list.GetNumber()
	}
	all := &valisev1.RelayObjects{Realm: string(f.realm), Number: honestNext(f.ts, f.lab).list.GetNumber()}
	lay := func(name string, content []byte) []byte {
		o, err := seal.Close(content, key.Recipient())
		f.ts.Check(err)
		sum := sha256.Sum256(o)
		if name == "" {
			name = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
		}
		all.Objects = append(all.Objects, &valisev1.RelayObject{Name: name, Data: o})
		return sum[:16]
	}
	for i, group := range [][]*valisev1.SignedObject{file.GetManagerSets(), {file.GetList()}, file.GetEntries(), file.GetKeyBundles()} {
		for _, o := range group {
			part := marshalled(f.ts, o)
			sum := sha256.Sum256(part)
			head.Parts = append(head.Parts, &valisev1.DirectoryPart{
				Kind: valisev1.DirectoryPartKind(i + 1), Sha256: sum[:], Size: uint32(len(part)), Pieces: [][]byte{lay("", part)},
			})
		}
	}
	lay(directory.HeadObject, marshalled(f.ts, head))
	slices.SortFunc(all.Objects, func(a, b *valisev1.RelayObject) int { return strings.Compare(a.GetName(), b.GetName()) })
	return marshalled(f.ts, all)
}
