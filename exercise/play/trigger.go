package play

import (
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// awaited is an event that some inject waits for.
type awaited struct {
	*scenario.Event
	happened bool
}

// await collects the events of a condition.
func (p *Play) await(t *scenario.Trigger) {
	if t == nil {
		return
	}
	if t.Event != nil {
		one := &awaited{Event: t.Event}
		p.awaited, p.awaitedOf[t.Event] = append(p.awaited, one), one
	}
	p.await(t.Not)
	for i := range t.All {
		p.await(&t.All[i])
	}
	for i := range t.Any {
		p.await(&t.Any[i])
	}
}

// awaitedSeen marks the events that an act is.
func (p *Play) awaitedSeen(a Act) {
	anybody := ident.Address{}
	for _, e := range p.awaited {
		if means(a, e.Does) && (e.From == anybody || e.From == a.Seat) && (e.To == anybody || e.To == a.To) {
			e.happened = true
		}
	}
}

// checkTriggers foresees the injects whose condition has come true. A condition counts once: what becomes of it
// afterwards changes nothing. docs/scenario.md §5
func (p *Play) checkTriggers() {
	for _, in := range p.injects {
		if p.ended || in.When == nil || in.foreseen || !p.holds(in.When) {
			continue
		}
		in.foreseen, in.due = true, p.now.at+in.Delay
		p.queue.add(moment{in.due, byTrigger}, func() { p.comesDue(in, ByTrigger) })
	}
}

// holds reports whether a condition is true at this moment.
func (p *Play) holds(t *scenario.Trigger) bool {
	switch {
	case t.Event != nil:
		return p.awaitedOf[t.Event].happened
	case t.Met != "":
		e := p.hopeOf[t.Met]
		return e != nil && e.outcome == Met
	case t.Missed != "":
		e := p.hopeOf[t.Missed]
		return e != nil && e.missed
	case t.Not != nil:
		return !p.holds(t.Not)
	case len(t.All) > 0:
		return p.holdAll(t.All)
	default:
		return p.holdsOne(t.Any)
	}
}

func (p *Play) holdAll(list []scenario.Trigger) bool {
	for i := range list {
		if !p.holds(&list[i]) {
			return false
		}
	}
	return true
}

func (p *Play) holdsOne(list []scenario.Trigger) bool {
	for i := range list {
		if p.holds(&list[i]) {
			return true
		}
	}
	return false
}
