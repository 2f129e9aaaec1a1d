package directory_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// shelf is what a relay keeps: objects by name. It counts what is asked for.
type shelf struct {
	t       testing.TB
	objects map[string][]byte
	asked   int
}

// shelfOf reads relay.objects as a relay does.
func shelfOf(t testing.TB, b []byte) *shelf {
	t.Helper()
	all := &valisev1.RelayObjects{}
	must(t, proto.Unmarshal(b, all))
	s := &shelf{t: t, objects: map[string][]byte{}}
	for _, o := range all.GetObjects() {
		s.objects[o.GetName()] = o.GetData()
	}
	if len(s.objects) != len(all.GetObjects()) {
		t.Fatal("two objects have one name")
	}
	return s
}

func (s *shelf) fetch(name string) ([]byte, error) {
	s.asked++
	return s.objects[name], nil
}

// read takes what lies there as a node does that knows the reading key of its own directory and, if
// that fails, its sealing keys.
func (s *shelf) read(book *directory.Book, mailbox string, ours ...seal.SealingKey) (file []byte, err error) {
	now := book.Snapshot()
	key, _ := now.ReadingKey()
	head, err := directory.OpenHead(realm, s.objects[directory.HeadObject], key)
	if reasonOf(err) == valisev1.Reason_REASON_CANNOT_DECRYPT && mailbox != "" {
		if key, err = directory.OpenReadingKey(realm, s.objects[mailbox], ours...); err != nil {
			return nil, err
		}
		head, err = directory.OpenHead(realm, s.objects[directory.HeadObject], key)
	}
	if err != nil {
		return nil, err
	}
	if fetch, err := now.Follows(head); err != nil || !fetch {
		return nil, err
	}
	return now.Assemble(head, s.fetch)
}

// published is a manager with XA, XB and XC in list 1, and XA's book with that list.
func published(t testing.TB) (dir string, seats map[ident.State]*seat, book *directory.Book) {
	t.Helper()
	dir, r := newRegistry(t)
	seats = map[ident.State]*seat{}
	for _, state := range []ident.State{"XA", "XB", "XC"} {
		seats[state] = newSeat(t, state)
		admit(t, dir, seats[state].export(start))
	}
	p := publish(t, dir, start)
	book = openBook(t, t.TempDir())
	_, err := book.Import(p.Import, directory.ImportOptions{TrustManagers: r.Managers().Managers})
	must(t, err)
	return dir, seats, book
}

// TestOverTheRelayItIsTheSameFile: what is put together from a relay is the directory file to the
// byte, and of the parts only those are fetched that are new.
func TestOverTheRelayItIsTheSameFile(t *testing.T) {
	dir, seats, book := published(t)
	seats["XB"].edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2026/0002" })
	admit(t, dir, seats["XB"].export(start))
	p := publish(t, dir, start.Add(time.Hour))
	if kept, err := os.ReadFile(filepath.Join(dir, directory.ObjectsFile)); err != nil || !bytes.Equal(kept, p.Objects) {
		t.Fatalf("%s is not what was published: %v", directory.ObjectsFile, err)
	}
	if len(p.NeedFile) != 0 {
		t.Fatalf("all have live keys, and %v need a file", p.NeedFile)
	}
	relay := shelfOf(t, p.Objects)
	file, err := relay.read(book, "")
	must(t, err)
	if !bytes.Equal(file, p.Import) {
		t.Fatal("it is another file than the managers published")
	}
	if relay.asked != 4 { // the list, XB's entry and its two bundles
		t.Fatalf("%d pieces were fetched, 4 are new", relay.asked)
	}
	if _, err := book.Import(file, directory.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if again, err := relay.read(book, ""); err != nil || again != nil {
		t.Fatalf("the list in force was fetched again: %v", err)
	}
	if c, err := book.Import(p.Import, directory.ImportOptions{}); err != nil || !c.Unchanged {
		t.Fatalf("the same file from a stick changes %+v, %v", c, err)
	}
	for _, o := range relay.objects {
		if !slices.Contains([]int{18_043, 67_195, 263_851}, len(o)) {
			t.Fatalf("an object of %d bytes shows its size", len(o))
		}
	}
}

// TestWhoLeftReadsNothing: with all that XC has, the objects of the list without it stay closed; who
// stays takes that list without a file.
func TestWhoLeftReadsNothing(t *testing.T) {
	dir, seats, book := published(t)
	left := openBook(t, t.TempDir())
	file, err := os.ReadFile(filepath.Join(dir, directory.ImportFile))
	must(t, err)
	_, err = left.Import(file, directory.ImportOptions{TrustManagers: reopen(t, dir).Managers().Managers})
	must(t, err)
	must(t, reopen(t, dir).Withdraw("XC", start))
	relay := shelfOf(t, publish(t, dir, start.Add(time.Hour)).Objects)

	old, _ := left.Snapshot().ReadingKey()
	keys := append([]seal.SealingKey{old}, seats["XC"].opens...)
	for name, o := range relay.objects {
		if _, _, err := seal.OpenPiece(o, keys...); err == nil {
			t.Errorf("who left opens the object %s", name)
		}
	}
	mailbox := func(s string) string { return randomName(t, "mailbox "+s) }
	if _, err := relay.read(left, mailbox("XCtechnical"), seats["XC"].opens...); err == nil {
		t.Error("who left takes the list without it")
	}
	if relay.objects[mailbox("XCtechnical")] != nil {
		t.Error("who left gets an object of its own")
	}

	file, err = relay.read(book, mailbox("XAtechnical"), seats["XA"].opens...)
	must(t, err)
	if c, err := book.Import(file, directory.ImportOptions{}); err != nil || !slices.Equal(c.Left, []ident.State{"XC"}) {
		t.Fatalf("who stays took %+v, %v", c, err)
	}
	// From now on the key of today is enough.
	if now, ok := book.Snapshot().ReadingKey(); !ok || now.Secret() == old.Secret() {
		t.Fatal("who stays still holds the key that XC has")
	}
}

// TestWithoutALiveKeyAFileIsNeeded: nobody can be handed the reading key under a key that has ended,
// and the manager is told whom that concerns.
func TestWithoutALiveKeyAFileIsNeeded(t *testing.T) {
	dir, seats, _ := published(t)
	later := start.AddDate(0, 0, 50)
	seats["XA"].edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2026/0003" })
	admit(t, dir, seats["XA"].export(later))
	p := publish(t, dir, later)
	var need []string
	for _, a := range p.NeedFile {
		need = append(need, a.String())
	}
	if want := []string{"XB/diplomatic", "XB/technical", "XC/diplomatic", "XC/technical"}; !slices.Equal(need, want) {
		t.Fatalf("%v need a file, want %v", need, want)
	}
	if len(shelfOf(t, p.Objects).objects) == 0 {
		t.Fatal("and nobody else can read the list over the relay")
	}
}
