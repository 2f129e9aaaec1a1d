package play

import "valise.example/exercise/scenario"

// Verdict is what became of an expectation in the end, out of a recording.
type Verdict struct {
	Expectation string
	Outcome     Outcome
	Grade       Grade   // of a person, in the place of an outcome
	After       *int64  // milliseconds from the anchor to the act
	By          *uint64 // number of the line that decided it
	Text        string  // of a judgement or a waiver
	Line        uint64  // number of the line that says so
}

// Verdicts are what became of the expectations of a recording, one each, in the order of the scenario. Of several
// lines about one the last counts; before ENDEX an open one has no outcome.
func Verdicts(s *scenario.Scenario, lines []Line) []Verdict {
	list := make([]Verdict, len(s.Expectations))
	place := map[string]int{}
	for i, e := range s.Expectations {
		list[i].Expectation, place[e.ID] = e.ID, i
	}
	for _, l := range lines {
		i, known := place[l.Expectation]
		if !known || l.Type != Result && l.Type != Judged || list[i].Outcome == Waived {
			continue
		}
		list[i] = Verdict{l.Expectation, l.Outcome, l.Grade, l.After, l.By, l.Text, l.Seq}
	}
	return list
}

// shares of the points of an expectation, in sixths. docs/exercises.md §6
var (
	byOutcome = map[Outcome]int{Met: 6, Late: 3, Missed: 0}
	byGrade   = map[Grade]int{Performed: 6, SomeTrouble: 4, MajorTrouble: 2, Unperformed: 0}
)

// Points are what a verdict brings, and of how many: 0 of 0 where it does not count, because it is unscored, was not
// reached, not scored, waived or not judged. docs/exercises.md §6
func Points(e *scenario.Expectation, v Verdict) (got, of int) {
	share, counts := byOutcome[v.Outcome]
	if v.Grade != "" {
		share, counts = byGrade[v.Grade]
	}
	if e.Unscored || !counts {
		return 0, 0
	}
	return e.Points * share / 6, e.Points
}
