package gateway

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Bounds of what one restore may cost at once. P7
const (
	// stepsAtOnce is how many steps one Release takes, each a transaction of its own.
	stepsAtOnce = 8
	// numbersAtOnce is how many numbers of a channel one step looks at.
	numbersAtOnce = 16
	// underWayForMachine is how many numbers of a channel may be without receipt before the node
	// makes more of its own accord: half of the window is left to officers.
	underWayForMachine = 128
	// openingsADay is how many openings of a peer are answered in a day; what more of them ask
	// for is done once the day is over.
	openingsADay = 4
	// dutiesAPair is how many duties of one kind a pair has; what is more widens the last.
	dutiesAPair = 64
	// longestPutOff is how long a duty that may not begin yet waits at most.
	longestPutOff = 24 * time.Hour
	// dutyRetry is when a duty that waits for the peer is looked at again without having heard it.
	dutyRetry = 5 * time.Minute
)

// dutyQueue is the duties of one pair and kind, in order.
type dutyQueue struct {
	pair Pair
	kind valisev1.DutyKind
}

func (q dutyQueue) group() []byte { return append(q.pair.key(), byte(q.kind)) }

// dutyDeferred is a queue that has something to do later.
type dutyDeferred struct {
	queue dutyQueue
	at    time.Time
}

// duties is which queues have something to do, and from when on; in memory only, made anew at a
// start. It holds at most five entries a pair.
type duties []dutyDeferred

func (d *duties) add(q dutyQueue, at time.Time) {
	for i, x := range *d {
		if x.queue == q {
			if at.Before(x.at) {
				(*d)[i].at = at
			}
			return
		}
	}
	*d = append(*d, dutyDeferred{q, at})
}

// take removes the queue that waits longest; whoever carries it out adds it again.
func (d *duties) take(now time.Time) (q dutyQueue, ok bool) {
	for i, x := range *d {
		if !x.at.After(now) {
			*d = append(append(duties{}, (*d)[:i]...), (*d)[i+1:]...)
			return x.queue, true
		}
	}
	return q, false
}

// heard: a peer gave a sign of life, so that what waits for its receipts may go on.
func (d *duties) heard(p Pair, now time.Time) {
	for i, x := range *d {
		if x.queue.pair == p && x.at.After(now) && x.at.Sub(now) <= dutyRetry {
			(*d)[i].at = now
		}
	}
}

func (d duties) wake() (next time.Time, ok bool) {
	for _, x := range d {
		if !ok || x.at.Before(next) {
			next, ok = x.at, true
		}
	}
	return next, ok
}

// addDuty writes down what is to be done, in the transaction that shows it. What one channel asks
// for twice is one duty. docs/protocol.md §7.6
func (w *work) addDuty(p Pair, d *valisev1.Duty) error {
	d.Ours, d.Peer = p.Ours.String(), p.Peer.String()
	q := dutyQueue{p, d.GetKind()}
	w.after.duties = append(w.after.duties, q)
	last, count := uint64(0), 0
	var same []uint64 // of one that there was, all that this one touches
	err := w.tx.Rows(tableDuty, q.group(), 0, false, func(n uint64, value []byte) (bool, error) {
		known := new(valisev1.Duty)
		if err := unmarshalOwn(value, known); err != nil {
			return false, err
		}
		last, count = n+1, count+1
		if mergeable(known, d, count >= dutiesAPair) {
			same = append(same, n)
			d.NotBefore = known.GetNotBefore()
			d.Next, d.Last = min(known.GetNext(), d.GetNext()), max(known.GetLast(), d.GetLast())
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if len(same) == 0 {
		same = []uint64{last}
	}
	for _, n := range same[1:] {
		if err := w.tx.DeleteRow(tableDuty, q.group(), n); err != nil {
			return err
		}
	}
	b, err := proto.Marshal(d)
	if err != nil {
		return err
	}
	return w.tx.PutRow(tableDuty, q.group(), same[0], b)
}

// mergeable: two duties on one channel that touch each other are one, or, where there are too
// many, two that do not. What is sent again on one channel is one duty always: the higher numbers
// wait for the window, which waits for the lower ones. What may not begin yet does not hold up what may, and a message that lost
// its number is a duty of its own.
func mergeable(a, b *valisev1.Duty, crowded bool) bool {
	if a.GetLane() != b.GetLane() || a.GetEpoch() != b.GetEpoch() || (a.GetNotBefore() == nil) != (b.GetNotBefore() == nil) {
		return false
	}
	if len(a.GetDigest())+len(b.GetDigest()) > 0 {
		return false
	}
	return crowded || a.GetKind() == valisev1.DutyKind_DUTY_KIND_RESEND || b.GetNext() <= a.GetLast()+1 && a.GetNext() <= b.GetLast()+1
}

// afterRestore tells peers of a new epoch and carries out what restores ask for, in small steps.
// docs/protocol.md §7.6
func (g *Gateway) afterRestore(ctx context.Context, now time.Time) error {
	for range stepsAtOnce {
		g.mu.Lock()
		if g.stopped {
			g.mu.Unlock()
			return nil
		}
		var p Pair
		opening := len(g.unopened) > 0
		if opening {
			p = g.unopened[0]
		}
		q, due := g.duties.take(now)
		g.mu.Unlock()
		if opening {
			if err := g.update(ctx, "open epoch", func(w *work) error { return w.openWith(p) }); err != nil {
				return err
			}
			g.mu.Lock()
			if len(g.unopened) > 0 && g.unopened[0] == p {
				g.unopened = g.unopened[1:]
			}
			g.mu.Unlock()
		}
		if due {
			if err := g.carryOut(ctx, q); err != nil {
				return err
			}
		}
		if !opening && !due {
			return nil
		}
	}
	return nil
}

// carryOut does one step of a queue. A step that fails is done again.
func (g *Gateway) carryOut(ctx context.Context, q dutyQueue) error {
	err := g.update(ctx, "restore", func(w *work) error { return w.step(q) })
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.duties.add(q, g.cfg.Now().Add(dutyRetry))
	}
	return err
}

// nextDuty is the first duty of a queue that may begin, else the one that may begin soonest; nil for
// none.
func (w *work) nextDuty(q dutyQueue) (at uint64, next *valisev1.Duty, err error) {
	err = w.tx.Rows(tableDuty, q.group(), 0, false, func(n uint64, value []byte) (bool, error) {
		d := new(valisev1.Duty)
		if err := unmarshalOwn(value, d); err != nil {
			return false, err
		}
		if !w.mayNotBegin(d) {
			at, next = n, d
			return false, nil
		}
		if next == nil || d.GetNotBefore().AsTime().Before(next.GetNotBefore().AsTime()) {
			at, next = n, d
		}
		return true, nil
	})
	return at, next, err
}

func (w *work) mayNotBegin(d *valisev1.Duty) bool {
	return d.GetNotBefore() != nil && d.GetNotBefore().AsTime().After(w.now)
}

// step does some of the next duty of a queue. What is left stands in the store.
func (w *work) step(q dutyQueue) error {
	n, d, err := w.nextDuty(q)
	if err != nil || d == nil {
		return err
	}
	if w.mayNotBegin(d) {
		return w.putOff(q, n, d)
	}
	waits, err := w.stepDuty(q.pair, d)
	if err != nil {
		return err
	}
	at := w.now
	if waits {
		at = at.Add(dutyRetry)
	}
	w.after.later = append(w.after.later, dutyDeferred{q, at})
	if d.GetNext() > d.GetLast() {
		return w.tx.DeleteRow(tableDuty, q.group(), n)
	}
	b, err := proto.Marshal(d)
	if err != nil {
		return err
	}
	return w.tx.PutRow(tableDuty, q.group(), n, b)
}

// putOff lets a duty wait for its time. One that waits for longer than a day was written down by a
// clock that has gone back since: it waits for a day from now.
func (w *work) putOff(q dutyQueue, n uint64, d *valisev1.Duty) error {
	at, latest := d.GetNotBefore().AsTime(), w.now.Add(longestPutOff)
	if !at.After(latest) {
		w.after.later = append(w.after.later, dutyDeferred{q, at})
		return nil
	}
	w.after.later = append(w.after.later, dutyDeferred{q, latest})
	d.NotBefore = timestamppb.New(latest)
	b, err := proto.Marshal(d)
	if err != nil {
		return err
	}
	return w.tx.PutRow(tableDuty, q.group(), n, b)
}

// stepDuty moves a duty on. waits says that it can go on only when the peer has been heard.
func (w *work) stepDuty(p Pair, d *valisev1.Duty) (waits bool, err error) {
	inbound := channel{from: p.Peer, to: p.Ours, lane: d.GetLane(), epoch: ident.Epoch(d.GetEpoch())}
	outbound := channel{from: p.Ours, to: p.Peer, lane: d.GetLane(), epoch: ident.Epoch(d.GetEpoch())}
	switch d.GetKind() {
	case valisev1.DutyKind_DUTY_KIND_RETURN:
		return w.returnSome(p, inbound, d)
	case valisev1.DutyKind_DUTY_KIND_RESEND:
		return w.resendSome(p, outbound, d)
	case valisev1.DutyKind_DUTY_KIND_REMAKE:
		return false, w.remakeSome(p, outbound, d)
	case valisev1.DutyKind_DUTY_KIND_UNBLOCK:
		more, err := w.unblock(p)
		if !more {
			d.Next = d.GetLast() + 1
		}
		return false, err
	case valisev1.DutyKind_DUTY_KIND_REORDER:
		more, err := w.reorderOne(p)
		if !more {
			d.Next = d.GetLast() + 1
		}
		return false, err
	}
	d.Next = d.GetLast() + 1
	return false, nil
}

// rebuildDuties finds what a life before this one has left to be done.
func (g *Gateway) rebuildDuties(w *work, p Pair) error {
	for kind := valisev1.DutyKind_DUTY_KIND_RETURN; kind <= valisev1.DutyKind_DUTY_KIND_REORDER; kind++ {
		q := dutyQueue{p, kind}
		_, _, found, err := w.firstRow(tableDuty, q.group(), 0, false)
		if err != nil {
			return err
		}
		if found {
			g.duties.add(q, w.now)
		}
	}
	return nil
}
