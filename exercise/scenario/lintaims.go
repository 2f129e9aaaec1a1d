package scenario

import "slices"

// kind: a communication check asks every seat once and tells no story. docs/scenario.md §2
func (l *linter) kind() {
	if l.Kind != CommunicationCheck {
		return
	}
	for i := range l.Injects {
		l.fault(KindRule, injectAt(i), "make it a drill", "a communication check has no injects")
	}
	for i := range l.Jumps {
		l.fault(KindRule, jumpAt(i), "make it a drill", "a communication check has no jumps")
	}
	for i, e := range l.Expectations {
		if e.Does != "" && (e.Does != CheckAnswered || !e.To.IsZero() || e.Of != "") {
			l.fault(KindRule, expectAt(i), "write who, does = \"check.answered\" and within, and nothing to count from", "a communication check hopes for one answer from each seat")
		}
	}
}

// aims: an exercise is for something, and what it counts adds up to something. A-13e
func (l *linter) aims() {
	if len(l.Objectives) == 0 {
		l.fault(NoObjective, "objectives", "write what the exercise is for", "there is no objective")
	}
	shown, sum, scored := map[string]bool{}, 0, false
	for i, e := range l.Expectations {
		shown[e.Objective] = true
		if !slices.ContainsFunc(l.Objectives, func(o Objective) bool { return o.ID == e.Objective }) {
			l.fault(UnknownID, expectAt(i)+".objective", "", "there is no objective %s", e.Objective)
		}
		l.counted(e, expectAt(i)+".points")
		if !e.Unscored && len(e.Judge) == 0 {
			sum, scored = sum+e.Points, true
		}
	}
	for _, o := range l.Objectives {
		if !shown[o.ID] {
			l.warn(Unused, "objectives."+o.ID, "add an expectation or a judgement", "nothing shows whether %s was reached", o.ID)
		}
	}
	if scored && sum == 0 {
		l.fault(Points, "expect", "give points, or write unscored = true everywhere", "all that is scored counts for nothing")
	}
}

func (l *linter) counted(e Expectation, path string) {
	switch {
	case len(e.Judge) > 0 && e.Points > 0:
		l.fault(Points, path, "leave the points out", "what a person judges has a grade and no points")
	case e.Unscored && e.Points > 0:
		l.fault(Points, path, "leave out the points, or unscored", "what is not scored has no points")
	case !e.Unscored && len(e.Judge) == 0 && e.Points == 0:
		l.warn(Points, path, "give points, or write unscored = true", "counts for nothing")
	}
}
