package node

import (
	"fmt"

	valisev1 "valise.example/proto/valise/v1"
)

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
