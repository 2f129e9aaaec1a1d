package directory

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const (
	// ObjectsFile is what relays take beside the roster: the directory in sealed objects.
	ObjectsFile = "relay.objects"
	// HeadObject is the name of the one object that is sealed anew under the same name.
	HeadObject = "head"

	// maxPartSize is what the pieces of one part hold.
	maxPartSize = maxPieces * seal.MaxPiece
	maxPieces   = 8
)

var aboutObjects = subject{object: "relay objects"}

// objectsMaker seals a directory file for those who stay. docs/protocol.md §8.6
type objectsMaker struct {
	realm   ident.Realm
	reading seal.Recipient
	objects []*valisev1.RelayObject
	head    *valisev1.DirectoryHead
}

// makeObjects cuts a directory file that is in force into sealed pieces, and gives the reading key to
// every point of contact with a live sealing key. needFile are those without one: they read the
// objects only if they hold the reading key already. The same file gives other bytes each time; one
// without a reading key gives none. docs/protocol.md §8.6
func (h *held) makeObjects(file *valisev1.ImportBundle) (objects []byte, needFile []ident.Address, err error) {
	if file.GetReadingKey() == "" {
		return nil, nil, nil
	}
	key, err := seal.ParseSealingKey(file.GetReadingKey())
	if err != nil {
		return nil, nil, aboutObjects.refuse(valisev1.Reason_REASON_PAYLOAD, "the reading key cannot be read, so nothing is sealed")
	}
	m := &objectsMaker{realm: h.realm, reading: key.Recipient(), head: &valisev1.DirectoryHead{
		Realm: string(h.realm), Number: h.list.body.GetNumber(), ListHash: h.list.hash[:],
	}}
	if err := m.addParts(file); err != nil {
		return nil, nil, err
	}
	if needFile, err = m.addKeys(h, key); err != nil {
		return nil, nil, err
	}
	head, err := m.sealed(m.head, m.reading)
	if err != nil {
		return nil, nil, err
	}
	m.objects = append(m.objects, &valisev1.RelayObject{Name: HeadObject, Data: head})
	slices.SortFunc(m.objects, func(a, b *valisev1.RelayObject) int { return strings.Compare(a.GetName(), b.GetName()) })
	all := &valisev1.RelayObjects{Realm: string(h.realm), Number: m.head.GetNumber(), Objects: m.objects}
	if err := obey(aboutObjects, all); err != nil {
		return nil, nil, err
	}
	objects, err = encode(all)
	return objects, needFile, err
}

// addParts adds every signed object in the order of the file.
func (m *objectsMaker) addParts(file *valisev1.ImportBundle) error {
	for _, group := range partsOf(file) {
		for _, o := range group.objects {
			if err := m.addPart(group.kind, o); err != nil {
				return err
			}
		}
	}
	return nil
}

type partGroup struct {
	kind    valisev1.DirectoryPartKind
	objects []*valisev1.SignedObject
}

// partsOf is the order in which a directory file names its objects. docs/protocol.md §8.6
func partsOf(file *valisev1.ImportBundle) []partGroup {
	return []partGroup{
		{valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_MANAGER_SET, file.GetManagerSets()},
		{valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_LIST, []*valisev1.SignedObject{file.GetList()}},
		{valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_ENTRY, file.GetEntries()},
		{valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_KEY_BUNDLE, file.GetKeyBundles()},
	}
}

func (m *objectsMaker) addPart(kind valisev1.DirectoryPartKind, o *valisev1.SignedObject) error {
	b, err := encode(o)
	if err != nil {
		return err
	}
	if len(b) > maxPartSize {
		return aboutObjects.refuse(valisev1.Reason_REASON_TOO_LARGE, "a part of %d bytes, at most %d are carried", len(b), maxPartSize)
	}
	sum := sha256.Sum256(b)
	part := &valisev1.DirectoryPart{Kind: kind, Sha256: sum[:], Size: uint32(len(b))}
	for piece := range slices.Chunk(b, seal.MaxPiece) {
		data, err := seal.Close(piece, m.reading)
		if err != nil {
			return err
		}
		name := pieceName(data)
		part.Pieces = append(part.Pieces, name[:])
		m.objects = append(m.objects, &valisev1.RelayObject{Name: nameOf(name), Data: data})
	}
	m.head.Parts = append(m.head.Parts, part)
	return nil
}

// addKeys hands the reading key to every point of contact that the list in force has, under the name
// of its mailbox. docs/protocol.md §8.6
func (m *objectsMaker) addKeys(h *held, key seal.SealingKey) (needFile []ident.Address, err error) {
	for _, state := range h.list.states {
		e := h.states[state].current
		if e == nil {
			continue
		}
		for _, p := range e.body.GetPointsOfContact() {
			track, err := ident.ParseTrack(p.GetTrack())
			if err != nil {
				return nil, err
			}
			a := ident.Address{State: state, Track: track}
			b := h.bundles[a]
			to, live := b.liveKey(h.list.issued)
			if !live {
				needFile = append(needFile, a)
				continue
			}
			data, err := m.sealed(&valisev1.ReadingKey{Realm: string(m.realm), Key: key.Secret()}, to)
			if err != nil {
				return nil, err
			}
			m.objects = append(m.objects, &valisev1.RelayObject{Name: b.body.GetMailbox(), Data: data})
		}
	}
	return needFile, nil
}

func (m *objectsMaker) sealed(x proto.Message, to seal.Recipient) ([]byte, error) {
	b, err := encode(x)
	if err != nil {
		return nil, err
	}
	return seal.Close(b, to)
}

// pieceName follows from the sealed bytes, so a relay cannot lay one piece under the name of another.
// docs/protocol.md §8.6
func pieceName(data []byte) (name [16]byte) {
	sum := sha256.Sum256(data)
	copy(name[:], sum[:])
	return name
}

func nameOf(b [16]byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}
