package directory_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"pgregory.net/rapid"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

// TestAnyOrderOfFiles imports honest lists and forks of them in any order, with restarts: the
// number never falls, and a book never changes from one branch to another.
func TestAnyOrderOfFiles(t *testing.T) {
	const length = 5
	small := firstEdition(t)
	for _, state := range []string{"XA", "XB", "XE", "@global"} {
		delete(small.entries, state)
	}
	maps.DeleteFunc(small.bundles, func(a string, _ *valisev1.KeyBundle) bool { return a != "XC/technical" })
	small.enrol()
	honest := []*edition{small}
	for len(honest) < length {
		honest = append(honest, honest[len(honest)-1].next())
	}
	// fork n follows honest list n-1, like honest list n, with another date.
	files := map[string][]byte{}
	for i, e := range honest {
		files[fmt.Sprintf("honest %d", i+1)] = e.bytes()
		e.list.Expires.Seconds++
		files[fmt.Sprintf("fork %d", i+1)] = e.bytes()
		e.list.Expires.Seconds--
	}
	opts := trust(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "book")
		if err != nil {
			rt.Fatal(err)
		}
		book := openBook(t, dir)
		number, branch := 0, "honest"
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			n, which := rapid.IntRange(1, length).Draw(rt, "number"), rapid.SampledFrom([]string{"honest", "fork"}).Draw(rt, "branch")
			_, err := book.Import(files[fmt.Sprintf("%s %d", which, n)], opts)
			want := valisev1.Reason_REASON_UNSPECIFIED
			switch {
			case n < number:
				want = valisev1.Reason_REASON_ROLLBACK
			case n == number && which != branch, n > number && branch == "fork":
				want = valisev1.Reason_REASON_EQUIVOCATION
			default:
				number, branch = n, which
			}
			if got := reasonOf(err); got != want {
				rt.Fatalf("%s list %d on list %d (%s): %v, want %v", which, n, number, branch, err, want)
			}
			if rapid.Bool().Draw(rt, "restart") {
				book = openBook(t, dir)
			}
			if book.Snapshot().Number() != uint64(number) {
				rt.Fatalf("list %d is in force, want %d", book.Snapshot().Number(), number)
			}
		}
	})
}

func TestNextBundleNumberRises(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		last := rapid.Uint64Range(0, 1<<34).Draw(rt, "last")
		now := time.Unix(rapid.Int64Range(-1<<34, 1<<34).Draw(rt, "now"), 0)
		n := directory.NextBundleNumber(last, now)
		if n <= last || now.Unix() > 0 && n < uint64(now.Unix()) {
			rt.Fatalf("%d after %d at %d", n, last, now.Unix())
		}
	})
}

// TestSealingKeyOfAnyClock: the newest key that has begun and not ended, and a clock that runs
// behind still finds one.
func TestSealingKeyOfAnyClock(t *testing.T) {
	e := firstEdition(t)
	b := e.bundles["XB/technical"]
	b.SealingKeys = nil
	for week := range 3 {
		k := e.newBundle("XB/technical", 1, 1).GetSealingKeys()[0]
		k.ValidFrom.Seconds += int64(week) * 7 * 86400
		k.AcceptedUntil.Seconds = start.AddDate(0, 0, 20+week*7).Unix()
		b.SealingKeys = append(b.SealingKeys, k)
	}
	s, _, err := directory.CheckFile(realm, e.bytes(), trust(t))
	if err != nil {
		t.Fatal(err)
	}
	poc, err := s.Lookup(address(t, "XB/technical"))
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	for _, c := range []struct {
		at   time.Time
		want int
	}{
		{day(-4000), 0}, {day(-1), 0}, {day(0), 0}, {day(6), 0}, {day(7), 1}, {day(13), 1}, {day(14), 2}, {day(33), 2}, {day(34), -1}, {day(4000), -1},
	} {
		key, ok := poc.SealingKey(c.at)
		if ok != (c.want >= 0) || ok && key.String() != b.GetSealingKeys()[c.want].GetRecipient() {
			t.Errorf("on %v: %v, want key %d", c.at, ok, c.want)
		}
	}
}

var update = flag.Bool("update", false, "write testdata/golden.txt anew")

// TestGoldenBytes makes a whole directory from one seed: every byte is the same in every run,
// so that other implementations can be held against it.
func TestGoldenBytes(t *testing.T) {
	var got strings.Builder
	cryptotest.SetGlobalRandom(t, 7)
	dir, _ := newRegistry(t)
	xa, xb := newSeat(t, "XA"), newSeat(t, "XB")
	line := func(name string, b []byte) { fmt.Fprintf(&got, "%s %d %x\n", name, len(b), sha256.Sum256(b)) }
	for _, s := range []*seat{xa, xb} {
		file := s.export(start)
		line(string(s.state)+" export", file)
		admit(t, dir, file)
		line(string(s.state)+" entry.toml", mustRead(t, filepath.Join(s.dir, directory.EntryFile)))
		line(string(s.state)+" keys.toml", mustRead(t, filepath.Join(s.dir, directory.KeySheetFile)))
	}
	admit(t, dir, relayCard(t, "relay one", "127.0.0.1:4222"))
	p := publish(t, dir, start)
	line("import", p.Import)
	line("roster", p.Roster)
	hash := reopen(t, dir).Published().Hash()
	line("list hash", hash[:])

	path := filepath.Join("testdata", "golden.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(mustRead(t, path)); got.String() != want {
		t.Fatalf("bytes differ:\n%s\nwant\n%s", got.String(), want)
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShow(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	book := openBook(t, dir)
	mustImport(t, book, first)
	second := otherRoot(t, first.next(), "XB")
	second.leave("XE")
	second.list.Relays = []*valisev1.SignedObject{{Object: relayCard(t, "relay one", "127.0.0.1:4222")}}
	changes := mustImport(t, book, second)
	l := book.Snapshot().Show(start.Add(time.Hour))
	if l.Number != 2 || l.Stale || l.ManagerSet.Threshold != 1 || len(l.ManagerSet.Managers) != 1 || len(l.Left) != 1 || len(l.Relays) != 1 || len(l.States) != 4 {
		t.Fatalf("shown %+v", l)
	}
	for _, s := range l.States {
		if (s.State == "XB") != (s.NewRoot != nil) || s.Root.Fingerprint == "" {
			t.Errorf("%s: new root %v", s.State, s.NewRoot)
		}
		for _, p := range s.POCs {
			if !p.Reachable || len(p.SigningKeys) != 1 || p.Telephones[0] != "+99900000001" {
				t.Errorf("%s: %+v", p.Address, p)
			}
		}
	}
	if l := book.Snapshot().Show(start.AddDate(0, 0, 44)); !l.Stale || l.States[1].POCs[0].Reachable {
		t.Error("44 days later nothing is stale and all can be reached")
	}
	text := strings.Join(changes.Lines(), "\n")
	for _, want := range []string{"XE left", "XB shows another root", second.roots["XB"].Public().ID(realm).Fingerprint()} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if empty := openBook(t, t.TempDir()).Snapshot().Show(start); empty.Number != 0 || !empty.Stale || len(empty.States) != 0 {
		t.Errorf("an empty book shows %+v", empty)
	}
}

// TestRefusalsNameNoText: what a peer wrote never stands in an error.
func TestRefusalsNameNoText(t *testing.T) {
	for name, forge := range map[string]func(*edition){
		"a name":      func(e *edition) { e.entries["XA"].Names[0].Text = "UNIQUE-TEXT\u202e" },
		"a telephone": func(e *edition) { e.entries["XA"].PointsOfContact[0].Telephones = []string{"UNIQUE-TEXT"} },
		"an email":    func(e *edition) { e.entries["XA"].PointsOfContact[0].Emails = []string{"UNIQUE-TEXT"} },
		"a language":  func(e *edition) { e.entries["XA"].PointsOfContact[0].Languages = []string{"UNIQUE-TEXT is long"} },
		"a track":     func(e *edition) { e.entries["XA"].PointsOfContact[0].Track = "UNIQUE-TEXT" },
		"a date":      func(e *edition) { e.entries["XA"].NoteVerbaleDate = "UNIQUE-TEX" },
		"a realm":     func(e *edition) { e.entries["XA"].Realm = "UNIQUE-TEXT" },
		"a State":     func(e *edition) { e.list.Members[0].State = "UNIQUE-TEXT" },
		"an address":  func(e *edition) { e.bundles["XA/technical"].Address = "UNIQUE-TEXT" },
		"a mailbox":   func(e *edition) { e.bundles["XA/technical"].Mailbox = "UNIQUE-TEXT" },
		"a relay key": func(e *edition) { e.bundles["XA/technical"].RelayNkeys = []string{"UNIQUE-TEXT"} },
		"a recipient": func(e *edition) { e.bundles["XA/technical"].SealingKeys[0].Recipient = "UNIQUE-TEXT" },
	} {
		t.Run(name, func(t *testing.T) {
			e := firstEdition(t)
			forge(e)
			if name != "a State" {
				e.enrol()
			}
			_, _, err := directory.CheckFile(realm, e.bytes(), trust(t))
			if err == nil || strings.Contains(err.Error(), "UNIQUE-TEX") {
				t.Fatal(err)
			}
		})
	}
}
