package gateway

import (
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// rebuild makes memory anew from the store: what waits, what is held, to whom a receipt is due.
// docs/protocol.md §7.4
func (g *Gateway) rebuild(w *work) error {
	var err error
	if g.batch, err = w.loadNumber(tableMeta, metaBatch); err != nil {
		return err
	}
	g.ceiling = g.batch
	if err := g.rebuildOutbox(w); err != nil {
		return err
	}
	if g.unopened, err = w.unopenedPairs(); err != nil {
		return err
	}
	return w.eachPair(func(p Pair) error {
		if err := g.rebuildDuties(w, p); err != nil {
			return err
		}
		return g.rebuildPair(w, p)
	})
}

func (g *Gateway) rebuildOutbox(w *work) error {
	return w.tx.Rows(tableOutbox, nil, 0, false, func(ordinal uint64, value []byte) (bool, error) {
		row := new(valisev1.Outgoing)
		if err := unmarshalOwn(value, row); err != nil {
			return false, err
		}
		switch row.GetStage() {
		case valisev1.Stage_STAGE_HELD:
			g.held = append(g.held, heldRow{row: ordinal, due: w.heldUntil(row), since: w.now})
		case valisev1.Stage_STAGE_RELEASED, valisev1.Stage_STAGE_LEFT:
			if row.GetSlot() < 0 {
				return true, nil
			}
			c, err := rowChannel(row)
			if err != nil {
				return false, err
			}
			g.schedule.add(resumed(rowEntry(c, row, ordinal), row, w.now), w.now)
		}
		return true, nil
	})
}

// resumed puts a row back on the clock where it was: what was answered n times waits for the rest
// of its n-th delay, never longer, whatever the wall clock did meanwhile.
func resumed(e entry, row *valisev1.Outgoing, now time.Time) entry {
	if row.GetStage() != valisev1.Stage_STAGE_LEFT {
		return e
	}
	// How far the second clock is, only the time since then tells: a relay that lost its mail
	// takes a message more often than the clock asks for.
	at := row.GetLeft().AsTime()
	e.answered, e.since, e.heard, e.route = true, at, 1, string(row.GetRoute())
	e.answers = max(row.GetAnswers(), 1)
	var delay time.Duration
	for e.step == 0 || !at.After(now) {
		delay = doubled(firstRepeat, e.step, lastRepeat)
		at = at.Add(delay)
		e.step++
	}
	rest := min(max(at.Sub(now), 0), delay)
	e.next = now.Add(rest)
	e.last = e.next.Add(-delay)
	return e
}

func (g *Gateway) rebuildPair(w *work, p Pair) error {
	answer, err := w.loadNumber(tableRelay, p.key())
	if err != nil {
		return err
	}
	if answer > 0 {
		g.schedule.relay[p] = answer
	}
	last := new(valisev1.ReceiptBatch)
	if _, err := w.load(tableBatch, p.key(), last); err != nil {
		return err
	}
	if t := last.GetBusyUntil(); t != nil && t.AsTime().After(w.now) {
		g.schedule.setBusy(p, w.now.Add(min(t.AsTime().Sub(w.now), longestBusy)), w.now)
	}
	if err := g.rebuildSpent(w, p.Peer); err != nil {
		return err
	}
	received, err := w.tx.Get(tableInEpochs, p.key())
	if err != nil {
		return err
	}
	unreadable, err := w.tx.Get(tableInUnreadable, p.key())
	if err != nil {
		return err
	}
	if _, _, queued, err := w.firstRow(tablePartQueue, p.key(), 0, false); err != nil {
		return err
	} else if queued {
		g.parts = append(g.parts, p)
	}
	if len(received)+len(unreadable) > 0 {
		g.receipts.due(p, w.now)
	}
	return nil
}
