package store

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// limitChild lets the process have so much address space beyond what it has now and what the file takes
// when it is mapped, and compute for so long. The kernel holds both: the process ends there.
func limitChild(task childTask) error {
	// The runtime ignores the soft limit's signal; at the hard one the kernel kills.
	if err := unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: task.Seconds, Max: task.Seconds}); err != nil {
		return err
	}
	info, err := os.Stat(task.Path)
	if err != nil {
		return err
	}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	first, _, _ := bytes.Cut(statm, []byte(" "))
	pages, err := strconv.ParseUint(string(first), 10, 64)
	if err != nil {
		return fmt.Errorf("store: the size of this process cannot be read: %w", err)
	}
	most := pages*uint64(os.Getpagesize()) + task.Memory + mapped(uint64(info.Size()))
	return unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: most, Max: most})
}

// mapped is the most that bbolt maps for a file: the next power of two, or GiB above one.
func mapped(size uint64) uint64 { return 2*min(size, 1<<30) + size + 1<<20 }
