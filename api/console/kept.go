package console

import (
	"fmt"
	"html/template"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// kept is one thing that a draft of the node says and the form has no field for. It leaves as it is.
type kept struct {
	key   string
	value any    // as draft.Body gives it
	of    string // name of the file that it describes; empty: it describes none
}

// nodeSays are keys that the node fills in itself, of which a form has no field.
var nodeSays = []string{"notes", "officer", "role", "referral", "message", "proposal", "request", "decision"}

// keep fills in what a draft of the node says, and puts aside what the form has no field for. Files are
// brought again, which the form says: the node takes each for one message. What is known of a file stays
// with its name.
func (w *writing) keep(m proto.Message) {
	body := draft.Body(m)
	w.values, w.kept, w.unlisted, w.had = map[string]string{}, nil, map[string]string{}, namesOf(m)
	w.room(body)
	for _, key := range keysOf("", body) {
		v := lookUp(body, key)
		f, known := w.fieldAt(key)
		_, fixed := forms[w.form].fixed[key]
		switch {
		case slices.Contains(nodeSays, key), key == filesField, fixed, isFileFact(key):
		case !known, isAbsence(v) && !f.absent:
			w.kept = append(w.kept, kept{key, v, describes(body, key)})
		case f.is == choice && !isAbsence(v) && !f.lists(v):
			w.unlisted[key] = fmt.Sprint(v)
		}
	}
	w.fill(body)
}

// fileFact are what the node knows of a file, and its name.
var fileFact = regexp.MustCompile(`^attachment\[\d+\]\.(?:name|size|sha256|parts)$`)

func isFileFact(key string) bool { return fileFact.MatchString(key) }

// describes is the name of the file that a key says something of; empty for any other.
func describes(body map[string]any, key string) string {
	at := numbered.FindStringSubmatch(key)
	if at == nil || at[1] != "attachment" {
		return ""
	}
	name, _ := lookUp(body, "attachment["+at[2]+"].name").(string)
	return name
}

func (w *writing) fieldAt(key string) (field, bool) {
	for _, f := range w.fields() {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

// lists reports whether a value is one of those that there are to choose.
func (f field) lists(v any) bool {
	return slices.ContainsFunc(f.options, func(o option) bool { return o.value == fmt.Sprint(v) })
}

// gone reports whether the message that was chosen is no more among those that there are.
func (f field) gone(v any) bool { return f.cites && f.is == choice && !f.lists(v) }

// keepsAll refuses a draft that would be another if it were only opened and sent: it is finished where it
// was begun.
func (v *visit) keepsAll(w *writing, m proto.Message) error {
	probe := w.clone()
	if with, ok := m.(interface{ GetAttachments() []*valisev1.Attachment }); ok {
		probe.files = with.GetAttachments()
	}
	again, faults := probe.compose(v.c.cfg.Zone, &v.t.Write)
	if len(faults) > 0 {
		return w.notHere(faults[0].Field)
	}
	before, after := draft.Body(m), draft.Body(again)
	for _, key := range keysOf("", before) {
		if !slices.Contains(nodeSays, key) && !isFileFact(key) && !alike(lookUp(before, key), lookUp(after, key)) {
			return w.notHere(key)
		}
	}
	return nil
}

func (w *writing) notHere(key string) error {
	return &refusal{
		reason: valisev1.Reason_REASON_BAD_DRAFT,
		detail: (&noPlaceError{key}).Error() + "; finish the draft with: valise inquiry revise " + w.revises + " --file DRAFT.toml",
	}
}

// alike compares two values of a draft: a moment is the same by any clock, and a text with and without blanks
// round it.
func alike(a, b any) bool {
	x, isText := a.(string)
	y, too := b.(string)
	if !isText || !too {
		return reflect.DeepEqual(a, b)
	}
	s, err := time.Parse(time.RFC3339, x)
	t, fails := time.Parse(time.RFC3339, y)
	return strings.TrimSpace(x) == strings.TrimSpace(y) || err == nil && fails == nil && s.Equal(t)
}

// putKept adds what the form does not show, where the form says nothing in its place.
func (c *composer) putKept(w *writing) {
	for _, k := range w.kept {
		if k.of == "" && c.says(k.key) || k.of != "" && !w.brought(k.of) {
			continue
		}
		c.put(k.key, k.value)
		if at := numbered.FindStringSubmatch(k.key); k.of != "" && at != nil {
			c.put("attachment["+at[2]+"].name", k.of)
		}
	}
}

// brought reports whether a file of a name leaves with it.
func (w *writing) brought(name string) bool {
	return slices.ContainsFunc(w.files, func(f *valisev1.Attachment) bool { return f.GetName() == name })
}

// says reports whether something stands where a key leads.
func (c *composer) says(key string) bool {
	if at := numbered.FindStringSubmatch(key); at != nil {
		place, known := c.places[at[1]+"["+at[2]+"]"]
		if !known {
			return false
		}
		rows, _ := c.tree[at[1]].([]map[string]any)
		i, err := strconv.Atoi(place[len(at[1])+1 : len(place)-1])
		return err == nil && i < len(rows) && rows[i][at[3]] != nil
	}
	table, name, deeper := strings.Cut(key, ".")
	if !deeper {
		return c.tree[key] != nil
	}
	sub, _ := c.tree[table].(map[string]any)
	return sub[name] != nil
}

// KeptLines are what leaves and has no field, each by its name.
func (p *checkPage) KeptLines() (all []checkLine) {
	for _, k := range p.kept {
		if k.of != "" && !p.brought(k.of) {
			continue
		}
		all = append(all, checkLine{Label: p.keptLabel(k), Says: p.keptSays(k.value)})
	}
	return all
}

// Unseen names what the draft says beyond the fields of the form; empty where it says nothing more.
func (p *writePage) Unseen() (template.HTML, error) {
	var names []template.HTML
	for _, k := range p.kept {
		if name := p.keptLabel(k); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	var parts template.HTML
	for i, name := range names {
		if i > 0 {
			parts += " · "
		}
		parts += name
	}
	return p.Say(p.T.Write.KeptUnseen, "parts", parts)
}

// keptLabel is what a thing is called: by the forms, else by the pages that show messages.
func (f *frame) keptLabel(k kept) template.HTML {
	text := f.T.Field(textKey(k.key))
	if text.String() == "" {
		name := k.key[strings.LastIndexAny(k.key, ".]")+1:]
		text, _ = f.T.Label.Of(name)
	}
	if text.String() == "" {
		return `<code dir="ltr">` + peerText(k.key) + `</code>`
	}
	if k.of != "" {
		return peerText(k.of) + ": " + valueOf(text)
	}
	return valueOf(text)
}

// keptSays is a value of a draft as it is read.
func (f *frame) keptSays(v any) template.HTML {
	var text locale.Text
	switch v := v.(type) {
	case bool:
		text = f.T.Option(map[bool]string{true: "yes", false: "no"}[v])
	case []string:
		return peerText(strings.Join(v, "\n"))
	case map[string]any:
		for why := range v {
			text = f.T.Option(why)
		}
	default:
		return peerText(fmt.Sprint(v))
	}
	return valueOf(text)
}
