package gateway

import (
	"cmp"
	"context"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// pruneStep is about how many items lose their content in one transaction, unless the Config says. P7
const pruneStep = 1000

// Prune removes contents by the retention rule: whole threads that our side closed or withdrew long
// enough ago, of which nothing waits to leave and for which no consent holds, and what belongs to no
// thread and is as old. Leaves, head and proofs stay. It goes in steps, each durable and told by an item
// of its own: one that is ended in the middle leaves whole threads, and is asked for again. The error is
// an *Error: NOT_PERMITTED, RETENTION where no rule is set or what is asked for is too young, BAD_REQUEST
// without our State's code, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. docs/protocol.md §9.3
func (g *Gateway) Prune(ctx context.Context, a Actor, r *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error) {
	const op = "prune"
	role, err := a.as(mayPrune)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out, run := new(valisev1.PruneRecordResponse), &pruneRun{actor: a, by: hand{a.Name, roleName(role)}}
	answered := false
	err = g.view(ctx, op, func(w *work) (err error) {
		// An act that was answered is answered again, whatever the rule is now.
		if answered, err = w.answered(req, out); answered || err != nil {
			return err
		}
		run.before, err = w.pruneBefore(r)
		return err
	})
	for err == nil && !answered && !run.last {
		err = g.pruneSome(ctx, op, run, req, r.GetDryRun())
		out = run.total
	}
	return orNil(out, err)
}

// pruneRun is an act on its way through the record.
type pruneRun struct {
	actor  Actor
	by     hand
	before time.Time
	at     pruneCursor
	last   bool // nothing is left behind the cursor
	total  *valisev1.PruneRecordResponse
}

// pruneCursor is how far a run has come.
type pruneCursor struct {
	thread  uint64 // place in the order of threads
	threads bool   // all of them were looked at
	item    uint64 // of no thread; 0: from the floor on
	kept    bool   // something before it may go another time
}

// pruneSome is one step: what may go is gathered without holding anybody up, and judged once more when it
// is removed.
func (g *Gateway) pruneSome(ctx context.Context, op string, run *pruneRun, req request, count bool) error {
	var list *pruneList
	err := g.view(ctx, op, func(w *work) (err error) {
		list, err = w.pruneList(run)
		return err
	})
	if err != nil {
		return err
	}
	if count {
		run.step(list, add(run.total, list.response()))
		return nil
	}
	total, answer := new(valisev1.PruneRecordResponse), new(valisev1.PruneRecordResponse)
	err = g.update(ctx, op, func(w *work) error {
		act := func() error {
			done, err := w.prune(run.actor, list)
			if err != nil {
				return err
			}
			step := done.response()
			if step.Item, err = w.tellOfPrune(run.by, step.GetPruned()); err != nil {
				return err
			}
			total = add(run.total, step)
			proto.Reset(answer)
			proto.Merge(answer, total)
			return nil
		}
		if !list.last {
			return act()
		}
		err := w.once(req, answer, act)
		total = answer
		return err
	})
	if err == nil {
		run.step(list, total)
	}
	return err
}

func (r *pruneRun) step(list *pruneList, total *valisev1.PruneRecordResponse) {
	r.at, r.last, r.total = list.next, list.last, total
}

// add is what several steps removed; the item is the last that tells of it.
func add(so, step *valisev1.PruneRecordResponse) *valisev1.PruneRecordResponse {
	sum := proto.CloneOf(step)
	if sum.GetItem() == 0 {
		sum.Item = so.GetItem()
	}
	sum.Reclaimable += so.GetReclaimable()
	sum.Pruned.Items += so.GetPruned().GetItems()
	sum.Pruned.Threads += so.GetPruned().GetThreads()
	return sum
}

func orNil[T any](out *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pruneList is what may lose its content in one step, or has lost it.
type pruneList struct {
	before  time.Time
	threads []ident.ThreadID
	loose   []uint64 // items of no thread
	floor   uint64   // below it is nothing loose that may still go
	items   uint64
	bytes   uint64
	months  []string
	most    uint64      // items
	next    pruneCursor // where the next step begins
	last    bool        // there is none
}

func (l *pruneList) response() *valisev1.PruneRecordResponse {
	return &valisev1.PruneRecordResponse{
		Reclaimable: l.bytes,
		Pruned: &valisev1.PruneFact{
			Before: timestamppb.New(l.before), Items: l.items, Threads: uint64(len(l.threads)), Months: l.months,
		},
	}
}

func (l *pruneList) full() bool { return l.items >= l.most }

// pruneBefore is up to when the rule lets contents go, and what was asked for. docs/protocol.md §9.3
func (w *work) pruneBefore(r *valisev1.PruneRecordRequest) (time.Time, error) {
	keep := w.g.cfg.Retention
	if keep <= 0 {
		return time.Time{}, refuse(valisev1.Reason_REASON_RETENTION, "no retention rule is set, so everything is kept")
	}
	if want := string(w.g.cfg.Ours[0].State); !r.GetDryRun() && r.GetConfirm() != want {
		return time.Time{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "what is removed is gone for good: it is confirmed by the code of our State")
	}
	latest := w.now.Add(-keep)
	if r.GetBefore() == nil {
		return latest, nil
	}
	before := r.GetBefore().AsTime()
	if before.After(latest) {
		return time.Time{}, &Error{
			Reason: valisev1.Reason_REASON_RETENTION, At: latest,
			Detail: "the retention rule keeps what is younger than " + latest.UTC().Format(time.RFC3339),
		}
	}
	return before, nil
}

// pruneList gathers what may go in the next step.
func (w *work) pruneList(run *pruneRun) (*pruneList, error) {
	list := &pruneList{before: run.before, next: run.at, most: uint64(cmp.Or(w.g.cfg.PruneStep, pruneStep))}
	if !list.next.threads {
		if err := w.threadsToPrune(run, list); err != nil || list.full() {
			return list, err
		}
		list.next.threads = true
	}
	if len(run.actor.Tracks) > 0 {
		list.last = true // what is of no thread is of no track, or of both
		return list, nil
	}
	return list, w.looseItems(list)
}

func (w *work) threadsToPrune(run *pruneRun, list *pruneList) error {
	return w.tx.Rows(tableThreadOrder, nil, run.at.thread, false, func(n uint64, id []byte) (bool, error) {
		list.next.thread = n + 1
		th, found, err := w.thread(ident.ThreadID(id))
		if err != nil || !found || !run.actor.sees(th) {
			return err == nil, err
		}
		items, err := w.mayGo(th, list.before)
		if err != nil || len(items) == 0 {
			return err == nil, err
		}
		list.threads = append(list.threads, idOf(th))
		list.count(items)
		return !list.full(), nil
	})
}

func (l *pruneList) count(items []*valisev1.Item) {
	for _, it := range items {
		l.items++
		l.bytes += uint64(proto.Size(it))
	}
}

// prune removes what was gathered and still may go, and at the end the keys of months without content.
func (w *work) prune(a Actor, list *pruneList) (*pruneList, error) {
	done := &pruneList{before: list.before, most: list.most}
	for _, id := range list.threads {
		th, found, err := w.thread(id)
		if err != nil {
			return nil, err
		}
		if !found || !a.sees(th) {
			continue
		}
		items, err := w.mayGo(th, list.before)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			continue
		}
		if err := w.pruneThread(th, items); err != nil {
			return nil, err
		}
		done.threads = append(done.threads, id)
		done.count(items)
	}
	if err := w.pruneLoose(list, done); err != nil {
		return nil, err
	}
	if !list.last {
		return done, nil
	}
	var err error
	done.months, err = w.tx.Forget(list.before)
	return done, err
}

// pruneThread takes what was said in a thread, and leaves where it had led to.
func (w *work) pruneThread(th *valisev1.Thread, items []*valisev1.Item) error {
	for _, it := range items {
		if err := w.pruneItem(it); err != nil {
			return err
		}
	}
	th = emptySummary(th)
	th.Pruned = timestamppb.New(w.now)
	if err := w.save(tablePruned, th.GetId(), th); err != nil {
		return err
	}
	return w.saveThread(th)
}

// pruneItem removes the content of one item and the rows that were made of it.
func (w *work) pruneItem(it *valisev1.Item) error {
	n := it.GetNumber()
	switch it.GetType() {
	case valisev1.ItemType_ITEM_TYPE_QUARANTINED:
		if err := w.tx.DeleteRow(tableQuarantine, nil, n); err != nil {
			return err
		}
	case valisev1.ItemType_ITEM_TYPE_NOTE:
		if err := w.tx.DeleteRow(tableNotes, nil, n); err != nil {
			return err
		}
		if len(it.GetThread()) > 0 {
			if err := w.tx.DeleteRow(tableNotes, it.GetThread(), n); err != nil {
				return err
			}
		}
	case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED:
		if err := w.dropAttachments(it.GetDigest()); err != nil {
			return err
		}
	}
	return w.tx.Prune(n)
}

// dropAttachments forgets the files of a message whose content goes. None is under way, so that the
// message has let go of what was brought, which other messages may still need. That such a file came from a
// State stays known by its SHA-256: it still goes to nobody without consent. A-11 s2
func (w *work) dropAttachments(d []byte) error {
	for i := uint32(0); len(d) == 32; i++ {
		row, found, err := w.attachment(d, i)
		if err != nil || !found {
			return err
		}
		key := attachmentKey(d, i)
		for part := range row.GetParts() {
			if err := w.tx.DeleteRow(tablePart, key, uint64(part)); err != nil {
				return err
			}
		}
		if err := w.tx.Delete(tableAttachment, key); err != nil {
			return err
		}
	}
	return nil
}

// tellOfPrune records what is gone; nothing, where nothing is. docs/protocol.md §9.3
func (w *work) tellOfPrune(by hand, fact *valisev1.PruneFact) (uint64, error) {
	if fact.GetItems() == 0 && len(fact.GetMonths()) == 0 {
		return 0, nil
	}
	return w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_PRUNE, Officer: by.officer, Role: by.role, Prune: fact,
	})
}
