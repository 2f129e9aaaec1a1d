package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestAQuorumByFiles: three managers on three machines admit and withdraw, whoever begins, and all
// of them come to the same directory.
func TestAQuorumByFiles(t *testing.T) {
	oneGoroutine(t)
	p := newPanel(t, 2, 3).agree()
	xa, xb, xc := newSeat(t, "XA"), newSeat(t, "XB"), newSeat(t, "XC")
	admit(t, p.dirs[0], xa.export(start))
	admit(t, p.dirs[0], xb.export(start))
	admit(t, p.dirs[0], relayCard(t, "relay one", "127.0.0.1:4222"))
	s := p.publish(0, 1, start)
	node := openBook(t, t.TempDir())
	take := func() directory.Changes {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(p.dirs[2], directory.ImportFile))
		if err != nil {
			t.Fatal(err)
		}
		c, err := node.Import(b, directory.ImportOptions{TrustManagers: p.open(2).Managers().Managers})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := take(); len(c.Joined) != 2 || len(node.Snapshot().Relays()) != 1 {
		t.Fatalf("the first list: %+v", c)
	}
	if node.Snapshot().Stale(start) || !node.Snapshot().Stale(start.AddDate(0, 0, 31)) {
		t.Fatal("a list is fresh for thirty days and then warns")
	}
	p.takeAll(s.File) // once more changes nothing

	// The second list comes from a manager who admitted nothing of the first.
	admit(t, p.dirs[2], xc.export(start))
	xb.edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2026/0002" })
	admit(t, p.dirs[1], xb.export(start.Add(time.Hour)))
	p.publishKeeping(t, 2, 0, start.Add(time.Hour))
	if c := take(); len(c.Joined) != 1 || len(c.Updated) != 0 {
		t.Fatalf("the second list: %+v", c)
	}
	// What the other had admitted meanwhile is in its own next list.
	p.publish(1, 2, start.Add(2*time.Hour))
	if c := take(); len(c.Updated) != 1 || !slices.Equal(states(p.open(0)), []ident.State{"XA", "XB", "XC"}) {
		t.Fatalf("the third list: %+v", c)
	}

	if err := p.open(1).Withdraw("XA", start.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := p.open(1).WithdrawRelay("relay one"); err != nil {
		t.Fatal(err)
	}
	admit(t, p.dirs[0], relayCard(t, "relay two", "127.0.0.1:4223"))
	p.publishKeeping(t, 0, 2, start.Add(3*time.Hour)) // of the withdrawal the others know nothing yet
	if c := take(); len(c.Left) != 0 || len(node.Snapshot().Relays()) != 2 {
		t.Fatalf("the fourth list: %+v", c)
	}
	p.publish(1, 0, start.Add(4*time.Hour))
	if c := take(); len(c.Left) != 1 || len(node.Snapshot().Relays()) != 1 {
		t.Fatalf("the fifth list: %+v", c)
	}
	p.publish(2, 1, start.Add(5*time.Hour))
	if c := take(); len(c.Joined) != 0 || c.ListNumber != 6 {
		t.Fatalf("who left came back: %+v", c)
	}
}

// publishKeeping is publish while one manager has something of its own for the list after it.
func (p *panel) publishKeeping(t *testing.T, proposer, signer int, now time.Time) {
	t.Helper()
	s := p.sign(signer, p.propose(proposer, now).File, directory.ReviewOptions{})
	for n := range p.dirs {
		p.take(n, s.File)
		sameDirectory(t, p.open(0).Published(), p.open(n).Published())
	}
}

// TestOneManagerAloneCanDoNothing tries each way.
func TestOneManagerAloneCanDoNothing(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.publish(0, 1, start)
	before := p.open(2).Published()
	admit(t, p.dirs[0], newSeat(t, "XB").export(start))
	_, err := p.open(0).Publish(directory.PublishConfig{Now: start, Signers: []*seal.SigningKey{p.key(0)}})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	alone := p.propose(0, start.Add(time.Hour))
	if alone.Review.Complete || len(alone.Review.Signed) != 1 || len(alone.Review.Missing) != 2 {
		t.Fatalf("one signed: %+v", alone.Review)
	}
	again := p.sign(0, alone.File, directory.ReviewOptions{})
	f := &valisev1.Proposal{}
	decode(t, alone.File, f)
	f.List.Signatures = append(f.List.GetSignatures(), f.List.GetSignatures()[0])
	f.Binding.Signatures = append(f.Binding.GetSignatures(), f.Binding.GetSignatures()[0])
	stranger := proto.CloneOf(f)
	must(t, seal.AddSignature(realm, seal.PurposeList, stranger.GetList(), signingKey(t, "stranger")))
	must(t, seal.AddSignature(realm, seal.PurposeProposal, stranger.GetBinding(), signingKey(t, "stranger")))
	set := p.setAlone(t)
	for name, file := range map[string][]byte{
		"its proposal": alone.File, "signed by the same again": again.File, "one signature twice": encode(t, f), "a stranger beside it": encode(t, stranger),
		"a set of itself": set, "as a directory file": encode(t, directoryFileOf(t, alone.File)),
	} {
		for n := range p.dirs {
			_, err := p.open(n).Take(file, directory.ReviewOptions{})
			if got := reasonOf(err); got != valisev1.Reason_REASON_QUORUM {
				t.Errorf("%s at manager %d: %v (%v)", name, n, got, err)
			}
			sameDirectory(t, before, p.open(n).Published())
			if p.open(n).Managers().Number != 1 {
				t.Errorf("%s changed the managers", name)
			}
		}
	}
	node := openBook(t, t.TempDir())
	_, err = node.Import(encode(t, directoryFileOf(t, alone.File)), directory.ImportOptions{TrustManagers: p.open(0).Managers().Managers})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
}

// setAlone is a set in which manager 0 needs nobody, signed by manager 0.
func (p *panel) setAlone(t *testing.T) []byte {
	t.Helper()
	s, err := p.open(0).ProposeManagers(directory.ManagersChange{Threshold: 1}, p.key(0), start, directory.ReviewOptions{})
	if err != nil || s.Review.Complete {
		t.Fatalf("%+v, %v", s.Review, err)
	}
	return s.File
}

// directoryFileOf is the file that a proposal would become.
func directoryFileOf(t *testing.T, proposal []byte) *valisev1.ImportBundle {
	t.Helper()
	f, file := &valisev1.Proposal{}, &valisev1.ImportBundle{}
	decode(t, proposal, f)
	decode(t, f.GetParts(), file)
	file.List = f.GetList()
	return file
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestAManagerSignsOneListOfANumber, also after a restart, and how three managers go on whose first
// lists collide.
func TestAManagerSignsOneListOfANumber(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	admit(t, p.dirs[1], newSeat(t, "XB").export(start))
	a, b := p.propose(0, start), p.propose(1, start)
	p.refuses(0, b.File, valisev1.Reason_REASON_EQUIVOCATION)
	p.refuses(1, a.File, valisev1.Reason_REASON_EQUIVOCATION)
	_, err := p.open(1).Sign(a.File, p.key(1), directory.ReviewOptions{GiveUp: true})
	wantReason(t, err, valisev1.Reason_REASON_EQUIVOCATION) // of one number never, whatever is given up
	_, err = p.open(0).Propose(directory.ProposeConfig{Now: start, Key: p.key(0)})
	wantReason(t, err, valisev1.Reason_REASON_EQUIVOCATION)

	admit(t, p.dirs[0], newSeat(t, "XC").export(start))
	next, err := p.open(0).Propose(directory.ProposeConfig{Now: start, Key: p.key(0), Next: true})
	must(t, err)
	if next.Review.Number != 2 {
		t.Fatalf("proposed list %d", next.Review.Number)
	}
	// The second manager signed another list 1: should that one be in force somewhere, this must not be.
	p.refuses(1, next.File, valisev1.Reason_REASON_EQUIVOCATION)
	whole := p.sign(1, next.File, directory.ReviewOptions{GiveUp: true})
	if p.sign(2, next.File, directory.ReviewOptions{}); !whole.Review.Complete {
		t.Fatal("two signed, and it is not complete")
	}
	p.refuses(2, b.File, valisev1.Reason_REASON_EQUIVOCATION) // it names another list 1 by now
	for n := range p.dirs {
		p.take(n, whole.File)
	}
	p.refuses(2, a.File, valisev1.Reason_REASON_ROLLBACK)
	if got := states(p.open(2)); !slices.Equal(got, []ident.State{"XA", "XC"}) {
		t.Fatalf("in force: %v", got)
	}
	// XB waits at the manager who admitted it.
	s := p.publish(1, 2, start.Add(time.Hour))
	if s.Review.Number != 3 || !slices.Equal(states(p.open(0)), []ident.State{"XA", "XB", "XC"}) {
		t.Fatalf("list %d, %v", s.Review.Number, states(p.open(0)))
	}
	// A node that never saw lists 1 and 2 takes the third.
	if _, err := openBook(t, t.TempDir()).Import(encode(t, directoryFileOf(t, s.File)), directory.ImportOptions{TrustManagers: p.open(0).Managers().Managers}); err != nil {
		t.Fatal(err)
	}
}

// TestALostManagerIsRemoved: the key of one is lost or stolen; the others put another in its place,
// and States follow.
func TestALostManagerIsRemoved(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	change := directory.ManagersChange{Remove: []ident.KeyID{p.cards[2].ID}}
	_, err := p.open(0).ProposeManagers(change, p.key(0), start, directory.ReviewOptions{})
	wantReason(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE) // no list under the first set yet
	first := p.publish(0, 1, start)
	node := openBook(t, t.TempDir())
	take := func(proposal []byte) error {
		_, err := node.Import(encode(t, directoryFileOf(t, proposal)), directory.ImportOptions{TrustManagers: p.open(0).Managers().Managers})
		return err
	}
	must(t, take(first.File))

	newcomer := p.add(2, 3)
	change.Add = []directory.ManagerCard{p.cards[newcomer]}
	told := directory.ReviewOptions{TrustManagers: []ident.KeyID{p.cards[newcomer].ID}}
	for _, c := range []struct {
		opts directory.ReviewOptions
		want valisev1.Reason
	}{
		{directory.ReviewOptions{}, valisev1.Reason_REASON_NEEDS_YES},
		{directory.ReviewOptions{TrustManagers: []ident.KeyID{p.cards[2].ID}}, valisev1.Reason_REASON_KEY_CHANGED},
	} {
		_, err := p.open(0).ProposeManagers(change, p.key(0), start, c.opts)
		wantReason(t, err, c.want)
	}
	s, err := p.open(0).ProposeManagers(change, p.key(0), start, told)
	must(t, err)
	if text := strings.Join(s.Review.Lines, "\n"); !strings.Contains(text, "no longer a manager "+p.cards[2].ID.Fingerprint()) || !strings.Contains(text, "new manager "+p.cards[newcomer].ID.Fingerprint()) {
		t.Fatalf("the review says\n%s", text)
	}
	p.refuses(1, s.File, valisev1.Reason_REASON_NEEDS_YES)
	// Old manager and newcomer are a quorum of the new set, and no quorum of the old one.
	knows := directory.ReviewOptions{TrustManagers: []ident.KeyID{p.cards[0].ID, p.cards[1].ID}}
	half := p.sign(newcomer, s.File, knows)
	_, err = p.open(0).Take(half.File, directory.ReviewOptions{})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	whole := p.sign(1, half.File, told)
	if !whole.Review.Complete {
		t.Fatalf("%+v", whole.Review)
	}
	for _, n := range []int{0, 1, newcomer} {
		p.take(n, whole.File)
		if m := p.open(n).Managers(); m.Number != 2 || m.Threshold != 2 || slices.Contains(m.Managers, p.cards[2].ID) {
			t.Fatalf("manager %d: %+v", n, m)
		}
	}
	_, err = p.open(newcomer).Propose(directory.ProposeConfig{Now: start, Key: p.key(newcomer)})
	wantReason(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE)

	// The next list is made under the new set; the thief's signature counts for nothing.
	second := p.propose(1, start.Add(time.Hour))
	p.refuses(2, second.File, valisev1.Reason_REASON_QUORUM)
	signed := p.sign(newcomer, second.File, directory.ReviewOptions{})
	for _, n := range []int{0, 1, newcomer} {
		p.take(n, signed.File)
	}
	must(t, take(signed.File))
	if m, _ := node.Snapshot().Managers(); m.Number != 2 || node.Snapshot().Number() != 2 {
		t.Fatalf("the node follows %+v, list %d", m, node.Snapshot().Number())
	}
	third := p.sign(0, p.propose(newcomer, start.Add(2*time.Hour)).File, directory.ReviewOptions{})
	must(t, take(third.File))
	wantReason(t, take(signed.File), valisev1.Reason_REASON_ROLLBACK)
}

// TestANewRootNeedsACallByEachManager who signs for it, and by each who takes it.
func TestANewRootNeedsACallByEachManager(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	admit(t, p.dirs[0], newSeat(t, "XA").export(start))
	p.publish(0, 1, start)
	own := openBook(t, t.TempDir())
	b, err := os.ReadFile(filepath.Join(p.dirs[0], directory.ImportFile))
	must(t, err)
	_, err = own.Import(b, directory.ImportOptions{TrustManagers: p.open(0).Managers().Managers})
	must(t, err)

	another := newSeatSeeded(t, "XA", "another root")
	another.shown = 1
	file := another.export(start)
	_, view, err := another.folder.Signed()
	must(t, err)
	_, err = p.open(0).Admit(file, directory.AdmitOptions{Now: start, ConfirmRoot: view.Root})
	must(t, err)
	s := p.propose(0, start.Add(time.Hour))
	p.refuses(1, s.File, valisev1.Reason_REASON_KEY_CHANGED)
	called := directory.ReviewOptions{ConfirmRoots: map[ident.State]ident.KeyID{"XA": view.Root}}
	whole := p.sign(1, s.File, called)
	if !strings.Contains(strings.Join(whole.Review.Lines, "\n"), "XA: another root, "+view.Root.Fingerprint()) {
		t.Fatalf("the review says %q", whole.Review.Lines)
	}
	p.take(0, whole.File)
	p.take(1, whole.File)
	_, err = p.open(2).Take(whole.File, directory.ReviewOptions{})
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	if p.open(2).Published().Number() != 1 {
		t.Fatal("a root that nobody here confirmed came into force")
	}
	_, err = p.open(2).Take(whole.File, called)
	must(t, err)
	p.same()
	// The whole quorum has signed, and XA's own node still holds its own root.
	c, err := own.Import(encode(t, directoryFileOf(t, whole.File)), directory.ImportOptions{})
	if err != nil || len(c.KeyChanged) != 1 || c.KeyChanged[0].Offered != view.Root {
		t.Fatalf("%+v, %v", c, err)
	}
}

// TestAManagerWhoFellBehindCatchesUp with the newest directory file alone.
func TestAManagerWhoFellBehindCatchesUp(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	for i, state := range []ident.State{"XA", "XB", "XC"} {
		admit(t, p.dirs[0], newSeat(t, state).export(start))
		s := p.sign(1, p.propose(0, start.Add(time.Duration(i)*time.Hour)).File, directory.ReviewOptions{})
		p.take(0, s.File)
		p.take(1, s.File)
	}
	b, err := os.ReadFile(filepath.Join(p.dirs[0], directory.ImportFile))
	must(t, err)
	p.take(2, b)
	p.same()
	p.publish(2, 0, start.Add(4*time.Hour))
}

func TestQuorumsThatCannotBe(t *testing.T) {
	for _, c := range [][2]int{{0, 3}, {4, 3}, {1, 33}} {
		_, err := directory.JoinQuorum(filepath.Join(t.TempDir(), "m"), c[0], c[1], directory.ManagerConfig{Realm: realm, Rand: randomness("x"), Now: start})
		wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	}
	if directory.MajorityNeeded(2, 3) || !directory.MajorityNeeded(2, 4) {
		t.Error("two of four can be found twice without a common manager, two of three cannot")
	}
	p := newPanel(t, 2, 3)
	_, err := p.open(0).Admit(newSeat(t, "XA").export(start), directory.AdmitOptions{Now: start})
	wantReason(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE)
	_, err = p.open(0).ProposeFirst(p.cards[:2], p.key(0), start, p.knows(0))
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	_, err = p.open(0).ProposeFirst(p.cards, p.key(0), start, directory.ReviewOptions{})
	wantReason(t, err, valisev1.Reason_REASON_NEEDS_YES)
	wrong := p.knows(0)
	wrong.TrustManagers[1] = signingKey(t, "stranger").Public().ID(realm)
	_, err = p.open(0).ProposeFirst(p.cards, p.key(0), start, wrong)
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	s, err := p.open(0).ProposeFirst(p.cards, p.key(0), start, p.knows(0))
	must(t, err)
	// Another set of the first number, by the same manager: only after the first was given up.
	_, err = p.open(0).ProposeFirst(p.cards, p.key(0), start.Add(time.Hour), p.knows(0))
	wantReason(t, err, valisev1.Reason_REASON_EQUIVOCATION)
	_, err = p.open(1).Take(p.sign(1, s.File, p.knows(1)).File, directory.ReviewOptions{})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	outsider := p.add(2, 3)
	_, err = p.open(outsider).Sign(s.File, p.key(outsider), p.knows(outsider))
	wantReason(t, err, valisev1.Reason_REASON_UNKNOWN_KEY)
}

func TestManagerCards(t *testing.T) {
	key := managerKey(t).Public()
	card, err := directory.FormatManagerCard(realm, key)
	must(t, err)
	read, err := directory.ParseManagerCard(realm, card)
	if err != nil || read.ID != key.ID(realm) || !directory.LooksLikeManagerCard(card) {
		t.Fatalf("%+v, %v", read, err)
	}
	other, err := directory.FormatManagerCard(realm, signingKey(t, "another").Public())
	must(t, err)
	text, _, _ := strings.Cut(string(card), "realm = ")
	_, rest, _ := strings.Cut(string(other), "realm = ")
	for name, c := range map[string]struct {
		card string
		want valisev1.Reason
	}{
		"the text of one and the key of another": {text + "realm = " + rest, valisev1.Reason_REASON_MIXED},
		"another realm":                          {strings.Replace(string(card), string(realm), "operational", 1), valisev1.Reason_REASON_WRONG_REALM},
		"no card":                                {"# hello\n", valisev1.Reason_REASON_FRAME},
		"a key that is none":                     {text + "realm = \"" + string(realm) + "\"\npublic = \"AAAA\"\n", valisev1.Reason_REASON_FRAME},
		"a long one":                             {strings.Repeat("#", directory.MaxCardSize+1), valisev1.Reason_REASON_TOO_LARGE},
	} {
		_, err := directory.ParseManagerCard(realm, []byte(c.card))
		if got := reasonOf(err); got != c.want {
			t.Errorf("%s: %v (%v), want %v", name, got, err, c.want)
		}
	}
	if _, err := directory.ParseManagerCard(realm, []byte(strings.ReplaceAll(string(card), "\n", "\r\n"))); err != nil {
		t.Errorf("a card that went through another system: %v", err)
	}
}
