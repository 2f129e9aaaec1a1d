package directory

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Review is a proposal as a manager looks at it before signing. docs/protocol.md §8.7
type Review struct {
	// ManagerSet is true for a manager set, false for a list.
	ManagerSet bool
	// Number is the list's or the set's.
	Number uint64
	// Issued and Expires are the list's; a manager set has no end.
	Issued, Expires time.Time
	// InForce is true when this list or set is in force here already.
	InForce bool
	// Changes is what the list would do here; empty for a manager set.
	Changes Changes
	// Lines say in plain words what would change.
	Lines []string
	// Managers is the set whose quorum signs the list, or the set proposed.
	Managers ManagerInfo
	// Signed are the managers whose signatures count, Missing all others who could sign.
	Signed, Missing []ident.KeyID
	// Complete is true when enough have signed, as far as this manager can judge.
	Complete bool
}

// listLines say what the next list changes. docs/protocol.md §8.7
func listLines(before, next *held, c Changes) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	l := next.list
	if before.list == nil {
		add("list %d is the first here", l.body.GetNumber())
	} else {
		add("list %d follows list %d", l.body.GetNumber(), before.list.body.GetNumber())
		if gap := l.body.GetNumber() - before.list.body.GetNumber(); gap > 1 {
			add("lists %d to %d are passed over: none of them is in force here", before.list.body.GetNumber()+1, l.body.GetNumber()-1)
		}
	}
	add("issued %s, fresh until %s", l.issued.UTC().Format(time.RFC3339), l.expires.UTC().Format(time.RFC3339))
	if before.list != nil && before.list.body.GetManagerSet() != l.body.GetManagerSet() {
		info := next.managers().info()
		add("signed under manager set %d: %d of %d must sign", info.Number, info.Threshold, len(info.Managers))
	}
	for _, state := range c.Joined {
		e := next.states[state].current
		add("%s joins with entry %d, root %s", state, e.body.GetNumber(), e.rootID.Fingerprint())
	}
	for _, state := range c.Updated {
		e := next.states[state].current
		add("%s has a new entry %d", state, e.body.GetNumber())
		lines = append(lines, entryLines(before.states[state].current, e)...)
	}
	for _, state := range c.Left {
		add("%s leaves", state)
	}
	lines = append(lines, relayLines(before.list, l)...)
	for _, a := range c.NewBundles {
		add("%s has a new key bundle", a)
	}
	if before.list != nil && before.readingKey != next.readingKey {
		add("the key for directory objects on relays is new")
	}
	return lines
}

// entryLines name what of a State's entry is new, keys first: whoever holds them speaks for it.
func entryLines(before, now *entry) []string {
	if before == nil {
		return nil
	}
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, "  "+string(now.state)+": "+fmt.Sprintf(format, args...))
	}
	if before.rootID != now.rootID {
		add("another root, %s", now.rootID.Fingerprint())
	}
	if before.nextID != now.nextID {
		add("another root is announced to follow")
	}
	had, has := keysByID(before), keysByID(now)
	for _, id := range sortedKeys(has) {
		if had[id].IsZero() {
			add("new signing key of %s, %s", has[id], id.Fingerprint())
		}
	}
	for _, id := range sortedKeys(had) {
		if has[id].IsZero() {
			add("a signing key of %s is gone, %s", had[id], id.Fingerprint())
		}
	}
	for _, id := range sortedKeys(now.revoked) {
		if _, known := before.revoked[id]; !known {
			add("a signing key is revoked since %s, %s", now.revoked[id].UTC().Format(time.RFC3339), id.Fingerprint())
		}
	}
	for _, track := range []ident.Track{ident.Diplomatic, ident.Technical, ident.Manager} {
		if was, is := before.points[track], now.points[track]; !proto.Equal(withoutKeys(was), withoutKeys(is)) {
			add("how its %s point of contact is reached", track)
		}
	}
	if !slices.EqualFunc(before.body.GetFurtherPoints(), now.body.GetFurtherPoints(), samePoint) {
		add("its further points of contact")
	}
	if !proto.Equal(withoutPoints(before.body), withoutPoints(now.body)) {
		add("names, nomination or dates")
	}
	return lines
}

func keysByID(e *entry) map[ident.KeyID]ident.Address {
	all := map[ident.KeyID]ident.Address{}
	for _, k := range e.keys {
		all[k.id] = k.address
	}
	return all
}

func sortedKeys[V any](m map[ident.KeyID]V) []ident.KeyID {
	return slices.SortedFunc(maps.Keys(m), func(a, b ident.KeyID) int { return bytes.Compare(a[:], b[:]) })
}

func withoutKeys(p *valisev1.PointOfContact) *valisev1.PointOfContact {
	if p == nil {
		return nil
	}
	p = proto.CloneOf(p)
	p.SigningKeys = nil
	return p
}

func samePoint(a, b *valisev1.PointOfContact) bool { return proto.Equal(a, b) }

func withoutPoints(e *valisev1.Entry) *valisev1.Entry {
	e = proto.CloneOf(e)
	e.Number, e.PointsOfContact, e.FurtherPoints, e.Root, e.NextRoot, e.Revocations = 0, nil, nil, nil, nil, nil
	return e
}

// relayLines compare the relays by name.
func relayLines(before, now *list) []string {
	was, is := relaysByName(before), relaysByName(now)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(is)) {
		switch old := was[name]; {
		case old == nil:
			lines = append(lines, "the relay at "+is[name].GetAddress()+" joins")
		case !proto.Equal(old, is[name]):
			lines = append(lines, "the relay at "+is[name].GetAddress()+" has another card")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if is[name] == nil {
			lines = append(lines, "the relay at "+was[name].GetAddress()+" leaves")
		}
	}
	return lines
}

func relaysByName(l *list) map[string]*valisev1.RelayCard {
	all := map[string]*valisev1.RelayCard{}
	if l == nil {
		return all
	}
	for _, card := range l.relays {
		all[card.GetName()] = card
	}
	return all
}

// setLines say who becomes a manager and who no longer is one.
func setLines(before, now *managerSet) []string {
	info := now.info()
	lines := []string{fmt.Sprintf("manager set %d: %d of %d must sign", info.Number, info.Threshold, len(info.Managers))}
	if before != nil {
		lines[0] += fmt.Sprintf("; in set %d it is %d of %d", before.set.GetNumber(), before.set.GetThreshold(), len(before.order))
	}
	for _, id := range info.Managers {
		word := "manager"
		if before != nil && before.keys[id].IsZero() {
			word = "new manager"
		}
		lines = append(lines, strings.Join([]string{word, id.Fingerprint()}, " "))
	}
	if before == nil {
		return lines
	}
	for _, id := range before.order {
		if now.keys[id].IsZero() {
			lines = append(lines, "no longer a manager "+id.Fingerprint())
		}
	}
	return lines
}
