package console

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// callForm is one of the forms on the page of a State: what stands in it, and what is wrong with it.
type callForm struct {
	*contactPage
	ID   string // of the form; each id of a field in it begins so
	Mail bool   // an email counts as a call
}

// Form gives a page to the part that shows one of its forms.
func (p *contactPage) Form(id string, mail bool) callForm { return callForm{p, id, mail} }

// SettleForm is the form that ends a question, by its item.
func (p *contactPage) SettleForm(item uint64) callForm {
	return callForm{p, settleForm + strconv.FormatUint(item, 10), false}
}

// The forms, by the beginnings of their ids.
const (
	logForm    = "log"
	rootForm   = "root"
	settleForm = "settle-"
)

// callInputs are the inputs of the forms, by what a refusal of the node names.
var callInputs = map[string]string{
	"contact.peer": "address", "contact.means": "means", "contact.person": "person", "contact.detail": "detail",
	"contact.at": "at", "contact.result": "result", "contact.inbound": "inbound", "contact.note": "note",
	"source": "source", "fingerprint": "fingerprint", "read_aloud": "fingerprint", "note": "note",
}

// inputsOf are the inputs that a form has.
func inputsOf(form string) []string {
	switch form {
	case logForm:
		return []string{"address", "means", "person", "detail", "at", "result", "inbound", "note"}
	case rootForm:
		return rootFields
	}
	return settleFields
}

// comeBack shows a form of the page once more as it was filled in, with what the node does not take beside
// its field. What no form can put right is told like anywhere else.
func (v *visit) comeBack(form string, err error) error {
	r := refusalOf(err)
	if r.reason == valisev1.Reason_REASON_NOT_PERMITTED || r.reason == valisev1.Reason_REASON_INTERNAL {
		return err
	}
	input := callInputs[r.field]
	if !slices.Contains(inputsOf(form), input) {
		input = ""
	}
	return v.showBack(form, v.faultBy(r, input, strings.TrimSpace(v.r.PostFormValue(input))), err)
}

// showBack is comeBack for what is wrong; where the page cannot be made, the error is told.
func (v *visit) showBack(form string, wrong *fault, err error) error {
	p, failed := v.contactAll()
	if failed != nil {
		return err
	}
	p.At, p.Faults = form, []*fault{wrong}
	v.show(http.StatusUnprocessableEntity, "contact", p)
	return nil
}

// Value is what stands in an input: what was typed, in the form that came back.
func (f callForm) Value(name string) string {
	switch {
	case f.At == f.ID:
		return f.v.r.PostFormValue(name)
	case name == "at":
		return f.Now
	}
	return ""
}

// Fault is what is wrong with an input; nil where nothing is.
func (f callForm) Fault(name string) *fault {
	if f.At != f.ID {
		return nil
	}
	for _, at := range f.Faults {
		if at.Field == name {
			return at
		}
	}
	return nil
}

// callInput is one input of a form.
type callInput struct {
	callForm
	Name string
}

// Of gives an input to the part of the page that says what is wrong with it.
func (f callForm) Of(name string) callInput { return callInput{f, name} }

// Act is the request id of the form: of one that came back its own, so that what the node took after all
// is not taken twice.
func (f callForm) Act() (string, error) {
	if act := f.v.r.PostFormValue("act"); f.At == f.ID && actID.MatchString(act) {
		return act, nil
	}
	return f.frame.Act()
}

// FaultAt leads to the input that is wrong.
func (p *contactPage) FaultAt(at *fault) string {
	if at.Field == "" {
		return "#main"
	}
	return "#" + p.At + "-" + at.Field
}

// FaultField is the label of the input that is wrong; empty where it is the whole.
func (p *contactPage) FaultField(at *fault) template.HTML {
	t := p.T.Contacts
	switch at.Field {
	case "means":
		return valueOf(t.Means)
	case "result":
		return valueOf(t.Result)
	case "inbound":
		return valueOf(t.TheyCalled)
	case "note":
		if p.At == logForm {
			return valueOf(t.Said)
		}
	}
	return rootLabel(p.frame, at.Field, "")
}
