package telling

import (
	"strconv"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// Line tells a line of a recording as one sentence, without its time. One of a kind that this version does not know
// is told by that kind. docs/exercises.md §7
func (t *Teller) Line(l play.Line) string {
	told := &t.report.Told
	tell := map[play.LineType]func(play.Line) string{
		play.Opened: t.opened, play.Control: t.Controlled, play.Injected: t.injected, play.Acted: t.acted, play.Refused: t.refused, play.Result: t.result,
		play.Judged: t.judged, play.Noted: t.noted, play.Compared: t.compared, play.Ended: t.ended,
	}[l.Type]
	if tell == nil {
		return told.Unknown.Say("type", Theirs(string(l.Type)))
	}
	return tell(l)
}

func (t *Teller) opened(l play.Line) string {
	return t.report.Told.Opened.Say("scenario", Theirs(l.Scenario), "seed", strconv.FormatUint(l.Seed, 10))
}

// Controlled names what control did; of a REAL EVENT also who raised it.
func (t *Teller) Controlled(l play.Line) string {
	said := t.Control(l)
	if l.Do == play.RealEvent {
		return t.report.Told.Raised.Say("said", said, "who", t.Raiser(l.Seat))
	}
	return said
}

// Control names what control did.
func (t *Teller) Control(l play.Line) string {
	inject, did := Theirs(l.Inject), &t.report.Control
	switch l.Do {
	case play.Speed:
		if l.Value == 0 {
			return did.Auto.String()
		}
		return did.Speed.Say("rate", strconv.FormatInt(l.Value, 10))
	case play.JumpTo:
		return did.Jump.Say("time", scenario.Span(l.Value).Clock())
	case play.Release:
		return did.Release.Say("inject", inject)
	case play.Hold:
		return did.Hold.Say("inject", inject)
	case play.Skip:
		return did.Skip.Say("inject", inject)
	default:
		return Named(*did, string(l.Do))
	}
}

func (t *Teller) injected(l play.Line) string {
	told := &t.report.Told
	if l.Cause == play.BySkip {
		return told.Skipped.Say("inject", Theirs(l.Inject))
	}
	return told.Injected.Say("inject", Theirs(l.Inject), "seats", t.seats(l.To))
}

// acted says who did what to whom, and in brackets what else is seen of it.
func (t *Teller) acted(l play.Line) string {
	told, to := &t.report.Told, t.report.Told.Anybody.String()
	if len(l.To) > 0 {
		to = t.seats(l.To)
	}
	said := told.Acted.Say("seat", t.Seat(l.Seat), "act", t.did(l.Does, to))
	var more []string
	if len(l.Has) > 0 {
		more = append(more, t.report.Line.Has.Say("facts", t.Facts(l.Has)))
	}
	if l.Inject != "" {
		more = append(more, told.Upon.Say("inject", Theirs(l.Inject)))
	}
	if l.Thread != "" {
		more = append(more, told.Thread.Say("thread", Theirs(l.Thread)))
	}
	if l.Person {
		more = append(more, t.report.Line.Person.String())
	}
	if l.Breaks != "" {
		more = append(more, Named(t.report.Never, string(l.Breaks)))
	}
	return t.more(said, more)
}

// refused names the rule, and nothing of what it was. docs/exercises.md §6
func (t *Teller) refused(l play.Line) string {
	told := &t.report.Told
	said := told.Refused.Say("seat", t.Seat(l.Seat))
	if len(l.To) > 0 {
		said = told.RefusedTo.Say("seat", t.Seat(l.Seat), "to", t.seats(l.To))
	}
	return t.more(said, []string{Named(t.report.Never, string(l.Breaks))})
}

func (t *Teller) more(said string, more []string) string {
	if len(more) == 0 {
		return said
	}
	return t.report.Told.More.Say("said", said, "more", t.List(more))
}

func (t *Teller) result(l play.Line) string {
	told := &t.report.Told
	said := told.Result.Say("expectation", t.expectation(l.Expectation), "outcome", Named(t.report.Outcome, string(l.Outcome)))
	if l.Outcome == play.Waived {
		said = told.Waived.Say("expectation", t.expectation(l.Expectation))
	}
	if l.After != nil {
		said = t.more(said, []string{told.After.Say("duration", t.Duration(scenario.Span(*l.After)))})
	}
	return t.with(said, l.Text)
}

// with puts words of a person behind a sentence.
func (t *Teller) with(said, words string) string {
	if words == "" {
		return said
	}
	return t.Pair(said, t.language.Isolate(Theirs(words)))
}

func (t *Teller) judged(l play.Line) string {
	return t.with(t.report.Told.Judged.Say("expectation", t.expectation(l.Expectation), "grade", t.Grade(l.Grade)), l.Text)
}

func (t *Teller) noted(l play.Line) string {
	told := &t.report.Told
	var about []string
	if l.Seat != "" {
		about = append(about, t.language.Line(t.Seat(l.Seat)))
	}
	if l.Expectation != "" {
		about = append(about, t.language.Isolate(Theirs(l.Expectation)))
	}
	if len(about) == 0 {
		return t.with(told.Noted.String(), l.Text)
	}
	return t.with(told.NotedOn.Say("about", t.List(about)), l.Text)
}

func (t *Teller) compared(l play.Line) string {
	said := t.report.Told.ComparedNot
	if l.Agree != nil && *l.Agree {
		said = t.report.Told.Compared
	}
	return said.Say("seats", t.seats(l.Seats))
}

func (t *Teller) ended(l play.Line) string {
	return t.report.Told.Ended.Say("lines", strconv.FormatUint(l.Lines, 10))
}
