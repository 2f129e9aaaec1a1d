package directory

import (
	"encoding/base32"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// MaxBundleLife is the longest that a key bundle may live: a thief of last month's keys must
// not find a use for them. docs/protocol.md §8.4
const MaxBundleLife = 45 * 24 * time.Hour

// bundle is what a point of contact's signing key said about its sealing keys.
// docs/protocol.md §8.4
type bundle struct {
	signed  *valisev1.SignedObject
	hash    [32]byte
	body    *valisev1.KeyBundle
	address ident.Address
	signer  ident.KeyID
	expires time.Time
	sealing []sealingKey
}

type sealingKey struct {
	recipient seal.Recipient
	from      time.Time
	until     time.Time
}

// mark orders bundles: by entry, then by number, so that a stolen key's huge number ends
// with the next entry. docs/protocol.md §8.4
type mark struct {
	entry, number uint64
	hash          [32]byte
}

func (m mark) before(o mark) bool {
	return m.entry < o.entry || m.entry == o.entry && m.number < o.number
}

func (b *bundle) about() subject { return subject{object: "bundle", name: b.address.String()} }

func (b *bundle) mark() mark {
	return mark{entry: b.body.GetEntryNumber(), number: b.body.GetNumber(), hash: b.hash}
}

// parseBundle reads a bundle and its own rules; who signed it is checked by speaksFor.
func parseBundle(realm ident.Realm, o *valisev1.SignedObject) (*bundle, error) {
	s := subject{object: "bundle"}
	b := &bundle{signed: o, hash: hashOf(o), body: &valisev1.KeyBundle{}}
	if err := decode(s, o.GetObject(), MaxBundleSize, open, b.body); err != nil {
		return nil, err
	}
	if err := inRealm(s, realm, b.body.GetRealm()); err != nil {
		return nil, err
	}
	var err error
	if b.address, err = ident.ParseAddress(b.body.GetAddress()); err != nil {
		return nil, s.refuse(valisev1.Reason_REASON_PAYLOAD, "names no address in canonical form")
	}
	if !realm.Admits(b.address.State) {
		return nil, s.refuse(valisev1.Reason_REASON_WRONG_REALM, "State %s has no place in this realm", b.address.State)
	}
	issued, expires, err := span(b.about(), b.body.GetIssued(), b.body.GetExpires(), "the bundle")
	if err != nil {
		return nil, err
	}
	if expires.Sub(issued) > MaxBundleLife {
		return nil, b.about().refuse(valisev1.Reason_REASON_VALIDITY, "lives longer than 45 days")
	}
	b.expires = expires
	if err := b.readSealingKeys(); err != nil {
		return nil, err
	}
	if err := obey(b.about(), b.body); err != nil {
		return nil, err
	}
	if b.body.GetNumber() > maxBundleNumber || b.body.GetEntryNumber() > maxFirstNumber {
		return nil, b.about().refuse(valisev1.Reason_REASON_FAST_FORWARD, "its number would shut out every later bundle")
	}
	for _, k := range b.body.GetRelayNkeys() {
		if !isUserNKey(k) {
			return nil, b.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a relay key is no user key of NATS")
		}
	}
	return b, nil
}

func (b *bundle) readSealingKeys() error {
	seen := map[string]bool{}
	for _, k := range b.body.GetSealingKeys() {
		from, until, err := span(b.about(), k.GetValidFrom(), k.GetAcceptedUntil(), "a sealing key")
		if err != nil {
			return err
		}
		recipient, err := seal.ParseRecipient(k.GetRecipient())
		if err != nil {
			return b.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a sealing key cannot be read: %w", err)
		}
		if seen[k.GetRecipient()] {
			return b.about().refuse(valisev1.Reason_REASON_SHARED_KEY, "holds one sealing key twice")
		}
		seen[k.GetRecipient()] = true
		b.sealing = append(b.sealing, sealingKey{recipient: recipient, from: from, until: until})
	}
	slices.SortStableFunc(b.sealing, func(x, y sealingKey) int { return y.from.Compare(x.from) })
	return nil
}

// speaksFor verifies that a key of the right desk signed the bundle, and that nobody took
// that key's word back. docs/protocol.md §8.4, §8.5
func (b *bundle) speaksFor(realm ident.Realm, e *entry, revoked map[ident.KeyID]time.Time) error {
	ids, err := signers(b.about(), realm, seal.PurposeKeyBundle, b.signed, e.keysOf(b.address))
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return b.about().refuse(valisev1.Reason_REASON_UNKNOWN_KEY, "not signed by a key that speaks for this point of contact")
	}
	for _, id := range ids {
		if _, gone := revoked[id]; gone {
			return b.about().refuse(valisev1.Reason_REASON_REVOKED_KEY, "signed by a revoked key, so its sealing keys may be a thief's")
		}
	}
	if b.body.GetEntryNumber() > e.body.GetNumber() {
		return b.about().refuse(valisev1.Reason_REASON_FAST_FORWARD, "belongs to entry %d, entry %d is the newest here", b.body.GetEntryNumber(), e.body.GetNumber())
	}
	b.signer = ids[0]
	return nil
}

// liveKey picks the newest key that has begun and has not ended. A clock that runs behind all
// of them gets the key that begins first: its owner holds it, so the mail opens.
// docs/protocol.md §8.4
func (b *bundle) liveKey(now time.Time) (seal.Recipient, bool) {
	if b == nil || !now.Before(b.expires) {
		return seal.Recipient{}, false
	}
	var earliest *sealingKey
	for i := range b.sealing {
		k := &b.sealing[i]
		if !now.Before(k.until) {
			continue
		}
		if !now.Before(k.from) {
			return k.recipient, true
		}
		earliest = k
	}
	if earliest == nil {
		return seal.Recipient{}, false
	}
	return earliest.recipient, true
}

// lastUntil is when the last of its keys ends: no later than the bundle itself.
func (b *bundle) lastUntil() (last time.Time) {
	for _, k := range b.sealing {
		if k.until.After(last) {
			last = k.until
		}
	}
	if b.expires.Before(last) {
		return b.expires
	}
	return last
}

// BundleConfig is what a node says in a key bundle. docs/protocol.md §8.4
type BundleConfig struct {
	Realm   ident.Realm
	Address ident.Address
	// EntryNumber is the number of our own entry as it stands, from 1.
	EntryNumber uint64
	// Number is from NextBundleNumber.
	Number uint64
	// SealingKeys are 1 to 16, in any order.
	SealingKeys []SealingKeyDates
	// Mailbox and SenderToken are from RandomName.
	Mailbox, SenderToken string
	// RelayNKeys are 0 to 4 public user keys of NATS, "U…".
	RelayNKeys []string
	// Issued and Expires are at most 45 days apart.
	Issued, Expires time.Time
}

// SealingKeyDates is one sealing key: sealed to from, opened until. docs/protocol.md §8.4
type SealingKeyDates struct {
	Recipient                seal.Recipient
	ValidFrom, AcceptedUntil time.Time
}

// BuildBundle makes a bundle, sealing keys newest first. SignBundle checks it.
// docs/protocol.md §8.4
func BuildBundle(c BundleConfig) *valisev1.KeyBundle {
	b := &valisev1.KeyBundle{
		Realm:       string(c.Realm),
		Address:     c.Address.String(),
		EntryNumber: c.EntryNumber,
		Number:      c.Number,
		Mailbox:     c.Mailbox,
		SenderToken: c.SenderToken,
		RelayNkeys:  slices.Clone(c.RelayNKeys),
		Issued:      timestamppb.New(c.Issued),
		Expires:     timestamppb.New(c.Expires),
	}
	keys := slices.Clone(c.SealingKeys)
	slices.SortStableFunc(keys, func(x, y SealingKeyDates) int { return y.ValidFrom.Compare(x.ValidFrom) })
	for _, k := range keys {
		b.SealingKeys = append(b.SealingKeys, &valisev1.SealingKey{
			Recipient:     k.Recipient.String(),
			ValidFrom:     timestamppb.New(k.ValidFrom),
			AcceptedUntil: timestamppb.New(k.AcceptedUntil),
		})
	}
	return b
}

// SignBundle checks a bundle as every peer will and signs it with a signing key of its point
// of contact. docs/protocol.md §8.4
func SignBundle(body *valisev1.KeyBundle, key *seal.SigningKey) (*valisev1.SignedObject, error) {
	realm, err := ident.ParseRealm(body.GetRealm())
	if err != nil {
		return nil, err
	}
	b, err := encode(body)
	if err != nil {
		return nil, err
	}
	o, err := seal.SignObject(realm, seal.PurposeKeyBundle, b, key)
	if err != nil {
		return nil, err
	}
	_, err = parseBundle(realm, o)
	return o, err
}

// ParseBundle reads what SignBundle made and verifies no signature: it is for one's own
// bundles and for looking. Book.LearnBundle is for a peer's. docs/protocol.md §8.4
func ParseBundle(realm ident.Realm, o *valisev1.SignedObject) (*valisev1.KeyBundle, error) {
	b, err := parseBundle(realm, o)
	if err != nil {
		return nil, err
	}
	return b.body, nil
}

// NextBundleNumber is max(last + 1, Unix seconds): it rises even when the clock goes back.
// docs/protocol.md §8.4
func NextBundleNumber(last uint64, now time.Time) uint64 {
	return max(last+1, uint64(max(now.Unix(), 1)))
}

// RandomName takes 16 bytes from rand and gives the 26 characters of lower-case base32 that
// name a mailbox or a sender. docs/protocol.md §7.8
func RandomName(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("directory: no random name without randomness: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])), nil
}
