package directory

import (
	"fmt"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Listing is the directory as a command shows it or writes it as JSON.
type Listing struct {
	Realm   string    `json:"realm"`
	Number  uint64    `json:"number"`
	Hash    string    `json:"hash"`
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
	// Stale is a warning: the list is past its date.
	Stale      bool            `json:"stale"`
	ManagerSet ManagersListing `json:"manager_set"`
	States     []StateListing  `json:"states"`
	Left       []LeftListing   `json:"left"`
	Relays     []RelayListing  `json:"relays"`
}

// ManagersListing is who signs the list.
type ManagersListing struct {
	Number    uint64       `json:"number"`
	Threshold int          `json:"threshold"`
	Managers  []KeyListing `json:"managers"`
}

// KeyListing names a key in digits for machines and in groups for the telephone.
type KeyListing struct {
	KeyID       string `json:"key_id"`
	Fingerprint string `json:"fingerprint"`
}

// StateListing is one State or principal with an entry in force.
type StateListing struct {
	State       string     `json:"state"`
	EntryNumber uint64     `json:"entry_number"`
	Root        KeyListing `json:"root"`
	// NewRoot waits for an officer to confirm it; nil otherwise.
	NewRoot *KeyListing `json:"new_root,omitempty"`
	// NotCalledBack and CalledBack: whether somebody at this node has compared the root; see ShowAt.
	NotCalledBack bool           `json:"not_called_back,omitempty"`
	CalledBack    *CalledListing `json:"called_back,omitempty"`
	Names         []*NameListing `json:"names"`
	POCs          []POCListing   `json:"points_of_contact"`
	// Further are reached by telephone and email only. A-7a-i
	Further []FurtherListing  `json:"further_points_of_contact"`
	From    *time.Time        `json:"valid_from,omitempty"`
	Review  *time.Time        `json:"review_by,omitempty"`
	Nominee NominationListing `json:"nomination"`
}

// NameListing is text in one language. A-7a-iv
type NameListing struct {
	Language string `json:"language"`
	Text     string `json:"text"`
	Courtesy bool   `json:"courtesy,omitempty"`
}

// NominationListing is who nominated, and how. A-7d
type NominationListing struct {
	Authority       string `json:"authority,omitempty"`
	NoteVerbale     string `json:"note_verbale,omitempty"`
	NoteVerbaleDate string `json:"note_verbale_date,omitempty"`
}

// FactsListing is what a State says of a point of contact. A-7a
type FactsListing struct {
	Type        string         `json:"type,omitempty"`
	Entity      []*NameListing `json:"entity,omitempty"`
	Name        string         `json:"name,omitempty"`
	Designation []*NameListing `json:"designation,omitempty"`
	Telephones  []string       `json:"telephones,omitempty"`
	Emails      []string       `json:"emails,omitempty"`
	Languages   []string       `json:"languages,omitempty"`
	Hours       string         `json:"hours,omitempty"`
	TimeZone    string         `json:"time_zone,omitempty"`
	Open        []string       `json:"open,omitempty"`
	// Office is nil where the hours are not said for machines.
	Office *OfficeListing `json:"office,omitempty"`
	Labels []string       `json:"labels,omitempty"`
}

// POCListing is one point of contact. A-7a
type POCListing struct {
	Address string `json:"address"`
	FactsListing
	SigningKeys []SigningKeyListing `json:"signing_keys"`
	// Reachable is true when there is a sealing key to use now.
	Reachable     bool       `json:"reachable"`
	BundleNumber  uint64     `json:"bundle_number,omitempty"`
	BundleExpires *time.Time `json:"bundle_expires,omitempty"`
}

// FurtherListing is a point of contact that no message reaches. A-7a-i, B-1b
type FurtherListing struct {
	Track string `json:"track"`
	FactsListing
}

// SigningKeyListing is one signing key with its dates. docs/protocol.md §8.2
type SigningKeyListing struct {
	KeyListing
	ValidFrom    time.Time  `json:"valid_from"`
	ValidUntil   time.Time  `json:"valid_until"`
	RevokedSince *time.Time `json:"revoked_since,omitempty"`
}

// LeftListing is a State that left. A-6
type LeftListing struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// RelayListing is a relay that the managers admitted.
type RelayListing struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	TLSKey  string `json:"tls_key"`
}

// Show gives everything a person may want to see, as of a time.
func (s *Snapshot) Show(now time.Time) Listing {
	hash := s.Hash()
	l := Listing{Realm: string(s.held.realm), Number: s.Number(), Hash: hashName(hash), Stale: s.Stale(now)}
	l.Issued, l.Expires = s.Dates()
	if info, ok := s.Managers(); ok {
		l.ManagerSet = ManagersListing{Number: info.Number, Threshold: info.Threshold}
		for _, id := range info.Managers {
			l.ManagerSet.Managers = append(l.ManagerSet.Managers, listKey(id))
		}
	}
	for _, state := range s.States() {
		l.States = append(l.States, s.showState(state, now))
	}
	for _, state := range sortedStates(s.tombstones()) {
		if at, left := s.Left(state); left {
			l.Left = append(l.Left, LeftListing{State: string(state), At: at})
		}
	}
	for _, card := range s.Relays() {
		l.Relays = append(l.Relays, RelayListing{Name: card.GetName(), Address: card.GetAddress(), TLSKey: fmt.Sprintf("%x", card.GetTlsKey())})
	}
	return l
}

func (s *Snapshot) tombstones() map[ident.State]*departure {
	if s.held.list == nil {
		return nil
	}
	return s.held.list.left
}

func (s *Snapshot) showState(state ident.State, now time.Time) StateListing {
	known := s.held.states[state]
	e := known.current
	l := StateListing{
		State: string(state), EntryNumber: e.body.GetNumber(), Root: listKey(e.rootID), Names: listNames(e.body.GetNames()),
		From:   optional(e.body.GetValidFrom().AsTime(), e.body.GetValidFrom() != nil),
		Review: optional(e.body.GetReviewBy().AsTime(), e.body.GetReviewBy() != nil),
		Nominee: NominationListing{
			Authority: e.body.GetNominatingAuthority(), NoteVerbale: e.body.GetNoteVerbale(), NoteVerbaleDate: e.body.GetNoteVerbaleDate(),
		},
	}
	if known.quarantined != nil {
		root := listKey(known.quarantined.rootID)
		l.NewRoot = &root
	}
	for _, p := range e.body.GetPointsOfContact() {
		track, _ := ident.ParseTrack(p.GetTrack())
		l.POCs = append(l.POCs, s.showPoint(e, ident.Address{State: state, Track: track}, p, now))
	}
	for _, p := range e.body.GetFurtherPoints() {
		l.Further = append(l.Further, FurtherListing{Track: p.GetTrack(), FactsListing: showFacts(p, now)})
	}
	return l
}

func (s *Snapshot) showPoint(e *entry, a ident.Address, p *valisev1.PointOfContact, now time.Time) POCListing {
	l := POCListing{Address: a.String(), FactsListing: showFacts(p, now)}
	for _, k := range e.keys {
		if k.address == a {
			since := s.speakers[k.id].RevokedSince
			l.SigningKeys = append(l.SigningKeys, SigningKeyListing{
				KeyListing: listKey(k.id), ValidFrom: k.from, ValidUntil: k.until, RevokedSince: optional(since, !since.IsZero()),
			})
		}
	}
	if b := s.held.bundles[a]; b != nil {
		_, l.Reachable = b.liveKey(now)
		l.BundleNumber, l.BundleExpires = b.body.GetNumber(), optional(b.expires, true)
	}
	return l
}

func showFacts(p *valisev1.PointOfContact, now time.Time) FactsListing {
	kinds := map[valisev1.ContactType]string{valisev1.ContactType_CONTACT_TYPE_ENTITY: "entity", valisev1.ContactType_CONTACT_TYPE_PERSON: "person"}
	return FactsListing{
		Type: kinds[p.GetType()], Entity: listNames(p.GetEntity()), Name: p.GetName(),
		Designation: listNames(p.GetDesignation()), Telephones: p.GetTelephones(), Emails: p.GetEmails(),
		Languages: p.GetLanguages(), Hours: p.GetHours(), TimeZone: p.GetTimeZone(), Open: p.GetOpen(),
		Office: OfficeNow(p, now), Labels: p.GetLabels(),
	}
}

// Lines says in English what an import changed, one line for each change, for logs on paper
// and for the officers; never for a log file, since it names States.
func (c Changes) Lines() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, state := range c.Joined {
		add("%s joined", state)
	}
	for _, state := range c.Updated {
		add("%s has a new entry", state)
	}
	for _, state := range c.Left {
		add("%s left", state)
	}
	for _, k := range c.KeyChanged {
		add("%s shows another root, held back until confirmed: %s", k.State, k.Offered.Fingerprint())
	}
	for _, a := range c.NewBundles {
		add("%s has new sealing keys", a)
	}
	for _, n := range c.Notices {
		add("a bundle of %s is not used: %s", n.Address, n.Reason)
	}
	return lines
}

func listKey(id ident.KeyID) KeyListing {
	return KeyListing{KeyID: id.String(), Fingerprint: id.Fingerprint()}
}

func listNames(in []*valisev1.LocalText) []*NameListing {
	out := make([]*NameListing, 0, len(in))
	for _, t := range in {
		out = append(out, &NameListing{Language: t.GetLanguage(), Text: t.GetText(), Courtesy: t.GetCourtesy()})
	}
	return out
}

func optional(t time.Time, there bool) *time.Time {
	if !there {
		return nil
	}
	t = t.UTC()
	return &t
}
