package directory_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// panel is several managers, each with a folder of its own, who hand files to each other.
type panel struct {
	t     testing.TB
	dirs  []string
	cards []directory.ManagerCard
}

func newPanel(t testing.TB, threshold, managers int) *panel {
	t.Helper()
	p := &panel{t: t}
	for range managers {
		p.add(threshold, managers)
	}
	return p
}

// add makes the folder of one more manager, who knows no other yet.
func (p *panel) add(threshold, managers int) (n int) {
	p.t.Helper()
	n = len(p.dirs)
	dir := filepath.Join(p.t.TempDir(), "manager")
	card, err := directory.JoinQuorum(dir, threshold, managers, directory.ManagerConfig{
		Realm: realm, Rand: randomness(fmt.Sprintf("manager %d", n)), Now: start,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.dirs, p.cards = append(p.dirs, dir), append(p.cards, card)
	return n
}

func (p *panel) key(n int) *seal.SigningKey {
	p.t.Helper()
	key, err := seal.ReadSigningKey(filepath.Join(p.dirs[n], directory.ManagerKeyFile), realm, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return key
}

func (p *panel) open(n int) *directory.Registry { p.t.Helper(); return reopen(p.t, p.dirs[n]) }

// knows is what manager n was told of all others by telephone.
func (p *panel) knows(n int) directory.ReviewOptions {
	var o directory.ReviewOptions
	for i, c := range p.cards {
		if i != n {
			o.TrustManagers = append(o.TrustManagers, c.ID)
		}
	}
	return o
}

// agree has all managers sign the first set and take it.
func (p *panel) agree() *panel {
	p.t.Helper()
	s, err := p.open(0).ProposeFirst(p.cards, p.key(0), start, p.knows(0))
	if err != nil {
		p.t.Fatal(err)
	}
	for n := 1; n < len(p.dirs); n++ {
		if s.Review.Complete {
			p.t.Fatalf("%d of %d signed the first set, and it is complete", n, len(p.dirs))
		}
		s = p.sign(n, s.File, p.knows(n))
	}
	p.takeAll(s.File)
	return p
}

func (p *panel) propose(n int, now time.Time) directory.Signature {
	p.t.Helper()
	s, err := p.open(n).Propose(directory.ProposeConfig{Now: now, Key: p.key(n)})
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *panel) sign(n int, file []byte, opts directory.ReviewOptions) directory.Signature {
	p.t.Helper()
	s, err := p.open(n).Sign(file, p.key(n), opts)
	if err != nil {
		p.t.Fatalf("manager %d: %v", n, err)
	}
	return s
}

func (p *panel) refuses(n int, file []byte, want valisev1.Reason) {
	p.t.Helper()
	_, err := p.open(n).Sign(file, p.key(n), directory.ReviewOptions{})
	wantReason(p.t, err, want)
}

func (p *panel) take(n int, file []byte) directory.Taken {
	p.t.Helper()
	t, err := p.open(n).Take(file, directory.ReviewOptions{})
	if err != nil {
		p.t.Fatalf("manager %d: %v", n, err)
	}
	return t
}

// takeAll has every manager take a complete proposal, and holds their folders against each other.
func (p *panel) takeAll(file []byte) {
	p.t.Helper()
	for n := range p.dirs {
		p.take(n, file)
	}
	p.same()
}

// same wants the same list, roster and admitted files at every manager.
func (p *panel) same() {
	p.t.Helper()
	first := p.open(0)
	for n := 1; n < len(p.dirs); n++ {
		sameDirectory(p.t, first.Published(), p.open(n).Published())
		for _, name := range []string{directory.ImportFile, directory.RosterFile} {
			a, _ := os.ReadFile(filepath.Join(p.dirs[0], name))
			b, _ := os.ReadFile(filepath.Join(p.dirs[n], name))
			if !slices.Equal(a, b) {
				p.t.Fatalf("%s of manager %d is another", name, n)
			}
		}
		if a, b := p.admitted(0), p.admitted(n); !slices.Equal(a, b) {
			p.t.Fatalf("manager 0 has admitted %v, manager %d %v", a, n, b)
		}
	}
}

func (p *panel) admitted(n int) (names []string) {
	p.t.Helper()
	files, err := os.ReadDir(filepath.Join(p.dirs[n], "admitted"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// publish has proposer and signer agree on the next list, and all take it.
func (p *panel) publish(proposer, signer int, now time.Time) directory.Signature {
	p.t.Helper()
	s := p.sign(signer, p.propose(proposer, now).File, directory.ReviewOptions{})
	if !s.Review.Complete {
		p.t.Fatalf("two signed, and it is not complete: %+v", s.Review)
	}
	p.takeAll(s.File)
	return s
}

func states(r *directory.Registry) []ident.State { return r.Published().States() }
