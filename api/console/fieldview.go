package console

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"valise.example/api/locale"
)

// fieldView is one field as a template shows it.
type fieldView struct {
	P *writePage
	F field
}

// Fields are those of the form, in its order.
func (p *writePage) Fields() (all []fieldView) {
	for _, f := range p.fields() {
		if f.step == p.Step {
			all = append(all, fieldView{p, f})
		}
	}
	return all
}

// FaultField is the label of the field that a fault is about; empty where it is about the whole.
func (p *writePage) FaultField(at *fault) (template.HTML, error) {
	if at.Field == filesField {
		return p.Say(p.T.Write.Files)
	}
	for _, f := range p.fields() {
		if f.key == at.Field {
			return p.label(f)
		}
	}
	return "", nil
}

// Anchor is the id of the first input of a field.
func (f *frame) Anchor(key string) string { return anchorOf(key) }

func anchorOf(key string) string {
	if key == "" {
		return "main"
	}
	return "f-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, key)
}

// ID is the anchor of the field.
func (v fieldView) ID() string { return v.P.Anchor(v.F.key) }

// Name is what its first input is called.
func (v fieldView) Name() string { return v.F.key }

// Label is what the field is called.
func (v fieldView) Label() (template.HTML, error) { return v.P.label(v.F) }

// Value is what stands in an input of the field.
func (v fieldView) Value(part string) string { return v.P.values[v.F.key+part] }

// Heading stands before the field; empty: none.
func (v fieldView) Heading() locale.Text { return v.P.T.Heading(v.F.heads) }

// Hint says how to fill it in; empty where its label does.
func (v fieldView) Hint() locale.Text { return v.P.T.Hint(textKey(v.F.key)) }

// Fault is what is wrong with the field; nil where nothing is.
func (v fieldView) Fault() *fault {
	for _, at := range v.P.Faults {
		if at.Field == v.F.key {
			return at
		}
	}
	return nil
}

// Is tells which kind of field it is.
func (v fieldView) Is() string {
	return [...]string{"line", "words", "list", "choice", "several", "moment", "estimate"}[v.F.is]
}

// Absent reports whether it may say why it has no value.
func (v fieldView) Absent() bool { return v.F.absent }

// Must reports whether one has to be chosen.
func (v fieldView) Must() bool { return v.F.must }

// chosen is one thing to choose.
type chosen struct {
	Value string
	Text  template.HTML
	Now   bool
}

// Options are what there is to choose.
func (v fieldView) Options() (all []chosen, err error) {
	for _, o := range v.F.options {
		text, err := v.P.option(v.F, o.value, v.P.peer)
		if err != nil {
			return nil, err
		}
		now := v.Value("") == o.value
		if v.F.is == several {
			now = v.Value("."+o.value) != ""
		}
		all = append(all, chosen{o.value, text, now})
	}
	return all, nil
}

// Whys are the reasons for which a fact is not there. A-10b
func (v fieldView) Whys() (all []chosen, err error) {
	for _, why := range []string{"", "unknown", "withheld", "not_applicable"} {
		key := why
		if key == "" {
			key = "given"
		}
		text, err := v.P.Say(v.P.T.Write.Option.Of(key))
		if err != nil {
			return nil, err
		}
		all = append(all, chosen{why, text, v.Value(".absent") == why})
	}
	return all, nil
}

// Presets are moments that an answer is often promised by, and the one that was chosen before.
func (v fieldView) Presets() (all []chosen, err error) {
	now := v.P.v.now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	moments := []time.Time{day.Add(18 * time.Hour), day.AddDate(0, 0, 1).Add(12 * time.Hour), day.AddDate(0, 0, 3).Add(12 * time.Hour), day.AddDate(0, 0, 7).Add(12 * time.Hour)}
	if now.Hour() >= 17 {
		moments = moments[1:]
	}
	if before, err := time.Parse(time.RFC3339, v.Value("")); err == nil && !slices.ContainsFunc(moments, before.Equal) {
		moments = append(moments, before.UTC())
	}
	for _, at := range moments {
		words, err := v.P.MomentWith(at, v.P.peer)
		if err == nil {
			words, err = v.P.Say(v.P.T.Write.Estimate.ByMoment, "time", words)
		}
		if err != nil {
			return nil, err
		}
		value := at.Format(time.RFC3339)
		all = append(all, chosen{value, words, v.Value("") == value})
	}
	return all, nil
}

// Revision is the number of changes; what is sent is what was shown.
func (w *writing) Revision() string { return strconv.Itoa(w.revision) }
