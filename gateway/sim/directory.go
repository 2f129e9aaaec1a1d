package sim

import (
	"os"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// lists is the directory as all homes of a run see it: the shared one of the day, and what this
// run has changed.
type lists struct {
	s       *sim
	moved   map[ident.Address]string
	noKey   map[ident.State]bool
	speaker map[ident.KeyID]seal.Speaker
	key     map[ident.Address]int // which signing key speaks
	changes uint64
}

func newLists(s *sim) *lists {
	return &lists{s: s, moved: map[ident.Address]string{}, noKey: map[ident.State]bool{}, speaker: map[ident.KeyID]seal.Speaker{}, key: map[ident.Address]int{}}
}

// generation is which sealing keys are the newest today.
func (s *sim) generation() int {
	return min(max(int(s.now.Sub(start)/generation), 0), generations-1)
}

func (l *lists) book() *directory.Snapshot { return l.s.w.books[l.s.generation()] }

func (l *lists) Number() uint64           { return l.book().Number() }
func (l *lists) Hash() [32]byte           { return l.book().Hash() }
func (l *lists) Stale(now time.Time) bool { return l.book().Stale(now) }

func (l *lists) KeyChanged() []directory.RootChange { return l.book().KeyChanged() }

func (l *lists) InQuestion(s ident.State) bool { return l.book().InQuestion(s) }

func (l *lists) RootInForce(s ident.State) (directory.RootChange, bool) {
	return l.book().RootInForce(s)
}

func (l *lists) SameList(number uint64, hash [32]byte) (same, decided bool) {
	return l.book().SameList(number, hash)
}

func (l *lists) ListOf(number uint64) *valisev1.SignedObject { return l.book().ListOf(number) }

func (l *lists) States() []ident.State { return l.book().States() }

func (l *lists) Entry(s ident.State) (*valisev1.Entry, bool) { return l.book().Entry(s) }

func (l *lists) Left(s ident.State) (time.Time, bool) { return l.book().Left(s) }

func (l *lists) Lookup(a ident.Address) (*directory.POC, error) {
	poc, err := l.book().Lookup(a)
	switch {
	case err != nil:
		return nil, err
	case l.noKey[a.State]:
		return &directory.POC{Address: a, Point: poc.Point}, nil
	case l.moved[a] != "":
		there := *poc
		there.Mailbox = l.moved[a]
		return &there, nil
	}
	return poc, nil
}

func (l *lists) Speaker(id ident.KeyID) (seal.Speaker, bool) {
	if s, ok := l.speaker[id]; ok {
		return s, true
	}
	return l.book().Speaker(id)
}

// HistoricalSpeaker also knows keys that speak for nobody any more.
func (l *lists) HistoricalSpeaker(id ident.KeyID) (seal.Speaker, bool) {
	if s, ok := l.Speaker(id); ok {
		return s, true
	}
	return l.book().HistoricalSpeaker(id)
}

// SigningKey is the key that speaks for a POC now.
func (l *lists) SigningKey(a ident.Address) (*seal.SigningKey, error) {
	keys := l.s.w.signing[a]
	if len(keys) == 0 {
		return nil, os.ErrNotExist
	}
	return keys[l.key[a]], nil
}

// revoke takes a POC's signing key out of use; the next one speaks.
func (l *lists) revoke(a ident.Address) bool {
	n := l.key[a]
	if n == spareKeys {
		return false
	}
	old, fresh := l.s.w.signing[a][n].Public(), l.s.w.signing[a][n+1].Public()
	l.speaker[old.ID(realm)] = seal.Speaker{Key: old, Address: a, RevokedSince: l.s.now}
	l.speaker[fresh.ID(realm)] = seal.Speaker{Key: fresh, Address: a, ValidFrom: start, ValidUntil: start.AddDate(3, 0, 0)}
	l.key[a] = n + 1
	l.changes++
	return true
}

// move gives a POC another mailbox.
func (l *lists) move(a ident.Address) bool {
	name, err := directory.RandomName(l.s.source)
	if err != nil {
		l.s.fault("no mailbox name: %v", err)
		return false
	}
	l.moved[a] = name
	l.changes++
	return true
}
