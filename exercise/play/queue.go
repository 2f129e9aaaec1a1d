package play

import (
	"container/heap"

	"valise.example/exercise/scenario"
)

// class orders what happens in one millisecond. A deadline comes after the acts, so that an act in the last
// millisecond is in time. docs/exercises.md §4
type class int

const (
	byControl  class = iota // what control does to the clock or to an inject
	byJump                  // a jump of the scenario
	byTime                  // an inject whose time has come
	bySeat                  // what a seat does
	byTrigger               // an inject whose condition came true
	byDeadline              // an expectation whose time is over
	byEnd                   // ENDEX by the scenario, after all else of its millisecond
	afterwards              // notes and judgements, which move nothing
)

// moment is a place in the order of play.
type moment struct {
	at    scenario.Span
	class class
}

func (m moment) before(n moment) bool {
	return m.at < n.at || m.at == n.at && m.class < n.class
}

// event is something that is going to happen.
type event struct {
	moment
	number uint64 // in which order it was foreseen; decides between two of one moment
	happen func()
}

// queue is what is going to happen, in a total order: time, class, number. docs/exercises.md §4
type queue struct {
	events   events
	foreseen uint64
}

func (q *queue) add(m moment, happen func()) {
	heap.Push(&q.events, event{m, q.foreseen, happen})
	q.foreseen++
}

// next is the moment of what comes first; false: nothing is going to happen.
func (q *queue) next() (moment, bool) {
	if len(q.events) == 0 {
		return moment{}, false
	}
	return q.events[0].moment, true
}

func (q *queue) take() event {
	e, _ := heap.Pop(&q.events).(event)
	return e
}

// events are the heap behind a queue.
type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e events) Less(i, j int) bool {
	if e[i].moment != e[j].moment {
		return e[i].before(e[j].moment)
	}
	return e[i].number < e[j].number
}

// Push is for the heap.
func (e *events) Push(x any) {
	if one, ok := x.(event); ok {
		*e = append(*e, one)
	}
}

// Pop is for the heap.
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
