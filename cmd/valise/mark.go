package main

import (
	"encoding/json"
	"io"
	"strings"

	"valise.example/api/locale"
	"valise.example/proto/ident"
)

// speaksFor says of which realm all is that this run tells from now on. A verb that asks for its home, reads
// --realm or opens the door of a node has said it by that.
func (p *program) speaksFor(r ident.Realm) { p.realm, p.exercise = r, r.Name() }

// speaksOf is speaksFor where a scenario is at hand that is played in no realm.
func (p *program) speaksOf(scenario string) { p.exercise = scenario }

// learn looks whose folder dir is. What cannot be read there is the business of whoever reads it next; what is told
// of a damaged home is marked all the same, if its realm stands there.
func (p *program) learn(dir string) {
	realm, err := realmIn(dir)
	if err != nil {
		realm = scrapOf(dir)
	}
	if realm != "" {
		p.speaksFor(realm)
	}
}

// mark stands before every line for people that speaks for an exercise, so that none can be taken for operation,
// alone in a mail or a log too: the same in every language, and then the word of the reader's. Empty in operation.
// docs/protocol.md §2.2
func (p *program) mark() string {
	if p.exercise == "" {
		return ""
	}
	mark := "[EXERCISE " + clean(p.exercise) + "] "
	if c := p.catalog(); c.Language() != locale.English {
		mark += "[" + c.Language().Line(c.ExerciseWord()) + "] "
	}
	return mark
}

// marked puts the mark before each line of a text that says anything.
func (p *program) marked(text string) string {
	mark := p.mark()
	if mark == "" {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(mark)
		}
		b.WriteString(line)
	}
	return b.String()
}

// people is where a person at the terminal is told and asked something, each time on a line of its own: stderr, with the mark.
func (p *program) people() io.Writer { return peopleWriter{p} }

type peopleWriter struct{ p *program }

func (w peopleWriter) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.p.err, w.p.marked(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// withRealm is an object as --json prints it, and says of which realm it is where it does not say so itself.
func (p *program) withRealm(o any) ([]byte, error) {
	line, err := json.Marshal(o)
	if err != nil || p.realm == "" {
		return line, err
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return nil, err
	}
	if _, says := keys["realm"]; says {
		return line, nil
	}
	if keys["realm"], err = json.Marshal(p.realm); err != nil {
		return nil, err
	}
	return json.Marshal(keys)
}
