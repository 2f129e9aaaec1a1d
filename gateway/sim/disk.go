package sim

import (
	"context"
	"errors"

	"valise.example/gateway"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/memory"
)

// What a broken disk says. After either of the first two the outcome of the commit is unknown to
// whoever asked, and the record takes nothing until it is opened again. P6
var (
	errFull    = errors.New("no space left on device")
	errIO      = errors.New("input/output error")
	errStopped = errors.New("the record stopped after a storage error")
	errTwice   = errors.New("run again")
)

// disk is one home's record with what can go wrong below it. What was committed survives the
// process; a saved copy can take its place.
type disk struct {
	h       *home
	record  *memory.Record
	stopped bool
	items   uint64 // committed items that the history has
	commits int
	removed []*valisev1.Item // that lose their content with the transaction
	synced  *saved           // what a power failure leaves; with the mistake no-sync only
}

func newDisk(h *home) *disk {
	return &disk{h: h, record: memory.New(h.now)}
}

// Update commits, or breaks before or after it has.
func (d *disk) Update(ctx context.Context, fn func(gateway.Tx) error) error {
	if d.stopped {
		return errStopped
	}
	s := d.h.s
	watched := func(tx store.Tx) error {
		d.removed = nil
		return fn(watching{tx, d})
	}
	if s.chance(s.f.commitTwice) {
		if err := d.record.Update(ctx, func(tx store.Tx) error { return errors.Join(watched(tx), errTwice) }); !errors.Is(err, errTwice) {
			return err
		}
	}
	before, after := s.chance(s.f.commitBefore), s.chance(s.f.commitAfter)
	err := d.record.Update(ctx, func(tx store.Tx) error {
		if err := watched(tx); err != nil || !before {
			return err
		}
		return errFull
	})
	if err == nil {
		d.h.committed()
		d.writesBack()
		if after {
			err = errIO
		}
	}
	d.stopped = errors.Is(err, errFull) || errors.Is(err, errIO)
	return err
}

// View reads one consistent state.
func (d *disk) View(ctx context.Context, fn func(gateway.Tx) error) error {
	if d.stopped {
		return errStopped
	}
	return d.record.View(ctx, func(tx store.Tx) error { return fn(tx) })
}

// since reads the items that were committed since the last call, and still have their content.
func (d *disk) since() []*valisev1.Item {
	var out []*valisev1.Item
	err := d.record.View(context.Background(), func(tx store.Tx) error {
		for ; d.items < tx.Items(); d.items++ {
			it, err := tx.Item(d.items)
			if errors.Is(err, store.ErrPruned) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, it)
		}
		return nil
	})
	if err != nil {
		d.h.s.fault("the record of %s cannot be read: %v", d.h.state, err)
	}
	return out
}

// head is size and root of the tree.
func (d *disk) head(ctx context.Context) (uint64, [32]byte, error) {
	h, err := d.record.Head(ctx)
	return h.Size, h.Root, err
}

// writesBack is how a disk that nobody makes sync keeps something after all: now and then.
func (d *disk) writesBack() {
	if d.commits++; mutant.Is("no-sync") && d.commits%4 == 0 {
		d.synced = &saved{record: d.record.Copy(), items: d.items}
	}
}

// powerFails ends every life when commits are not waited for: what was not written back is gone,
// and nobody knows. Where they are, a commit is on the disk and there is nothing to lose.
func (h *home) powerFails() {
	if at := h.disk.synced; at != nil {
		h.disk.record, h.disk.items = at.record.Copy(), at.items
	}
}
