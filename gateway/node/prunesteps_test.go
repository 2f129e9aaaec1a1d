package node_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// stepwise is the record of a home under a core that removes little in one step. After every commit it
// is verified whole, and what a kill at this moment would leave is kept.
type stepwise struct {
	t     *testing.T
	file  keptFile
	store *store.Store
	left  []keptFile
}

func (s *stepwise) Update(ctx context.Context, fn func(gateway.Tx) error) error {
	if err := s.store.Update(ctx, func(tx store.Tx) error { return fn(tx) }); err != nil {
		return err
	}
	s.verifies()
	s.left = append(s.left, s.file.copied())
	return nil
}

func (s *stepwise) View(ctx context.Context, fn func(gateway.Tx) error) error {
	return s.store.View(ctx, func(tx store.Tx) error { return fn(tx) })
}

func (s *stepwise) verifies() {
	s.t.Helper()
	if report, err := s.store.Verify(context.Background(), store.VerifyConfig{}); err != nil || !report.OK {
		s.t.Errorf("after %d commits the record does not verify: %+v, %v", len(s.left), report, err)
	}
}

// noKeys is what signs nothing: a removal says nothing to anybody.
type noKeys struct{}

func (noKeys) SigningKey(ident.Address) (*seal.SigningKey, error) {
	return nil, errors.New("nothing is signed here")
}

// stepping opens a record that a kill may have left, and gives it to such a core.
func stepping(t *testing.T, home *node.Home, f keptFile, run func(*stepwise, *gateway.Gateway)) {
	t.Helper()
	book, err := home.Directory()
	if err != nil {
		t.Fatal(err)
	}
	record, err := store.Open(f.path, f.config)
	if err != nil {
		t.Fatal(err)
	}
	s := &stepwise{t: t, file: f, store: record}
	s.verifies()
	g, err := gateway.New(context.Background(), gateway.Config{
		Realm: f.config.Realm, Ours: home.Addresses(), Store: s, Signers: noKeys{}, Now: time.Now, Rand: rand.Reader,
		Directory: func() gateway.Directory { return book.Snapshot() }, Retention: 48 * time.Hour, PruneStep: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	run(s, g)
	if err := record.Close(); err != nil {
		t.Error(err)
	}
}

// removals sums up what the items of a record tell of them.
func (s *stepwise) removals() (sum *valisev1.PruneFact) {
	s.t.Helper()
	sum = &valisev1.PruneFact{}
	err := s.store.View(context.Background(), func(tx store.Tx) error {
		for n := range tx.Items() {
			item, err := tx.Item(n)
			if err != nil && !errors.Is(err, store.ErrPruned) {
				return err
			}
			f := item.GetPrune()
			sum.Items, sum.Threads, sum.Months = sum.GetItems()+f.GetItems(), sum.GetThreads()+f.GetThreads(), append(sum.GetMonths(), f.GetMonths()...)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return sum
}

// whole wants each thread to be there whole or not at all, and counts what is gone.
func whole(t *testing.T, g *gateway.Gateway, threads []string) (gone int) {
	t.Helper()
	for _, id := range threads {
		got, err := g.Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: id})
		if err != nil {
			t.Fatal(err)
		}
		pruned := got.GetThread().GetPruned() != nil
		if n := len(got.GetMessages()); pruned && n != 0 || !pruned && n != 4 {
			t.Errorf("a thread is half there: %d messages, removed %v", n, pruned)
		}
		if pruned {
			gone++
		}
	}
	return gone
}

// TestAWholeRecordVerifiesAfterEachStep: of a real record that loses three threads and two notes in
// steps, the whole is verified after each. Killed after any of them, it verifies as it was left, and the
// same request goes on to the same end. docs/protocol.md §9.3, P6
func TestAWholeRecordVerifiesAfterEachStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * 24 * time.Hour)
		m := newMonth(t, "XA", "XB")
		xa, stop := m.node("XA")
		m.node("XB")
		var threads []string
		for n := range 3 {
			threads = append(threads, m.exchanged(xa, fmt.Sprint("inquiry ", n)))
		}
		for _, note := range []string{"first", "second"} {
			if err := logCall(xa, note); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		time.Sleep(20 * 24 * time.Hour)
		home, err := node.OpenHome(m.Home("XA"), nil)
		if err != nil {
			t.Fatal(err)
		}
		request := &valisev1.PruneRecordRequest{Confirm: "XA", RequestId: "once"}
		var all *valisev1.PruneRecordResponse
		var left []keptFile
		stepping(t, home, recordOf(t, m.Home("XA")).copied(), func(s *stepwise, g *gateway.Gateway) {
			s.left = append(s.left, s.file.copied())
			if all, err = g.Prune(context.Background(), officer, request); err != nil {
				t.Fatal(err)
			}
			if f := all.GetPruned(); f.GetThreads() != 3 || f.GetItems() < 3*4+2 || len(f.GetMonths()) != 1 {
				t.Errorf("removed %v", all)
			}
			left = s.left
		})
		if len(left) < 6 {
			t.Errorf("only %d moments to be killed at", len(left))
		}
		goneAt := map[int]bool{}
		for n, f := range left {
			stepping(t, home, f, func(s *stepwise, g *gateway.Gateway) {
				goneAt[whole(t, g, threads)] = true
				if _, err := g.Prune(context.Background(), officer, request); err != nil {
					t.Errorf("killed after %d commits: %v", n, err)
				}
				told := s.removals()
				told.Before = all.GetPruned().GetBefore()
				if whole(t, g, threads) != 3 || !proto.Equal(told, all.GetPruned()) {
					t.Errorf("killed after %d commits and asked again, the record tells of %v, want %v", n, told, all.GetPruned())
				}
			})
		}
		if len(goneAt) != 4 {
			t.Errorf("threads were gone in the numbers %v, want none to three", goneAt)
		}
	})
}
