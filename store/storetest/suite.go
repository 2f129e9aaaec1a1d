package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// Run runs the suite. open gives an empty record for one test, which Run closes. A record on
// disk is wholly checked after every test.
func Run(t *testing.T, open func(t testing.TB) Record) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Record)
	}{
		{"ItemsAreNumberedFromZero", testItems},
		{"ItemsAreCopied", testItemCopies},
		{"ItemsThatAreRefused", testRefusedItems},
		{"ItemsSignedLater", testSignedLater},
		{"ItemsSignedLaterByMany", testSignedLaterByMany},
		{"UnsignedItemsThatAreRefused", testUnsignedRefused},
		{"ItemsLoseTheirContent", testPrune},
		{"ItemsThatCannotLoseIt", testPruneRefused},
		{"NoKeyToDestroy", testForget},
		{"HeadGrowsWithItemsOnly", testHead},
		{"KeysAndValues", testTable},
		{"ValuesAreCopied", testValueCopies},
		{"NamesDoNotRunTogether", testNames},
		{"LimitsAreHeld", testLimits},
		{"RowsInOrder", testRows},
		{"RowsSeeTheirOwnTransaction", testRowsMerge},
		{"VisitMayWrite", testVisitWrites},
		{"AnErrorLeavesNoTrace", testErrorLeavesNoTrace},
		{"APanicLeavesNoTrace", testPanic},
		{"AnEndedGoroutineLeavesNoTrace", testGoexit},
		{"AViewCannotWrite", testView},
		{"ATxEndsWithItsFunction", testTxDone},
		{"AnEndedContextStartsNothing", testContext},
		{"ManyAtOnce", testConcurrent},
		{"AgainstAModel", testModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := open(t)
			c.test(t, r)
			if s, ok := r.(*store.Store); ok {
				Check(t, s)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if err := r.View(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
				t.Errorf("a closed record answers %v", err)
			}
		})
	}
}

func testItems(t *testing.T, r Record) {
	for n := range uint64(5) {
		must(t, r.Update, func(tx store.Tx) error {
			item := Item(byte(n))
			got, err := tx.Append(item)
			if err != nil || got != 2*n || item.Number != 2*n {
				t.Errorf("the item got number %d and %d, want %d: %v", got, item.Number, 2*n, err)
			}
			second, err := tx.Append(Item(byte(n + 100)))
			if second != 2*n+1 || tx.Items() != 2*n+2 {
				t.Errorf("the next one got %d of %d", second, tx.Items())
			}
			if back, err := tx.Item(got); err != nil || !same(back, Item(byte(n))) {
				t.Errorf("the item reads differently in its transaction: %v", err)
			}
			return err
		})
	}
	must(t, r.View, func(tx store.Tx) error {
		if tx.Items() != 10 {
			t.Errorf("%d items, want 10", tx.Items())
		}
		for n := range uint64(5) {
			if back, err := tx.Item(2 * n); err != nil || back.Number != 2*n || !same(back, Item(byte(n))) {
				t.Errorf("item %d reads differently: %v", 2*n, err)
			}
		}
		for _, n := range []uint64{10, math.MaxUint64} {
			if _, err := tx.Item(n); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("item %d: %v, want ErrNotFound", n, err)
			}
		}
		return nil
	})
}

func testItemCopies(t *testing.T, r Record) {
	item := Item(1)
	must(t, r.Update, func(tx store.Tx) error {
		_, err := tx.Append(item)
		item.Note, item.Signed[0] = "changed afterwards", 'X'
		return err
	})
	undated := Item(2)
	undated.Recorded = nil
	must(t, r.Update, func(tx store.Tx) error {
		_, err := tx.Append(undated)
		return err
	})
	if !undated.Recorded.AsTime().Equal(Now()) {
		t.Errorf("an item without a date was dated %v", undated.Recorded.AsTime())
	}
	must(t, r.View, func(tx store.Tx) error {
		if back, err := tx.Item(0); err != nil || !same(back, Item(1)) {
			t.Errorf("the record followed a change made after Append: %v", err)
		}
		if back, err := tx.Item(1); err != nil || !back.Recorded.AsTime().Equal(Now()) {
			t.Errorf("the date that Append gave is not stored: %v", err)
		}
		return nil
	})
}

func testRefusedItems(t *testing.T, r Record) {
	for name, c := range map[string]struct {
		spoil func(*valisev1.Item)
		want  error
	}{
		"no type":         {func(i *valisev1.Item) { i.Type = 0 }, store.ErrInvalid},
		"short digest":    {func(i *valisev1.Item) { i.Digest = i.Digest[:31] }, store.ErrInvalid},
		"long thread":     {func(i *valisev1.Item) { i.Thread = make([]byte, 17) }, store.ErrInvalid},
		"bad nanos":       {func(i *valisev1.Item) { i.Recorded.Nanos = -1 }, store.ErrInvalid},
		"year 9999":       {func(i *valisev1.Item) { i.Recorded = &timestamppb.Timestamp{Seconds: 253402300799} }, store.ErrInvalid},
		"not UTF-8":       {func(i *valisev1.Item) { i.Note = "\xff" }, store.ErrInvalid},
		"over the limits": {func(i *valisev1.Item) { i.Signed = make([]byte, store.MaxValue) }, store.ErrTooLarge},
	} {
		item := Item(0)
		c.spoil(item)
		must(t, r.Update, func(tx store.Tx) error {
			if _, err := tx.Append(item); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			return nil
		})
	}
	must(t, r.Update, func(tx store.Tx) error {
		if _, err := tx.Append(nil); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("no item at all: %v", err)
		}
		if tx.Items() != 0 {
			t.Errorf("%d items came of refused ones", tx.Items())
		}
		return nil
	})
}

func testHead(t *testing.T, r Record) {
	head := func() store.Head {
		h, err := r.Head(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	empty := head()
	must(t, r.Update, func(tx store.Tx) error { return tx.Put("t", nil, []byte("x")) })
	if head() != empty || empty.Size != 0 {
		t.Errorf("a table changed the head of no items")
	}
	seen := map[[32]byte]bool{empty.Root: true}
	for n := range 9 {
		must(t, r.Update, func(tx store.Tx) error { _, err := tx.Append(Item(7)); return err })
		h := head()
		if h.Size != uint64(n+1) || seen[h.Root] {
			t.Errorf("after item %d the head is of %d items, its root seen before: %v", n, h.Size, seen[h.Root])
		}
		seen[h.Root] = true
	}
}

func testTable(t *testing.T, r Record) {
	get := func(tx store.Tx, key, want string, there bool) {
		t.Helper()
		v, err := tx.Get("t", []byte(key))
		if err != nil || string(v) != want || (v != nil) != there {
			t.Errorf("key %q holds %q (%v), want %q (%v): %v", key, v, v != nil, want, there, err)
		}
	}
	must(t, r.Update, func(tx store.Tx) error {
		get(tx, "a", "", false)
		err := errors.Join(tx.Put("t", []byte("a"), []byte("1")), tx.Put("t", []byte("b"), nil), tx.Delete("t", []byte("none")))
		get(tx, "a", "1", true)
		get(tx, "b", "", true)
		return err
	})
	must(t, r.Update, func(tx store.Tx) error {
		get(tx, "b", "", true)
		err := errors.Join(tx.Put("t", []byte("a"), []byte("2")), tx.Delete("t", []byte("b")))
		get(tx, "a", "2", true)
		get(tx, "b", "", false)
		return err
	})
	must(t, r.View, func(tx store.Tx) error {
		get(tx, "a", "2", true)
		get(tx, "b", "", false)
		return nil
	})
}

func testValueCopies(t *testing.T, r Record) {
	value := []byte("value")
	must(t, r.Update, func(tx store.Tx) error {
		err := errors.Join(tx.Put("t", []byte("k"), value), tx.PutRow("t", nil, 1, value))
		value[0] = 'X'
		first, _ := tx.Get("t", []byte("k"))
		first[1] = 'X'
		_ = tx.Rows("t", nil, 0, false, func(_ uint64, v []byte) (bool, error) { v[1] = 'X'; return true, nil })
		return err
	})
	must(t, r.View, func(tx store.Tx) error {
		first, _ := tx.Get("t", []byte("k"))
		if string(first) != "value" {
			t.Errorf("a slice of the caller's reached the record: %q", first)
		}
		first[2] = 'X'
		second, _ := tx.Get("t", []byte("k"))
		rows := collect(t, tx, "t", nil, 0, false)
		if string(second) != "value" || rows != "1=value" {
			t.Errorf("a slice of the record's reached the caller: %q, rows %s", second, rows)
		}
		return nil
	})
}

func testNames(t *testing.T, r Record) {
	pairs := [][2]string{{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"a", "b"}, {"a", ""}, {"\x00", "a"}, {"a", "\x00"}, {"a\x00", ""}}
	must(t, r.Update, func(tx store.Tx) error {
		for i, p := range pairs {
			value := fmt.Appendf(nil, "%d", i)
			if err := errors.Join(tx.Put(p[0], []byte(p[1]), value), tx.PutRow(p[0], []byte(p[1]), 0, append(value, 'r'))); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, r.View, func(tx store.Tx) error {
		for i, p := range pairs {
			v, err := tx.Get(p[0], []byte(p[1]))
			rows := collect(t, tx, p[0], []byte(p[1]), 0, false)
			if err != nil || string(v) != fmt.Sprint(i) || rows != fmt.Sprintf("0=%dr", i) {
				t.Errorf("%q: %q and rows %s: %v", p, v, rows, err)
			}
		}
		return nil
	})
}

func testLimits(t *testing.T, r Record) {
	long := bytes.Repeat([]byte("k"), store.MaxKey+1)
	wide := strings.Repeat("t", store.MaxTable+1)
	big := make([]byte, store.MaxValue+1)
	must(t, r.Update, func(tx store.Tx) error {
		for name, c := range map[string]struct{ err, want error }{
			"no table":       {tx.Put("", nil, nil), store.ErrInvalid},
			"long table":     {tx.Put(wide, nil, nil), store.ErrTooLarge},
			"long key":       {tx.Put("t", long, nil), store.ErrTooLarge},
			"long group":     {tx.PutRow("t", long, 0, nil), store.ErrTooLarge},
			"long value":     {tx.Put("t", nil, big), store.ErrTooLarge},
			"long row":       {tx.PutRow("t", nil, 0, big), store.ErrTooLarge},
			"deleted long":   {tx.Delete("t", long), store.ErrTooLarge},
			"read long":      {second(tx.Get("t", long)), store.ErrTooLarge},
			"walked long":    {tx.Rows("t", long, 0, false, nil), store.ErrTooLarge},
			"largest table":  {tx.Put(wide[1:], long[1:], big[1:]), nil},
			"largest row":    {tx.PutRow(wide[1:], long[1:], 1, big[1:]), nil},
			"deleted no row": {tx.DeleteRow("t", nil, 3), nil},
		} {
			if !errors.Is(c.err, c.want) {
				t.Errorf("%s: %v, want %v", name, c.err, c.want)
			}
		}
		return nil
	})
	err := r.Update(context.Background(), func(tx store.Tx) error {
		for n := range uint64(store.MaxTx/store.MaxValue + 1) {
			if err := tx.PutRow("t", nil, n, big[1:]); err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a transaction without end: %v, want ErrTooLarge", err)
	}
}

func second[T any](_ T, err error) error { return err }

// collect writes down a walk: "1=a 2=b".
func collect(t testing.TB, tx store.Tx, table string, group []byte, from uint64, descending bool) string {
	t.Helper()
	out, err := walked(tx, table, group, from, descending)
	if err != nil {
		t.Error(err)
	}
	return out
}

func walked(tx store.Tx, table string, group []byte, from uint64, descending bool) (string, error) {
	var out []string
	err := tx.Rows(table, group, from, descending, func(n uint64, v []byte) (bool, error) {
		out = append(out, fmt.Sprintf("%d=%s", n, v))
		return true, nil
	})
	return strings.Join(out, " "), err
}

func testConcurrent(t *testing.T, r Record) {
	const writers, each = 16, 25
	var wg sync.WaitGroup
	numbers := make([][]uint64, writers)
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				err := r.Update(context.Background(), func(tx store.Tx) error {
					n, err := tx.Append(Item(byte(w)))
					if err != nil {
						return err
					}
					if i%5 == 4 {
						return errRefused
					}
					numbers[w] = append(numbers[w], n)
					return tx.PutRow("owner", nil, n, []byte{byte(w)})
				})
				if (i%5 == 4) != errors.Is(err, errRefused) {
					t.Errorf("writer %d, turn %d: %v", w, i, err)
				}
			}
		})
	}
	wg.Wait()
	all := slices.Sorted(slices.Values(slices.Concat(numbers...)))
	for i, n := range all {
		if uint64(i) != n {
			t.Fatalf("the numbers are not 0, 1, 2, …: %d stands at %d", n, i)
		}
	}
	must(t, r.View, func(tx store.Tx) error {
		if tx.Items() != uint64(len(all)) || len(all) != writers*each*4/5 {
			t.Errorf("%d items for %d that were told of", tx.Items(), len(all))
		}
		for w, mine := range numbers {
			for _, n := range mine {
				if item, err := tx.Item(n); err != nil || !same(item, Item(byte(w))) {
					t.Errorf("item %d is not what writer %d wrote: %v", n, w, err)
				}
			}
		}
		rows := 0
		err := tx.Rows("owner", nil, 0, false, func(n uint64, owner []byte) (bool, error) {
			if n != uint64(rows) || !slices.Contains(numbers[owner[0]], n) {
				t.Errorf("row %d belongs to writer %d and stands at %d", n, owner[0], rows)
			}
			rows++
			return true, nil
		})
		if err != nil || rows != len(all) {
			t.Errorf("%d rows for %d transactions: %v", rows, len(all), err)
		}
		return nil
	})
}

var errRefused = errors.New("refused by the test")
