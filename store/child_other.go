//go:build !linux

package store

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// limitChild ends the process when its heap passes the limit; where the kernel offers no
// better bound, a look ten times a second must do. For how long it computes is not bounded here, so a
// file over which it computes for ever is one that could not be checked.
func limitChild(task childTask) error {
	limit := task.Memory
	debug.SetMemoryLimit(int64(limit))
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > limit {
				os.Exit(4)
			}
		}
	}()
	return nil
}
