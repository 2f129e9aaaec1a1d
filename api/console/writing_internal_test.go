package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"valise.example/api/locale"
)

// TestEveryFormHasItsTexts in every language: what leads to it, its button, labels, options and headings.
func TestEveryFormHasItsTexts(t *testing.T) {
	for _, l := range locale.Languages() {
		page := locale.Of(l).Page()
		texts := page.Write
		for name, form := range forms {
			if act := texts.Act.Of(name); act.Link.String() == "" || act.Send.String() == "" {
				t.Errorf("%s: the form %s has no name or no button", l, name)
			}
			w := &writing{form: name, values: map[string]string{}}
			for _, f := range w.fields() {
				if page.Field(textKey(f.key)).String() == "" {
					t.Errorf("%s: the field %s of %s has no label", l, f.key, name)
				}
				for _, o := range f.options {
					if o.text != "" && page.Option(o.text).String() == "" {
						t.Errorf("%s: the option %s of %s has no text", l, o.text, f.key)
					}
				}
				if f.heads != "" && page.Heading(f.heads).String() == "" {
					t.Errorf("%s: the heading %s has no text", l, f.heads)
				}
			}
			if form.kind == 0 {
				t.Errorf("the form %s is of no kind", name)
			}
		}
	}
}

// TestWritingsAreBounded: 64 of 1 MiB each, and the one that nobody has touched for longest gives way.
func TestWritingsAreBounded(t *testing.T) {
	var s writings
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	id := func(i int) string { return fmt.Sprint("draft ", i) }
	for i := range mostWritings {
		s.put(&writing{id: id(i), values: map[string]string{}}, at.Add(time.Duration(i)*time.Second))
	}
	s.put(s.find(id(0)), at.Add(time.Hour))
	s.put(&writing{id: "one more", values: map[string]string{}}, at.Add(2*time.Hour))
	if s.find(id(0)) == nil || s.find(id(1)) != nil || len(s.all) != mostWritings {
		t.Fatal("another than the one that was left alone for longest gave way")
	}
	long := &writing{id: "one more", values: map[string]string{"text": strings.Repeat("x", mostWritten)}}
	if s.put(long, at) || s.find("one more").values["text"] != "" {
		t.Fatal("a draft of more than its bound is kept")
	}
}
