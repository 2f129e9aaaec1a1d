package console

import (
	"html/template"
	"regexp"
	"strings"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

var number = regexp.MustCompile(`\[\d+\]`)

// label is what a field is called: the question itself where it answers one. The number of a table in a key
// has no text of its own.
func (f *frame) label(of field) (template.HTML, error) {
	if of.asked != "" {
		return f.Say(f.T.Write.Answering, "question", of.asked)
	}
	return f.Say(f.T.Field(textKey(of.key)))
}

func textKey(key string) string {
	return strings.ReplaceAll(number.ReplaceAllString(key, ""), ".", "_")
}

// option is how a choice reads.
func (f *frame) option(of field, value, peer string) (template.HTML, error) {
	for _, o := range of.options {
		if o.value != value {
			continue
		}
		if o.cite != nil {
			return f.cited(o.cite, peer)
		}
		if o.text != "" {
			return f.Say(f.T.Option(o.text))
		}
		if l, err := locale.ParseLanguage(value); err == nil {
			return template.HTML(template.HTMLEscapeString(l.Endonym())), nil //nolint:gosec // escaped
		}
	}
	return template.HTML(`<bdi dir="ltr">` + template.HTMLEscapeString(value) + `</bdi>`), nil //nolint:gosec // escaped
}

// span is a time that was said as so long from the sending on.
func (f *frame) span(seconds uint64) (template.HTML, error) {
	words, err := f.duration(time.Duration(min(seconds, 315_360_000)) * time.Second)
	if err != nil {
		return "", err
	}
	return f.Say(f.T.Time.In, "duration", words)
}

// Doing is the name of a form in words.
func (f *frame) Doing(form string) locale.Text { return f.T.Write.Act.Of(form).Link }

// Kind names a message by what it is, for a list of our own.
func (f *frame) Kind(m *valisev1.MessageView) string {
	switch m.GetKind() {
	case valisev1.Kind_KIND_INQUIRY:
		return f.T.Write.AnInquiry.String()
	case valisev1.Kind_KIND_ACKNOWLEDGEMENT:
		return f.T.Write.AnAcknowledgement.String()
	}
	if name := formOf(m.GetKind(), unwrap(m.GetPayload())); name != "" {
		return f.Doing(name).String()
	}
	return f.T.Write.AMessage.String()
}
