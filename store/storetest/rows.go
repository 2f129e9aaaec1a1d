package storetest

import (
	"errors"
	"math"
	"testing"

	"valise.example/store"
)

func testRows(t *testing.T, r Record) {
	must(t, r.Update, func(tx store.Tx) error {
		return errors.Join(
			tx.PutRow("t", []byte("g"), 5, []byte("e")), tx.PutRow("t", []byte("g"), 0, []byte("a")),
			tx.PutRow("t", []byte("g"), math.MaxUint64, []byte("z")), tx.PutRow("t", []byte("g"), 256, []byte("m")),
			tx.PutRow("t", []byte("other"), 3, []byte("x")), tx.PutRow("u", []byte("g"), 4, []byte("y")))
	})
	must(t, r.View, func(tx store.Tx) error {
		const last = "18446744073709551615=z"
		for _, c := range []struct {
			from       uint64
			descending bool
			want       string
		}{
			{0, false, "0=a 5=e 256=m " + last},
			{1, false, "5=e 256=m " + last},
			{5, false, "5=e 256=m " + last},
			{257, false, last},
			{math.MaxUint64, true, last + " 256=m 5=e 0=a"},
			{math.MaxUint64 - 1, true, "256=m 5=e 0=a"},
			{5, true, "5=e 0=a"},
			{4, true, "0=a"},
			{0, true, "0=a"},
		} {
			if got := collect(t, tx, "t", []byte("g"), c.from, c.descending); got != c.want {
				t.Errorf("from %d, descending %v: %s, want %s", c.from, c.descending, got, c.want)
			}
		}
		if got := collect(t, tx, "t", []byte("none"), 0, false); got != "" {
			t.Errorf("a group that is not there has %s", got)
		}
		return testRowsStop(t, tx)
	})
}

func testRowsStop(t *testing.T, tx store.Tx) error {
	seen := 0
	err := tx.Rows("t", []byte("g"), 0, false, func(uint64, []byte) (bool, error) { seen++; return seen < 2, nil })
	if err != nil || seen != 2 {
		t.Errorf("a walk that should end after 2 rows made %d: %v", seen, err)
	}
	err = tx.Rows("t", []byte("g"), 0, false, func(uint64, []byte) (bool, error) { seen++; return true, errRefused })
	if !errors.Is(err, errRefused) || seen != 3 {
		t.Errorf("the error of visit came back as %v after %d rows", err, seen-2)
	}
	return nil
}

func testRowsMerge(t *testing.T, r Record) {
	g := []byte("g")
	must(t, r.Update, func(tx store.Tx) error {
		return errors.Join(tx.PutRow("t", g, 2, []byte("b")), tx.PutRow("t", g, 4, []byte("d")), tx.PutRow("t", g, 6, []byte("f")))
	})
	must(t, r.Update, func(tx store.Tx) error {
		err := errors.Join(tx.PutRow("t", g, 1, []byte("A")), tx.PutRow("t", g, 4, []byte("D")), tx.DeleteRow("t", g, 6),
			tx.PutRow("t", g, 5, []byte("E")), tx.DeleteRow("t", g, 5), tx.PutRow("t", g, 9, []byte("I")))
		for _, c := range []struct {
			from       uint64
			descending bool
			want       string
		}{
			{0, false, "1=A 2=b 4=D 9=I"}, {2, false, "2=b 4=D 9=I"}, {5, false, "9=I"}, {10, false, ""},
			{20, true, "9=I 4=D 2=b 1=A"}, {8, true, "4=D 2=b 1=A"}, {1, true, "1=A"}, {0, true, ""},
		} {
			if got := collect(t, tx, "t", g, c.from, c.descending); got != c.want {
				t.Errorf("from %d, descending %v: %q, want %q", c.from, c.descending, got, c.want)
			}
		}
		return errors.Join(err, testRowsMergeStop(t, tx, g))
	})
	must(t, r.View, func(tx store.Tx) error {
		if got := collect(t, tx, "t", g, 0, false); got != "1=A 2=b 4=D 9=I" {
			t.Errorf("after the commit: %q", got)
		}
		return nil
	})
}

// testRowsMergeStop ends walks on a row of each layer.
func testRowsMergeStop(t *testing.T, tx store.Tx, g []byte) error {
	for limit := range 4 {
		seen := 0
		err := tx.Rows("t", g, 0, false, func(uint64, []byte) (bool, error) { seen++; return seen <= limit, nil })
		if err != nil || seen != limit+1 {
			t.Errorf("a walk that should end after %d rows made %d: %v", limit+1, seen, err)
		}
	}
	return nil
}

func testVisitWrites(t *testing.T, r Record) {
	must(t, r.Update, func(tx store.Tx) error {
		for n := range uint64(6) {
			if err := tx.PutRow("t", nil, n, []byte("x")); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, r.Update, func(tx store.Tx) error {
		var seen []uint64
		err := tx.Rows("t", nil, 0, false, func(n uint64, _ []byte) (bool, error) {
			seen = append(seen, n)
			return true, errors.Join(tx.DeleteRow("t", nil, n), tx.DeleteRow("t", nil, n+1), tx.PutRow("t", nil, n+100, []byte("y")))
		})
		if len(seen) != 6 {
			t.Errorf("the walk saw %v: what visit writes must not change it", seen)
		}
		return err
	})
	must(t, r.View, func(tx store.Tx) error {
		if got, want := collect(t, tx, "t", nil, 0, false), "100=y 101=y 102=y 103=y 104=y 105=y"; got != want {
			t.Errorf("left over: %s, want %s", got, want)
		}
		return nil
	})
}
