package sim

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nkeys"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const realm = ident.Realm("exercise:lab-00112233445566778899aabbccddeeff")

// start is when every run begins.
var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const (
	// generation is how often sealing keys change, and generations how many there are: a run that
	// needs more than these years of its own time does not come to rest.
	generation  = 20 * 24 * time.Hour
	generations = 48
	// spareKeys are signing keys that take the place of a revoked one.
	spareKeys = 4
)

var states = []ident.State{"XA", "XB", "XC"}

// world is what all runs share and none changes: a directory with its history, and every key.
type world struct {
	books   []*directory.Snapshot                // by generation
	signing map[ident.Address][]*seal.SigningKey // the first stands in the entry
	sealing []map[ident.Address]seal.SealingKey  // by generation
}

// theWorld is made once for all seeds.
var theWorld = sync.OnceValues(newWorld)

func randomness(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

func newWorld() (*world, error) {
	w := &world{signing: map[ident.Address][]*seal.SigningKey{}}
	dir, err := os.MkdirTemp("", "valise-sim")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	book, err := directory.Open(dir, realm)
	if err != nil {
		return nil, err
	}
	m := maker{}
	file, manager := w.firstFile(&m)
	if m.err != nil {
		return nil, m.err
	}
	if _, err := book.Import(file, directory.ImportOptions{TrustManagers: []ident.KeyID{manager.Public().ID(realm)}}); err != nil {
		return nil, err
	}
	w.books = append(w.books, book.Snapshot())
	for n := 1; n < generations; n++ {
		for _, b := range w.bundles(&m, n) {
			if m.err != nil {
				return nil, m.err
			}
			if _, err := book.LearnBundle(b); err != nil {
				return nil, err
			}
		}
		w.books = append(w.books, book.Snapshot())
	}
	return w, nil
}

// maker makes keys and signed objects, and keeps the first error.
type maker struct{ err error }

func made[T any](m *maker, v T, err error) T {
	if m.err == nil {
		m.err = err
	}
	return v
}

func (m *maker) key(name string) *seal.SigningKey {
	k, err := seal.GenerateSigningKey(randomness(name))
	return made(m, k, err)
}

func (m *maker) sign(p seal.Purpose, what proto.Message, key *seal.SigningKey) *valisev1.SignedObject {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(what)
	if made(m, b, err); m.err != nil {
		return nil
	}
	o, err := seal.SignObject(realm, p, b, key)
	return made(m, o, err)
}

// addresses are the POCs of all States, in order.
func addresses() []ident.Address {
	var all []ident.Address
	for _, s := range states {
		all = append(all, ident.Address{State: s, Track: ident.Diplomatic}, ident.Address{State: s, Track: ident.Technical})
	}
	return all
}

// firstFile is the directory at the start: one manager, three States, both tracks.
func (w *world) firstFile(m *maker) ([]byte, *seal.SigningKey) {
	manager := m.key("manager")
	list := &valisev1.List{
		Realm: string(realm), Number: 1, ManagerSet: 1, Issued: timestamppb.New(start), Expires: timestamppb.New(start.AddDate(3, 0, 0)),
	}
	file := &valisev1.ImportBundle{}
	for _, state := range states {
		root := m.key("root " + state.String())
		entry := &valisev1.Entry{
			Realm: string(realm), State: state.String(), Number: 1, Root: root.Public().Proto(),
			Names: []*valisev1.LocalText{{Language: "en", Text: "State " + state.String()}},
		}
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			a := ident.Address{State: state, Track: track}
			for n := range 1 + spareKeys {
				w.signing[a] = append(w.signing[a], m.key(fmt.Sprint(a, n)))
			}
			entry.PointsOfContact = append(entry.PointsOfContact, pointOfContact(a, w.signing[a][0]))
		}
		signed := m.sign(seal.PurposeEntry, entry, root)
		id, sum := root.Public().ID(realm), sha256.Sum256(signed.GetObject())
		list.Members = append(list.Members, &valisev1.Membership{State: state.String(), Root: id[:], EntryNumber: 1, EntryHash: sum[:]})
		file.Entries = append(file.Entries, signed)
	}
	set := &valisev1.ManagerSet{
		Realm: string(realm), Number: 1, Threshold: 1, Managers: []*valisev1.PublicKey{manager.Public().Proto()}, Issued: timestamppb.New(start),
	}
	file.ManagerSets = []*valisev1.SignedObject{m.sign(seal.PurposeManagerSet, set, manager)}
	file.List = m.sign(seal.PurposeList, list, manager)
	file.KeyBundles = w.bundles(m, 0)
	b, err := proto.Marshal(file)
	return made(m, b, err), manager
}

func pointOfContact(a ident.Address, key *seal.SigningKey) *valisev1.PointOfContact {
	return &valisev1.PointOfContact{
		Track: a.Track.String(), Telephones: []string{"+99900000001"}, Languages: []string{"en"},
		SigningKeys: []*valisev1.SigningKey{{
			Key: key.Public().Proto(), ValidFrom: timestamppb.New(start.AddDate(0, -1, 0)), ValidUntil: timestamppb.New(start.AddDate(3, 0, 0)),
		}},
	}
}

// bundles are every POC's sealing keys of one generation.
func (w *world) bundles(m *maker, n int) []*valisev1.SignedObject {
	keys := map[ident.Address]seal.SealingKey{}
	w.sealing = append(w.sealing, keys)
	var all []*valisev1.SignedObject
	for _, a := range addresses() {
		key, err := sealingKey(randomness(fmt.Sprint("sealing ", a, n)))
		keys[a] = made(m, key, err)
		from := start.Add(time.Duration(n)*generation - 24*time.Hour)
		box, err := directory.RandomName(randomness("mailbox " + a.String()))
		box = made(m, box, err)
		token, err := directory.RandomName(randomness("token " + a.String()))
		token = made(m, token, err)
		bundle := &valisev1.KeyBundle{
			Realm: string(realm), Address: a.String(), EntryNumber: 1, Number: uint64(n + 1), Mailbox: box, SenderToken: token,
			RelayNkeys: []string{m.nkey(a.State)}, Issued: timestamppb.New(from), Expires: timestamppb.New(from.AddDate(0, 0, 44)),
			SealingKeys: []*valisev1.SealingKey{{
				Recipient: key.Recipient().String(), ValidFrom: timestamppb.New(from), AcceptedUntil: timestamppb.New(from.AddDate(0, 0, 45)),
			}},
		}
		all = append(all, m.sign(seal.PurposeKeyBundle, bundle, w.signing[a][0]))
	}
	return all
}

func (m *maker) nkey(s ident.State) string {
	seed := sha256.Sum256([]byte("nkey " + s.String()))
	pair, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if made(m, pair, err); m.err != nil {
		return ""
	}
	public, err := pair.PublicKey()
	return made(m, public, err)
}
