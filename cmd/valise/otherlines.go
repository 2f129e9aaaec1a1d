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
func comparisonLines(s speech, said *valisev1.CompareOthersResponse) (lines []string) {
	for _, id := range said.GetUnreadable() {
		lines = append(lines, "", unreadableLine(s, id))
	}
	if len(said.GetContacts()) > 0 {
		lines = append(lines, "", s.line(s.Directory.OthersHead.String()))
	}
	for _, c := range said.GetContacts() {
		lines = append(lines, otherContactLines(s, c)...)
	}
	for _, d := range said.GetDifferences() {
		lines = append(lines, "", s.line(differenceLine(s, d)), "  "+s.line(s.say(s.Directory.AskWhich, "paragraph", s.theirs("A-12b"))))
	}
	for _, r := range said.GetRoutes() {
		lines = append(lines, "", s.line(routeLine(s, r)), "  "+s.line(s.say(s.Directory.AnotherWay, "paragraph", s.theirs("A-12a"))))
	}
	return lines
}

func otherContactLines(s speech, o *valisev1.OtherStatement) []string {
	c, from := o.GetContact(), o.GetSource()
	lines := []string{"  " + s.line(s.say(s.Directory.OthersSource, "name", s.theirs(from.GetName()), "row", fmt.Sprint(from.GetRow()),
		"time", s.at(from.GetImported()), "officer", s.theirs(from.GetOfficer()), "file", s.theirs(fmt.Sprintf("%.16s…", from.GetTableHash()))))}
	label := s.DirectoryLabel
	for _, fact := range []labelled{
		{label.Track, c.GetTrack()}, {label.Kind, c.GetLabel()}, {label.Entity, c.GetEntity()}, {label.Institution, c.GetInstitution()}, {label.Name, c.GetName()},
		{label.Capacity, c.GetDesignation()}, {label.Telephone, strings.Join(c.GetTelephones(), ", ")}, {label.Email, strings.Join(c.GetEmails(), ", ")},
		{label.Languages, strings.Join(c.GetLanguages(), ", ")}, {label.Hours, c.GetHours()}, {label.Notes, c.GetNotes()},
	} {
		if fact.value != "" {
			lines = append(lines, "    "+s.fact(fact.label.String(), 9, s.theirs(fact.value)))
		}
	}
	return lines
}

func differenceLine(s speech, d *valisev1.OtherDifference) string {
	from := s.say(s.Others.Source, "name", s.theirs(d.GetSource().GetName()), "row", fmt.Sprint(d.GetSource().GetRow()))
	address, other := s.theirs(d.GetAddress()), s.theirs(strings.Join(d.GetOther(), ", "))
	if d.GetField() == valisev1.OtherField_OTHER_FIELD_POINT_OF_CONTACT {
		return s.say(s.Others.NoContact, "address", address, "source", from, "contact", other)
	}
	return s.say(s.Others.Differs, "field", s.word(s.OtherField, otherField(d)), "address", address,
		"entry", s.theirs(strings.Join(d.GetEntry(), ", ")), "source", from, "other", other)
}

func routeLine(s speech, r *valisev1.OtherRoute) string {
	var contacts []string
	for _, c := range r.GetContacts() {
		words := others.Words(c)
		if kind := orElse(c.GetTrack(), c.GetLabel()); kind != "" {
			words = kind + ": " + words
		}
		contacts = append(contacts, s.theirs(words))
	}
	values := []string{
		"ours", s.theirs(r.GetOurs()), "theirs", s.theirs(r.GetTheirs()), "source", s.theirs(r.GetSource().GetName()),
		"contact", strings.Join(contacts, " | "),
	}
	switch len(contacts) {
	case 0:
		return s.say(s.Others.RouteNobody, values...)
	case 1:
		return s.say(s.Others.RouteOne, values...)
	}
	return s.say(s.Others.RouteMore, values...)
}

// besides is what a sender may want to know before the check page: where another body names others than
// the entry of the POC, and which other way there is. It is not sent, and no reason not to send. A-12a, A-12b
func (d *desk) besides(ctx context.Context, s speech, to string) string {
	state, _, _ := strings.Cut(to, "/")
	said, err := d.directory.CompareOthers(ctx, &valisev1.CompareOthersRequest{State: state})
	if err != nil {
		return s.line(s.say(s.Others.Unknown, "state", s.theirs(state))) + "\n"
	}
	var lines []string
	for _, difference := range said.GetDifferences() {
		if difference.GetAddress() == to {
			lines = append(lines, differenceLine(s, difference))
		}
	}
	for _, r := range said.GetRoutes() {
		lines = append(lines, s.say(s.Others.YouChoose, "line", routeLine(s, r)))
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(s.lines(append([]string{s.Others.Head.String()}, lines...)), "\n") + "\n\n"
}

// otherFactObject is what the record says of an import or a removal.
func otherFactObject(f *valisev1.OtherFact) object {
	o := object{"id": f.GetId(), "name": f.GetName(), "contacts": f.GetContacts(), "removed": f.GetRemoved()}
	if !f.GetRemoved() {
		o["table_hash"], o["mapping_hash"] = fmt.Sprintf("%x", f.GetTableHash()), fmt.Sprintf("%x", f.GetMappingHash())
	}
	return o
}

func otherFactLine(s speech, f *valisev1.OtherFact) string {
	if f.GetRemoved() {
		return s.say(s.Record.OtherRemoved, "id", s.theirs(f.GetId()))
	}
	return s.say(s.Record.OtherImported, "id", s.theirs(f.GetId()), "contacts", fmt.Sprint(f.GetContacts()))
}
