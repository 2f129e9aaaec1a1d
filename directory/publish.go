package directory

import (
	"slices"
	"time"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// PublishConfig is what a list is signed with.
type PublishConfig struct {
	Now time.Time
	// ValidFor is how long the list is fresh; zero means DefaultListLife.
	ValidFor time.Duration
	// Signers are managers of the set in force, at least as many as its threshold.
	Signers []*seal.SigningKey
}

// Publication is what was published: also in the folder, as ImportFile, RosterFile and ObjectsFile.
type Publication struct {
	// Import is the directory file for every State; Roster and Objects are the files for the relays.
	Import, Roster, Objects []byte
	Changes                 Changes
	// NeedFile are points of contact without a live sealing key in the directory: a relay cannot
	// hand them the reading key if they do not hold it. docs/protocol.md §8.6
	NeedFile []ident.Address
}

// Publish signs the next list and puts it into the registry's own book, by the rules of every
// node, before it writes the files. After a crash in between, Publish again: the next list
// has the next number. Where the signers are on other machines, see Propose. The error is a
// *Refusal; QUORUM when signers are missing. docs/protocol.md §8.3
func (r *Registry) Publish(c PublishConfig) (Publication, error) {
	var p Publication
	err := r.settled(func() error {
		_, between := r.signedNumber()
		next, err := r.draft(c.Now, c.ValidFor, between...)
		if err != nil {
			return err
		}
		l, err := parseList(r.realm, next.list)
		if err != nil {
			return err
		}
		if err := r.mayList(l, next.partsHash(), false); err != nil {
			return err
		}
		if next.list, err = seal.SignObject(r.realm, seal.PurposeList, next.list.GetObject(), c.Signers...); err != nil {
			return err
		}
		p, err = r.putInForce(next, func(file []byte) (Changes, error) {
			return r.book.Import(file, ImportOptions{TrustManagers: r.managers().order, ConfirmRoots: r.confirmed()})
		})
		return err
	})
	if err != nil {
		return Publication{}, err
	}
	return p, nil
}

// putInForce takes a list into the registry's own book and writes the files for States and relays.
// All that was noted for the next list and stands in it is done with. docs/protocol.md §8.6
func (r *Registry) putInForce(next *proposal, take func(file []byte) (Changes, error)) (Publication, error) {
	var p Publication
	var err error
	if p.Import, err = encode(next.offer().file); err != nil {
		return p, err
	}
	if p.Changes, err = take(p.Import); err != nil {
		return p, err
	}
	if p.Roster, err = EncodeRoster(r.book.Snapshot().Roster()); err != nil {
		return p, err
	}
	if p.Objects, p.NeedFile, err = r.book.Snapshot().held.makeObjects(next.offer().file); err != nil {
		return p, err
	}
	r.settleNotes(next.rest.GetReadingKey())
	if err := r.saveNotes(); err != nil {
		return p, err
	}
	if err := writeDurably(r.disk, r.path(ImportFile), p.Import); err != nil {
		return p, storage(err)
	}
	if err := writeDurably(r.disk, r.path(RosterFile), p.Roster); err != nil {
		return p, storage(err)
	}
	if p.Objects == nil {
		return p, nil
	}
	// The roster first: who is admitted by this list finds its objects.
	return p, storage(writeDurably(r.disk, r.path(ObjectsFile), p.Objects))
}

// settleNotes forgets who has left and which roots were confirmed, where the list in force says so
// too: what another manager's list does not have yet stays noted for the next.
func (r *Registry) settleNotes(readingKey string) {
	if r.notes.Expects = nil; readingKey != "" {
		r.notes.ReadingKey = readingKey
	}
	held := r.book.Snapshot().held
	r.notes.Left = slices.DeleteFunc(r.notes.Left, func(n leftNote) bool { return held.list.members[ident.State(n.State)] == nil })
	r.notes.Confirmed = slices.DeleteFunc(r.notes.Confirmed, func(c confirmedRoot) bool {
		s := held.states[ident.State(c.State)]
		return s != nil && s.current != nil && s.current.rootID.String() == c.Root
	})
}
