package report

import (
	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/exercise/telling"
)

// words are the texts of a report in the language of its reader.
type words struct {
	*locale.Report
	told     *telling.Teller // acts and lines, in the words of the pages
	language locale.Language
}

func wordsOf(l locale.Language) *words {
	c := locale.Of(l)
	return &words{c.Report(), telling.In(l, nil), c.Language()}
}

// say fills a text: values are a name and what stands there, by turns.
func (w *words) say(t locale.Text, values ...string) string { return t.Say(values...) }

// count is say in the plural form for n.
func (w *words) count(t locale.Text, n int, values ...string) string { return t.SayCount(n, values...) }

// pair is what something is called, and what is said of it.
func (w *words) pair(name, said string) string { return w.told.Pair(name, said) }

// theirs is what a person wrote or a file names, on one line: shown and never obeyed.
func theirs(text string) string { return telling.Theirs(text) }

// texts are those of a scenario in the language of the reader.
func (w *words) texts(t scenario.Texts) string { return theirs(t.In(w.language.String())) }

// duration is a length of time in its two largest units, cut off: "2 h 15 min".
func (w *words) duration(s scenario.Span) string { return w.told.Duration(s) }

// act names what a seat did; an act of a later version by its own name.
func (w *words) act(a scenario.Act) string { return w.told.Act(a) }

// named is the text of a value by its name; the name itself where this version has no text for it.
func named(texts any, name string) string { return telling.Named(texts, name) }

func (w *words) facts(list []scenario.Fact) string { return w.told.Facts(list) }

// list puts texts beside each other. Chinese and Arabic have marks of their own.
func (w *words) list(all []string) string { return w.told.List(all) }

// outcome is the result of an expectation in words; of a graded one the judgement.
func (w *words) outcome(e expectation) string {
	if e.outcome == judged {
		return w.grade(e.grade)
	}
	return named(w.Outcome, string(e.outcome))
}

func (w *words) grade(g play.Grade) string { return w.told.Grade(g) }

// control names what control did.
func (w *words) control(l play.Line) string { return w.told.Control(l) }

// what is an expectation in words: of whom, and what.
func (w *words) what(e expectation) string {
	switch {
	case e.Never != "":
		return named(w.Kept, string(e.Never))
	case len(e.Judge) > 0:
		return w.texts(e.Judge)
	}
	what := w.act(e.Does)
	if len(e.Has) > 0 {
		what += " " + w.say(w.Line.Has, "facts", w.facts(e.Has))
	}
	return what
}

// of is whose act is expected, and to whom.
func (w *words) of(e expectation) string {
	seats := e.seats()
	switch {
	case len(seats) == 2:
		return w.say(w.Line.Each, "first", seats[0], "second", seats[1])
	case len(seats) == 0:
		return ""
	case e.To.IsZero():
		return w.language.Isolate(seats[0])
	}
	return w.arrow(seats[0], e.To.String())
}

// arrow is from whom something goes to whom. It points the way that the language runs.
func (w *words) arrow(from, to string) string {
	sign := " → "
	if w.language.Direction() == locale.RightToLeft {
		sign = " ← "
	}
	return w.language.Isolate(theirs(from)) + sign + w.language.Isolate(theirs(to))
}
