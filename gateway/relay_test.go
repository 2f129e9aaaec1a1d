package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// toyRelay keeps one publication a slot, as the real one does, and forgets what it is told to.
type toyRelay struct {
	sequence map[ident.Address]uint64
	box      map[ident.Address]map[string]boxed
	order    map[ident.Address][]string
	count    map[ident.Digest]int // publications by message
}

type boxed struct {
	pub      Publication
	sequence uint64
}

func newToyRelay() *toyRelay {
	return &toyRelay{
		sequence: map[ident.Address]uint64{}, box: map[ident.Address]map[string]boxed{},
		order: map[ident.Address][]string{}, count: map[ident.Digest]int{},
	}
}

func slotKey(p Publication) string { return fmt.Sprintf("%s.%d", p.From, p.Slot) }

func (r *toyRelay) publish(p Publication) uint64 {
	r.count[p.Digest]++
	r.sequence[p.To]++
	if r.box[p.To] == nil {
		r.box[p.To] = map[string]boxed{}
	}
	k := slotKey(p)
	if _, there := r.box[p.To][k]; there {
		r.order[p.To] = slices.DeleteFunc(r.order[p.To], func(x string) bool { return x == k })
	}
	r.box[p.To][k] = boxed{p, r.sequence[p.To]}
	r.order[p.To] = append(r.order[p.To], k)
	return r.sequence[p.To]
}

// pop takes the n-th waiting envelope of a mailbox.
func (r *toyRelay) pop(a ident.Address, n int) (boxed, bool) {
	if len(r.order[a]) == 0 {
		return boxed{}, false
	}
	n %= len(r.order[a])
	k := r.order[a][n]
	b := r.box[a][k]
	delete(r.box[a], k)
	r.order[a] = slices.Delete(r.order[a], n, n+1)
	return b, true
}

// wipe loses everything; sequences begin again.
func (r *toyRelay) wipe() {
	r.box, r.order, r.sequence = map[ident.Address]map[string]boxed{}, map[ident.Address][]string{}, map[ident.Address]uint64{}
}

// post lets one home publish all that is due, and reports whether anything was.
func (h *home) post() bool {
	h.w.t.Helper()
	ctx := context.Background()
	if err := h.g.Release(ctx, h.w.now); err != nil {
		h.w.t.Fatal(err)
	}
	numbered, err := h.g.ReleaseParts(ctx)
	if err != nil {
		h.w.t.Fatal(err)
	}
	if !h.link {
		return numbered
	}
	receipts, err := h.g.ReceiptsDue(ctx)
	if err != nil {
		h.w.t.Fatal(err)
	}
	for _, p := range receipts {
		h.w.relay.publish(p)
		h.g.ReceiptLeft(p)
	}
	due := h.g.Due(h.w.now)
	for _, p := range due {
		if err := h.g.Left(ctx, p.Digest, h.w.relay.publish(p)); err != nil {
			h.w.t.Fatal(err)
		}
	}
	return numbered || len(receipts)+len(due) > 0
}

// fetch lets one home take everything in its mailboxes, in order.
func (h *home) fetch() bool {
	h.w.t.Helper()
	if !h.link {
		return false
	}
	any := false
	for _, ours := range h.ours() {
		for {
			b, ok := h.w.relay.pop(ours, 0)
			if !ok {
				break
			}
			any = true
			if _, err := h.take(b.pub.Signed); err != nil {
				h.w.t.Fatal(err)
			}
		}
	}
	return any
}

// settle runs all homes until nothing more happens at this moment.
func (w *world) settle() {
	w.t.Helper()
	for range 10_000 {
		moved := false
		for _, s := range w.order {
			moved = w.homes[s].post() || moved
		}
		for _, s := range w.order {
			moved = w.homes[s].fetch() || moved
		}
		if !moved {
			return
		}
	}
	w.t.Fatal("the homes never come to rest")
}

// tick lets time pass and everything that then is due happen.
func (w *world) tick(d time.Duration) {
	w.t.Helper()
	w.now = w.now.Add(d)
	w.settle()
}

// converge lets time pass until every outbox is empty, from wake to wake.
func (w *world) converge() {
	w.t.Helper()
	for range 400 {
		w.settle()
		empty := true
		for _, s := range w.order {
			h := w.homes[s]
			if w.resumes {
				h.resume() // a peer waits for the receipts of a home that has stopped
			}
			idle := len(h.g.duties) == 0 && len(h.g.unopened) == 0 || h.g.stopped
			empty = empty && len(h.outbox()) == 0 && idle
		}
		if empty {
			return
		}
		next, ok := time.Time{}, false
		for _, s := range w.order {
			if at, there := w.homes[s].g.Wake(w.now); there && (!ok || at.Before(next)) {
				next, ok = at, true
			}
		}
		if !ok {
			w.t.Fatal("something waits, but nothing will ever wake")
		}
		w.now = next
	}
	for _, s := range w.order {
		w.t.Logf("%s: %v", s, w.homes[s].outbox())
	}
	w.t.Fatal("the outboxes never empty")
}

// setLink lets a home's link come or go.
func (h *home) setLink(up bool) {
	h.link = up
	h.g.LinkChanged(up, false, h.w.now)
}

// received are the items of a type at one home.
func (h *home) itemsOf(t valisev1.ItemType) []*valisev1.Item {
	var out []*valisev1.Item
	for _, it := range h.store.items {
		if it.GetType() == t {
			out = append(out, it)
		}
	}
	return out
}
