package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
)

// measureHeap: what two nodes keep in memory after a tenth of many messages and after all of them,
// each time after a collection. What a process has of the kernel says less: it holds whatever was
// thrown away since the last collection. The relay is a program of its own, so that its buffers
// are not counted.
func measureHeap(ctx context.Context, b *bench) (rows []row, err error) {
	l, err := newLab(filepath.Join(b.dir, "heap"))
	if err != nil {
		return nil, err
	}
	relay, err := b.launch(ctx, "relay", "run", "--home", l.RelayHome(), "--roster", l.RosterPath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, relay.end()) }()
	before := liveHeap()
	p, err := newProduct(ctx, l, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	var after [2]float64
	for i, count := range []int{b.size.memory / 10, b.size.memory - b.size.memory/10} {
		if _, err := manySenders(ctx, p, 64, count); err != nil {
			return nil, err
		}
		after[i] = liveHeap()
	}
	return []row{atMost(fmt.Sprintf("live heap of two nodes after %d messages ÷ after a tenth of them", b.size.memory), 1.1, after[1]/after[0], " ×",
		fmt.Sprintf("%.1f MiB before they start, %.1f MiB, then %.1f MiB", before, after[0], after[1]))}, nil
}

// liveHeap is what is in use after a collection, in MiB. The second one empties the pools.
func liveHeap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
