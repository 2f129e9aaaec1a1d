package gateway

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// tidied is XA with some threads that are over, and notes of no thread, in which each says the secret.
func tidied(t *testing.T, threads, loose int) (w *world, xa *home, ids []string) {
	t.Helper()
	w = newWorld(t)
	keepFor(w, "XA")
	xa = w.homes["XA"]
	for range threads {
		id := xa.inquire(xbTech, secret).GetThread()
		w.converge()
		xa.note(officer, &valisev1.AddNoteRequest{Thread: id, Text: secret})
		xa.reply(id, &valisev1.Closure{})
		ids = append(ids, id)
	}
	for range loose {
		xa.note(officer, &valisev1.AddNoteRequest{Text: secret})
	}
	w.converge()
	w.pass(48 * time.Hour)
	return w, xa, ids
}

// told sums up what the items of a record tell of removals, and how much the largest one took.
func (h *home) toldOfPrunes() (steps int, items, threads, largest uint64) {
	for _, it := range h.itemsOf(valisev1.ItemType_ITEM_TYPE_PRUNE) {
		f := it.GetPrune()
		steps, items, threads, largest = steps+1, items+f.GetItems(), threads+f.GetThreads(), max(largest, f.GetItems())
	}
	return steps, items, threads, largest
}

// keepsLeaves looks at the whole record with every commit: what a leaf is made of stays for every item, and
// one item follows that tells of the step. docs/protocol.md §9.1
func (h *home) keepsLeaves() (looked *int) {
	leaves := func() (out []string) {
		for _, it := range h.store.items {
			out = append(out, fmt.Sprintf("%d %v %d %x", it.GetNumber(), it.GetType(), it.GetRecorded().AsTime().UnixNano(), it.GetDigest()))
		}
		return out
	}
	was, looked := leaves(), new(int)
	h.store.fail = func() (before, after error) {
		is := leaves()
		if len(is) != len(was)+1 || !slices.Equal(is[:len(was)], was) {
			h.w.t.Errorf("with step %d leaves changed, or no item tells of it: %q, were %q", *looked+1, is, was)
		}
		was = is
		*looked++
		return nil, nil
	}
	return looked
}

// A removal goes to the end by itself, in steps that each hold little, and its answer says all of it.
// docs/protocol.md §9.3, P7
func TestARemovalGoesInSteps(t *testing.T) {
	w, xa, ids := tidied(t, 4, 7)
	xa.pruneStep = 2
	xa.start()
	counted, err := xa.tryPrune(keeper, &valisev1.PruneRecordRequest{DryRun: true})
	if err != nil || counted.GetPruned().GetThreads() != 4 {
		t.Fatalf("counted %v: %v", counted, err)
	}
	longest := uint64(len(xa.thread(ids[0]).GetMessages())) + 10
	looked := xa.keepsLeaves()
	out := xa.prune()
	xa.store.fail = nil
	if !proto.Equal(out.GetPruned(), counted.GetPruned()) || out.GetReclaimable() != counted.GetReclaimable() {
		t.Errorf("removed %v, counted %v", out, counted)
	}
	steps, items, threads, largest := xa.toldOfPrunes()
	if *looked != steps {
		t.Errorf("the record was looked at after %d of %d steps", *looked, steps)
	}
	if steps < 8 || items != out.GetPruned().GetItems() || threads != 4 || largest > longest {
		t.Errorf("%d steps tell of %d items of %d threads, the largest of %d; removed is %v", steps, items, threads, largest, out)
	}
	if last := xa.store.items[out.GetItem()]; last.GetType() != valisev1.ItemType_ITEM_TYPE_PRUNE {
		t.Errorf("the answer names item %v", last)
	}
	if where := xa.says(secret); len(where) > 0 {
		t.Errorf("left in %q", where)
	}
	if next := xa.prune(); next.GetItem() != 0 || next.GetPruned().GetItems() != 0 {
		t.Errorf("the next act removes %v", next)
	}
	w.talk(1)
	assertPromises(t, w)
}

// A removal ends at any of its commits, before or after that took place: each thread is there whole or is
// gone whole, and the same request goes on where it was. docs/protocol.md §9.3, P1
func TestARemovalThatIsEndedGoesOn(t *testing.T) {
	broken := errors.New("no space left on device")
	for _, durable := range []bool{false, true} {
		ended := 0
		for at := 0; ended == at; at++ {
			w, xa, ids := tidied(t, 3, 3)
			xa.pruneStep = 1
			xa.start()
			r := &valisev1.PruneRecordRequest{Confirm: "XA", RequestId: fmt.Sprint("once-", at)}
			commits := 0
			xa.store.fail = func() (before, after error) {
				if commits++; commits != at+1 {
					return nil, nil
				}
				if durable {
					return nil, broken
				}
				return broken, nil
			}
			_, err := xa.tryPrune(keeper, r)
			xa.store.fail = nil
			xa.start()
			for _, id := range ids {
				v := xa.thread(id)
				if gone := v.GetThread().GetPruned() != nil; gone != (len(v.GetMessages()) == 0) || !gone && v.GetThread().GetTitle() != secret {
					t.Errorf("ended at commit %d, a thread is half there: %v", at+1, v)
				}
			}
			if err != nil {
				ended++
				if _, err := xa.tryPrune(keeper, r); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, threads, _ := xa.toldOfPrunes(); threads != 3 || len(xa.says(secret)) != 0 {
				t.Errorf("ended at commit %d and asked again, the record tells of %d threads, left in %q", at+1, threads, xa.says(secret))
			}
			assertPromises(t, w)
		}
		if ended < 5 {
			t.Errorf("only %d commits could be ended", ended)
		}
	}
}
