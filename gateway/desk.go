package gateway

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// desk knows in memory which threads need our side, so that nobody reads all threads to find three.
// It holds only what needs somebody now, or will once time has passed. A commit names the threads
// that it touched, in any order; the next look reads these, and the first one reads all.
// docs/protocol.md §12.8
type desk struct {
	looking sync.Mutex // one look at a time brings it up to date; taken before mu and before the store

	mu      sync.Mutex // guards what follows
	whole   bool       // all threads were read, or are being read
	touched map[ident.ThreadID]bool
	rows    map[ident.ThreadID]*deskRow
	// Both have every row: byDeadline the most urgent first, byItem the newest change first.
	byDeadline, byItem []*deskRow
	// lasting counts by track of ours those that need somebody whatever the time; waiting are the others.
	lasting map[string]uint64
	waiting map[ident.ThreadID]*deskRow
}

// deskRow is what the order of the desk needs of one thread.
type deskRow struct {
	thread ident.ThreadID
	track  string // ours
	item   uint64 // the last
	lasts  bool   // needs somebody whatever the time
	waits  leaving
	// deadline is the nearest for our side; since is when something came that nobody has opened, or else
	// when the thread began. Unix nanoseconds.
	deadline, since int64
}

// noDeadline is after all deadlines.
const noDeadline = math.MaxInt64

func (r *deskRow) needsUs(now time.Time) bool { return r.lasts || r.waits.late(now) }

// beforeByDeadline and beforeByItem order rows without ties.
func beforeByDeadline(a, b *deskRow) int {
	return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.since, b.since), slices.Compare(a.thread[:], b.thread[:]))
}

func beforeByItem(a, b *deskRow) int { return cmp.Compare(b.item, a.item) }

// atDesk notes that what a thread needs may be another now.
func (w *work) atDesk(thread []byte) {
	if t, ok := ident.ThreadIDFrom(thread); ok {
		w.after.desk = append(w.after.desk, t)
	}
}

// changed notes which threads a commit touched. Before the first look nobody needs to know.
func (d *desk) changed(threads []ident.ThreadID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.whole {
		return
	}
	for _, t := range threads {
		d.touched[t] = true
	}
}

// upToDate brings the desk to where the store is. What is noted as touched was committed, so a look
// at the store that begins after the note was taken finds it; what is committed meanwhile is noted
// for the next one.
func (d *desk) upToDate(ctx context.Context, g *Gateway) error {
	d.looking.Lock()
	defer d.looking.Unlock()
	touched, all := d.take()
	if !all && len(touched) == 0 {
		return nil
	}
	var rows []*deskRow
	err := g.view(ctx, "desk", func(w *work) (err error) {
		if all {
			rows, err = w.wholeDesk()
			return err
		}
		rows, err = w.deskRows(touched)
		return err
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil && all:
		d.whole = false
	case err != nil:
		for t := range touched {
			d.touched[t] = true
		}
	case all:
		d.fill(rows)
	default:
		d.replace(touched, rows)
	}
	return err
}

// take hands over what was touched; all says that nothing has been read yet.
func (d *desk) take() (touched map[ident.ThreadID]bool, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	touched, all = d.touched, !d.whole
	d.touched, d.whole = map[ident.ThreadID]bool{}, true
	return touched, all
}

func (d *desk) fill(rows []*deskRow) {
	d.rows, d.waiting = make(map[ident.ThreadID]*deskRow, len(rows)), map[ident.ThreadID]*deskRow{}
	d.lasting = map[string]uint64{}
	for _, r := range rows {
		d.add(r)
	}
	d.byDeadline, d.byItem = slices.Clone(rows), rows
	slices.SortFunc(d.byDeadline, beforeByDeadline)
	slices.SortFunc(d.byItem, beforeByItem)
}

func (d *desk) add(r *deskRow) {
	d.rows[r.thread] = r
	if r.lasts {
		d.lasting[r.track]++
	} else {
		d.waiting[r.thread] = r
	}
}

func (d *desk) remove(r *deskRow) {
	delete(d.rows, r.thread)
	delete(d.waiting, r.thread)
	if r.lasts {
		d.lasting[r.track]--
	}
}

func (d *desk) replace(touched map[ident.ThreadID]bool, rows []*deskRow) {
	for t := range touched {
		if before := d.rows[t]; before != nil {
			d.remove(before)
			d.byDeadline = without(d.byDeadline, before, beforeByDeadline)
			d.byItem = without(d.byItem, before, beforeByItem)
		}
	}
	for _, r := range rows {
		d.add(r)
		d.byDeadline = with(d.byDeadline, r, beforeByDeadline)
		d.byItem = with(d.byItem, r, beforeByItem)
	}
}

func with(list []*deskRow, r *deskRow, order func(a, b *deskRow) int) []*deskRow {
	at, _ := slices.BinarySearchFunc(list, r, order)
	return slices.Insert(list, at, r)
}

func without(list []*deskRow, r *deskRow, order func(a, b *deskRow) int) []*deskRow {
	if at, found := slices.BinarySearchFunc(list, r, order); found {
		return slices.Delete(list, at, at+1)
	}
	return list
}

// count is how many threads of an actor's tracks need our side now.
func (d *desk) count(a Actor, now time.Time) (n uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for track, lasting := range d.lasting {
		if a.onNamed(track) {
			n += lasting
		}
	}
	for _, r := range d.waiting {
		if r.needsUs(now) && a.onNamed(r.track) {
			n++
		}
	}
	return n
}

// needsUs reports whether a thread needs our side now.
func (d *desk) needsUs(t ident.ThreadID, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.rows[t]
	return r != nil && r.needsUs(now)
}

// after gives at most so many of the threads that need our side, of an actor's tracks, that come
// after a row in an order.
func (d *desk) after(last *deskRow, order valisev1.ThreadOrder, a Actor, now time.Time, most int) (out []*deskRow) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list, by := d.byItem, beforeByItem
	if order == valisev1.ThreadOrder_THREAD_ORDER_DEADLINE {
		list, by = d.byDeadline, beforeByDeadline
	}
	at, found := slices.BinarySearchFunc(list, last, by)
	if found {
		at++
	}
	for _, r := range list[at:] {
		if len(out) == most {
			break
		}
		if r.needsUs(now) && a.onNamed(r.track) {
			out = append(out, r)
		}
	}
	return out
}

// wholeDesk reads all threads.
func (w *work) wholeDesk() (out []*deskRow, err error) {
	err = w.tx.Rows(tableThreadOrder, nil, highest, true, func(item uint64, id []byte) (bool, error) {
		r, err := w.deskRow(ident.ThreadID(id), item)
		if r != nil {
			out = append(out, r)
		}
		return err == nil, err
	})
	return out, err
}

func (w *work) deskRows(touched map[ident.ThreadID]bool) (out []*deskRow, err error) {
	for t := range touched {
		item, _, found, err := w.firstRow(tableThreadItems, t[:], highest, true)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		r, err := w.deskRow(t, item)
		if err != nil {
			return nil, err
		}
		if r != nil {
			out = append(out, r)
		}
	}
	return out, nil
}

// deskRow is what the desk knows of a thread; nil for one that needs nobody, whatever the time.
func (w *work) deskRow(t ident.ThreadID, item uint64) (*deskRow, error) {
	th, found, err := w.thread(t)
	if err != nil || !found {
		return nil, err
	}
	out, err := w.leaving(th)
	if err != nil {
		return nil, err
	}
	lasts := len(lastingNeeds(th, out)) > 0
	if !lasts && out.since.IsZero() {
		return nil, nil
	}
	r := &deskRow{thread: t, track: trackName(th.GetOurs()), item: item, lasts: lasts, waits: out, deadline: noDeadline, since: th.GetOpened().AsTime().UnixNano()}
	if at := th.GetUnopenedSince(); at != nil {
		r.since = at.AsTime().UnixNano()
	}
	for _, d := range deadlines(th, w.g.cfg.OwnRule, w.now) {
		r.deadline = min(r.deadline, d.GetAt().AsTime().UnixNano())
	}
	return r, nil
}
