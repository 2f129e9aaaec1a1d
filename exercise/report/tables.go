package report

import (
	"slices"
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// expected is the table of expectations, each with the line that decided it.
func (r *Report) expected(seen map[uint64]bool) section {
	w := r.words
	l := &w.Label
	t := &table{Caption: w.Section.Expectations.String(), Head: texts(l.Expectation, l.Objective, l.Who, l.What, l.Within, l.Counted, l.Outcome, l.After, l.Points, l.Line)}
	for _, e := range r.expectations {
		t.Rows = append(t.Rows, r.expectationRow(e, seen))
	}
	blocks := []block{{Text: w.Head.Against.String()}, r.orNothing(t)}
	if r.hidden > 0 {
		blocks = append(blocks, block{Text: w.count(w.Line.LeftOut, r.hidden)})
	}
	return section{ID: "expectations", Heading: w.Section.Expectations.String(), Blocks: blocks}
}

func (r *Report) expectationRow(e expectation, seen map[uint64]bool) row {
	w := r.words
	within, counted, after, points, line := "", plain(""), short("–"), short("–"), short("–")
	if e.Does != "" {
		within, counted = w.duration(e.Within), plain(w.Line.Startex.String())
	}
	if e.Of != "" {
		counted = foreign(e.Of)
	}
	if e.after != nil {
		after = short(w.duration(scenario.Span(*e.after)))
	}
	if !e.Unscored {
		points = number(e.Points)
	}
	if r.mine(e) && e.line > 0 {
		line = linked(e.line, seen)
		if e.by != nil {
			line = linked(*e.by, seen)
		}
	}
	outcome := w.outcome(e)
	if e.Unscored {
		outcome = w.list([]string{outcome, w.Line.Unscored.String()})
	}
	if why := r.waivedOr(e); why != "" {
		outcome = w.pair(outcome, w.language.Isolate(theirs(why)))
	}
	return row{Cells: []cell{
		foreign(e.ID), foreign(e.Objective), plain(w.of(e)), {Text: w.what(e), Foreign: len(e.Judge) > 0}, short(within), counted,
		plain(outcome), after, points, line,
	}}
}

// plan sets what was planned beside what came of it, and then has the words of each inject.
func (r *Report) plan(seen map[uint64]bool) section {
	w := r.words
	l := &w.Label
	t := &table{Caption: w.Section.Plan.String(), Head: texts(l.Inject, l.Planned, l.Actual, l.Difference, l.Cause, l.To, l.Line)}
	said := &table{Caption: l.Text.String(), Head: texts(l.Inject, l.How, l.As, l.Text)}
	for _, f := range r.fired() {
		line := short("–")
		actual, cause := plain(w.Line.NotFired.String()), short("–")
		if f.line != nil {
			actual, cause = foreign(f.line.At.Clock()), plain(named(w.Cause, string(f.line.Cause)))
			line = linked(f.line.Seq, seen)
		}
		if f.line != nil && f.line.Cause == play.BySkip {
			actual = plain(w.Line.NotFired.String())
		}
		t.Rows = append(t.Rows, row{Cells: []cell{
			foreign(f.ID), plain(r.planned(f.Inject)), actual, short(r.difference(f)), cause, foreign(w.list(f.to)), line,
		}})
		said.Rows = append(said.Rows, row{Cells: []cell{
			foreign(f.ID), plain(named(w.How, string(f.How))), foreign(w.texts(f.As)), foreign(w.texts(f.Text)),
		}})
	}
	blocks := []block{r.orNothing(t)}
	if len(said.Rows) > 0 {
		blocks = append(blocks, block{Table: said})
	}
	return section{ID: "plan", Heading: w.Section.Plan.String(), Blocks: blocks}
}

// firedInject is an inject of the scenario with the line that tells of it; nil: none does.
type firedInject struct {
	*scenario.Inject
	line *play.Line
	to   []string // seats that the reader sees
}

func (r *Report) fired() (all []firedInject) {
	for i := range r.in.Scenario.Injects {
		f := firedInject{Inject: &r.in.Scenario.Injects[i]}
		for _, a := range f.To {
			if r.own(a.String()) {
				f.to = append(f.to, a.String())
			}
		}
		if len(f.to) == 0 {
			continue
		}
		if at := slices.IndexFunc(r.facts.injected, func(l play.Line) bool { return l.Inject == f.ID }); at >= 0 {
			f.line = &r.facts.injected[at]
		}
		all = append(all, f)
	}
	return all
}

func (r *Report) planned(in *scenario.Inject) string {
	w := r.words
	switch {
	case in.Manual:
		return w.Line.ByHand.String()
	case in.When == nil:
		return w.language.Isolate(in.At.Clock())
	case !r.forControl():
		return w.Cause.When.String() // which may be what became of another State's expectation
	}
	condition := r.condition(in.When, 0)
	if in.Delay > 0 {
		return w.say(w.Line.Later, "condition", condition, "duration", w.duration(in.Delay))
	}
	return condition
}

// deepest is how far into a condition the report goes; the linter of scenarios allows less.
const deepest = 16

func (r *Report) condition(t *scenario.Trigger, depth int) string {
	w := r.words
	switch {
	case t == nil || depth > deepest:
		return "…"
	case t.Met != "":
		return w.pair(theirs(t.Met), w.Outcome.Met.String())
	case t.Missed != "":
		return w.pair(theirs(t.Missed), w.Outcome.Missed.String())
	case t.Event != nil:
		return r.event(t.Event)
	case t.Not != nil:
		return w.say(w.Line.Not, "condition", r.condition(t.Not, depth+1))
	case len(t.All) > 0:
		return w.say(w.Line.All, "list", r.conditions(t.All, depth))
	}
	return w.say(w.Line.Any, "list", r.conditions(t.Any, depth))
}

func (r *Report) conditions(all []scenario.Trigger, depth int) string {
	said := make([]string, len(all))
	for i := range all {
		said[i] = r.condition(&all[i], depth+1)
	}
	return strings.Join(said, "; ")
}

func (r *Report) event(e *scenario.Event) string {
	from, to := r.words.Line.Anybody.String(), r.words.Line.Anybody.String()
	if !e.From.IsZero() {
		from = e.From.String()
	}
	if !e.To.IsZero() {
		to = e.To.String()
	}
	return r.words.list([]string{r.words.act(e.Does), r.words.arrow(from, to)})
}

// difference is how much later or sooner than planned an inject fired that had a time.
func (r *Report) difference(f firedInject) string {
	w := r.words
	if f.line == nil || f.line.Cause == play.BySkip || f.When != nil || f.Manual {
		return "–"
	}
	switch late := f.line.At - f.At; {
	case late > 0:
		return w.say(w.Time.Later, "duration", w.duration(late))
	case late < 0:
		return w.say(w.Time.Sooner, "duration", w.duration(-late))
	}
	return w.duration(0)
}

func (r *Report) controlled() section {
	w := r.words
	t := &table{Caption: w.Section.Control.String(), Head: texts(w.Label.Line, w.Label.Time, w.Label.What)}
	for _, l := range r.facts.control {
		if !r.forControl() && l.Inject != "" {
			continue
		}
		t.Rows = append(t.Rows, row{Cells: []cell{foreign(lineNumber(l.Seq)), foreign(l.At.Clock()), plain(w.control(l))}})
	}
	return section{ID: "control", Heading: w.Section.Control.String(), Sub: true, Blocks: []block{r.orNothing(t)}}
}

func (r *Report) records() section {
	w := r.words
	t := &table{Caption: w.Section.Records.String(), Head: texts(w.Label.Line, w.Label.Seat, w.Label.Outcome)}
	for _, l := range r.comparedSeen() {
		said := w.Line.Differ
		if l.Agree != nil && *l.Agree {
			said = w.Line.Agree
		}
		t.Rows = append(t.Rows, row{Cells: []cell{foreign(lineNumber(l.Seq)), foreign(w.list(l.Seats)), plain(said.String())}})
	}
	return section{ID: "records", Heading: w.Section.Records.String(), Sub: true, Blocks: []block{r.orNothing(t)}}
}

func (r *Report) comparedSeen() (all []play.Line) {
	for _, l := range r.facts.compared {
		if r.forControl() || len(r.ownOf(l.Seats)) > 0 {
			all = append(all, l)
		}
	}
	return all
}

// notesSeen are remarks and judgements; a State sees those about its own seats and about what is expected of them,
// because all others may name anybody.
func (r *Report) notesSeen() (all []play.Line, left int) {
	for _, l := range r.facts.notes {
		mine := func(e expectation) bool { return e.ID == l.Expectation && r.mine(e) }
		if r.forControl() || l.Seat != "" && r.own(l.Seat) || l.Seat == "" && slices.ContainsFunc(r.expectations, mine) {
			all = append(all, l)
			continue
		}
		left++
	}
	return all, left
}

func (r *Report) remarks() section {
	w := r.words
	t := &table{Caption: w.Section.Notes.String(), Head: texts(w.Label.Line, w.Label.Time, w.Label.About, w.Label.Grade, w.Label.Text)}
	notes, left := r.notesSeen()
	for _, l := range notes {
		t.Rows = append(t.Rows, row{Cells: []cell{foreign(lineNumber(l.Seq)), foreign(l.At.Clock()), foreign(strings.TrimSpace(l.Expectation + " " + l.Seat)), plain(w.grade(l.Grade)), foreign(l.Text)}})
	}
	blocks := []block{r.orNothing(t)}
	if left > 0 {
		blocks = append(blocks, block{Text: w.count(w.Line.NotesOut, left)})
	}
	return section{ID: "notes", Heading: w.Section.Notes.String(), Blocks: blocks}
}

// hotWash are the questions of the scenario, or those that always help, with room to write.
func (r *Report) hotWash() section {
	w := r.words
	questions := texts(w.Question.Planned, w.Question.Surprise, w.Question.Lacked, w.Question.Change)
	if asked := r.in.Scenario.HotWash; len(asked) > 0 {
		questions = nil
		for _, q := range asked {
			questions = append(questions, w.texts(q))
		}
	}
	s := section{ID: "hotwash", Heading: w.Section.HotWash.String()}
	for _, q := range questions {
		s.Blocks = append(s.Blocks, block{Text: q}, block{Lines: 4})
	}
	return s
}

// emptyRows of the improvement plan, beside those of the gaps.
const emptyRows = 3

// mostFindings of it that are filled in: further gaps stand in the tables.
const mostFindings = 12

func (r *Report) improvement() section {
	w := r.words
	l := &w.Label
	t := &table{Caption: w.Section.Improvement.String(), Head: texts(l.Finding, l.Action, l.Owner, l.Due, l.Progress), ToFill: true}
	fill := func(text string) {
		t.Rows = append(t.Rows, row{Cells: []cell{plain(text), plain(""), plain(""), plain(""), plain("")}})
	}
	for _, f := range r.gaps[:min(mostFindings, len(r.gaps))] {
		fill(f.text)
	}
	for range emptyRows {
		fill("")
	}
	return section{ID: "improvement", Heading: w.Section.Improvement.String(), Blocks: []block{{Table: t}}}
}
