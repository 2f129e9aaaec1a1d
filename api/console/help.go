package console

import (
	"html/template"
	"net/http"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

type helpPage struct {
	*frame
	Contacts   []*valisev1.ContactView
	Officers   []*valisev1.Officer
	Unreviewed bool // nobody who writes this language at work stands by its texts
}

// help is a card to print: how the day goes, what words mean, and whom to telephone when nothing works.
func (v *visit) help() error {
	found, err := v.c.door.directory.ListContacts(v.ctx(), &valisev1.ListContactsRequest{})
	if err != nil {
		return err
	}
	people, err := v.c.door.officers.ListOfficers(v.ctx(), &valisev1.ListOfficersRequest{})
	if err != nil {
		return err
	}
	_, reviewed := v.catalog.Review()
	p := &helpPage{
		frame: v.inner(v.t.Frame.Help, "help"), Contacts: found.GetContacts(), Officers: people.GetOfficers(),
		Unreviewed: !reviewed && v.language != locale.English,
	}
	v.show(http.StatusOK, "help", p)
	return nil
}

// Today is the day of the card, by UTC.
func (p *helpPage) Today() template.HTML { return p.date(p.v.now.UTC()) }

// RolesOf are the roles of an officer in words.
func (p *helpPage) RolesOf(o *valisev1.Officer) template.HTML { return p.roles(o.GetRoles()) }
