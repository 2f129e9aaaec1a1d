package node

import "golang.org/x/sys/unix"

// spaceAt tells how many bytes this user may still write on the disk of a folder, and how many the
// disk has.
func spaceAt(dir string) (free, all uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(max(s.Frsize, 1))
	return s.Bavail * block, s.Blocks * block, nil
}
