package main

import (
	"context"
	"fmt"
	"strings"

	"valise.example/api/others"
	valisev1 "valise.example/proto/valise/v1"
)

// otherContactKeys are what another body says of a contact.
const otherContactKeys = `"state","track"?,"label"?,"entity"?,"institution"?,"name"?,"designation"?,"telephones":[],"emails":[],"languages":[],"hours"?,"notes"?`

// compareObject is what show prints of one State, as docs/cli.md shows it.
const compareObject = `{"entry"?:{` + stateKeys + `},"left"?,"contacts":[{` + otherContactKeys + `,"source":{` + sourceKeys + `}}],` +
	`"differences":[{"field","address","entry":[],"other":[],"source":{` + sourceKeys + `}}],` +
	`"routes":[{"ours","theirs","contacts":[{` + otherContactKeys + `}],"source":{` + sourceKeys + `}}],"unreadable":[]}`

func otherContactObject(c *valisev1.OtherContact) object {
	o := object{
		"state": c.GetState(), "telephones": strs(c.GetTelephones()), "emails": strs(c.GetEmails()), "languages": strs(c.GetLanguages()),
	}
	for key, value := range map[string]string{
		"track": c.GetTrack(), "label": c.GetLabel(), "entity": c.GetEntity(), "institution": c.GetInstitution(), "name": c.GetName(),
		"designation": c.GetDesignation(), "hours": c.GetHours(), "notes": c.GetNotes(),
	} {
		if value != "" {
			o[key] = value
		}
	}
	return o
}

func comparisonObject(said *valisev1.CompareOthersResponse) object {
	contacts, differences, routes := []object{}, []object{}, []object{}
	for _, s := range said.GetContacts() {
		o := otherContactObject(s.GetContact())
		o["source"] = sourceObject(s.GetSource())
		contacts = append(contacts, o)
	}
	for _, d := range said.GetDifferences() {
		differences = append(differences, object{
			"field": otherField(d), "address": d.GetAddress(), "entry": strs(d.GetEntry()), "other": strs(d.GetOther()), "source": sourceObject(d.GetSource()),
		})
	}
	for _, r := range said.GetRoutes() {
		list := []object{}
		for _, c := range r.GetContacts() {
			list = append(list, otherContactObject(c))
		}
		routes = append(routes, object{"ours": r.GetOurs(), "theirs": r.GetTheirs(), "contacts": list, "source": sourceObject(r.GetSource())})
	}
	return object{"contacts": contacts, "differences": differences, "routes": routes, "unreadable": strs(said.GetUnreadable())}
}

func otherField(d *valisev1.OtherDifference) string {
	return lowerName(d.GetField().String(), "OTHER_FIELD_")
}

// comparisonLines are the same for people. A-12
func comparisonLines(said *valisev1.CompareOthersResponse) (lines []string) {
	for _, id := range said.GetUnreadable() {
		lines = append(lines, "", unreadableLine(id))
	}
	if len(said.GetContacts()) > 0 {
		lines = append(lines, "", "what directories of other bodies say; nobody signed it, and nothing is sent by it:")
	}
	for _, s := range said.GetContacts() {
		lines = append(lines, otherContactLines(s)...)
	}
	for _, d := range said.GetDifferences() {
		lines = append(lines, "", differenceLine(d), "  States are encouraged to nominate the same in both: ask the State which is right. A-12b")
	}
	for _, r := range said.GetRoutes() {
		lines = append(lines, "", routeLine(r), "  the directory itself is another way, and the sender chooses. A-12a")
	}
	return lines
}

func otherContactLines(s *valisev1.OtherStatement) []string {
	c, from := s.GetContact(), s.GetSource()
	lines := []string{fmt.Sprintf("  %s, row %d, imported %s by %s, file %.16s…", clean(from.GetName()), from.GetRow(), clock(from.GetImported()), clean(from.GetOfficer()), from.GetTableHash())}
	for _, fact := range []struct{ name, value string }{
		{"track", c.GetTrack()}, {"kind", c.GetLabel()}, {"entity", c.GetEntity()}, {"of", c.GetInstitution()}, {"name", c.GetName()},
		{"as", c.GetDesignation()}, {"telephone", strings.Join(c.GetTelephones(), ", ")}, {"email", strings.Join(c.GetEmails(), ", ")},
		{"languages", strings.Join(c.GetLanguages(), ", ")}, {"hours", c.GetHours()}, {"notes", c.GetNotes()},
	} {
		if fact.value != "" {
			lines = append(lines, fmt.Sprintf("    %-9s %s", fact.name, clean(fact.value)))
		}
	}
	return lines
}

func differenceLine(d *valisev1.OtherDifference) string {
	from := fmt.Sprintf("%s, row %d", clean(d.GetSource().GetName()), d.GetSource().GetRow())
	if d.GetField() == valisev1.OtherField_OTHER_FIELD_POINT_OF_CONTACT {
		return fmt.Sprintf("warning: the entry has no point of contact at %s, and %s has one: %s", d.GetAddress(), from, clean(strings.Join(d.GetOther(), ", ")))
	}
	return fmt.Sprintf("warning: %s differs: %s says %s, %s says %s", strings.ReplaceAll(otherField(d), "_", " "),
		d.GetAddress(), clean(strings.Join(d.GetEntry(), ", ")), from, clean(strings.Join(d.GetOther(), ", ")))
}

func routeLine(r *valisev1.OtherRoute) string {
	var contacts []string
	for _, c := range r.GetContacts() {
		words := others.Words(c)
		if kind := orElse(c.GetTrack(), c.GetLabel()); kind != "" {
			words = kind + ": " + words
		}
		contacts = append(contacts, clean(words))
	}
	line := fmt.Sprintf("suggestion: %s and %s are both in %s", r.GetOurs(), r.GetTheirs(), clean(r.GetSource().GetName()))
	switch len(contacts) {
	case 0:
		return fmt.Sprintf("%s, which names nobody of %s", line, r.GetTheirs())
	case 1:
		return line + "; its contact is " + contacts[0]
	}
	return line + "; its contacts are " + strings.Join(contacts, " | ")
}

// besides is what a sender may want to know before the check page: where another body names others than
// the entry of the POC, and which other way there is. It is not sent, and no reason not to send. A-12a, A-12b
func (d *desk) besides(ctx context.Context, to string) string {
	state, _, _ := strings.Cut(to, "/")
	said, err := d.directory.CompareOthers(ctx, &valisev1.CompareOthersRequest{State: state})
	if err != nil {
		return "What directories of other bodies say of " + state + " cannot be shown now.\n"
	}
	var lines []string
	for _, difference := range said.GetDifferences() {
		if difference.GetAddress() == to {
			lines = append(lines, differenceLine(difference))
		}
	}
	for _, r := range said.GetRoutes() {
		lines = append(lines, routeLine(r)+"; you choose")
	}
	if len(lines) == 0 {
		return ""
	}
	return "From directories of other bodies, for you alone:\n" + strings.Join(lines, "\n") + "\n\n"
}

// otherFactObject is what the record says of an import or a removal.
func otherFactObject(f *valisev1.OtherFact) object {
	o := object{"id": f.GetId(), "name": f.GetName(), "contacts": f.GetContacts(), "removed": f.GetRemoved()}
	if !f.GetRemoved() {
		o["table_hash"], o["mapping_hash"] = fmt.Sprintf("%x", f.GetTableHash()), fmt.Sprintf("%x", f.GetMappingHash())
	}
	return o
}

func otherFactLine(f *valisev1.OtherFact) string {
	if f.GetRemoved() {
		return clean(f.GetId()) + " removed"
	}
	return fmt.Sprintf("%s imported, %d contacts", clean(f.GetId()), f.GetContacts())
}
