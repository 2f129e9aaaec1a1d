package console

import (
	"html/template"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// otherContact is what another body says of a contact, with the frame of the page that it stands on. A-12
type otherContact struct {
	F *frame
	C *valisev1.OtherContact
}

// Other gives a contact of another body to the part of a page that shows it.
func (f *frame) Other(c *valisev1.OtherContact) otherContact { return otherContact{f, c} }

// FromBody says where something is from that no State has signed: which file and row, who imported it and when. A-12
func (f *frame) FromBody(s *valisev1.OtherSource) (template.HTML, error) {
	at, err := f.Moment(s.GetImported().AsTime())
	if err != nil {
		return "", err
	}
	text, pairs := f.T.Contacts.OtherWhole, []any{"name", s.GetName(), "officer", s.GetOfficer(), "time", at}
	if s.GetRow() > 0 {
		text, pairs = f.T.Contacts.FromOther, append(pairs, "row", s.GetRow())
	}
	return f.Say(text, pairs...)
}

// Difference warns that a State has nominated others in another directory than in its entry. A-12b
func (f *frame) Difference(d *valisev1.OtherDifference) (template.HTML, error) {
	t := f.v.catalog.Command()
	source, err := f.Say(t.Others.Source, "name", d.GetSource().GetName(), "row", d.GetSource().GetRow())
	if err != nil {
		return "", err
	}
	other := peers(d.GetOther())
	if d.GetField() == valisev1.OtherField_OTHER_FIELD_POINT_OF_CONTACT {
		return f.Say(t.Others.NoContact, "address", d.GetAddress(), "source", source, "contact", other)
	}
	field, _ := locale.Named(t.OtherField, strings.TrimPrefix(lower(d.GetField().String()), "other_field_"))
	return f.Say(t.Others.Differs, "field", field, "address", d.GetAddress(), "entry", peers(d.GetEntry()), "source", source, "other", other)
}

// Route suggests a way beside the directory where both States belong to one body. The sender chooses. A-12a
func (f *frame) Route(r *valisev1.OtherRoute) (template.HTML, error) {
	t := f.v.catalog.Command().Others
	var contacts []string
	for _, c := range r.GetContacts() {
		said := append([]string{c.GetTrack(), c.GetLabel(), c.GetEntity(), c.GetName()}, c.GetTelephones()...)
		contacts = append(contacts, strings.Join(without(append(said, c.GetEmails()...)), ", "))
	}
	pairs := []any{"ours", f.State(r.GetOurs()), "theirs", f.State(r.GetTheirs()), "source", r.GetSource().GetName()}
	text := t.RouteNobody
	if len(contacts) > 0 {
		text, pairs = t.RouteOne, append(pairs, "contact", peers(contacts))
	}
	if len(contacts) > 1 {
		text = t.RouteMore
	}
	line, err := f.Say(text, pairs...)
	if err != nil {
		return "", err
	}
	return f.Say(t.YouChoose, "line", line)
}

// peers are several texts of others, each set apart.
func peers(texts []string) (all template.HTML) {
	for i, text := range texts {
		if i > 0 {
			all += " · "
		}
		all += peerText(text)
	}
	return all
}

func without(texts []string) (said []string) {
	for _, text := range texts {
		if text != "" {
			said = append(said, text)
		}
	}
	return said
}

// sourced is where something is from, with the frame of the page that it stands on.
type sourced struct {
	F *frame
	S *valisev1.OtherSource
}

// Sourced gives a source to the part of a page that shows it.
func (f *frame) Sourced(s *valisev1.OtherSource) sourced { return sourced{f, s} }
