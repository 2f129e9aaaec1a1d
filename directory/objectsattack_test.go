package directory_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// forger makes objects by hand, as somebody would who has the reading key and the relay.
type forger struct {
	t       testing.TB
	reading seal.SealingKey
	shelf   *shelf
	head    *valisev1.DirectoryHead
}

func newForger(t testing.TB) *forger {
	key, err := seal.GenerateSealingKey()
	must(t, err)
	return &forger{t: t, reading: key, shelf: &shelf{t: t, objects: map[string][]byte{}}, head: &valisev1.DirectoryHead{Realm: string(realm)}}
}

func (f *forger) lay(content []byte) (name []byte) {
	f.t.Helper()
	o, err := seal.Close(content, f.reading.Recipient())
	must(f.t, err)
	sum := sha256.Sum256(o)
	f.shelf.objects[objectName(sum[:16])] = o
	return sum[:16]
}

func objectName(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func (f *forger) part(kind valisev1.DirectoryPartKind, o *valisev1.SignedObject) {
	f.t.Helper()
	b := encode(f.t, o)
	sum := sha256.Sum256(b)
	p := &valisev1.DirectoryPart{Kind: kind, Sha256: sum[:], Size: uint32(len(b))}
	for piece := range slices.Chunk(b, 262_140) {
		p.Pieces = append(p.Pieces, f.lay(piece))
	}
	f.head.Parts = append(f.head.Parts, p)
}

// cut lays a whole directory file out, whatever is in it.
func (f *forger) cut(file *valisev1.ImportBundle) *forger {
	f.t.Helper()
	list := &valisev1.List{}
	sum := sha256.Sum256(file.GetList().GetObject())
	f.head.Number, f.head.ListHash = 4, sum[:] // of a forged list that is none, the number that is next
	if proto.Unmarshal(file.GetList().GetObject(), list) == nil && list.GetNumber() > 0 {
		f.head.Number = list.GetNumber()
	}
	for _, o := range file.GetManagerSets() {
		f.part(1, o)
	}
	if file.GetList() != nil {
		f.part(2, file.GetList())
	}
	for _, o := range file.GetEntries() {
		f.part(3, o)
	}
	for _, o := range file.GetKeyBundles() {
		f.part(4, o)
	}
	return f
}

// offer closes the head and lets a book read what lies there, and import it where it can.
func (f *forger) offer(book *directory.Book) error {
	f.t.Helper()
	head, err := seal.Close(encode(f.t, f.head), f.reading.Recipient())
	must(f.t, err)
	return f.take(book, head)
}

func (f *forger) take(book *directory.Book, object []byte) error {
	head, err := directory.OpenHead(realm, object, f.reading)
	if err != nil {
		return err
	}
	if fetch, err := book.Snapshot().Follows(head); err != nil || !fetch {
		return err
	}
	file, err := book.Snapshot().Assemble(head, f.shelf.fetch)
	if err != nil {
		return err
	}
	_, err = book.Import(file, directory.ImportOptions{})
	return err
}

// TestAttacksByRelay lays every attack of the list out on a relay, whose keeper has the reading key:
// each is refused for the same reason as by file, also after a restart, and the honest list is taken.
func TestAttacksByRelay(t *testing.T) {
	base, honest := bookAtThree(t)
	want := openBook(t, base).Snapshot()
	tried := 0
	for _, a := range slices.Concat(listAttacks(t), setAttacks(t), entryAttacks(t), factAttacks(), bundleAttacks(t), fileAttacks(), relayAttacks(t)) {
		file := &valisev1.ImportBundle{}
		if a.bytes != nil || proto.Unmarshal(a.forge(honest), file) != nil || len(file.GetReadingKey()) > 0 {
			continue // a relay carries parts: a file that is none cannot come by it
		}
		tried++
		t.Run(a.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "book")
			must(t, os.CopyFS(dir, os.DirFS(base)))
			book := openBook(t, dir)
			err := newForger(t).cut(file).offer(book)
			if reason := reasonOf(err); reason != a.reason {
				t.Fatalf("refused with %v (%v), want %v", reason, err, a.reason)
			}
			sameDirectory(t, want, book.Snapshot())
			again := openBook(t, dir)
			sameDirectory(t, want, again.Snapshot())
			must(t, newForger(t).cut(honest.file()).offer(again))
			if again.Snapshot().Number() != honest.list.GetNumber() {
				t.Fatal("the honest list is not in force")
			}
		})
	}
	if tried < 60 {
		t.Fatalf("only %d attacks came by relay", tried)
	}
}

// objectAttack changes what lies at a relay, or what its head names.
type objectAttack struct {
	change func(f *forger)
	reason valisev1.Reason
}

// objectAttacks are pieces and heads that no manager laid there.
func objectAttacks(t testing.TB) map[string]objectAttack {
	stranger := newForger(t)
	return map[string]objectAttack{
		"a piece is gone":        {func(f *forger) { delete(f.shelf.objects, f.name(1, 0)) }, valisev1.Reason_REASON_PART_MISSING},
		"two pieces are swapped": {func(f *forger) { f.swap(f.name(1, 0), f.name(3, 0)) }, valisev1.Reason_REASON_PART_DAMAGED},
		"a piece is sealed again under its name": {func(f *forger) {
			content, _, err := seal.OpenPiece(f.shelf.objects[f.name(1, 0)], f.reading)
			must(f.t, err)
			f.shelf.objects[f.name(1, 0)] = f.closed(content, f.reading)
		}, valisev1.Reason_REASON_PART_DAMAGED},
		"two parts swap their pieces": {func(f *forger) {
			f.head.Parts[1].Pieces, f.head.Parts[2].Pieces = f.head.Parts[2].Pieces, f.head.Parts[1].Pieces
		}, valisev1.Reason_REASON_PART_DAMAGED},
		"a piece is cut":   {func(f *forger) { n := f.name(1, 0); f.shelf.objects[n] = f.shelf.objects[n][:10_000] }, valisev1.Reason_REASON_PART_DAMAGED},
		"a part is cut":    {func(f *forger) { f.head.Parts[1].Pieces = [][]byte{f.lay([]byte("short"))} }, valisev1.Reason_REASON_PART_DAMAGED},
		"a part is longer": {func(f *forger) { f.head.Parts[1].Pieces = [][]byte{f.lay(make([]byte, 100_000))} }, valisev1.Reason_REASON_PART_DAMAGED},
		"a piece is of another realm, so of another key": {func(f *forger) {
			own := f.reading
			f.reading = stranger.reading
			f.head.Parts[1].Pieces = [][]byte{f.lay([]byte("theirs"))}
			f.reading = own
		}, valisev1.Reason_REASON_PART_DAMAGED},
		"a piece is larger than any":   {func(f *forger) { n := f.name(1, 0); f.shelf.objects[n] = make([]byte, 400_000) }, valisev1.Reason_REASON_PART_DAMAGED},
		"a part twice":                 {func(f *forger) { f.head.Parts = append(f.head.Parts, f.head.Parts[len(f.head.Parts)-1]) }, valisev1.Reason_REASON_MIXED},
		"a piece twice":                {func(f *forger) { f.head.Parts[2].Pieces = f.head.Parts[3].Pieces }, valisev1.Reason_REASON_MIXED},
		"more pieces than the size":    {func(f *forger) { f.head.Parts[2].Pieces = append(f.head.Parts[2].Pieces, make([]byte, 16)) }, valisev1.Reason_REASON_MIXED},
		"no pieces":                    {func(f *forger) { f.head.Parts[2].Pieces = nil }, valisev1.Reason_REASON_PAYLOAD},
		"a size of nothing":            {func(f *forger) { f.head.Parts[2].Size = 0 }, valisev1.Reason_REASON_PAYLOAD},
		"no kind":                      {func(f *forger) { f.head.Parts[0].Kind = 0 }, valisev1.Reason_REASON_PAYLOAD},
		"another order":                {func(f *forger) { slices.Reverse(f.head.Parts) }, valisev1.Reason_REASON_MIXED},
		"two lists":                    {func(f *forger) { f.head.Parts[2].Kind = 2 }, valisev1.Reason_REASON_MIXED},
		"no list":                      {func(f *forger) { f.head.Parts[1].Kind = 3 }, valisev1.Reason_REASON_MIXED},
		"another list than it says":    {func(f *forger) { f.head.ListHash = make([]byte, 32) }, valisev1.Reason_REASON_MIXED},
		"another number than it says":  {func(f *forger) { f.head.Number++ }, valisev1.Reason_REASON_MIXED},
		"a lower number":               {func(f *forger) { f.head.Number = 2 }, valisev1.Reason_REASON_ROLLBACK},
		"a number far ahead":           {func(f *forger) { f.head.Number = 1000 }, valisev1.Reason_REASON_FAST_FORWARD},
		"another realm":                {func(f *forger) { f.head.Realm = "operational" }, valisev1.Reason_REASON_WRONG_REALM},
		"parts of 2 GiB":               {func(f *forger) { f.head.Parts[2].Size = 1 << 31 }, valisev1.Reason_REASON_TOO_LARGE},
		"more parts than a file holds": {func(f *forger) { f.many(40, 2<<20-32) }, valisev1.Reason_REASON_TOO_LARGE},
		"as many pieces as fit a head": {func(f *forger) { f.many(4000, 1) }, valisev1.Reason_REASON_WIRE_FORM},
	}
}

func TestObjectsOutOfPlace(t *testing.T) {
	base, honest := bookAtThree(t)
	want := openBook(t, base).Snapshot()
	for name, c := range objectAttacks(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "book")
			must(t, os.CopyFS(dir, os.DirFS(base)))
			book, f := openBook(t, dir), newForger(t).cut(honest.file())
			c.change(f)
			wantReason(t, f.offer(book), c.reason)
			sameDirectory(t, want, book.Snapshot())
			sameDirectory(t, want, openBook(t, dir).Snapshot())
		})
	}
}

// name is the name of a piece of a part.
func (f *forger) name(part, piece int) string {
	return objectName(f.head.GetParts()[part].GetPieces()[piece])
}

func (f *forger) swap(a, b string) {
	f.shelf.objects[a], f.shelf.objects[b] = f.shelf.objects[b], f.shelf.objects[a]
}

// many names parts without end, none of which lies there.
func (f *forger) many(n int, size uint32) {
	for i := range n {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		p := &valisev1.DirectoryPart{Kind: 4, Sha256: sum[:], Size: size}
		for k := range (size + 262_139) / 262_140 {
			name := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(k), 1})
			p.Pieces = append(p.Pieces, name[:16])
		}
		f.head.Parts = append(f.head.Parts, p)
	}
}

// sealedAttack is an object that is no head, or no reading key.
type sealedAttack struct {
	object []byte
	reason valisev1.Reason
}

func (f *forger) closed(content []byte, to seal.SealingKey) []byte {
	f.t.Helper()
	o, err := seal.Close(content, to.Recipient())
	must(f.t, err)
	return o
}

// headAttacks are no heads of the files that f cut, under whatever key.
func (f *forger) headAttacks(other seal.SealingKey) map[string]sealedAttack {
	honest := encode(f.t, f.head)
	million := bytes.Repeat([]byte{0x22, 0x00}, 131_000) // as many parts as one object can name, all empty
	return map[string]sealedAttack{
		"nothing":                 {nil, valisev1.Reason_REASON_ENVELOPE_SIZE},
		"plain text":              {[]byte("list 5, really"), valisev1.Reason_REASON_ENVELOPE_PROFILE},
		"under another key":       {f.closed(honest, other), valisev1.Reason_REASON_CANNOT_DECRYPT},
		"cut":                     {f.closed(honest, f.reading)[:15_000], valisev1.Reason_REASON_ENVELOPE_DAMAGED},
		"longer":                  {append(f.closed(honest, f.reading), 0), valisev1.Reason_REASON_ENVELOPE_DAMAGED},
		"no message":              {f.closed([]byte{0xff}, f.reading), valisev1.Reason_REASON_WIRE_FORM},
		"a field of no version":   {f.closed(append(bytes.Clone(honest), 0xf8, 0x07, 0x01), f.reading), valisev1.Reason_REASON_WIRE_FORM},
		"every field twice":       {f.closed(append(bytes.Clone(honest), honest...), f.reading), valisev1.Reason_REASON_WIRE_FORM},
		"parts without end":       {f.closed(million, f.reading), valisev1.Reason_REASON_WIRE_FORM},
		"a reading key as a head": {f.closed(encode(f.t, &valisev1.ReadingKey{Realm: string(realm), Key: other.Secret()}), f.reading), valisev1.Reason_REASON_WIRE_FORM},
	}
}

// keyAttacks are no reading keys, sealed to f's.
func (f *forger) keyAttacks(other seal.SealingKey) map[string]sealedAttack {
	key := func(k *valisev1.ReadingKey) []byte { return f.closed(encode(f.t, k), f.reading) }
	return map[string]sealedAttack{
		"of another realm": {key(&valisev1.ReadingKey{Realm: "operational", Key: other.Secret()}), valisev1.Reason_REASON_WRONG_REALM},
		"no identity":      {key(&valisev1.ReadingKey{Realm: string(realm), Key: "AGE-SECRET-KEY-PQ-1"}), valisev1.Reason_REASON_PAYLOAD},
		"of nobody":        {key(&valisev1.ReadingKey{Realm: string(realm)}), valisev1.Reason_REASON_PAYLOAD},
	}
}

// TestHeadsThatCannotBeRead: what is no head at all, under whatever key.
func TestHeadsThatCannotBeRead(t *testing.T) {
	f := newForger(t).cut(firstEdition(t).file())
	other, err := seal.GenerateSealingKey()
	must(t, err)
	for name, c := range f.headAttacks(other) {
		_, err := directory.OpenHead(realm, c.object, f.reading)
		if got := reasonOf(err); got != c.reason {
			t.Errorf("%s: refused with %v (%v), want %v", name, got, err, c.reason)
		}
	}
	for name, c := range f.keyAttacks(other) {
		_, err := directory.OpenReadingKey(realm, c.object, f.reading)
		if got := reasonOf(err); got != c.reason {
			t.Errorf("a reading key %s: refused with %v (%v), want %v", name, got, err, c.reason)
		}
	}
}

// TestFirstContactIsNeverByRelay: without a list from a file nothing is fetched.
func TestFirstContactIsNeverByRelay(t *testing.T) {
	f := newForger(t).cut(firstEdition(t).file())
	wantReason(t, f.offer(openBook(t, t.TempDir())), valisev1.Reason_REASON_NOT_FOUND)
	if f.shelf.asked != 0 {
		t.Fatalf("%d objects were fetched", f.shelf.asked)
	}
}

// TestAnotherListOfTheSameNumberIsEvidence: two lists of one number, both signed by the managers, are
// told apart from a relay that makes things up.
func TestAnotherListOfTheSameNumberIsEvidence(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	other := proto.CloneOf(first.list)
	other.Expires.Seconds++
	e := *first
	e.list, e.bundles = other, maps.Clone(first.bundles)
	wantReason(t, newForger(t).cut(e.file()).offer(book), valisev1.Reason_REASON_EQUIVOCATION)
	e.signers = []*seal.SigningKey{signingKey(t, "stranger")}
	wantReason(t, newForger(t).cut(e.file()).offer(book), valisev1.Reason_REASON_QUORUM)
}
