//go:build mutants

package gateway

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
)

// halved breaks the rule that item, number, leaf and receipt due are one transaction: what belongs
// to a received message is committed in two, and in between anything can happen.
// docs/protocol.md §7.4
func halved(s Store) Store {
	for name, first := range map[string]func(write) bool{
		// What a receipt is made of comes first, the rest of the message after it.
		"receipt-before-commit": func(w write) bool { return strings.HasPrefix(w.table, "in-") || strings.HasPrefix(w.table, "pair") },
		// Everything that knows a message again comes last.
		"dedupe-in-second-txn": func(w write) bool {
			return w.table != tableInNumber && w.table != tableMessage && w.table != tableDigest
		},
		// The item, and with it the leaf of the tree, comes last.
		"leaf-after-receipt": func(w write) bool { return w.item == nil },
	} {
		if mutant.Is(name) {
			return &halves{Store: s, first: first}
		}
	}
	return s
}

type halves struct {
	Store
	first func(write) bool
}

// write is one thing that a function wrote.
type write struct {
	table string
	item  *valisev1.Item
	do    func(Tx) error
}

var errRehearsed = errors.New("rehearsed")

// Update rehearses a function and commits what it wrote, in two halves where it takes a message.
func (h *halves) Update(ctx context.Context, fn func(Tx) error) error {
	var r *rehearsal
	err := h.Store.Update(ctx, func(tx Tx) error {
		r = &rehearsal{Tx: tx}
		if err := fn(r); err != nil {
			return err
		}
		return errRehearsed
	})
	if !errors.Is(err, errRehearsed) {
		return err
	}
	if !r.receives {
		return h.apply(ctx, r.writes, func(write) bool { return true })
	}
	if err := h.apply(ctx, r.writes, h.first); err != nil {
		return err
	}
	return h.apply(ctx, r.writes, func(w write) bool { return !h.first(w) })
}

func (h *halves) apply(ctx context.Context, all []write, which func(write) bool) error {
	return h.Store.Update(ctx, func(tx Tx) error {
		for _, w := range all {
			if !which(w) {
				continue
			}
			if err := w.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// rehearsal notes what a function writes.
type rehearsal struct {
	Tx
	writes   []write
	receives bool
}

// Append notes an item.
func (r *rehearsal) Append(item *valisev1.Item) (uint64, error) {
	kept := proto.CloneOf(item)
	r.writes = append(r.writes, write{item: kept, do: func(tx Tx) error {
		_, err := tx.Append(proto.CloneOf(kept))
		return err
	}})
	return r.Tx.Append(item)
}

// AppendSigned notes an item that is signed at once.
func (r *rehearsal) AppendSigned(item *valisev1.Item, _ int, sign func() ([]byte, error)) (n uint64, err error) {
	if item.Signed, err = sign(); err != nil {
		return 0, err
	}
	return r.Append(item)
}

// Prune notes that the content of an item goes.
func (r *rehearsal) Prune(number uint64) error {
	r.writes = append(r.writes, write{do: func(tx Tx) error { return tx.Prune(number) }})
	return r.Tx.Prune(number)
}

// Put notes a value.
func (r *rehearsal) Put(table string, key, value []byte) error {
	r.writes = append(r.writes, write{table: table, do: func(tx Tx) error { return tx.Put(table, key, value) }})
	return r.Tx.Put(table, key, value)
}

// Delete notes that a value goes.
func (r *rehearsal) Delete(table string, key []byte) error {
	r.writes = append(r.writes, write{table: table, do: func(tx Tx) error { return tx.Delete(table, key) }})
	return r.Tx.Delete(table, key)
}

// PutRow notes a row.
func (r *rehearsal) PutRow(table string, group []byte, n uint64, value []byte) error {
	r.receives = r.receives || table == tableInNumber
	r.writes = append(r.writes, write{table: table, do: func(tx Tx) error { return tx.PutRow(table, group, n, value) }})
	return r.Tx.PutRow(table, group, n, value)
}

// DeleteRow notes that a row goes.
func (r *rehearsal) DeleteRow(table string, group []byte, n uint64) error {
	r.writes = append(r.writes, write{table: table, do: func(tx Tx) error { return tx.DeleteRow(table, group, n) }})
	return r.Tx.DeleteRow(table, group, n)
}
