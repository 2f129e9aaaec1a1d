package directory_test

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// FuzzSealedObject: bytes that are no sealed object, and a sealed one of which one byte is another, open
// nothing; an honest one says what its content says. docs/protocol.md §8.6
func FuzzSealedObject(f *testing.F) {
	key, err := seal.GenerateSealingKey()
	must(f, err)
	head := encode(f, newForger(f).cut(firstEdition(f).file()).head)
	reading := encode(f, &valisev1.ReadingKey{Realm: string(realm), Key: key.Secret()})
	for _, content := range [][]byte{head, reading, head[:len(head)/2], {0}} {
		sealed, err := seal.Close(content, key.Recipient())
		must(f, err)
		f.Add(sealed, true, uint32(0), byte(0))
		f.Add(content, false, uint32(0), byte(0))
		f.Add(content, false, uint32(30), byte(1))     // in the recipient
		f.Add(content, false, uint32(17_000), byte(9)) // in what is sealed
	}
	f.Add([]byte("age-encryption.org/v1\n-> mlkem768x25519 AA\n\n--- AA\n"), true, uint32(0), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, raw bool, at uint32, flip byte) {
		if raw {
			_, err := directory.OpenHead(realm, b, key)
			refusedOrFine(t, err)
			_, err = directory.OpenReadingKey(realm, b, key)
			refusedOrFine(t, err)
			return
		}
		if len(b) == 0 || len(b) > seal.MaxPiece {
			return
		}
		object, err := seal.Close(b, key.Recipient())
		must(t, err)
		object[at%uint32(len(object))] ^= flip
		_, headErr := directory.OpenHead(realm, object, key)
		_, keyErr := directory.OpenReadingKey(realm, object, key)
		refusedOrFine(t, headErr)
		refusedOrFine(t, keyErr)
		if flip != 0 {
			if headErr == nil || keyErr == nil {
				t.Fatal("an object of which a byte is another was opened")
			}
			return
		}
		_, wantHead := directory.ParseHead(realm, b)
		_, wantKey := directory.ParseReadingKey(realm, b)
		if reasonOf(headErr) != reasonOf(wantHead) || reasonOf(keyErr) != reasonOf(wantKey) {
			t.Fatalf("sealed: %v and %v; plain: %v and %v", headErr, keyErr, wantHead, wantKey)
		}
	})
}

// FuzzPiece: whatever lies under the name of a piece, sealed or not, under its own name or the announced one,
// the part is the announced one to the byte or the list is refused. docs/protocol.md §8.6
func FuzzPiece(f *testing.F) {
	base, honest := bookAtThree(f)
	now := openBook(f, base).Snapshot()
	forger := newForger(f).cut(honest.file())
	list := encode(f, honest.file().GetList())
	for _, b := range [][]byte{list, list[:len(list)-1], append(bytes.Clone(list), 0), bytes.Repeat([]byte{7}, len(list)), nil, make([]byte, 300_000)} {
		f.Add(b, false, false)
		f.Add(b, false, true)
		f.Add(b, true, true)
	}
	f.Add(forger.shelf.objects[forger.name(1, 0)], true, true)
	f.Fuzz(func(t *testing.T, b []byte, raw, named bool) {
		object := b
		if !raw {
			if len(b) == 0 || len(b) > seal.MaxPiece {
				return
			}
			var err error
			object, err = seal.Close(b, forger.reading.Recipient())
			must(t, err)
		}
		relay := &shelf{t: t, objects: maps.Clone(forger.shelf.objects)}
		body := proto.CloneOf(forger.head)
		name := forger.name(1, 0)
		announced := bytes.Equal(object, relay.objects[name])
		if named {
			sum := sha256.Sum256(object)
			body.Parts[1].Pieces[0], name = sum[:16], objectName(sum[:16])
		}
		relay.objects[name] = object
		closed, err := seal.Close(encode(t, body), forger.reading.Recipient())
		must(t, err)
		head, err := directory.OpenHead(realm, closed, forger.reading)
		must(t, err)
		_, err = now.Assemble(head, relay.fetch)
		switch {
		case announced, named && !raw && bytes.Equal(b, list):
			must(t, err)
		case object == nil:
			wantReason(t, err, valisev1.Reason_REASON_PART_MISSING)
		default:
			wantReason(t, err, valisev1.Reason_REASON_PART_DAMAGED)
		}
	})
}
