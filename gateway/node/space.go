package node

import (
	"fmt"
	"syscall"

	valisev1 "valise.example/proto/valise/v1"
)

// spaceAt tells how many bytes this user may still write on the disk of a folder, and how many the
// disk has.
func spaceAt(dir string) (free, all uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(s.Bsize)
	return s.Bavail * block, s.Blocks * block, nil
}

// hasRoom refuses a backup that says it is larger than the disk has room for, before any of it is
// written.
func (r *restorer) hasRoom(need uint64) error {
	free, _, err := spaceAt(r.config.Dir)
	if err != nil {
		return err
	}
	if need > free {
		return &Fault{Why: valisev1.Reason_REASON_DISK_FULL, Detail: fmt.Sprintf("the backup takes %d bytes and the disk has room for %d", need, free)}
	}
	return nil
}
