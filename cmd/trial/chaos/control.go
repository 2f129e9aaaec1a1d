//go:build linux

package main

import (
	"context"
	"path/filepath"
)

// A control is a fault that no node can mend: its own disk goes back and nobody is told, as if a
// commit had never been synced. A trial that does not find it proves nothing.

func (n *node) isControl() bool { return n.w.control && n.name == states[0] }

func (n *node) copyName() string { return filepath.Join(n.w.dir, n.name+"-copy") }

func (n *node) copyHome(ctx context.Context) error {
	n.process().kill()
	n.w.pace.kills.Add(1)
	n.copied = true
	if err := replace(n.copyName(), n.home); err != nil {
		return err
	}
	return n.start(ctx, nil)
}

func (n *node) putBack(ctx context.Context) error {
	n.noteHead(ctx)
	n.process().kill()
	n.w.pace.kills.Add(1)
	n.cheated = true
	if err := replace(n.home, n.copyName()); err != nil {
		return err
	}
	n.did("put back to an older copy without a word")
	return n.start(ctx, nil)
}
