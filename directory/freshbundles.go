package directory

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// BundleOffer is a file of ExportBundles on its way into the next list.
type BundleOffer struct {
	File []byte
	// NewerOnly passes over what is older than the bundle held, or of a State that is not admitted: a
	// node's whole book has both, and neither is a fault.
	NewerOnly bool
}

// RefusedBundle is a bundle that stays out of the next list.
type RefusedBundle struct {
	// Address is whose it says it is; zero where that cannot be read.
	Address ident.Address
	Reason  valisev1.Reason
	// Detail says what is wrong, in words.
	Detail string
}

// FreshBundles is what became of bundles that were offered. docs/protocol.md §8.6
type FreshBundles struct {
	Taken   []BundleInfo
	Refused []RefusedBundle
}

// TakeBundles puts key bundles that are newer than those held beside the admitted entries, for the next
// list. Each is judged by its own signature and number, and one that is refused keeps no other out. The
// error is a *Refusal; nothing was taken then. docs/protocol.md §8.6
func (r *Registry) TakeBundles(offers []BundleOffer, now time.Time) (FreshBundles, error) {
	var f FreshBundles
	err := r.settled(func() error {
		k, err := r.freshening()
		if err != nil {
			return err
		}
		for _, o := range offers {
			if err := k.offer(o); err != nil {
				return err
			}
		}
		if f = k.result(); len(f.Taken) == 0 {
			return nil
		}
		cards, err := r.cards()
		if err != nil {
			return err
		}
		if _, err := r.rehearse(k.exports, cards, now); err != nil {
			return err
		}
		return k.save()
	})
	if err != nil {
		return FreshBundles{}, err
	}
	return f, nil
}

// freshening is one TakeBundles on its way.
type freshening struct {
	registry *Registry
	exports  map[ident.State]*export
	claimed  owners
	taken    map[ident.Address]*bundle
	refused  []RefusedBundle
}

func (r *Registry) freshening() (*freshening, error) {
	exports, err := r.exports()
	if err != nil {
		return nil, err
	}
	k := &freshening{registry: r, exports: exports, claimed: newOwners(), taken: map[ident.Address]*bundle{}}
	// What is admitted stays its owner's: a fresh bundle of one State cannot take a name from another,
	// in whichever order they come.
	for _, state := range sortedStates(exports) {
		for _, b := range exports[state].bundles {
			if err := k.claimed.claimBundle(b); err != nil {
				return nil, err
			}
		}
	}
	return k, nil
}

func (k *freshening) offer(o BundleOffer) error {
	signed, err := parseBundleExport(o.File)
	if err != nil {
		return err
	}
	for _, s := range signed {
		b, err := parseBundle(k.registry.realm, s)
		if err == nil {
			err = k.take(b)
		}
		if err == nil {
			continue
		}
		refusal, ok := errors.AsType[*Refusal](err)
		if !ok {
			return err
		}
		expected := refusal.Reason == valisev1.Reason_REASON_ROLLBACK || refusal.Reason == valisev1.Reason_REASON_NOT_FOUND
		if o.NewerOnly && expected {
			continue
		}
		k.refused = append(k.refused, RefusedBundle{Address: claimedAddress(s), Reason: refusal.Reason, Detail: refusal.Err.Error()})
	}
	return nil
}

// claimedAddress is whose a bundle says it is, read for people only.
func claimedAddress(o *valisev1.SignedObject) ident.Address {
	body := &valisev1.KeyBundle{}
	if decode(aboutBundles, o.GetObject(), MaxBundleSize, open, body) != nil {
		return ident.Address{}
	}
	a, err := ident.ParseAddress(body.GetAddress())
	if err != nil {
		return ident.Address{}
	}
	return a
}

// take puts a bundle in the place of an older one of the same point of contact. The one that is held
// already is passed over. docs/protocol.md §8.4
func (k *freshening) take(b *bundle) error {
	x := k.exports[b.address.State]
	if x == nil {
		return b.about().refuse(valisev1.Reason_REASON_NOT_FOUND, "its State is not admitted here")
	}
	if err := b.speaksFor(k.registry.realm, x.entry, k.revoked(x)); err != nil {
		return err
	}
	newer, err := k.newer(x, b)
	if err != nil || !newer {
		return err
	}
	trial := maps.Clone(k.claimed)
	if err := trial.claimBundle(b); err != nil {
		return err
	}
	k.claimed, k.taken[b.address] = trial, b
	k.exports[b.address.State] = x.with(b)
	return nil
}

// revoked joins what the admitted entry revokes with all that was ever revoked of the State.
// docs/protocol.md §8.5
func (k *freshening) revoked(x *export) map[ident.KeyID]time.Time {
	all := maps.Clone(x.entry.revoked)
	if s := k.registry.book.Snapshot().held.states[x.entry.state]; s != nil {
		for id, since := range s.revoked() {
			if all == nil {
				all = map[ident.KeyID]time.Time{}
			}
			earliest(all, id, since)
		}
	}
	return all
}

// newer holds a bundle against the one that is admitted, and the highest that was ever published.
func (k *freshening) newer(x *export, b *bundle) (bool, error) {
	highest := k.registry.book.Snapshot().held.marks[b.address]
	if own := x.bundleOf(b.address); own != nil && !own.mark().before(highest) {
		highest = own.mark()
	}
	switch {
	case b.mark().before(highest):
		return false, b.about().refuse(valisev1.Reason_REASON_ROLLBACK, "bundle %d of entry %d is older than bundle %d of entry %d, which is held",
			b.body.GetNumber(), b.body.GetEntryNumber(), highest.number, highest.entry)
	case highest.before(b.mark()):
		return true, nil
	case highest.hash != b.hash:
		return false, b.about().refuse(valisev1.Reason_REASON_EQUIVOCATION, "differs from the one held under this number")
	}
	return false, nil
}

func (k *freshening) result() FreshBundles {
	f := FreshBundles{Refused: k.refused}
	for _, a := range sortedAddresses(k.taken) {
		f.Taken = append(f.Taken, k.taken[a].info())
	}
	return f
}

// save writes the files of the States whose bundles are new.
func (k *freshening) save() error {
	states := map[ident.State]bool{}
	for a := range k.taken {
		states[a.State] = true
	}
	for _, state := range sortedStates(states) {
		if err := k.registry.saveExport(k.exports[state]); err != nil {
			return err
		}
	}
	return nil
}

// saveExport writes an admitted entry with its bundles.
func (r *Registry) saveExport(x *export) error {
	f := &valisev1.EntryExport{Entry: x.entry.signed}
	for _, b := range x.bundles {
		f.KeyBundles = append(f.KeyBundles, b.signed)
	}
	text, err := encode(f)
	if err != nil {
		return storage(err)
	}
	return storage(writeDurably(r.disk, filepath.Join(r.path(admittedFolder), string(x.entry.state)+exportSuffix), text))
}

func (x *export) bundleOf(a ident.Address) *bundle {
	for _, b := range x.bundles {
		if b.address == a {
			return b
		}
	}
	return nil
}

// with is the export with another bundle of one address, in the place of the one before.
func (x *export) with(b *bundle) *export {
	next := &export{entry: x.entry, bundles: slices.Clone(x.bundles)}
	for i, own := range next.bundles {
		if own.address == b.address {
			next.bundles[i] = b
			return next
		}
	}
	next.bundles = append(next.bundles, b)
	return next
}

// keepingNewer is the export with what before has of the same entry and is newer: an old file that is
// admitted again does not bring back old keys.
func (x *export) keepingNewer(before *export) *export {
	if before == nil || before.entry.hash != x.entry.hash {
		return x
	}
	for _, b := range before.bundles {
		if own := x.bundleOf(b.address); own == nil || own.mark().before(b.mark()) {
			x = x.with(b)
		}
	}
	return x
}
