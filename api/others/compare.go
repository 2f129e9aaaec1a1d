package others

import (
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// SourceOf says where a row of a directory is from; row 0 is the file as a whole. A-12
func SourceOf(d *valisev1.OtherDirectory, row uint32) *valisev1.OtherSource {
	return &valisev1.OtherSource{
		Id: d.GetId(), Name: d.GetName(), TableHash: hex.EncodeToString(d.GetTableHash()), Row: row,
		Imported: d.GetImported(), Officer: d.GetOfficer(),
	}
}

// Summary is a directory without its contacts.
func Summary(d *valisev1.OtherDirectory) *valisev1.OtherSummary {
	return &valisev1.OtherSummary{
		Source: SourceOf(d, 0), Agreed: d.GetAgreed(), Members: d.GetMembers(), Contacts: uint32(len(d.GetContacts())), Item: d.GetItem(),
	}
}

// Compare gathers what directories of other bodies say of a State, for people of ours. entry is the State's
// entry in force, nil where it has none: then nothing differs from it. A-12a, A-12b
func Compare(list []*valisev1.OtherDirectory, ours, state ident.State, entry *valisev1.Entry) *valisev1.CompareOthersResponse {
	out := new(valisev1.CompareOthersResponse)
	for _, d := range list {
		route := &valisev1.OtherRoute{Source: SourceOf(d, 0), Ours: ours.String(), Theirs: state.String()}
		for _, c := range d.GetContacts() {
			if c.GetState() != state.String() {
				continue
			}
			source := SourceOf(d, c.GetRow())
			out.Contacts = append(out.Contacts, &valisev1.OtherStatement{Contact: c, Source: source})
			route.Contacts = append(route.Contacts, c)
			if entry != nil {
				out.Differences = append(out.Differences, differences(c, entry, source)...)
			}
		}
		if ours != state && slices.Contains(d.GetMembers(), ours.String()) && slices.Contains(d.GetMembers(), state.String()) {
			out.Routes = append(out.Routes, route)
		}
	}
	return out
}

// differences compares a contact with the point of the entry that is nearest to it: a State may have
// several on one track. A-12b
func differences(c *valisev1.OtherContact, entry *valisev1.Entry, source *valisev1.OtherSource) []*valisev1.OtherDifference {
	var nearest []*valisev1.OtherDifference
	found := false
	for _, p := range slices.Concat(entry.GetPointsOfContact(), entry.GetFurtherPoints()) {
		if c.GetTrack() != "" && c.GetTrack() != p.GetTrack() {
			continue
		}
		if between := compare(c, p); !found || len(between) < len(nearest) {
			nearest, found = between, true
			for _, d := range nearest {
				d.Address = entry.GetState() + "/" + p.GetTrack()
			}
		}
	}
	if !found && c.GetTrack() != "" {
		nearest = []*valisev1.OtherDifference{{
			Field: valisev1.OtherField_OTHER_FIELD_POINT_OF_CONTACT, Address: entry.GetState() + "/" + c.GetTrack(), Other: []string{Words(c)},
		}}
	}
	for _, d := range nearest {
		d.Source = source
	}
	return nearest
}

// compare names each field that both say, and in which the contact says what the point does not. A point
// that says more than the contact is no difference.
func compare(c *valisev1.OtherContact, p *valisev1.PointOfContact) (out []*valisev1.OtherDifference) {
	anyOf := func(field valisev1.OtherField, entry []string, other ...string) {
		entry, other = slices.DeleteFunc(slices.Clone(entry), empty), slices.DeleteFunc(other, empty)
		if len(entry) > 0 && len(other) > 0 && !slices.ContainsFunc(other, func(s string) bool { return holds(entry, s) }) {
			out = append(out, &valisev1.OtherDifference{Field: field, Entry: entry, Other: other})
		}
	}
	allOf := func(field valisev1.OtherField, entry, other []string) {
		other = slices.DeleteFunc(slices.Clone(other), func(s string) bool { return holds(entry, s) })
		if len(entry) > 0 && len(other) > 0 {
			out = append(out, &valisev1.OtherDifference{Field: field, Entry: entry, Other: other})
		}
	}
	anyOf(valisev1.OtherField_OTHER_FIELD_ENTITY, textsOf(p.GetEntity()), c.GetEntity(), c.GetInstitution())
	anyOf(valisev1.OtherField_OTHER_FIELD_NAME, []string{p.GetName()}, c.GetName())
	anyOf(valisev1.OtherField_OTHER_FIELD_DESIGNATION, textsOf(p.GetDesignation()), c.GetDesignation())
	allOf(valisev1.OtherField_OTHER_FIELD_TELEPHONE, p.GetTelephones(), c.GetTelephones())
	allOf(valisev1.OtherField_OTHER_FIELD_EMAIL, p.GetEmails(), c.GetEmails())
	return out
}

func empty(s string) bool { return s == "" }

func textsOf(texts []*valisev1.LocalText) (out []string) {
	for _, t := range texts {
		out = append(out, t.GetText())
	}
	return out
}

// holds compares as a reader does: capitals, blanks and how a letter is composed make no other name.
func holds(list []string, s string) bool {
	return slices.ContainsFunc(list, func(t string) bool { return plain(t) == plain(s) })
}

func plain(s string) string { return strings.ToLower(norm.NFKC.String(tidy(s))) }

// Words is a contact in one line, for people: who, and how they are reached.
func Words(c *valisev1.OtherContact) string {
	parts := []string{c.GetEntity(), c.GetInstitution(), c.GetName(), c.GetDesignation()}
	parts = append(append(parts, c.GetTelephones()...), c.GetEmails()...)
	return strings.Join(slices.DeleteFunc(parts, empty), ", ")
}
