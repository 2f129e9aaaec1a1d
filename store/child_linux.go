package store

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// limitMemory lets the process have limit bytes of address space beyond what it has now and
// what the file at path takes when it is mapped. The kernel holds it: the process ends there.
func limitMemory(limit uint64, path string) error {
	info, err := os.Stat(path)
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
	most := pages*uint64(os.Getpagesize()) + limit + mapped(uint64(info.Size()))
	return unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: most, Max: most})
}

// mapped is the most that bbolt maps for a file: the next power of two, or GiB above one.
func mapped(size uint64) uint64 { return 2*min(size, 1<<30) + size + 1<<20 }
