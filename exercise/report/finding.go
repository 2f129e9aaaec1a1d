package report

import (
	"cmp"
	"slices"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// most is how many strengths and how many gaps stand on the page.
const most = 3

// longSilence is from when on a silence is told as a gap.
const longSilence = scenario.Hour

// finding is a strength or a gap, by the name of the rule that found it.
type finding struct{ rule, text string }

// findings apply the rules in their order, the first finding of each before the second of any. docs/exercises.md §8
func (r *Report) findings() (strengths, gaps []finding) {
	strengths = byTurns([][]finding{r.objectivesMet(), r.quickest(), r.allAcknowledged(), r.kept(), r.performed()})
	gaps = byTurns([][]finding{r.undone(), r.unacknowledged(), r.longSilence(), r.broken(), r.poor(), r.unreached()})
	return strengths, gaps
}

func byTurns(rules [][]finding) (all []finding) {
	for turn := 0; ; turn++ {
		some := false
		for _, found := range rules {
			if turn < len(found) {
				all, some = append(all, found[turn]), true
			}
		}
		if !some {
			return all
		}
	}
}

// ofPeople reports whether an expectation is one of people: where people took part, what profiles did tells nothing of
// anybody.
func (r *Report) ofPeople(seats []string) bool {
	if !r.facts.persons() || len(seats) == 0 {
		return true
	}
	return slices.ContainsFunc(seats, func(seat string) bool { return r.facts.people[seat] })
}

// scored are the expectations that findings are made of.
func (r *Report) scored(which func(e expectation) bool) (all []expectation) {
	for _, e := range r.expectations {
		if !e.Unscored && which(e) && r.ofPeople(e.seats()) {
			all = append(all, e)
		}
	}
	return all
}

func (r *Report) objectivesMet() (all []finding) {
	for _, o := range r.objectives {
		if o.reached() == full {
			all = append(all, finding{"objective_met", r.words.say(r.words.Finding.ObjectiveMet, "objective", r.words.texts(o.Text))})
		}
	}
	return all
}

// quickest are those done in the smallest part of the time that was allowed.
func (r *Report) quickest() (all []finding) {
	found := r.scored(func(e expectation) bool {
		return e.outcome == play.Met && e.after != nil && *e.after >= 0 && e.Within > 0 && len(e.seats()) > 0
	})
	slices.SortStableFunc(found, func(a, b expectation) int {
		return cmp.Compare(*a.after*1000/int64(a.Within), *b.after*1000/int64(b.Within))
	})
	for _, e := range found {
		all = append(all, finding{"quick", r.words.say(r.words.Finding.Quick,
			"what", r.named(e), "took", r.words.duration(scenario.Span(*e.after)), "within", r.words.duration(e.Within))})
	}
	return all
}

func (r *Report) allAcknowledged() []finding {
	asked, silent := r.askedOfPeople()
	if asked == 0 || silent > 0 {
		return nil
	}
	return []finding{{"all_acknowledged", r.words.count(r.words.Finding.AllAcknowledged, asked)}}
}

func (r *Report) unacknowledged() []finding {
	_, silent := r.askedOfPeople()
	if silent == 0 {
		return nil
	}
	return []finding{{"unacknowledged", r.words.count(r.words.Finding.Unacknowledged, silent)}}
}

// askedOfPeople counts inquiries to the reader's seats, and those of them that were not acknowledged.
func (r *Report) askedOfPeople() (asked, silent int) {
	for _, q := range r.facts.inquiries {
		if !r.own(q.to) || !r.ofPeople([]string{q.to}) {
			continue
		}
		asked++
		if q.acknowledged == nil {
			silent++
		}
	}
	return asked, silent
}

func (r *Report) kept() (all []finding) {
	for _, e := range r.scored(func(e expectation) bool { return e.Never != "" && e.outcome == play.Met }) {
		all = append(all, finding{"kept", named(r.words.Kept, string(e.Never))})
	}
	return all
}

func (r *Report) broken() (all []finding) {
	for _, e := range r.scored(func(e expectation) bool { return e.Never != "" && e.outcome == play.Missed }) {
		all = append(all, finding{"broken", named(r.words.Never, string(e.Never))})
	}
	return all
}

func (r *Report) performed() (all []finding) {
	for _, e := range r.scored(func(e expectation) bool { return e.outcome == judged && e.grade == play.Performed }) {
		all = append(all, finding{"judged_well", r.words.say(r.words.Finding.JudgedWell, "what", r.words.what(e), "grade", r.words.grade(e.grade))})
	}
	return all
}

func (r *Report) poor() (all []finding) {
	for _, e := range r.scored(func(e expectation) bool { return e.outcome == judged && !e.met() }) {
		all = append(all, finding{"judged_poorly", r.words.say(r.words.Finding.JudgedPoorly, "what", r.words.what(e), "grade", r.words.grade(e.grade))})
	}
	return all
}

// undone are those that were missed or late, most points first.
func (r *Report) undone() (all []finding) {
	found := r.scored(func(e expectation) bool {
		return e.Never == "" && (e.outcome == play.Missed || e.outcome == play.Late)
	})
	slices.SortStableFunc(found, func(a, b expectation) int { return cmp.Compare(b.Points, a.Points) })
	for _, e := range found {
		if e.outcome == play.Late && e.after != nil {
			late := scenario.Span(*e.after) - e.Within
			all = append(all, finding{"late", r.words.say(r.words.Finding.Late, "what", r.named(e), "took", r.words.duration(late))})
			continue
		}
		all = append(all, finding{"missed", r.words.say(r.words.Finding.Missed, "what", r.named(e), "within", r.words.duration(e.Within))})
	}
	return all
}

func (r *Report) longSilence() []finding {
	s := r.measures.silence
	if s == nil || s.took < longSilence || !r.ofPeople([]string{s.to}) {
		return nil
	}
	return []finding{{"silence", r.words.say(r.words.Finding.Silence, "thread", theirs(s.thread), "duration", r.words.duration(s.took))}}
}

func (r *Report) unreached() []finding {
	found := r.scored(func(e expectation) bool { return e.outcome == play.NotReached })
	if len(found) == 0 {
		return nil
	}
	return []finding{{"not_reached", r.words.count(r.words.Finding.NotReached, len(found))}}
}

// named is an expectation in words with its id.
func (r *Report) named(e expectation) string {
	return theirs(e.ID) + " (" + r.words.list([]string{r.words.of(e), r.words.what(e)}) + ")"
}
