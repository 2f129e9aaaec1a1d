package gateway

import (
	"context"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// reviewCalls are how long before our entry is to be looked through people are called, each once.
// docs/protocol.md §8.1
var reviewCalls = []time.Duration{30 * 24 * time.Hour, 14 * 24 * time.Hour, 3 * 24 * time.Hour, 0}

// reminders are the instants at which our own people are called for what the calendar asks of them, in no
// order: our entry is to be looked through, everybody is to be checked. Nothing is done in their place,
// and nothing is refused after. A-8 s1, docs/protocol.md §12.7
func (w *work) reminders() (all []time.Time, err error) {
	if by, said := w.reviewBy(); said {
		for _, ahead := range reviewCalls {
			all = append(all, by.Add(-ahead))
		}
	}
	next, asked, err := w.nextCheck()
	if asked {
		all = append(all, next)
	}
	return all, err
}

// undone reports whether the calendar asked for something that nobody has done.
func (w *work) undone(now time.Time) (bool, error) {
	if by, said := w.reviewBy(); said && !by.After(now) {
		return true, nil
	}
	next, asked, err := w.nextCheck()
	return asked && !next.After(now), err
}

// reviewBy is when our own entry is to be looked through; false where it does not say when. A-8
func (w *work) reviewBy() (time.Time, bool) {
	entry, known := w.dir.Entry(w.g.cfg.Ours[0].State)
	if !known || entry.GetReviewBy() == nil {
		return time.Time{}, false
	}
	return entry.GetReviewBy().AsTime(), true
}

// nextCheck is when everybody is to be checked next: six calendar months after the last time. A manager
// who never did is asked to after as long a time of their record; a State is asked to only once it has
// begun to. A-8 s1, B-1c-i
func (w *work) nextCheck() (at time.Time, asked bool, err error) {
	last, err := w.lastCheck()
	if err != nil || last != nil {
		return addMonths(last.GetRecorded().AsTime(), checksEvery), last != nil, err
	}
	if !w.g.cfg.Ours[0].State.IsPrincipal() || w.tx.Items() == 0 {
		return time.Time{}, false, nil
	}
	first, _, err := w.leaf(0)
	return addMonths(first.GetRecorded().AsTime(), checksEvery), err == nil, err
}

// lastCheck is the newest campaign that asked everybody; nil for none.
func (w *work) lastCheck() (last *valisev1.Item, err error) {
	err = w.tx.Rows(tableChecks, nil, highest, true, func(n uint64, _ []byte) (bool, error) {
		item, err := w.tx.Item(n)
		if err == nil && item.GetCheck().GetAll() {
			last = item
		}
		return err == nil && last == nil, err
	})
	return last, err
}

// reminded reports whether an instant of the calendar came after one instant and until another.
func (w *work) reminded(after, until time.Time) (bool, error) {
	all, err := w.reminders()
	for _, at := range all {
		if at.After(after) && !at.After(until) {
			return true, err
		}
	}
	return false, err
}

// nextReminder is the next instant of the calendar; zero for none.
func (w *work) nextReminder() (next time.Time, err error) {
	all, err := w.reminders()
	for _, at := range all {
		if at.After(w.now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, err
}

// CheckDue is since when a check of everybody is due, for the node's own people; zero: it is not.
// docs/protocol.md §12.7
func (g *Gateway) CheckDue(ctx context.Context) (since time.Time, err error) {
	err = g.view(ctx, "status", func(w *work) error {
		since = time.Time{}
		at, asked, err := w.nextCheck()
		if asked && !at.After(w.now) {
			since = at
		}
		return err
	})
	return since, err
}
