//go:build !linux

package store

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// limitMemory ends the process when its heap passes the limit; where the kernel offers no
// better bound, a look ten times a second must do.
func limitMemory(limit uint64, _ string) error {
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
