package storetest

import (
	"context"
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
	items []*valisev1.Item
	table map[string]string
	rows  map[string]map[uint64]string
}

func newModel() *model {
	return &model{table: map[string]string{}, rows: map[string]map[uint64]string{"g": {}, "h": {}}}
}

func (m *model) clone() *model {
	c := &model{items: slices.Clone(m.items), table: maps.Clone(m.table), rows: map[string]map[uint64]string{}}
	for g, rows := range m.rows {
		c.rows[g] = maps.Clone(rows)
	}
	return c
}

// testModel runs random transactions, some of which fail, against both. One record lives
// through all runs; the model does too.
func testModel(t *testing.T, r Record) {
	m := newModel()
	rapid.Check(t, func(rt *rapid.T) {
		next := m.clone()
		fail := rapid.IntRange(0, 4).Draw(rt, "fail") == 0
		err := r.Update(context.Background(), func(tx store.Tx) error {
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				next.step(rt, tx)
			}
			next.compare(rt, tx)
			if fail {
				return errRefused
			}
			return nil
		})
		if (err != nil) != fail {
			rt.Fatalf("the transaction ended in %v", err)
		}
		if !fail {
			m = next
		}
		if err := r.View(context.Background(), func(tx store.Tx) error { m.compare(rt, tx); return nil }); err != nil {
			rt.Fatal(err)
		}
	})
}

func (m *model) step(rt *rapid.T, tx store.Tx) {
	key := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "key")
	group := rapid.SampledFrom([]string{"g", "h"}).Draw(rt, "group")
	n := rapid.Uint64Range(0, 6).Draw(rt, "n")
	value := rapid.StringN(0, 3, 8).Draw(rt, "value")
	var err error
	switch rapid.IntRange(0, 4).Draw(rt, "step") {
	case 0:
		item := Item(byte(n))
		_, err = tx.Append(item)
		m.items = append(m.items, item)
	case 1:
		err, m.table[key] = tx.Put("t", []byte(key), []byte(value)), value
	case 2:
		err = tx.Delete("t", []byte(key))
		delete(m.table, key)
	case 3:
		err, m.rows[group][n] = tx.PutRow("t", []byte(group), n, []byte(value)), value
	case 4:
		err = tx.DeleteRow("t", []byte(group), n)
		delete(m.rows[group], n)
	}
	if err != nil {
		rt.Fatal(err)
	}
}

func (m *model) compare(rt *rapid.T, tx store.Tx) {
	if tx.Items() != uint64(len(m.items)) {
		rt.Fatalf("%d items, want %d", tx.Items(), len(m.items))
	}
	for n := max(len(m.items)-20, 0); n < len(m.items); n++ {
		if item, err := tx.Item(uint64(n)); err != nil || !same(item, m.items[n]) {
			rt.Fatalf("item %d differs: %v", n, err)
		}
	}
	for _, key := range []string{"", "a", "b", "c"} {
		want, there := m.table[key]
		if v, err := tx.Get("t", []byte(key)); err != nil || string(v) != want || (v != nil) != there {
			rt.Fatalf("key %q holds %q, want %q (%v): %v", key, v, want, there, err)
		}
	}
	for group, rows := range m.rows {
		from := rapid.Uint64Range(0, 7).Draw(rt, "from")
		for _, descending := range []bool{false, true} {
			got, want := collect(rt, tx, "t", []byte(group), from, descending), walk(rows, from, descending)
			if got != want {
				rt.Fatalf("rows of %s from %d, descending %v: %q, want %q", group, from, descending, got, want)
			}
		}
	}
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
