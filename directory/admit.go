package directory

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// AdmitOptions is what the manager knows from outside the file.
type AdmitOptions struct {
	// ConfirmRoot is the new root of a State whose root has changed, after call-back; zero
	// otherwise. docs/protocol.md §8.5
	ConfirmRoot ident.KeyID
	// Now is the manager's clock.
	Now time.Time
}

// Admission says what was admitted: an entry or a relay.
type Admission struct {
	// Entry is zero for a relay.
	Entry EntryView
	// Relay is nil for an entry.
	Relay *valisev1.RelayCard
}

// Admit takes an EntryExport or a relay's card, whichever the file is, and checks it against
// everything that is admitted and was published: what Admit takes, every node will take.
// Nothing leaves before Publish. The error is a *Refusal; KEY_CHANGED asks for ConfirmRoot.
// docs/protocol.md §8.6
func (r *Registry) Admit(file []byte, opts AdmitOptions) (Admission, error) {
	var a Admission
	err := r.settled(func() (err error) {
		card, cardErr := r.readCard(file)
		if cardErr == nil {
			a.Relay, err = r.admitRelay(card, opts)
			return err
		}
		x, err := parseExport(r.realm, file)
		if err != nil {
			return r.whichFile(err, cardErr)
		}
		a.Entry = x.view()
		return r.admitEntry(x, opts)
	})
	if err != nil {
		return Admission{}, err
	}
	return a, nil
}

// whichFile picks the error of what the file most looks like: a card of another realm or
// without an address still is a card.
func (r *Registry) whichFile(export, card error) error {
	if unlike(export) && reasonOf(card) != valisev1.Reason_REASON_TOO_LARGE {
		return card
	}
	return export
}

// locked runs one change of the folder, from what is on disk now.
func (r *Registry) locked(change func() error) error {
	unlock, err := lockFolder(r.dir, true)
	if err != nil {
		return err
	}
	defer unlock()
	if err := r.load(); err != nil {
		return err
	}
	if _, err := r.book.Reload(); err != nil {
		return err
	}
	return change()
}

// settled is locked for what needs managers who have agreed on each other.
func (r *Registry) settled(change func() error) error {
	return r.locked(func() error {
		if r.managers() == nil {
			return aboutRegistry.refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the managers have not agreed on their first set yet, so nobody could sign a list")
		}
		return change()
	})
}

func (r *Registry) admitEntry(x *export, opts AdmitOptions) error {
	exports, err := r.exports()
	if err != nil {
		return err
	}
	state := x.entry.state
	if before := exports[state]; before != nil && before.entry.hash != x.entry.hash {
		if err := stepFrom(before.entry, x.entry); err != nil {
			return err
		}
	}
	x = x.keepingNewer(exports[state])
	exports[state] = x
	cards, err := r.cards()
	if err != nil {
		return err
	}
	r.forget(state)
	if !opts.ConfirmRoot.IsZero() {
		r.notes.Confirmed = append(r.notes.Confirmed, confirmedRoot{State: string(state), Root: opts.ConfirmRoot.String()})
	}
	changes, err := r.rehearse(exports, cards, opts.Now)
	if err != nil {
		return err
	}
	for _, k := range changes.KeyChanged {
		if k.State == state {
			return x.entry.about().refuse(valisev1.Reason_REASON_KEY_CHANGED, "shows another root than before: call back, compare the fingerprint, and confirm it")
		}
	}
	if err := r.saveNotes(); err != nil {
		return err
	}
	return r.saveExport(x)
}

// rehearse checks a draft of the next list by the rules of every node, without a signature.
func (r *Registry) rehearse(exports map[ident.State]*export, cards []*valisev1.SignedObject, now time.Time) (Changes, error) {
	object, err := encode(r.draftList(exports, cards, now, now.Add(DefaultListLife)))
	if err != nil {
		return Changes{}, err
	}
	old := r.book.Snapshot().held
	next := old.successor()
	if next.list, err = parseList(r.realm, &valisev1.SignedObject{Object: object}); err != nil {
		return Changes{}, err
	}
	if err := next.list.follow(old.list); err != nil {
		return Changes{}, err
	}
	next.sets = r.chain()
	entries, bundles := map[ident.State]*entry{}, []*bundle(nil)
	for _, state := range sortedStates(exports) {
		entries[state] = exports[state].entry
		bundles = append(bundles, exports[state].bundles...)
	}
	c, err := next.takeParts(old, entries, bundles, ImportOptions{ConfirmRoots: r.confirmed()})
	if err != nil {
		return Changes{}, err
	}
	for _, n := range c.Notices {
		if n.Reason == valisev1.Reason_REASON_EQUIVOCATION {
			return Changes{}, subject{object: "bundle", name: n.Address.String()}.refuse(n.Reason, "differs from the one published under this number")
		}
	}
	return c, nil
}

// readCard reads a card as relays write it, plain, or as a SignedObject that holds one.
func (r *Registry) readCard(file []byte) (*valisev1.SignedObject, error) {
	plain := &valisev1.SignedObject{Object: file}
	if _, err := parseRelayCard(r.realm, plain); err == nil {
		return plain, nil
	} else if o, signedErr := seal.ParseSignedObject(file); signedErr != nil {
		return nil, err
	} else if _, signedErr := parseRelayCard(r.realm, o); signedErr != nil {
		return nil, firstKnown(err, signedErr)
	} else {
		return o, nil
	}
}

// firstKnown prefers the error that says more than that the bytes are no such message.
func firstKnown(plain, signed error) error {
	if unlike(plain) {
		return signed
	}
	return plain
}

// unlike reports that bytes are no message of the kind at all.
func unlike(err error) bool {
	return reasonOf(err) == valisev1.Reason_REASON_WIRE_FORM || reasonOf(err) == valisev1.Reason_REASON_FRAME
}

func (r *Registry) admitRelay(o *valisev1.SignedObject, opts AdmitOptions) (*valisev1.RelayCard, error) {
	card, err := parseRelayCard(r.realm, o)
	if err != nil {
		return nil, err
	}
	exports, err := r.exports()
	if err != nil {
		return nil, err
	}
	cards, err := r.cards()
	if err != nil {
		return nil, err
	}
	others := cards[:0:0]
	for _, c := range cards {
		if other, err := parseRelayCard(r.realm, c); err == nil && other.GetName() != card.GetName() {
			others = append(others, c)
		}
	}
	if _, err := r.rehearse(exports, append(others, o), opts.Now); err != nil {
		return nil, err
	}
	b, err := encode(o)
	if err != nil {
		return nil, storage(err)
	}
	return card, storage(writeDurably(r.disk, filepath.Join(r.path(admittedFolder), cardName(card)), b))
}

// Withdraw lets a State leave with the next list, by its own wish or the managers' decision.
// Its records stay with everyone; its number stays used. The error is a *Refusal with
// NOT_FOUND when it is not admitted. A-6
func (r *Registry) Withdraw(state ident.State, at time.Time) error {
	return r.settled(func() error {
		if _, err := ident.ParseState(string(state)); err != nil {
			return aboutRegistry.refuse(valisev1.Reason_REASON_NOT_FOUND, "no such State is admitted")
		}
		path := filepath.Join(r.path(admittedFolder), string(state)+exportSuffix)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return aboutRegistry.refuse(valisev1.Reason_REASON_NOT_FOUND, "State %s is not admitted", state)
		}
		r.forget(state)
		r.notes.Left = append(r.notes.Left, leftNote{State: string(state), At: at.UTC()})
		if err := r.saveNotes(); err != nil {
			return err
		}
		return storage(errors.Join(r.disk.remove(path), r.disk.syncFolder(r.path(admittedFolder))))
	})
}

// WithdrawRelay takes a relay off the next list, by the name on its card.
func (r *Registry) WithdrawRelay(name string) error {
	return r.settled(func() error {
		path := filepath.Join(r.path(admittedFolder), cardName(&valisev1.RelayCard{Name: name}))
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return aboutRegistry.refuse(valisev1.Reason_REASON_NOT_FOUND, "no relay of this name is admitted")
		}
		return storage(errors.Join(r.disk.remove(path), r.disk.syncFolder(r.path(admittedFolder))))
	})
}
