package directory

import (
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// EntryListing is what the facts of an entry.toml will say in the directory.
type EntryListing struct {
	State   string            `json:"state"`
	Names   []*NameListing    `json:"names"`
	Nominee NominationListing `json:"nomination"`
	From    *time.Time        `json:"valid_from,omitempty"`
	Review  *time.Time        `json:"review_by,omitempty"`
	// Points have the form of the further ones: which keys speak for them is not of the facts.
	Points  []FurtherListing `json:"points_of_contact"`
	Further []FurtherListing `json:"further_points_of_contact"`
}

// Preview shows facts as the directory will, before anybody has signed them. The error is a *Refusal
// with BAD_DRAFT. A-7a
func Preview(f EntryFacts, now time.Time) (EntryListing, error) {
	body, err := BuildEntry(f, EntryConfig{})
	if err != nil {
		return EntryListing{}, err
	}
	return EntryListing{
		State: f.State, Names: listNames(body.GetNames()),
		Nominee: NominationListing{Authority: f.NominatingAuthority, NoteVerbale: f.NoteVerbale, NoteVerbaleDate: f.NoteVerbaleDate},
		From:    optional(f.ValidFrom, !f.ValidFrom.IsZero()), Review: optional(f.ReviewBy, !f.ReviewBy.IsZero()),
		Points: previewPoints(body.GetPointsOfContact(), now), Further: previewPoints(body.GetFurtherPoints(), now),
	}, nil
}

func previewPoints(points []*valisev1.PointOfContact, now time.Time) []FurtherListing {
	list := []FurtherListing{}
	for _, p := range points {
		list = append(list, FurtherListing{Track: p.GetTrack(), FactsListing: showFacts(p, now)})
	}
	return list
}
