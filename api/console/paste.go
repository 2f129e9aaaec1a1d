package console

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// pastePage is a box for a whole draft, and what is wrong with the one that was put there.
type pastePage struct {
	*frame
	*writing
	Wrong  template.HTML
	Detail string // in English, as at the terminal
}

// paste shows the box.
func (v *visit) paste() error {
	w, err := v.pasting()
	if err != nil {
		return err
	}
	p := &pastePage{frame: v.inner(v.t.New.Paste, "new"), writing: w}
	if w.pasted != "" {
		if _, err := w.read(w.pasted); err != nil {
			if p.Wrong, p.Detail, err = p.tellPaste(err); err != nil {
				return err
			}
		}
	}
	v.show(http.StatusOK, "paste", p)
	return nil
}

func (v *visit) pasting() (*writing, error) {
	w, err := v.writing()
	if err != nil {
		return nil, err
	}
	if forms[w.form].steps == 0 || w.sent != "" {
		return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return w, nil
}

// Pasted is what stands in the box.
func (w *writing) Pasted() string { return w.pasted }

// takePaste fills the steps from a draft as an officer writes it for the terminal. What was in them gives
// way; where the draft cannot be read, all stays as it is.
func (v *visit) takePaste() error {
	w, err := v.pasting()
	if err != nil {
		return err
	}
	w.pasted = strings.ReplaceAll(v.r.PostFormValue("draft"), "\r\n", "\n")
	next := "draft/" + w.id + "/paste"
	if read, err := w.read(w.pasted); err == nil {
		w.values, w.rows, w.pasted, w.at, w.tried = read.values, read.rows, "", 1, false
		w.revision++
		next = w.place("")
	}
	if !v.c.writings.put(w, v.now) {
		return refuse(valisev1.Reason_REASON_TOO_LARGE)
	}
	return v.goTo(next)
}

// noPlaceError is a key of a draft that no field of the form takes.
type noPlaceError struct{ key string }

func (e *noPlaceError) Error() string { return e.key + " has no place on the form" }

// read gives what is written by a draft. One of which the form would lose anything is refused: what is checked
// on the page must be all that was written.
func (w *writing) read(text string) (*writing, error) {
	m, _, err := draft.Parse(forms[w.form].kind, []byte(text))
	if err != nil {
		return nil, err
	}
	said := draft.Body(m)
	probe := w.clone()
	probe.values, probe.rows = map[string]string{}, nil
	probe.fill(said)
	for _, key := range keysOf("", said) {
		if !probe.has(key, m) {
			return nil, &noPlaceError{key}
		}
	}
	return probe, nil
}

// has reports whether a field took the value of a key.
func (w *writing) has(key string, m proto.Message) bool {
	if slices.Contains(nodeSays, key) {
		return true
	}
	for _, f := range w.fields() {
		if f.key != key {
			continue
		}
		v := lookUp(draft.Body(m), key)
		if f.is != choice || isAbsence(v) {
			return true
		}
		return f.lists(v)
	}
	return false
}

func isAbsence(v any) bool { _, table := v.(map[string]any); return table }

// keysOf are the keys of all values of a body, as fields write them, in order.
func keysOf(at string, body map[string]any) (all []string) {
	for name, v := range body {
		key := strings.TrimPrefix(at+"."+name, ".")
		switch v := v.(type) {
		case map[string]any:
			if v["unknown"] == true || v["withheld"] == true || v["not_applicable"] == true {
				all = append(all, key)
				continue
			}
			all = append(all, keysOf(key, v)...)
		case []map[string]any:
			for i, row := range v {
				n, answers := row["question"].(int64)
				if !answers {
					n = int64(i)
				}
				for _, within := range keysOf(fmt.Sprintf("%s[%d]", key, n), row) {
					if !answers || !strings.HasSuffix(within, "].question") {
						all = append(all, within)
					}
				}
			}
		default:
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}

// tellPaste says what is wrong with a draft by its line and key; the rest as the terminal says it.
func (p *pastePage) tellPaste(err error) (template.HTML, string, error) {
	if e, ok := errors.AsType[*noPlaceError](err); ok {
		text, err := p.Say(p.T.New.NoPlace, "key", e.key)
		return text, "", err
	}
	e, ok := errors.AsType[*draft.Error](err)
	switch {
	case ok && e.Line > 0 && e.Key != "":
		text, err := p.Say(p.T.New.BadLineKey, "line", fmt.Sprint(e.Line), "key", e.Key)
		return text, e.Error(), err
	case ok && e.Line > 0:
		text, err := p.Say(p.T.New.BadLine, "line", fmt.Sprint(e.Line))
		return text, e.Error(), err
	case ok && e.Key != "":
		text, err := p.Say(p.T.New.BadKey, "key", e.Key)
		return text, e.Error(), err
	}
	text, told := p.Say(p.T.Write.Fault.Whole)
	return text, err.Error(), told
}
