package relay

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/nats-io/nkeys"
	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Limits on a Roster. docs/protocol.md §7.8
const (
	// MaxRosterBytes is the largest Roster file that is read.
	MaxRosterBytes = 16 << 20
	maxRosterRows  = 2048
	maxRowNkeys    = 8
)

// ParseRoster reads a Roster (protobuf bytes, at most MaxRosterBytes) and refuses what is not
// exactly one: a realm or number that is missing, names that are not 26 characters of base32,
// rows out of order or twice, tokens nobody owns, keys that are no nkey, fields this relay does
// not know. docs/protocol.md §7.8
func ParseRoster(b []byte) (*valisev1.Roster, error) {
	if len(b) > MaxRosterBytes {
		return nil, fmt.Errorf("relay: a roster has at most %d bytes, this has %d", MaxRosterBytes, len(b))
	}
	r := new(valisev1.Roster)
	if err := proto.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("relay: these bytes are no roster")
	}
	if err := CheckRoster(r); err != nil {
		return nil, err
	}
	return r, nil
}

// CheckRoster holds the rules of ParseRoster over a Roster in memory.
func CheckRoster(r *valisev1.Roster) error {
	switch {
	case r == nil:
		return fmt.Errorf("relay: there is no roster")
	case r.GetNumber() == 0:
		return fmt.Errorf("relay: a roster has a number from 1 on")
	case len(r.ProtoReflect().GetUnknown()) > 0:
		return fmt.Errorf("relay: the roster has fields that this relay does not know; update the relay")
	case len(r.GetMailboxes()) > maxRosterRows || len(r.GetSenders()) > maxRosterRows:
		return fmt.Errorf("relay: a roster has at most %d mailboxes and senders", maxRosterRows)
	}
	if _, err := ident.ParseRealm(r.GetRealm()); err != nil {
		return fmt.Errorf("relay: the roster is of no realm")
	}
	tokens, err := checkSenders(r.GetSenders())
	if err != nil {
		return err
	}
	return checkMailboxes(r.GetMailboxes(), tokens)
}

func checkSenders(senders []*valisev1.Sender) (map[string]bool, error) {
	tokens := make(map[string]bool, len(senders))
	last := ""
	for i, s := range senders {
		if len(s.ProtoReflect().GetUnknown()) > 0 {
			return nil, fmt.Errorf("relay: roster sender %d has fields that this relay does not know; update the relay", i)
		}
		if err := nextName(last, s.GetToken()); err != nil {
			return nil, fmt.Errorf("relay: roster sender %d: %w", i, err)
		}
		if err := checkNkeys(s.GetNkeys()); err != nil {
			return nil, fmt.Errorf("relay: roster sender %d: %w", i, err)
		}
		last = s.GetToken()
		tokens[last] = true
	}
	return tokens, nil
}

func checkMailboxes(boxes []*valisev1.Mailbox, tokens map[string]bool) error {
	last := ""
	for i, m := range boxes {
		if len(m.ProtoReflect().GetUnknown()) > 0 {
			return fmt.Errorf("relay: roster mailbox %d has fields that this relay does not know; update the relay", i)
		}
		if err := nextName(last, m.GetName()); err != nil {
			return fmt.Errorf("relay: roster mailbox %d: %w", i, err)
		}
		last = m.GetName()
		if err := checkNkeys(m.GetOwnerNkeys()); err != nil {
			return fmt.Errorf("relay: roster mailbox %d: %w", i, err)
		}
		if len(m.GetSenderTokens()) > maxRosterRows {
			return fmt.Errorf("relay: roster mailbox %d: at most %d senders", i, maxRosterRows)
		}
		lastToken := ""
		for _, t := range m.GetSenderTokens() {
			if err := nextName(lastToken, t); err != nil {
				return fmt.Errorf("relay: roster mailbox %d: sender token: %w", i, err)
			}
			if !tokens[t] {
				return fmt.Errorf("relay: roster mailbox %d: a sender token is in no sender row", i)
			}
			lastToken = t
		}
	}
	return nil
}

// nextName holds the order: strictly ascending, so that nothing can stand there twice.
func nextName(last, name string) error {
	if !IsName(name) {
		return fmt.Errorf("a name is 26 characters of lower-case base32")
	}
	if name <= last {
		return fmt.Errorf("names stand in ascending order, each once")
	}
	return nil
}

func checkNkeys(keys []string) error {
	if len(keys) > maxRowNkeys {
		return fmt.Errorf("at most %d connection keys", maxRowNkeys)
	}
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if !nkeys.IsValidPublicUserKey(k) {
			return fmt.Errorf("a connection key is no public user nkey")
		}
		if seen[k] {
			return fmt.Errorf("a connection key stands there twice")
		}
		seen[k] = true
	}
	return nil
}

// rights is what one connection key may do; nothing else is allowed. docs/protocol.md §7.8
type rights struct {
	nkey  string
	owns  []string // mailboxes, ascending
	sends []pair   // ascending by mailbox, then token
}

// pair is one sender's place in one mailbox.
type pair struct{ mailbox, token string }

// tokens are those of sends, each once, ascending.
func (x rights) tokens() []string {
	all := make([]string, len(x.sends))
	for i, p := range x.sends {
		all[i] = p.token
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mayWrite says whether the key may write there: ErrRefused under another's token, ErrNoMailbox in a
// mailbox that does not admit its own, which is to it as if there were none. docs/protocol.md §7.8
func (x rights) mayWrite(to pair) error {
	switch {
	case slices.Contains(x.sends, to):
		return nil
	case slices.Contains(x.tokens(), to.token):
		return ErrNoMailbox
	}
	return ErrRefused
}

// rightsOf turns a checked Roster into one row for each connection key, ordered by key. A nil
// Roster gives nobody any right.
func rightsOf(r *valisev1.Roster) []rights {
	byKey := make(map[string]*rights)
	row := func(nkey string) *rights {
		if byKey[nkey] == nil {
			byKey[nkey] = &rights{nkey: nkey}
		}
		return byKey[nkey]
	}
	keysOf := make(map[string][]string)
	for _, s := range r.GetSenders() {
		keysOf[s.GetToken()] = s.GetNkeys()
	}
	for _, m := range r.GetMailboxes() {
		for _, k := range m.GetOwnerNkeys() {
			row(k).owns = append(row(k).owns, m.GetName())
		}
		for _, t := range m.GetSenderTokens() {
			for _, k := range keysOf[t] {
				row(k).sends = append(row(k).sends, pair{m.GetName(), t})
			}
		}
	}
	all := make([]rights, 0, len(byKey))
	for _, x := range byKey {
		all = append(all, *x)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].nkey < all[j].nkey })
	return all
}

// worstBytes is the disk that a Roster needs when every slot of every box is full.
// docs/protocol.md §7.8
func worstBytes(r *valisev1.Roster) uint64 {
	var sum uint64
	for _, m := range r.GetMailboxes() {
		sum += uint64(len(m.GetSenderTokens())) * Slots * MaxEnvelope
	}
	return sum
}

// Reasons to refuse a Roster that is well formed.
var (
	errRosterRealm  = errors.New("another realm than this relay's")
	errRosterLower  = errors.New("a lower number than the one in force")
	errRosterDiffer = errors.New("the number in force with other content")
)

// mayReplace holds the order of Rosters; old is nil before the first. docs/protocol.md §7.8
func mayReplace(old, r *valisev1.Roster) error {
	switch {
	case old == nil:
		return nil
	case r.GetRealm() != old.GetRealm():
		return errRosterRealm
	case r.GetNumber() < old.GetNumber():
		return errRosterLower
	case r.GetNumber() == old.GetNumber() && !proto.Equal(r, old):
		return errRosterDiffer
	}
	return nil
}
