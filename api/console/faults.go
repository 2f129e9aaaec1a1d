package console

import (
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"

	"valise.example/api/draft"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// fault is what is wrong with a field, or with the whole where it names none.
type fault struct {
	Field  string
	Text   locale.Text
	pairs  []any
	told   string // a sentence of the catalog, where no text of a form says it
	Detail string // in English, where no text of ours says it
}

// Tell is a fault in words.
func (f *frame) Tell(at *fault) (template.HTML, error) {
	if at.told != "" {
		return template.HTML(template.HTMLEscapeString(at.told)), nil //nolint:gosec // escaped
	}
	return f.Say(at.Text, at.pairs...)
}

// unchosen is what is said of a choice that nobody made.
func (f field) unchosen(t *locale.WriteTexts) locale.Text {
	if f.is == several {
		return t.Fault.ChooseSome
	}
	return t.Fault.Choose
}

// faultOf says an error of a draft in the words of the reader; what no text of ours says is told in English.
func faultOf(err error, key string, t *locale.WriteTexts) *fault {
	e, ok := errors.AsType[*draft.Error](err)
	if !ok {
		return &fault{Field: key, Text: t.Fault.Whole}
	}
	at := &fault{Field: key}
	switch e.Flaw {
	case draft.FlawMissing:
		at.Text = t.Fault.Missing
	case draft.FlawUnreachable:
		at.Field, at.Text = "originator.phone", t.Fault.Reach
	case draft.FlawTooLong:
		at.Text, at.pairs = t.Fault.TooLong, []any{"most", e.Most}
	case draft.FlawTooMany:
		at.Text, at.pairs = t.Fault.TooMany, []any{"most", e.Most}
	case draft.FlawCharacter:
		at.Text, at.pairs = t.Fault.Character, []any{"character", fmt.Sprintf("U+%04X", e.Character)}
	case draft.FlawNoChoice:
		at.Text = t.Fault.Choose
	case draft.FlawTime:
		at.Text = t.Fault.BadTime
	default:
		at.otherwise(e, t)
	}
	return at
}

// otherwise says what is no flaw of one value.
func (at *fault) otherwise(e *draft.Error, t *locale.WriteTexts) {
	switch e.Reason {
	case valisev1.Reason_REASON_TOO_LARGE:
		at.Text = t.Fault.TooLarge
	case valisev1.Reason_REASON_BAD_ATTACHMENT:
		at.Text = t.Fault.File
	default:
		at.Text, at.Detail = t.Fault.Whole, e.Error()
	}
}

// filesField stands for the page of files among the fields of a form.
const filesField = "attachments"

// within is what leads from a request to the payload in it.
var within = regexp.MustCompile(`^(?:inquiry|notice|payload\.[a-z_]+)\.`)

// onForm are the Reasons that what is written can put right.
var onForm = []valisev1.Reason{
	valisev1.Reason_REASON_BAD_REQUEST, valisev1.Reason_REASON_BAD_DRAFT, valisev1.Reason_REASON_BAD_TEXT, valisev1.Reason_REASON_BAD_ATTACHMENT,
	valisev1.Reason_REASON_TOO_LARGE, valisev1.Reason_REASON_PAYLOAD,
}

// notTaken leads back to the form where the node refuses what is written there, and tells any other error.
func (v *visit) notTaken(w *writing, err error) error {
	r := refusalOf(err)
	if !slices.Contains(onForm, r.reason) {
		return err
	}
	w.refused, w.refusedAt = r, w.revision
	w.blame(v.faults(w))
	v.c.writings.put(w, v.now)
	return v.goTo(w.place(""))
}

// faults are what is wrong with what is written: by our own rules, else what the node said of it as it stands.
func (v *visit) faults(w *writing) []*fault {
	_, faults := w.compose(v.c.cfg.Zone, &v.t.Write)
	if len(faults) > 0 || w.refused == nil || w.refusedAt != w.revision {
		return faults
	}
	path := within.ReplaceAllString(w.refused.field, "")
	key := draft.KeyOf(forms[w.form].kind, path)
	if key == "" {
		key = path
	}
	c, _ := w.composer(v.c.cfg.Zone, &v.t.Write)
	field := c.fieldOf(key, w)
	return []*fault{v.faultBy(w.refused, field, w.values[field])}
}

// faultBy says a refusal of the node beside the field that it names, by its Reason: of what says nothing,
// that it is to be filled in.
func (v *visit) faultBy(r *refusal, field, value string) *fault {
	breaks := r.reason == valisev1.Reason_REASON_BAD_REQUEST || r.reason == valisev1.Reason_REASON_PAYLOAD
	if breaks && field != "" && value == "" {
		return &fault{Field: field, Text: v.t.Write.Fault.Missing}
	}
	return &fault{Field: field, told: v.catalog.Sentence(r.reason), Detail: r.detail}
}
