package directory

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
)

// givenUpFolder holds the book of each list that was in force here and gave way to another of its number:
// who signed it can be shown for ever. docs/protocol.md §8.7
const givenUpFolder = "given-up"

// examineTaken is examineList for a list that others made valid. Where it contradicts the one in force
// here, and a person has compared exactly this one with the other managers, it is judged as by somebody
// who has none; instead is true then. docs/protocol.md §8.7
func (r *Registry) examineTaken(p *proposal, opts ReviewOptions) (next *held, c Changes, instead bool, err error) {
	if want := opts.Instead; !want.IsZero() && want != ident.KeyID(hashOf(p.list)) && !mutant.Is("list-uncompared") {
		return nil, Changes{}, false, aboutList.refuse(valisev1.Reason_REASON_KEY_CHANGED, "is not the list whose fingerprint was compared, nothing was changed")
	}
	next, c, err = r.examineList(p, opts)
	if err == nil || opts.Instead.IsZero() || !contradicts(err) {
		return next, c, false, err
	}
	next, c, err = r.examineInstead(p, opts)
	return next, c, true, err
}

func contradicts(err error) bool {
	refused, ok := errors.AsType[*Refusal](err)
	return ok && refused.Object == aboutList.object && refused.Reason == valisev1.Reason_REASON_EQUIVOCATION
}

// examineInstead judges a list that is of the number of the one in force, or of a later one: an older one
// is refused as such before. docs/protocol.md §8.7
func (r *Registry) examineInstead(p *proposal, opts ReviewOptions) (*held, Changes, error) {
	roots := r.confirmed()
	maps.Copy(roots, opts.ConfirmRoots)
	mine := r.before()
	next, c, err := mine.afresh().take(p.offer(), ImportOptions{gathering: true})
	if err != nil {
		return nil, Changes{}, err
	}
	return next, c, mine.sameRoots(next, roots)
}

// afresh is what somebody holds who trusts these managers and has seen no list of theirs.
func (h *held) afresh() *held {
	empty := newHeld(h.realm)
	empty.sets = h.sets
	return empty
}

// sameRoots: a list in the place of another is no way around the call to a State whose root is new.
// docs/protocol.md §8.5
func (h *held) sameRoots(next *held, confirmed map[ident.State]ident.KeyID) error {
	for _, state := range next.list.states {
		last, e := h.states[state].last(), next.states[state].current
		if last == nil || e.rootID == last.rootID || e.rootID == last.nextID || confirmed[state] == e.rootID {
			continue
		}
		return e.about().refuse(valisev1.Reason_REASON_KEY_CHANGED, "shows another root than before, %s: call back, compare it, and confirm it", e.rootID.Fingerprint())
	}
	return nil
}

// importInstead takes a directory file into force whose list contradicts the one held, as if none had been
// held under these managers. docs/protocol.md §8.7
func (b *Book) importInstead(file []byte) (Changes, error) {
	o, err := parseOffer(file)
	if err != nil {
		return Changes{}, err
	}
	var changes Changes
	err = b.change(func(h *held) (*held, error) {
		next, c, err := h.afresh().take(o, ImportOptions{})
		changes = c
		return next, err
	})
	return changes, err
}

// keepGivenUp copies the book as it is, durably, before another list takes its place.
func (r *Registry) keepGivenUp() error {
	l := r.book.Snapshot().held.list
	dir := filepath.Join(r.path(givenUpFolder), fmt.Sprintf("%d-%s", l.body.GetNumber(), hex.EncodeToString(l.hash[:8])))
	for _, folder := range []string{r.path(givenUpFolder), dir, filepath.Join(dir, objectsFolder)} {
		if err := makeFolder(folder); err != nil {
			return err
		}
		if err := r.disk.syncFolder(filepath.Dir(folder)); err != nil {
			return storage(err)
		}
	}
	return r.book.Files(func(name string, content []byte) error {
		return storage(writeDurably(r.disk, filepath.Join(dir, filepath.FromSlash(name)), content))
	})
}

// insteadLine says first of all what is given up.
func insteadLine(mine *held) string {
	l := mine.list
	return fmt.Sprintf("takes the place of list %d with the fingerprint %s, which was in force here and is kept in %s", l.body.GetNumber(), ident.KeyID(l.hash).Fingerprint(), givenUpFolder)
}
