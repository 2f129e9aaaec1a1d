package console

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// compose makes the payload of what is written, by the rules of api/draft and no others: the fields become
// the draft that an officer at a terminal would write.
func (w *writing) compose(here *time.Location, t *locale.WriteTexts) (proto.Message, []*fault) {
	form := forms[w.form]
	c, faults := w.composer(here, t)
	if len(faults) > 0 {
		return nil, faults
	}
	maps.Copy(c.tree, form.fixed)
	if form.build != nil {
		m, err := form.build(c.tree)
		if err == nil {
			err = draft.Check(m)
		}
		if err != nil {
			return nil, []*fault{faultOf(err, "", t)}
		}
		return m, nil
	}
	return c.parse(form.kind, w, t)
}

// composer puts what every field says where its key leads.
func (w *writing) composer(here *time.Location, t *locale.WriteTexts) (*composer, []*fault) {
	c := &composer{tree: map[string]any{}, places: map[string]string{}}
	var faults []*fault
	for _, f := range w.fields() {
		v, wrong := f.value(w, here, t)
		if wrong != nil {
			faults = append(faults, wrong)
			continue
		}
		if f.must && (v == nil || f.gone(v)) {
			faults = append(faults, &fault{Field: f.key, Text: f.unchosen(t)})
		}
		if s, ok := v.(string); ok {
			if err := draft.CheckParagraphs(s); err != nil {
				faults = append(faults, faultOf(err, f.key, t))
				continue
			}
		}
		if v != nil && !f.cites {
			c.put(f.key, v)
		}
	}
	c.putKept(w)
	return c, faults
}

func (c *composer) parse(kind valisev1.Kind, w *writing, t *locale.WriteTexts) (proto.Message, []*fault) {
	names := make([]string, 0, len(w.files))
	for _, f := range w.files {
		names = append(names, f.GetName())
	}
	if len(names) > 0 {
		c.tree["attachments"] = names
	}
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(c.tree); err != nil {
		return nil, []*fault{{Text: t.Fault.Whole}}
	}
	m, _, err := draft.Parse(kind, text.Bytes())
	if err != nil {
		return nil, []*fault{c.faultOf(err, w, t)}
	}
	if a, ok := m.(interface{ GetAttachments() []*valisev1.Attachment }); ok {
		for i, into := range a.GetAttachments() {
			into.Size, into.Sha256 = w.files[i].GetSize(), w.files[i].GetSha256()
		}
	}
	if finish := forms[w.form].finish; finish != nil {
		finish(w, m)
	}
	return m, nil
}

// composer puts values where their keys lead. A table of a list that says nothing is left out, so the
// place of one in the draft may be another than on the form.
type composer struct {
	tree   map[string]any
	places map[string]string // key of a table in the draft, "answer[0]", by that of the form and back
}

var numbered = regexp.MustCompile(`^([a-z_]+)\[(\d+)\]\.([a-z_]+)$`)

func (c *composer) put(key string, v any) {
	if at := numbered.FindStringSubmatch(key); at != nil {
		c.putNumbered(at[1], at[2], at[3], v)
		return
	}
	table, name, deeper := strings.Cut(key, ".")
	if !deeper {
		c.tree[key] = v
		return
	}
	into, ok := c.tree[table].(map[string]any)
	if !ok {
		into = map[string]any{}
		c.tree[table] = into
	}
	into[name] = v
}

func (c *composer) putNumbered(table, number, name string, v any) {
	all, _ := c.tree[table].([]map[string]any)
	onForm := table + "[" + number + "]"
	place, known := c.places[onForm]
	if !known {
		place = fmt.Sprintf("%s[%d]", table, len(all))
		c.places[onForm], c.places["draft "+place] = place, onForm
		row := map[string]any{}
		if table == "answer" {
			n, _ := strconv.Atoi(number)
			row["question"] = n
		}
		all = append(all, row)
		c.tree[table] = all
	}
	at := numbered.FindStringSubmatch(place + ".x")
	i, _ := strconv.Atoi(at[2])
	all[i][name] = v
}

// faultOf finds the field of an error: the one of its key, else the first within it.
func (c *composer) faultOf(err error, w *writing, t *locale.WriteTexts) *fault {
	e, ok := errors.AsType[*draft.Error](err)
	if !ok {
		return faultOf(err, "", t)
	}
	return faultOf(err, c.fieldOf(e.Key, w), t)
}

// fieldOf is the field of the form where a key of the draft is written; empty where none is.
func (c *composer) fieldOf(key string, w *writing) string {
	if table, name, deeper := strings.Cut(key, "]."); deeper {
		if onForm, known := c.places["draft "+table+"]"]; known {
			key = onForm + "." + name
		}
	}
	for _, exact := range []bool{true, false} {
		for _, f := range w.fields() {
			within := strings.HasPrefix(f.key, key+".") || strings.HasPrefix(f.key, key+"[") || strings.HasPrefix(key, f.key+"[")
			if f.key == key || !exact && key != "" && within {
				return f.key
			}
		}
	}
	if forms[w.form].Files && strings.HasPrefix(key, filesField) {
		return filesField
	}
	return ""
}
