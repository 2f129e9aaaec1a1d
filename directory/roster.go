package directory

import (
	"bytes"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// rosterSteps is how many rosters one list can have.
const rosterSteps = 1 << 20

// Roster is all that a relay is told: mailboxes, tokens and connection keys, and no State.
// Desks of one track may write to each other; principals write to all and are written to by
// all; nobody writes to their own State. The same directory gives the same bytes.
// docs/protocol.md §7.8, A-9
func (s *Snapshot) Roster() *valisev1.Roster {
	h := s.held
	r := &valisev1.Roster{Number: s.Number()*rosterSteps + h.rosters, Realm: string(h.realm)}
	for to, box := range h.bundles {
		m := &valisev1.Mailbox{Name: box.body.GetMailbox(), OwnerNkeys: sortedCopy(box.body.GetRelayNkeys())}
		for from, sender := range h.bundles {
			if mayWrite(from, to) {
				m.SenderTokens = append(m.SenderTokens, sender.body.GetSenderToken())
			}
		}
		slices.Sort(m.SenderTokens)
		r.Mailboxes = append(r.Mailboxes, m)
		r.Senders = append(r.Senders, &valisev1.Sender{Token: box.body.GetSenderToken(), Nkeys: sortedCopy(box.body.GetRelayNkeys())})
	}
	slices.SortFunc(r.Mailboxes, func(a, b *valisev1.Mailbox) int { return strings.Compare(a.GetName(), b.GetName()) })
	slices.SortFunc(r.Senders, func(a, b *valisev1.Sender) int { return strings.Compare(a.GetToken(), b.GetToken()) })
	return r
}

// mayWrite holds the tracks apart. A-9 s2
func mayWrite(from, to ident.Address) bool {
	if from.State == to.State {
		return false
	}
	return from.Track == to.Track || from.State.IsPrincipal() || to.State.IsPrincipal()
}

// EncodeRoster gives the bytes of a roster file, always the same for the same roster.
func EncodeRoster(r *valisev1.Roster) ([]byte, error) { return encode(r) }

// ParseRoster reads a roster file of a realm: bounded, in order, without anything that
// EncodeRoster would not have written. docs/protocol.md §7.8
func ParseRoster(realm ident.Realm, b []byte) (*valisev1.Roster, error) {
	s, r := subject{object: "roster"}, &valisev1.Roster{}
	if len(b) == 0 || len(b) > MaxRosterSize {
		return nil, s.refuse(valisev1.Reason_REASON_TOO_LARGE, "%d bytes, 1 to %d are read", len(b), MaxRosterSize)
	}
	if err := proto.Unmarshal(b, r); err != nil {
		return nil, s.refuse(valisev1.Reason_REASON_FRAME, "cannot be read: %w", err)
	}
	if again, err := encode(r); err != nil || !bytes.Equal(again, b) || len(r.ProtoReflect().GetUnknown()) > 0 {
		return nil, s.refuse(valisev1.Reason_REASON_WIRE_FORM, "bytes that no honest encoder makes")
	}
	if err := inRealm(s, realm, r.GetRealm()); err != nil {
		return nil, err
	}
	if err := obey(s, r); err != nil {
		return nil, err
	}
	return r, checkRoster(s, r)
}

// checkRoster refuses two mailboxes or senders of one name, and a token that nobody has.
func checkRoster(s subject, r *valisev1.Roster) error {
	known := map[string]bool{}
	for i, sender := range r.GetSenders() {
		if i > 0 && r.GetSenders()[i-1].GetToken() >= sender.GetToken() {
			return s.refuse(valisev1.Reason_REASON_SHARED_KEY, "senders are not in order or stand twice")
		}
		known[sender.GetToken()] = true
	}
	for i, m := range r.GetMailboxes() {
		if i > 0 && r.GetMailboxes()[i-1].GetName() >= m.GetName() {
			return s.refuse(valisev1.Reason_REASON_SHARED_KEY, "mailboxes are not in order or stand twice")
		}
		for j, token := range m.GetSenderTokens() {
			if j > 0 && m.GetSenderTokens()[j-1] >= token {
				return s.refuse(valisev1.Reason_REASON_SHARED_KEY, "tokens are not in order or stand twice")
			}
			if !known[token] {
				return s.refuse(valisev1.Reason_REASON_UNKNOWN_KEY, "a mailbox admits a token that no connection may use")
			}
		}
	}
	return nil
}

func sortedCopy(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
