package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// shape is the short form of a JSON object read: `{"a","b"?,"c":[{"d"}]}`.
type shape struct {
	object bool
	list   bool
	open   bool // {}: an object whose keys are said elsewhere
	keys   map[string]member
	of     *shape // what a list holds
}

type member struct {
	optional bool
	shape    shape
}

// splitObject parts the form of an object from the remark after it.
func splitObject(text string) (form, remark string) {
	if i := strings.Index(text, "}; "); i >= 0 {
		return text[:i+1], text[i+1:]
	}
	return text, ""
}

func parseShape(text string) (shape, error) {
	p := shapeParser{text}
	s, err := p.value()
	if err == nil && p.rest != "" {
		err = fmt.Errorf("%q is left over", p.rest)
	}
	return s, err
}

type shapeParser struct{ rest string }

// take drops prefix from what is left, if it stands there.
func (p *shapeParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *shapeParser) value() (shape, error) {
	switch {
	case p.take("[]"):
		return shape{list: true, of: new(shape)}, nil
	case p.take("["):
		of, err := p.value()
		if err == nil && !p.take("]") {
			err = fmt.Errorf("a list does not end before %q", p.rest)
		}
		return shape{list: true, of: &of}, err
	case p.take("{}"):
		return shape{object: true, open: true}, nil
	case p.take("{"):
		return p.members()
	}
	return shape{}, fmt.Errorf("%q is neither a list nor an object", p.rest)
}

func (p *shapeParser) members() (shape, error) {
	s := shape{object: true, keys: map[string]member{}}
	for {
		if !p.take(`"`) {
			return s, fmt.Errorf("no key before %q", p.rest)
		}
		key, rest, _ := strings.Cut(p.rest, `"`)
		p.rest = rest
		m := member{optional: p.take("?")}
		if p.take(":") {
			var err error
			if m.shape, err = p.value(); err != nil {
				return s, err
			}
		}
		if _, twice := s.keys[key]; twice || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return s, fmt.Errorf("%q is no key of its own", key)
		}
		s.keys[key] = m
		if p.take("}") {
			return s, nil
		}
		if !p.take(",") {
			return s, fmt.Errorf("no comma before %q", p.rest)
		}
	}
}

// compare says how a printed value differs from the form, each difference with its place.
func (s shape) compare(v any, place string) (problems []string) {
	switch x := v.(type) {
	case map[string]any:
		if !s.object {
			return []string{place + " is an object"}
		}
		return s.compareKeys(x, place)
	case []any:
		if !s.list {
			return []string{place + " is a list"}
		}
		for i, value := range x {
			problems = append(problems, s.of.compare(value, fmt.Sprintf("%s[%d]", place, i))...)
		}
		return problems
	case nil:
		if s.list {
			return []string{place + " is null and should be a list"}
		}
		return nil
	}
	if s.object || s.list {
		return []string{fmt.Sprintf("%s is the single value %v", place, v)}
	}
	return nil
}

func (s shape) compareKeys(printed map[string]any, place string) (problems []string) {
	if s.open {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(printed)) {
		m, ok := s.keys[key]
		if !ok {
			problems = append(problems, place+"."+key+" is printed and not documented")
			continue
		}
		problems = append(problems, m.shape.compare(printed[key], place+"."+key)...)
	}
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		if _, ok := printed[key]; !ok && !s.keys[key].optional {
			problems = append(problems, place+"."+key+" is documented and not printed")
		}
	}
	return problems
}

// compareLine holds a printed line against the forms of a command and returns the differences
// from the form that is nearest.
func compareLine(objects []string, line string) []string {
	var printed map[string]any
	if err := json.Unmarshal([]byte(line), &printed); err != nil {
		return []string{fmt.Sprintf("this is no JSON object: %v: %.200s", err, line)}
	}
	if len(objects) == 0 {
		return []string{fmt.Sprintf("the command documents no object and prints %.200s", line)}
	}
	var nearest []string
	for i, o := range objects {
		form, _ := splitObject(o)
		s, err := parseShape(form)
		if err != nil {
			return []string{"the documented form cannot be read: " + err.Error()}
		}
		problems := s.compare(printed, "")
		if i == 0 || len(problems) < len(nearest) {
			nearest = problems
		}
	}
	return nearest
}

// TestFormsCanBeRead: every documented form is one, so that lines can be held against it.
func TestFormsCanBeRead(t *testing.T) {
	for _, d := range catalogue(wholeTree()) {
		for _, o := range d.objects {
			form, _ := splitObject(o)
			if s, err := parseShape(form); err != nil || !s.object {
				t.Errorf("valise %s: %v in %s", d.name, err, form)
			}
		}
	}
	for _, bad := range []string{``, `{"a"`, `{"a","a"}`, `{a}`, `["a"]`, `{"a"} `, `{"a":"b"}`, `{"A"}`} {
		if _, err := parseShape(bad); err == nil {
			t.Errorf("%s is taken for a form", bad)
		}
	}
}

// resumed is a node that sends again.
type resumed struct{ valisev1.NodeServiceClient }

func (resumed) ResumeSending(context.Context, *valisev1.ResumeSendingRequest, ...grpc.CallOption) (*valisev1.ResumeSendingResponse, error) {
	return &valisev1.ResumeSendingResponse{Epoch: "0011223344556677"}, nil
}

// TestResumedIsAsDocumented: no script can have two copies of a home at war.
func TestResumedIsAsDocumented(t *testing.T) {
	var out strings.Builder
	p := newProgram(nil, &out, io.Discard, nil)
	cmd, err := findCommand(newRootCommand(p), []string{"node", "resume"})
	p.json = true
	p.speaksFor(ident.Operational)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.runNodeResume(t.Context(), &desk{node: resumed{}}); err != nil {
		t.Fatal(err)
	}
	if problems := compareLine(objectsOf(cmd), out.String()); len(problems) > 0 {
		t.Error(problems)
	}
}

// TestDifferencesAreFound: what the test scripts rely on.
func TestDifferencesAreFound(t *testing.T) {
	forms := []string{`{"a","b":[{"c"}],"d"?,"e":{},"f":[]}; a remark`, `{"x"}`}
	for line, want := range map[string]int{
		`{"a":1,"b":[{"c":1}],"e":{"any":1},"f":["s"]}`: 0,
		`{"a":null,"b":[],"d":"x","e":null,"f":[]}`:     0,
		`{"x":1}`:                0,
		`{"b":[],"e":{},"f":[]}`: 1,
		`{"a":1,"b":[{"c":1,"z":2}],"e":{},"f":[],"g":3}`:     2,
		`{"a":[],"b":null,"e":{},"f":[{}]}`:                   3,
		`{"a":{},"b":[1],"e":1,"f":{}}`:                       4,
		`[]`:                                                  1,
		`{"a":1,"b":[{"c":1},{"c":2},{}],"e":{},"f":["s",1]}`: 1,
	} {
		if got := compareLine(forms, line); len(got) != want {
			t.Errorf("%s: %q, want %d differences", line, got, want)
		}
	}
	if len(compareLine(nil, `{"a":1}`)) != 1 {
		t.Error("a command that documents nothing may print what it likes")
	}
}
