package scenario

import (
	"slices"

	"valise.example/proto/ident"
)

// times: nothing lies after ENDEX, no two jumps pass over one moment, and what lies in a jump is known to.
// docs/scenario.md §4
func (l *linter) times() {
	l.jumps()
	for i, in := range l.Injects {
		at := injectAt(i)
		soonest := l.soonest(in.ID)
		switch {
		case soonest > l.End:
			l.fault(AfterEnd, at, "make it earlier, or end later", "comes %s after STARTEX at the soonest, and ENDEX is at %s", soonest, l.End)
		case in.When == nil && !in.Manual && l.jumped(in.At) >= 0 && l.reachesPeople(in):
			l.warn(InJump, at+".at", "move it out of the jump", "comes within a jump: people read it only afterwards")
		}
	}
	for i, e := range l.Expectations {
		if e.Does != "" {
			l.due(e, expectAt(i))
		}
	}
}

func (l *linter) due(e Expectation, at string) {
	from := l.soonest(e.Of)
	id, _ := splitOf(e.Of)
	in, isInject := l.injects[id]
	fixed := e.Of == "" || isInject && l.Injects[in].When == nil && !l.Injects[in].Manual
	switch j := l.jumped(from + e.Within); {
	case from+e.Within > l.End:
		l.fault(AfterEnd, at+".within", "shorten it, or end later", "is due %s after STARTEX at the soonest, and ENDEX is at %s", from+e.Within, l.End)
	case fixed && j >= 0 && !e.Unscored && from <= l.Jumps[j].At && l.person(e):
		l.warn(InJump, at+".within", "shorten it, or move the jump", "is due within a jump: it is not scored unless it is met before")
	}
}

func (l *linter) person(e Expectation) bool {
	return slices.ContainsFunc([]ident.Address{e.Who, e.Pair[0], e.Pair[1]}, func(a ident.Address) bool {
		return !a.IsZero() && l.filled(a) == Human
	})
}

func (l *linter) reachesPeople(in Inject) bool {
	return slices.ContainsFunc(in.To, func(a ident.Address) bool { return l.filled(a) == Human })
}

// jumped is the jump in which a moment lies; -1: none. Its end does not belong to it.
func (l *linter) jumped(at Span) int {
	return slices.IndexFunc(l.Jumps, func(j Jump) bool { return at > j.At && at < j.To })
}

func (l *linter) jumps() {
	for i, j := range l.Jumps {
		if j.To > l.End {
			l.fault(AfterEnd, jumpAt(i)+".to", "jump to ENDEX at the latest", "leads to %s, and ENDEX is at %s", j.To, l.End)
		}
		for k, other := range l.Jumps[:i] {
			if j.At < other.To && other.At < j.To {
				l.fault(JumpOverlap, jumpAt(i)+".at", "make one jump of two", "passes over the same time as jump %d", k+1)
			}
		}
	}
}

// soonest is the earliest moment at which an inject can come, what counts from it, or an expectation be met. What
// waits for itself, which has its own finding, counts as STARTEX where it closes.
func (l *linter) soonest(of string) Span {
	id, _ := splitOf(of)
	if at, ok := l.early[id]; ok {
		return at
	}
	l.early[id] = 0
	var at Span
	if i, ok := l.injects[id]; ok {
		at = l.Injects[i].At
		if in := l.Injects[i]; in.When != nil {
			at = l.soonestOf(*in.When) + in.Delay
		}
	} else if i, ok := l.expects[id]; ok {
		at = l.soonest(l.Expectations[i].Of)
	}
	l.early[id] = at
	return at
}

func (l *linter) soonestOf(t Trigger) Span {
	switch {
	case t.Met != "":
		return l.soonest(t.Met)
	case t.Missed != "":
		within := Span(0)
		if i, ok := l.expects[t.Missed]; ok {
			within = l.Expectations[i].Within
		}
		return l.soonest(t.Missed) + within
	}
	var at Span
	for _, sub := range t.All {
		at = max(at, l.soonestOf(sub))
	}
	for i, sub := range t.Any {
		if s := l.soonestOf(sub); i == 0 || s < at {
			at = s
		}
	}
	return at
}
