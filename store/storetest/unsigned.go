package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// unsignedItem is Item without its Signed, and what signs it.
func unsignedItem(n byte) (item *valisev1.Item, sign func() ([]byte, error)) {
	item = Item(n)
	signed := item.Signed
	item.Signed = nil
	return item, func() ([]byte, error) { return slices.Clone(signed), nil }
}

// testSignedLater: an item that is signed late is the same item, wherever it is read, and what is
// done to the caller's own copy does not reach it.
func testSignedLater(t *testing.T, r Record) {
	size := len(Item(1).Signed)
	must(t, r.Update, func(tx store.Tx) error {
		for n := range byte(3) {
			item, sign := unsignedItem(n)
			got, err := tx.AppendSigned(item, size, sign)
			if err != nil || got != uint64(n) || item.Number != uint64(n) || tx.Items() != uint64(n)+1 {
				t.Errorf("the item got number %d and %d, want %d: %v", got, item.Number, n, err)
			}
			item.Note = "changed afterwards"
		}
		if back, err := tx.Item(1); err != nil || !same(back, Item(1)) {
			t.Errorf("the item reads differently in its transaction: %v", err)
		}
		return nil
	})
	must(t, r.View, func(tx store.Tx) error {
		for n := range byte(3) {
			if back, err := tx.Item(uint64(n)); err != nil || !same(back, Item(n)) {
				t.Errorf("item %d reads differently: %v", n, err)
			}
		}
		return nil
	})
}

// testSignedLaterByMany: every signature is made once, and a function that follows finds it.
func testSignedLaterByMany(t *testing.T, r Record) {
	const callers = 40
	var made [callers]int
	var all sync.WaitGroup
	for n := range byte(callers) {
		all.Go(func() {
			item, sign := unsignedItem(n)
			var number uint64
			must(t, r.Update, func(tx store.Tx) (err error) {
				if at := tx.Items(); at > 0 {
					if before, err := tx.Item(at - 1); err != nil || len(before.Signed) == 0 {
						t.Errorf("the item before reads without its signature: %v", err)
					}
				}
				number, err = tx.AppendSigned(item, len(Item(n).Signed), func() ([]byte, error) {
					made[n]++
					return sign()
				})
				return err
			})
			must(t, r.View, func(tx store.Tx) error {
				if back, err := tx.Item(number); err != nil || !same(back, Item(n)) {
					t.Errorf("item %d is not that of its caller: %v", number, err)
				}
				return nil
			})
		})
	}
	all.Wait()
	for n, times := range made {
		if times != 1 {
			t.Errorf("item %d was signed %d times", n, times)
		}
	}
}

// testUnsignedRefused: what is known to be wrong beforehand is refused at once.
func testUnsignedRefused(t *testing.T, r Record) {
	sign := func() ([]byte, error) { return nil, nil }
	must(t, r.Update, func(tx store.Tx) error {
		item, _ := unsignedItem(0)
		if _, err := tx.AppendSigned(item, store.MaxValue+1, sign); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
		if _, err := tx.AppendSigned(item, -1, sign); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("less than nothing: %v", err)
		}
		if _, err := tx.AppendSigned(nil, 1, sign); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("no item: %v", err)
		}
		item.Type = 0
		if _, err := tx.AppendSigned(item, 1, sign); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("no type: %v", err)
		}
		return nil
	})
	must(t, r.View, func(tx store.Tx) error {
		if _, err := tx.AppendSigned(Item(0), 1, sign); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("in a View: %v", err)
		}
		if tx.Items() != 0 {
			t.Errorf("%d items were stored", tx.Items())
		}
		return nil
	})
}
