package scenario

import (
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

// builder makes a Scenario from a tree that its shape has taken, so that every type is known. It notes what no
// single key can tell.
type builder struct {
	*reader
	keys []toml.Key
}

// node is one table of the tree.
type node map[string]any

func (n node) has(key string) bool { _, ok := n[key]; return ok }

func (n node) text(key string) string { s, _ := n[key].(string); return s }

func (n node) number(key string) int { i, _ := n[key].(int64); return int(i) }

func (n node) yes(key string) bool { b, _ := n[key].(bool); return b }

// span: the shape has read it once, so there is no error.
func (n node) span(key string) Span { s, _ := ParseSpan(n.text(key)); return s }

func (n node) table(key string) node { t, _ := n[key].(map[string]any); return t }

func (n node) address(key string) ident.Address { a, _ := ident.ParseAddress(n.text(key)); return a }

func (n node) tables(key string) []node {
	list, _ := elements(n[key])
	out := make([]node, len(list))
	for i, e := range list {
		out[i] = e.(map[string]any)
	}
	return out
}

func (n node) words(key string) []string {
	list, _ := elements(n[key])
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.(string)
	}
	return out
}

func (n node) addresses(key string) []ident.Address {
	var out []ident.Address
	for _, w := range n.words(key) {
		a, _ := ident.ParseAddress(w)
		out = append(out, a)
	}
	return out
}

func (n node) texts(key string) Texts { return n.table(key).asTexts() }

func (n node) asTexts() Texts {
	if n == nil {
		return nil
	}
	t := Texts{}
	for language := range n {
		t[language] = n.text(language)
	}
	return t
}

// inOrder are the names in a named table as the file has them.
func (b *builder) inOrder(of string) []string {
	var out []string
	seen := map[string]bool{}
	for _, k := range b.keys {
		if len(k) >= 2 && k[0] == of && !seen[k[1]] {
			seen[k[1]] = true
			out = append(out, k[1])
		}
	}
	return out
}

func (b *builder) scenario(tree node) *Scenario {
	clock, mark := tree.table("clock"), tree.table("mark")
	start, _ := clock["start"].(time.Time)
	s := &Scenario{
		ID: tree.text("id"), Title: tree.texts("title"), Kind: Kind(tree.text("kind")),
		Languages: tree.words("languages"), Seed: uint64(tree.number("seed")), End: tree.span("end"),
		Clock: Clock{Start: start.UTC(), Rate: max(clock.number("rate"), 1), Auto: clock.number("auto")},
		Mark:  Mark{Codeword: mark.text("codeword"), RealEvent: mark.texts("real_event")},
	}
	if len(s.Languages) == 0 {
		s.Languages = []string{"en"}
	}
	if s.End == 0 {
		b.wrong("end", "", "must be later than STARTEX")
	}
	for _, name := range b.inOrder("objectives") {
		o := tree.table("objectives").table(name)
		s.Objectives = append(s.Objectives, Objective{ID: name, Text: o.texts("text"), From: o.text("from")})
	}
	for _, name := range b.inOrder("participants") {
		s.Participants = append(s.Participants, b.participant(name, tree.table("participants").table(name)))
	}
	s.Profiles = b.profiles(tree.table("profiles"))
	b.story(tree, s)
	for _, q := range tree.tables("hot_wash") {
		s.HotWash = append(s.HotWash, q.asTexts())
	}
	return s
}

func (b *builder) participant(code string, in node) Participant {
	p := Participant{
		State: ident.State(code), Name: in.text("name"), Part: in.texts("part"), Zone: in.text("zone"),
		Seats: map[ident.Track]string{},
	}
	seats := in.table("seats")
	for _, t := range []ident.Track{ident.Diplomatic, ident.Technical} {
		if who := seats.text(t.String()); who != "" {
			p.Seats[t] = who
		}
	}
	if len(p.Seats) == 0 {
		b.wrong("participants."+code+".seats", "", "must name diplomatic, technical or both")
	}
	return p
}

func (b *builder) profiles(in node) map[string]Profile {
	out := map[string]Profile{}
	for _, name := range b.inOrder("profiles") {
		p, at := in.table(name), "profiles."+name
		if name == Human {
			b.wrong(at, "", "people have no profile: choose another name")
		}
		out[name] = Profile{
			Acknowledge: b.habit(at, "acknowledge", p), Estimate: p.span("estimate"), Answer: b.habit(at, "answer", p),
			Channel: b.habit(at, "channel", p), Opens: b.habit(at, "opens", p), Does: b.habit(at, "does", p), StandIn: p.yes("stand_in"),
		}
	}
	return out
}

func (b *builder) habit(at, name string, in node) Habit {
	if !in.has(name) {
		return Habit{}
	}
	n := in.table(name)
	h := Habit{Chance: n.number("chance"), Least: n.span("least"), Mode: n.span("mode"), Most: n.span("most")}
	switch {
	case h.Chance > 0 && (!n.has("least") || !n.has("mode") || !n.has("most")):
		b.wrong(tomlkey.Join(at, name), "", "must say least, mode and most where chance is above 0")
	case h.Least > h.Mode || h.Mode > h.Most:
		b.wrong(tomlkey.Join(at, name), "", "must rise from least to mode to most")
	}
	return h
}

func splitOf(of string) (id string, sent bool) { return strings.CutSuffix(of, ".sent") }
