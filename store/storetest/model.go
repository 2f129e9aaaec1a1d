package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// model is the simplest thing that could be a record.
type model struct {
	items []*valisev1.Item // nil where the content was removed
	began int              // how many were committed before the transaction
	table map[string]string
	rows  map[string]map[uint64]string
}

func newModel() *model {
	return &model{table: map[string]string{}, rows: map[string]map[uint64]string{"g": {}, "h": {}}}
}

func (m *model) clone() *model {
	c := &model{items: slices.Clone(m.items), began: len(m.items), table: maps.Clone(m.table), rows: map[string]map[uint64]string{}}
	for g, rows := range m.rows {
		c.rows[g] = maps.Clone(rows)
	}
	return c
}

// modelStep is one thing that a random transaction does.
type modelStep struct {
	what       int
	key, group string
	n          uint64
	value      string
}

var modelKeys = []string{"", "a", "b", "c"}

func drawSteps(rt *rapid.T) (steps []modelStep) {
	for range rapid.IntRange(1, 12).Draw(rt, "steps") {
		steps = append(steps, modelStep{
			what:  rapid.IntRange(0, 5).Draw(rt, "what"),
			key:   rapid.SampledFrom(modelKeys).Draw(rt, "key"),
			group: rapid.SampledFrom([]string{"g", "h"}).Draw(rt, "group"),
			n:     rapid.Uint64Range(0, 6).Draw(rt, "n"),
			value: rapid.StringN(0, 3, 8).Draw(rt, "value"),
		})
	}
	return steps
}

// testModel runs random transactions, some of which fail, against both. One record lives
// through all runs; the model does too. Everything is drawn before the transaction: rapid
// ends a run by a panic, which a record turns into an error.
func testModel(t *testing.T, r Record) {
	m := newModel()
	rapid.Check(t, func(rt *rapid.T) {
		next := m.clone()
		fail := rapid.IntRange(0, 4).Draw(rt, "fail") == 0
		steps := drawSteps(rt)
		var differs error
		err := r.Update(context.Background(), func(tx store.Tx) error {
			for _, s := range steps {
				if err := next.step(s, tx); err != nil {
					return err
				}
			}
			differs = next.compare(tx)
			if fail {
				return errRefused
			}
			return nil
		})
		if (err != nil) != fail || differs != nil {
			rt.Fatalf("the transaction ended in %v, inside it %v", err, differs)
		}
		if !fail {
			m = next
		}
		if err := r.View(context.Background(), m.compare); err != nil {
			rt.Fatal(err)
		}
	})
}

func (m *model) step(s modelStep, tx store.Tx) (err error) {
	switch s.what {
	case 0:
		item := Item(byte(s.n))
		_, err = tx.Append(item)
		m.items = append(m.items, item)
	case 1:
		err, m.table[s.key] = tx.Put("t", []byte(s.key), []byte(s.value)), s.value
	case 2:
		err = tx.Delete("t", []byte(s.key))
		delete(m.table, s.key)
	case 3:
		err, m.rows[s.group][s.n] = tx.PutRow("t", []byte(s.group), s.n, []byte(s.value)), s.value
	case 4:
		err = tx.DeleteRow("t", []byte(s.group), s.n)
		delete(m.rows[s.group], s.n)
	case 5:
		if at := m.began - 1 - int(s.n); at >= 0 {
			err, m.items[at] = tx.Prune(uint64(at)), nil
		}
	}
	return err
}

// compare reports the first difference; it looks at the last items only.
func (m *model) compare(tx store.Tx) error {
	if tx.Items() != uint64(len(m.items)) {
		return fmt.Errorf("%d items, want %d", tx.Items(), len(m.items))
	}
	for n := max(len(m.items)-20, 0); n < len(m.items); n++ {
		item, err := tx.Item(uint64(n))
		if m.items[n] == nil && errors.Is(err, store.ErrPruned) {
			continue
		}
		if m.items[n] == nil || err != nil || !same(item, m.items[n]) {
			return fmt.Errorf("item %d differs: %w", n, err)
		}
	}
	for _, key := range modelKeys {
		want, there := m.table[key]
		if v, err := tx.Get("t", []byte(key)); err != nil || string(v) != want || (v != nil) != there {
			return fmt.Errorf("key %q holds %q, want %q (%v): %w", key, v, want, there, err)
		}
	}
	for group, rows := range m.rows {
		for from := range uint64(8) {
			for _, descending := range []bool{false, true} {
				got, err := walked(tx, "t", []byte(group), from, descending)
				if want := walk(rows, from, descending); err != nil || got != want {
					return fmt.Errorf("rows of %s from %d, descending %v: %q, want %q: %w", group, from, descending, got, want, err)
				}
			}
		}
	}
	return nil
}

// walk is what Rows should visit.
func walk(rows map[uint64]string, from uint64, descending bool) string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(rows)) {
		if descending == (n <= from) || n == from {
			out = append(out, fmt.Sprintf("%d=%s", n, rows[n]))
		}
	}
	if descending {
		slices.Reverse(out)
	}
	return strings.Join(out, " ")
}
