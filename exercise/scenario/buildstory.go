package scenario

import (
	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

func (b *builder) story(tree node, s *Scenario) {
	for i, in := range tree.tables("inject") {
		s.Injects = append(s.Injects, b.inject(tomlkey.Index("inject", i), in))
	}
	for i, in := range tree.tables("jump") {
		j := Jump{At: in.span("at"), To: in.span("to"), Say: in.texts("say")}
		if j.To <= j.At {
			b.wrong(tomlkey.Index("jump", i), "", "must go forward: to is not later than at")
		}
		s.Jumps = append(s.Jumps, j)
	}
	for i, in := range tree.tables("expect") {
		s.Expectations = append(s.Expectations, b.expectation(tomlkey.Index("expect", i), in))
	}
}

func (b *builder) inject(at string, in node) Inject {
	i := Inject{
		ID: in.text("id"), At: in.span("at"), Delay: in.span("delay"), Manual: in.yes("manual"), To: in.addresses("to"),
		As: in.texts("as"), How: How(in.text("how")), Text: in.texts("text"), Unscored: in.yes("unscored"),
	}
	if in.has("when") {
		t := trigger(in.table("when"))
		i.When = &t
		b.directed(at+".when", in.table("when"))
	}
	if in.has("delay") && i.When == nil {
		b.wrong(at+".delay", "", "counts from a condition, and there is no when")
	}
	if o := in.table("opens"); o != nil {
		i.Opens = &Opens{From: o.address("from"), To: o.address("to"), IncidentOf: o.text("incident_of")}
	}
	if d := in.table("does"); d != nil {
		i.Does = b.does(at+".does", d)
	}
	return i
}

// does: an act is done on a thread, or is a notice to somebody, or the stop; what belongs to none of them is a mistake.
func (b *builder) does(at string, in node) *Does {
	d := &Does{On: in.text("on"), To: in.address("to")}
	thread, notice := false, false
	for _, word := range in.words("acts") {
		a := Act(word)
		thread, notice = thread || a.needsThread(), notice || a == NoticeSent
		d.Acts = append(d.Acts, a)
	}
	if thread != in.has("on") {
		b.wrong(at+".on", "say on = \"I01\", the inject whose message began the thread", "is needed for acts on a thread, and for no others")
	}
	if notice != in.has("to") {
		b.wrong(at+".to", "say to = \"XB/technical\"", "is needed for %s, and for no other act", NoticeSent)
	}
	return d
}

func trigger(in node) Trigger {
	t := Trigger{Met: in.text("met"), Missed: in.text("missed")}
	if in.has("event") {
		t.Event = &Event{Does: Act(in.text("event")), From: in.address("from"), To: in.address("to")}
	}
	for _, n := range in.tables("all") {
		t.All = append(t.All, trigger(n))
	}
	for _, n := range in.tables("any") {
		t.Any = append(t.Any, trigger(n))
	}
	if in.has("not") {
		not := trigger(in.table("not"))
		t.Not = &not
	}
	return t
}

// directed: from and to say whose act is meant, and only an event is an act.
func (b *builder) directed(at string, in node) {
	if !in.has("event") && (in.has("from") || in.has("to")) {
		b.wrong(at, "", "from and to belong to an event")
	}
	for _, name := range []string{"all", "any"} {
		for i, n := range in.tables(name) {
			b.directed(tomlkey.Index(tomlkey.Join(at, name), i), n)
		}
	}
	if in.has("not") {
		b.directed(at+".not", in.table("not"))
	}
}

func (b *builder) expectation(at string, in node) Expectation {
	e := Expectation{
		ID: in.text("id"), Objective: in.text("objective"), Who: in.address("who"), To: in.address("to"),
		Does: Act(in.text("does")), Within: in.span("within"), Of: in.text("of"), Never: Never(in.text("never")),
		Judge: in.texts("judge"), Points: in.number("points"), Unscored: in.yes("unscored"),
	}
	for _, f := range in.words("has") {
		e.Has = append(e.Has, Fact(f))
	}
	if pair := in.addresses("pair"); len(pair) == 2 {
		e.Pair = [2]ident.Address{pair[0], pair[1]}
	}
	if e.Does == "" {
		for _, name := range []string{"who", "to", "pair", "within", "of", "has"} {
			if in.has(name) {
				b.wrong(at+"."+name, "", "belongs to an expectation that says does")
			}
		}
		return e
	}
	if e.Within == 0 {
		b.wrong(at+".within", "say how long it may take, such as 45m", "is missing or nothing")
	}
	if in.has("who") == in.has("pair") {
		b.wrong(at, "", "must have exactly one of who, pair")
	}
	if in.has("pair") && in.has("to") {
		b.wrong(at+".to", "", "the pair says it already")
	}
	return e
}
