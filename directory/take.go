package directory

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// ImportOptions is what the importer knows from outside the file.
type ImportOptions struct {
	// TrustManagers are the key ids of all managers, as they stand on the sheet that came by
	// another way. Looked at only while no manager is known. docs/protocol.md §8.3
	TrustManagers []ident.KeyID
	// Confirm is asked instead, with the newest manager set of the file; nil means confirmed.
	Confirm func(ManagerInfo) error
	// ConfirmRoots names, for a State whose root has changed, the new root that an officer
	// confirmed by call-back. docs/protocol.md §8.5
	ConfirmRoots map[ident.State]ident.KeyID
	// gathering is true while signatures of a list are still being gathered: its quorum may be
	// missing, and no other rule. docs/protocol.md §8.7
	gathering bool
}

// Changes is what an import did, for the officers. Lists are in order.
type Changes struct {
	// First is true when no list was in force before.
	First bool
	// Unchanged is true when nothing at all is different now.
	Unchanged bool
	// ListNumber and ManagerSet are in force now.
	ListNumber, ManagerSet uint64
	// Expires is when the list becomes stale.
	Expires time.Time
	// Joined, Updated and Left are States. A returning State has joined.
	Joined, Updated, Left []ident.State
	// KeyChanged are States whose entry is in quarantine: the old one stays in force until
	// the new root is confirmed. docs/protocol.md §8.5
	KeyChanged []RootChange
	// NewBundles are addresses whose sealing keys are new.
	NewBundles []ident.Address
	// Notices are parts that were left out without harm to the rest.
	Notices []Notice
}

// Notice names a bundle that was left out or taken out of use.
type Notice struct {
	Address ident.Address
	Reason  valisev1.Reason
}

// take checks a whole file against what is held and gives what would be held after it.
// docs/protocol.md §8.6
func (h *held) take(o *offer, opts ImportOptions) (*held, Changes, error) {
	offered, err := o.managerSets(h.realm)
	if err != nil {
		return nil, Changes{}, err
	}
	next := h.successor()
	if len(h.sets) == 0 {
		next.sets, err = anchor(h.realm, offered, opts)
	} else {
		next.sets, err = followChain(h.realm, h.sets, offered)
	}
	if err != nil {
		return nil, Changes{}, err
	}
	if next.list, err = next.takeList(o.file.GetList(), h.list, opts.gathering); err != nil {
		return nil, Changes{}, err
	}
	next.keepList(h.list)
	if next.readingKey, err = o.readingKey(); err != nil {
		return nil, Changes{}, err
	}
	entries, err := o.entries(h, next.list)
	if err != nil {
		return nil, Changes{}, err
	}
	bundles, err := o.bundles(h.realm, next.list)
	if err != nil {
		return nil, Changes{}, err
	}
	changes, err := next.takeParts(h, entries, bundles, opts)
	return next, changes, err
}

// takeList reads a list that the quorum of the newest set signed. docs/protocol.md §8.3
func (h *held) takeList(o *valisev1.SignedObject, old *list, gathering bool) (*list, error) {
	check := h.managers().requireQuorum
	if gathering {
		check = h.managers().requireHonest
	}
	if err := check(aboutList, h.realm, seal.PurposeList, o); err != nil {
		return nil, err
	}
	l, err := parseList(h.realm, o)
	if err != nil {
		return nil, err
	}
	if n := h.managers().set.GetNumber(); l.body.GetManagerSet() != n {
		return nil, aboutList.refuse(valisev1.Reason_REASON_MIXED, "made under manager set %d, set %d is in force", l.body.GetManagerSet(), n)
	}
	return l, l.follow(old)
}

// takeParts puts entries and bundles of the list into force. h has the new list already.
func (h *held) takeParts(old *held, entries map[ident.State]*entry, bundles []*bundle, opts ImportOptions) (Changes, error) {
	c := Changes{First: old.list == nil, ListNumber: h.list.body.GetNumber(), Expires: h.list.expires}
	if set := h.managers(); set != nil {
		c.ManagerSet = set.set.GetNumber()
	}
	for _, state := range h.list.states {
		if err := h.takeEntry(entries[state], opts, &c); err != nil {
			return Changes{}, err
		}
	}
	for _, state := range sortedStates(old.states) {
		if h.list.members[state] == nil && (old.states[state].current != nil || old.states[state].quarantined != nil) {
			h.states[state] = old.states[state].leave()
			c.Left = append(c.Left, state)
		}
	}
	claimed, err := h.claimKeys()
	if err != nil {
		return Changes{}, err
	}
	if err := h.takeBundles(bundles, claimed, &c); err != nil {
		return Changes{}, err
	}
	h.countRosters(old)
	c.Unchanged = old.list != nil && old.list.hash == h.list.hash && len(c.Joined)+len(c.Updated)+len(c.Left)+len(c.NewBundles) == 0
	return c, nil
}

// takeEntry puts one entry into force, or into quarantine when its root is not the one known.
// docs/protocol.md §8.5
func (h *held) takeEntry(e *entry, opts ImportOptions, c *Changes) error {
	known := h.states[e.state]
	last := known.last()
	if last == nil && e.body.GetNumber() > maxFirstNumber {
		return e.about().refuse(valisev1.Reason_REASON_FAST_FORWARD, "entry %d is the first seen here: such a number would shut out every later entry", e.body.GetNumber())
	}
	if known == nil {
		known = &standing{}
	}
	if known.current != nil && known.current.hash == e.hash {
		return nil
	}
	if last != nil {
		if err := stepFrom(last, e); err != nil {
			return err
		}
		if e.rootID != last.rootID && e.rootID != last.nextID && opts.ConfirmRoots[e.state] != e.rootID {
			h.states[e.state] = known.hold(e)
			c.KeyChanged = append(c.KeyChanged, h.states[e.state].change(e.state))
			return nil
		}
	}
	if known.current == nil {
		c.Joined = append(c.Joined, e.state)
	} else {
		c.Updated = append(c.Updated, e.state)
	}
	h.states[e.state] = known.meets(e, c.First)
	return nil
}

// stepFrom checks that an entry's number rises, and not beyond reason.
func stepFrom(last, e *entry) error {
	before, n := last.body.GetNumber(), e.body.GetNumber()
	switch {
	case n < before:
		return e.about().refuse(valisev1.Reason_REASON_ROLLBACK, "entry %d is older than entry %d, which is in force", n, before)
	case n == before:
		return e.about().refuse(valisev1.Reason_REASON_EQUIVOCATION, "entry %d differs from the entry held under this number", n)
	case n-before > maxStep:
		return e.about().refuse(valisev1.Reason_REASON_FAST_FORWARD, "entry %d is more than %d ahead of entry %d", n, maxStep, before)
	}
	return nil
}

// takeBundles takes the bundles of the file where they are newer than those held, and keeps
// of the held ones what still stands. docs/protocol.md §8.4
func (h *held) takeBundles(offered []*bundle, claimed owners, c *Changes) error {
	before, kept := h.bundles, maps.Clone(h.bundles)
	h.bundles, h.waiting = map[ident.Address]*bundle{}, map[ident.Address]*bundle{}
	for _, b := range offered {
		if h.states[b.address.State].quarantined != nil {
			if err := h.takeWaiting(b, claimed); err != nil {
				return err
			}
			continue
		}
		used, err := h.takeBundle(b, before[b.address], claimed, c)
		if err != nil {
			return err
		}
		if used {
			delete(kept, b.address)
		}
	}
	for _, address := range sortedAddresses(kept) {
		h.keepBundle(kept[address], claimed, c)
	}
	return nil
}

// takeWaiting holds a bundle of an entry in quarantine until the root is confirmed.
func (h *held) takeWaiting(b *bundle, claimed owners) error {
	if err := b.speaksFor(h.realm, h.states[b.address.State].quarantined, nil); err != nil {
		return err
	}
	if err := claimed.claimBundle(b); err != nil {
		return err
	}
	h.waiting[b.address] = b
	return nil
}

// takeBundle puts one bundle of the file into use, unless a newer one is known.
func (h *held) takeBundle(b, before *bundle, claimed owners, c *Changes) (used bool, err error) {
	s := h.states[b.address.State]
	if err := b.speaksFor(h.realm, s.current, s.revoked()); err != nil {
		return false, err
	}
	highest, seen := h.marks[b.address]
	switch {
	case seen && b.mark().before(highest):
		return false, nil
	case seen && !highest.before(b.mark()) && highest.hash != b.hash:
		c.Notices = append(c.Notices, Notice{Address: b.address, Reason: valisev1.Reason_REASON_EQUIVOCATION})
		return false, nil
	}
	if err := claimed.claimBundle(b); err != nil {
		return false, err
	}
	h.bundles[b.address] = b
	h.marks[b.address] = b.mark()
	if before == nil || before.hash != b.hash {
		c.NewBundles = append(c.NewBundles, b.address)
	}
	return true, nil
}

// keepBundle keeps a held bundle while its signing key still speaks and nothing of the file
// claims what it names.
func (h *held) keepBundle(b *bundle, claimed owners, c *Changes) {
	s := h.states[b.address.State]
	if s == nil || s.current == nil {
		return
	}
	if err := b.speaksFor(h.realm, s.current, s.revoked()); err != nil {
		c.Notices = append(c.Notices, Notice{Address: b.address, Reason: reasonOf(err)})
		return
	}
	trial := maps.Clone(claimed)
	if err := trial.claimBundle(b); err != nil {
		c.Notices = append(c.Notices, Notice{Address: b.address, Reason: reasonOf(err)})
		return
	}
	maps.Copy(claimed, trial)
	h.bundles[b.address] = b
}

// countRosters gives every change of connections under one list its own roster number.
func (h *held) countRosters(old *held) {
	if old.list == nil || old.list.hash != h.list.hash {
		h.rosters = 0
		return
	}
	same := maps.EqualFunc(old.bundles, h.bundles, func(a, b *bundle) bool { return a.hash == b.hash })
	if !same {
		h.rosters++
	}
}

func reasonOf(err error) valisev1.Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	return valisev1.Reason_REASON_INTERNAL
}

func sortedStates[V any](m map[ident.State]V) []ident.State {
	return slices.Sorted(maps.Keys(m))
}

func sortedAddresses[V any](m map[ident.Address]V) []ident.Address {
	return slices.SortedFunc(maps.Keys(m), compareAddresses)
}

func compareAddresses(a, b ident.Address) int { return strings.Compare(a.String(), b.String()) }
