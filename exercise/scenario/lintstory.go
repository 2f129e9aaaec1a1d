package scenario

import (
	"slices"
	"strings"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

// story: what waits for what. A cycle is told once, where it closes; what can never come is told of the rest.
func (l *linter) story() {
	looped := l.cycles()
	can := l.possible()
	for i, in := range l.Injects {
		if in.When == nil || looped[in.ID] {
			continue
		}
		if !can.inject[in.ID] {
			l.fault(Unreachable, injectAt(i)+".when", "make it manual, or wait for what can happen", "its condition can never come true")
		} else if alwaysTrue(*in.When) {
			l.warn(AlwaysTrue, injectAt(i)+".when", "put it under all, with an event or an expectation", "is true at STARTEX already")
		}
	}
}

// waits are the ids that must be decided before an id is.
func (l *linter) waits(id string) []string {
	if i, ok := l.injects[id]; ok {
		in := l.Injects[i]
		var out []string
		if in.When != nil {
			out = idsIn(*in.When, nil)
		}
		if in.Opens != nil && in.Opens.IncidentOf != "" {
			out = append(out, in.Opens.IncidentOf)
		}
		if in.Does != nil && in.Does.On != "" {
			out = append(out, in.Does.On)
		}
		return out
	}
	if i, ok := l.expects[id]; ok && l.Expectations[i].Of != "" {
		of, _ := splitOf(l.Expectations[i].Of)
		return []string{of}
	}
	return nil
}

func idsIn(t Trigger, out []string) []string {
	for _, id := range []string{t.Met, t.Missed} {
		if id != "" {
			out = append(out, id)
		}
	}
	for _, sub := range append(append([]Trigger(nil), t.All...), t.Any...) {
		out = idsIn(sub, out)
	}
	if t.Not != nil {
		out = idsIn(*t.Not, out)
	}
	return out
}

// cycles notes each and returns the ids that lie on one.
func (l *linter) cycles() map[string]bool {
	const walking, done = 1, 2
	state, looped := map[string]int{}, map[string]bool{}
	var path []string
	var walk func(id string)
	walk = func(id string) {
		switch state[id] {
		case walking:
			from := len(path) - 1
			for path[from] != id {
				from--
			}
			for _, on := range path[from:] {
				looped[on] = true
			}
			l.fault(Cycle, l.pathOf(id), "break it with a time, or manual = true", "waits for itself: %s", strings.Join(append(path[from:], id), " → "))
		case 0:
			state[id] = walking
			path = append(path, id)
			for _, next := range l.waits(id) {
				walk(next)
			}
			path = path[:len(path)-1]
			state[id] = done
		}
	}
	for _, in := range l.Injects {
		walk(in.ID)
	}
	for _, e := range l.Expectations {
		walk(e.ID)
	}
	return looped
}

func (l *linter) pathOf(id string) string {
	if i, ok := l.injects[id]; ok {
		return injectAt(i)
	}
	return expectAt(l.expects[id])
}

func alwaysTrue(t Trigger) bool {
	switch {
	case t.Not != nil:
		return !alwaysTrue(*t.Not)
	case len(t.All) > 0:
		return !slices.ContainsFunc(t.All, func(sub Trigger) bool { return !alwaysTrue(sub) })
	}
	return slices.ContainsFunc(t.Any, alwaysTrue)
}

// outlook is what can come in some run: an over-estimate, so that only what truly never comes is told.
type outlook struct {
	inject, met, missed map[string]bool
	// told are who is asked by an inject that can come to write, and to whom; the zero address is anybody.
	told map[[2]ident.Address]bool
	// acts are what injects that can come tell seats to do.
	acts map[told]bool
}

// told is an act that a seat is told to do towards another; the zero address is anybody.
type told struct {
	who, to ident.Address
	does    Act
}

func (can outlook) tell(l *linter, in Inject) {
	for _, who := range in.openers() {
		can.told[[2]ident.Address{who, in.Opens.To}] = true
		can.told[[2]ident.Address{who, {}}] = true
	}
	if in.Does == nil {
		return
	}
	for _, who := range in.To {
		for _, act := range in.Does.Acts {
			can.acts[told{who, ident.Address{}, act}] = true
			for _, to := range l.toldTowards(in, who, act) {
				can.acts[told{who, to, act}] = true
			}
		}
	}
}

// openers are the seats that an inject asks to write an inquiry.
func (in Inject) openers() []ident.Address {
	switch {
	case in.Opens == nil:
		return nil
	case !in.Opens.From.IsZero():
		return []ident.Address{in.Opens.From}
	}
	return in.To
}

// began are both ends of the threads that an inject can begin.
func (in Inject) began() (ends [][2]ident.Address) {
	for _, who := range in.openers() {
		ends = append(ends, [2]ident.Address{who, in.Opens.To})
	}
	if in.Does != nil && !in.Does.To.IsZero() {
		for _, who := range in.To {
			ends = append(ends, [2]ident.Address{who, in.Does.To})
		}
	}
	return ends
}

// toldTowards are those towards whom a seat does what an inject tells it to; none where it has no part in the thread.
func (l *linter) toldTowards(in Inject, who ident.Address, act Act) (to []ident.Address) {
	if act == NoticeSent {
		return []ident.Address{in.Does.To}
	}
	i, known := l.injects[in.Does.On]
	if !known || !act.needsThread() {
		return nil
	}
	for _, ends := range l.Injects[i].began() {
		switch who {
		case ends[0]:
			to = append(to, ends[1])
		case ends[1]:
			to = append(to, ends[0])
		}
	}
	return to
}

// possible grows the outlook until nothing is added; what waits for itself never comes in.
func (l *linter) possible() outlook {
	can := outlook{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[[2]ident.Address]bool{}, map[told]bool{}}
	for grew := true; grew; {
		grew = false
		add := func(to map[string]bool, id string, yes bool) {
			if yes && !to[id] {
				to[id], grew = true, true
			}
		}
		for _, in := range l.Injects {
			if !can.inject[in.ID] && (in.When == nil || l.comes(*in.When, can)) {
				add(can.inject, in.ID, true)
				can.tell(l, in)
			}
		}
		for _, e := range l.Expectations {
			begun := e.Does != "" && l.begins(e.Of, can)
			add(can.missed, e.ID, begun)
			add(can.met, e.ID, begun && l.doable(e, can))
		}
	}
	return can
}

// begins: a name that is not there has its own finding.
func (l *linter) begins(of string, can outlook) bool {
	id, _ := splitOf(of)
	if _, ok := l.injects[id]; ok {
		return can.inject[id]
	}
	if _, ok := l.expects[id]; ok {
		return can.met[id]
	}
	return true
}

func (l *linter) comes(t Trigger, can outlook) bool {
	known := func(id string) bool { _, ok := l.expects[id]; return ok }
	switch {
	case t.Met != "":
		return can.met[t.Met] || !known(t.Met)
	case t.Missed != "":
		return can.missed[t.Missed] || !known(t.Missed)
	case t.Event != nil:
		return l.anyoneCan(t.Event.From, t.Event.To, t.Event.Does, can)
	case t.Not != nil:
		return !alwaysTrue(*t.Not)
	}
	for _, sub := range t.All {
		if !l.comes(sub, can) {
			return false
		}
	}
	for _, sub := range t.Any {
		if l.comes(sub, can) {
			return true
		}
	}
	return len(t.All) > 0
}

func (l *linter) anyoneCan(from, to ident.Address, does Act, can outlook) bool {
	if !from.IsZero() {
		return l.seatCan(from, to, does, can)
	}
	for _, p := range l.Participants {
		for track := range p.Seats {
			if l.seatCan(ident.Address{State: p.State, Track: track}, to, does, can) {
				return true
			}
		}
	}
	return false
}

func jumpAt(i int) string { return tomlkey.Index("jump", i) }
