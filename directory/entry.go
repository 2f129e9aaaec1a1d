package directory

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// entry is what one State says of itself, as its root signed it. docs/protocol.md §8.1
type entry struct {
	signed  *valisev1.SignedObject
	hash    [32]byte
	body    *valisev1.Entry
	state   ident.State
	root    seal.PublicKey
	rootID  ident.KeyID
	nextID  ident.KeyID
	points  map[ident.Track]*valisev1.PointOfContact
	keys    []pointKey
	revoked map[ident.KeyID]time.Time
}

// pointKey is one signing key of a point of contact. docs/protocol.md §8.2
type pointKey struct {
	id      ident.KeyID
	key     seal.PublicKey
	proto   *valisev1.PublicKey
	address ident.Address
	from    time.Time
	until   time.Time
}

func (e *entry) about() subject { return subject{object: "entry", name: string(e.state)} }

// parseEntry reads an entry, verifies the root's signature and checks the rules that need no
// other version. docs/protocol.md §8.1
func parseEntry(realm ident.Realm, o *valisev1.SignedObject) (*entry, error) {
	s := subject{object: "entry"}
	e := &entry{signed: o, hash: hashOf(o), body: &valisev1.Entry{}, points: map[ident.Track]*valisev1.PointOfContact{}, revoked: map[ident.KeyID]time.Time{}}
	if err := decode(s, o.GetObject(), MaxEntrySize, open, e.body); err != nil {
		return nil, err
	}
	if err := inRealm(s, realm, e.body.GetRealm()); err != nil {
		return nil, err
	}
	var err error
	if e.state, err = admitted(s, realm, e.body.GetState()); err != nil {
		return nil, err
	}
	if err := e.readRoots(realm); err != nil {
		return nil, err
	}
	if err := e.readPoints(realm); err != nil {
		return nil, err
	}
	if err := e.readFurther(); err != nil {
		return nil, err
	}
	if err := e.readDates(); err != nil {
		return nil, err
	}
	if err := obey(e.about(), e.body); err != nil {
		return nil, err
	}
	if err := checkFacts(e.about(), e.body); err != nil {
		return nil, err
	}
	return e, e.verifyRoot(realm)
}

func (e *entry) verifyRoot(realm ident.Realm) error {
	ids, err := signers(e.about(), realm, seal.PurposeEntry, e.signed, map[ident.KeyID]seal.PublicKey{e.rootID: e.root})
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return e.about().refuse(valisev1.Reason_REASON_BAD_SIGNATURE, "not signed by the root it names")
	}
	return nil
}

func (e *entry) readRoots(realm ident.Realm) error {
	var err error
	if e.root, err = seal.ParsePublicKey(e.body.GetRoot()); err != nil {
		return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "its root cannot be read: %w", err)
	}
	e.rootID = e.root.ID(realm)
	if e.body.GetNextRoot() == nil {
		return nil
	}
	next, err := seal.ParsePublicKey(e.body.GetNextRoot())
	if err != nil {
		return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "its next root cannot be read: %w", err)
	}
	e.nextID = next.ID(realm)
	return nil
}

// readPoints reads one desk a track; a principal has a manager desk and no other. A-7a-i, A-9
func (e *entry) readPoints(realm ident.Realm) error {
	owners := newOwners()
	for _, p := range e.body.GetPointsOfContact() {
		address, err := ident.ParseAddress(string(e.state) + "/" + p.GetTrack())
		if err != nil {
			return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a point of contact on a track that this State cannot have")
		}
		if e.points[address.Track] != nil {
			return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "two points of contact on the %s track", address.Track)
		}
		e.points[address.Track] = p
		for _, k := range p.GetSigningKeys() {
			key, err := e.readKey(realm, address, k)
			if err != nil {
				return err
			}
			e.keys = append(e.keys, key)
		}
	}
	// One key with two uses could sign in the one what was meant for the other.
	for _, k := range e.keys {
		if err := owners.claimNewKey(e.about(), k.proto); err != nil {
			return err
		}
	}
	if e.nextID == e.rootID {
		return e.about().refuse(valisev1.Reason_REASON_SHARED_KEY, "announces its present root as the next one")
	}
	return owners.claimEntry(&entry{state: e.state, body: &valisev1.Entry{Root: e.body.GetRoot(), NextRoot: e.body.GetNextRoot()}})
}

// readFurther reads those whom no message reaches: they have no keys. A-7a-i
func (e *entry) readFurther() error {
	for _, p := range e.body.GetFurtherPoints() {
		if _, err := ident.ParseAddress(string(e.state) + "/" + p.GetTrack()); err != nil {
			return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a further point of contact on a track that this State cannot have")
		}
		if len(p.GetSigningKeys()) > 0 {
			return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a further point of contact with keys of its own")
		}
	}
	return nil
}

func (e *entry) readKey(realm ident.Realm, address ident.Address, k *valisev1.SigningKey) (pointKey, error) {
	key, err := seal.ParsePublicKey(k.GetKey())
	if err != nil {
		return pointKey{}, e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a signing key of %s cannot be read: %w", address, err)
	}
	from, until, err := span(e.about(), k.GetValidFrom(), k.GetValidUntil(), "a signing key of "+address.String())
	if err != nil {
		return pointKey{}, err
	}
	return pointKey{id: key.ID(realm), key: key, proto: k.GetKey(), address: address, from: from, until: until}, nil
}

func (e *entry) readDates() error {
	from, err := moment(e.about(), e.body.GetValidFrom(), "valid from")
	if err != nil {
		return err
	}
	review, err := moment(e.about(), e.body.GetReviewBy(), "review by")
	if err != nil {
		return err
	}
	if !from.IsZero() && !review.IsZero() && !review.After(from) {
		return e.about().refuse(valisev1.Reason_REASON_VALIDITY, "to be reviewed before it is valid")
	}
	for _, r := range e.body.GetRevocations() {
		id, ok := ident.KeyIDFrom(r.GetKeyId())
		if !ok {
			return e.about().refuse(valisev1.Reason_REASON_PAYLOAD, "a revocation names no key")
		}
		since := r.GetSince()
		if since.CheckValid() != nil {
			return e.about().refuse(valisev1.Reason_REASON_VALIDITY, "a revocation without a date")
		}
		earliest(e.revoked, id, since.AsTime())
	}
	return nil
}

// earliest keeps the first date: a revocation can be brought forward, never taken back.
// docs/protocol.md §8.5
func earliest(m map[ident.KeyID]time.Time, id ident.KeyID, since time.Time) {
	if held, ok := m[id]; !ok || since.Before(held) {
		m[id] = since
	}
}

// keyFor finds a signing key of one desk.
func (e *entry) keysOf(address ident.Address) map[ident.KeyID]seal.PublicKey {
	keys := map[ident.KeyID]seal.PublicKey{}
	for _, k := range e.keys {
		if k.address == address {
			keys[k.id] = k.key
		}
	}
	return keys
}

var (
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	timeZone    = regexp.MustCompile(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`)
	email       = regexp.MustCompile(`^[^\s@<>"]+@[^\s@<>"]+$`)
)

// checkFacts checks the form of what A-7a names, where it is there. A-7a, A-10b
func checkFacts(s subject, e *valisev1.Entry) error {
	if err := plainText(s, e.ProtoReflect()); err != nil {
		return err
	}
	if d := e.GetNoteVerbaleDate(); d != "" {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return s.refuse(valisev1.Reason_REASON_PAYLOAD, "the date of the note verbale is not YYYY-MM-DD")
		}
	}
	texts := e.GetNames()
	for _, p := range slices.Concat(e.GetPointsOfContact(), e.GetFurtherPoints()) {
		texts = append(append(slices.Clip(texts), p.GetEntity()...), p.GetDesignation()...)
		for _, l := range p.GetLanguages() {
			if !languageTag.MatchString(l) {
				return s.refuse(valisev1.Reason_REASON_PAYLOAD, "an operational language is no BCP 47 tag")
			}
		}
		for _, m := range p.GetEmails() {
			if !email.MatchString(m) {
				return s.refuse(valisev1.Reason_REASON_PAYLOAD, "an email address has no form of one")
			}
		}
		if z := p.GetTimeZone(); z != "" && !timeZone.MatchString(z) {
			return s.refuse(valisev1.Reason_REASON_PAYLOAD, "a time zone has no IANA name")
		}
	}
	for _, t := range texts {
		if !languageTag.MatchString(t.GetLanguage()) || t.GetText() == "" {
			return s.refuse(valisev1.Reason_REASON_PAYLOAD, "a text without words or without a BCP 47 language")
		}
	}
	return nil
}

// plainText refuses control characters and direction overrides anywhere in the message: a
// name in the directory must not be able to look like another. docs/protocol.md §8.1
func plainText(s subject, m protoreflect.Message) error {
	var err error
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Kind() == protoreflect.StringKind && f.IsList():
			for i := range v.List().Len() {
				err = firstError(err, plain(s, v.List().Get(i).String()))
			}
		case f.Kind() == protoreflect.StringKind:
			err = plain(s, v.String())
		case f.Kind() == protoreflect.MessageKind && f.IsList():
			for i := range v.List().Len() {
				err = firstError(err, plainText(s, v.List().Get(i).Message()))
			}
		case f.Kind() == protoreflect.MessageKind:
			err = plainText(s, v.Message())
		}
		return err == nil
	})
	return err
}

func plain(s subject, text string) error {
	bad := func(r rune) bool {
		return unicode.IsControl(r) || r >= '\u2028' && r <= '\u202e' || r == '\ufeff'
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		return s.refuse(valisev1.Reason_REASON_BAD_TEXT, "text with control characters or a direction override")
	}
	return nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// SignEntry checks an entry as every other State will and signs it with the root.
// docs/protocol.md §8.1
func SignEntry(realm ident.Realm, body *valisev1.Entry, root *seal.SigningKey) (*valisev1.SignedObject, error) {
	b, err := encode(body)
	if err != nil {
		return nil, err
	}
	o, err := seal.SignObject(realm, seal.PurposeEntry, b, root)
	if err != nil {
		return nil, err
	}
	_, err = parseEntry(realm, o)
	return o, err
}
