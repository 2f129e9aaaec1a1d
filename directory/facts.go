package directory

import (
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// maxFactsSize bounds an entry.toml in bytes.
const maxFactsSize = 256 << 10

// EntryFacts is what a State says of itself, as people write it in entry.toml. Every fact but
// the State may be absent. A-7a, A-10b
type EntryFacts struct {
	// State is a code, "XA", or a principal, "@global".
	State string `toml:"state"`
	// NominatingAuthority is who nominated. A-7d
	NominatingAuthority string `toml:"nominating_authority"`
	// NoteVerbale is its reference, NoteVerbaleDate is YYYY-MM-DD. A-7d
	NoteVerbale     string `toml:"note_verbale"`
	NoteVerbaleDate string `toml:"note_verbale_date"`
	// ValidFrom and ReviewBy are zero when absent. A-7d, A-8
	ValidFrom time.Time `toml:"valid_from"`
	ReviewBy  time.Time `toml:"review_by"`
	// Names is the State's name as it writes it. A-7a-iv
	Names []TextFact `toml:"name"`
	// Points are the points of contact: at most one a track that messages reach, and any number
	// of further ones. A-7a-i
	Points []PointFacts `toml:"point_of_contact"`
}

// TextFact is text in one language. A-7a-iv
type TextFact struct {
	// Language is a BCP 47 tag.
	Language string `toml:"language"`
	Text     string `toml:"text"`
	// Courtesy marks an unofficial translation.
	Courtesy bool `toml:"courtesy"`
}

// PointFacts is one point of contact. A-7a
type PointFacts struct {
	// Track is "diplomatic" or "technical"; "manager" for a principal.
	Track string `toml:"track"`
	// Type is "entity", "person" or empty. A-7a-ii
	Type string `toml:"type"`
	// Name is the representative's, where applicable. A-7a-iii
	Name string `toml:"name"`
	// Telephones are E.164, "+99900000001".
	Telephones []string `toml:"telephones"`
	Emails     []string `toml:"emails"`
	// Languages are BCP 47 tags, any language. A-7a-iii
	Languages []string `toml:"languages"`
	Hours     string   `toml:"hours"`
	TimeZone  string   `toml:"time_zone"`
	// Open says the hours for machines, "Sun-Thu 08:00-16:00". docs/protocol.md §8.1
	Open []string `toml:"open"`
	// Further marks one beside the desk of its track, reached by telephone and email only. A-7a-i
	Further bool `toml:"further"`
	// Labels leave room for policy, legal and other desks. B-1b
	Labels      []string   `toml:"labels"`
	Entity      []TextFact `toml:"entity"`
	Designation []TextFact `toml:"designation"`
}

// ParseEntryTOML reads an entry.toml strictly: an unknown key is an error with its line, and
// so is a known one in other letters. The error is a *Refusal with BAD_DRAFT.
func ParseEntryTOML(b []byte) (EntryFacts, error) {
	var text factsText
	if len(b) > maxFactsSize {
		return EntryFacts{}, aboutFacts.refuse(valisev1.Reason_REASON_TOO_LARGE, "%d bytes, at most %d are read", len(b), maxFactsSize)
	}
	if err := decodeStrict(b, &text); err != nil {
		return EntryFacts{}, aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, "%w", err)
	}
	f := text.EntryFacts
	f.ValidFrom, f.ReviewBy = text.ValidFrom.Time, text.ReviewBy.Time
	return f, nil
}

// factsText is EntryFacts with dates that know how they were written.
type factsText struct {
	EntryFacts
	ValidFrom zonedTime `toml:"valid_from"`
	ReviewBy  zonedTime `toml:"review_by"`
}

var aboutFacts = subject{object: "entry.toml"}

// zonedTime is a moment as TOML writes it: a date without a time is midnight UTC, and a time
// without a zone is refused, because it would mean another moment on every machine.
type zonedTime struct{ time.Time }

// UnmarshalTOML is called by the decoder with a time.Time whose zone tells what was written.
func (z *zonedTime) UnmarshalTOML(v any) error {
	at, ok := v.(time.Time)
	if !ok {
		return errors.New("want a date, for example 2026-03-01T00:00:00Z")
	}
	switch at.Location().String() {
	case "date-local":
		y, m, d := at.Date()
		z.Time = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case "datetime-local", "time-local":
		return errors.New("a time without a zone: write it as 2026-03-01T00:00:00Z")
	default:
		z.Time = at.UTC()
	}
	return nil
}

// EntryConfig is what the key files and the numbers add to the facts.
type EntryConfig struct {
	Realm ident.Realm
	// Number is that of the last entry plus one; 1 for the first. A-7d
	Number uint64
	Root   seal.PublicKey
	// NextRoot is zero while none is announced.
	NextRoot seal.PublicKey
	Keys     []SigningKeyDates
	// Revocations of earlier entries stay for ever. docs/protocol.md §8.5
	Revocations []RevokedKey
}

// SigningKeyDates is one signing key of a point of contact. docs/protocol.md §8.2
type SigningKeyDates struct {
	Track                 ident.Track
	Key                   seal.PublicKey
	ValidFrom, ValidUntil time.Time
}

// RevokedKey is a key that may have been in other hands since a time. docs/protocol.md §8.5
type RevokedKey struct {
	KeyID ident.KeyID
	Since time.Time
}

// BuildEntry joins facts and keys. SignEntry checks the result as every other State will.
func BuildEntry(f EntryFacts, c EntryConfig) (*valisev1.Entry, error) {
	e := &valisev1.Entry{
		Realm:               string(c.Realm),
		State:               f.State,
		Number:              c.Number,
		Names:               texts(f.Names),
		NominatingAuthority: f.NominatingAuthority,
		NoteVerbale:         f.NoteVerbale,
		NoteVerbaleDate:     f.NoteVerbaleDate,
		Root:                c.Root.Proto(),
		NextRoot:            c.NextRoot.Proto(),
		ValidFrom:           optionalTime(f.ValidFrom),
		ReviewBy:            optionalTime(f.ReviewBy),
	}
	points := map[string]*valisev1.PointOfContact{}
	for _, p := range f.Points {
		point, err := buildPoint(p)
		if err != nil {
			return nil, err
		}
		if p.Further {
			e.FurtherPoints = append(e.FurtherPoints, point)
			continue
		}
		if points[p.Track] != nil {
			return nil, aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, "two points of contact on the %s track: messages reach one, and any other has further = true", p.Track)
		}
		points[p.Track] = point
		e.PointsOfContact = append(e.PointsOfContact, point)
	}
	for _, k := range c.Keys {
		point := points[k.Track.String()]
		if point == nil {
			return nil, aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, "there is a signing key for the %s track but no point of contact", k.Track)
		}
		point.SigningKeys = append(point.SigningKeys, &valisev1.SigningKey{
			Key: k.Key.Proto(), ValidFrom: timestamppb.New(k.ValidFrom), ValidUntil: timestamppb.New(k.ValidUntil),
		})
	}
	for _, r := range c.Revocations {
		e.Revocations = append(e.Revocations, &valisev1.Revocation{KeyId: r.KeyID[:], Since: timestamppb.New(r.Since)})
	}
	return e, nil
}

func buildPoint(p PointFacts) (*valisev1.PointOfContact, error) {
	if _, err := ident.ParseTrack(p.Track); err != nil {
		return nil, aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, "a point of contact without a track: diplomatic or technical")
	}
	kinds := map[string]valisev1.ContactType{
		"":       valisev1.ContactType_CONTACT_TYPE_UNSPECIFIED,
		"entity": valisev1.ContactType_CONTACT_TYPE_ENTITY,
		"person": valisev1.ContactType_CONTACT_TYPE_PERSON,
	}
	kind, ok := kinds[p.Type]
	if !ok {
		return nil, aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, "the type of a point of contact is entity or person")
	}
	return &valisev1.PointOfContact{
		Track: p.Track, Type: kind, Entity: texts(p.Entity), Name: p.Name, Designation: texts(p.Designation),
		Telephones: p.Telephones, Emails: p.Emails, Languages: p.Languages,
		Hours: p.Hours, TimeZone: p.TimeZone, Open: p.Open, Labels: p.Labels,
	}, nil
}

func texts(in []TextFact) []*valisev1.LocalText {
	var out []*valisev1.LocalText
	for _, t := range in {
		out = append(out, &valisev1.LocalText{Language: t.Language, Text: t.Text, Courtesy: t.Courtesy})
	}
	return out
}

func optionalTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
