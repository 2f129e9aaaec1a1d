//go:build unix

package seal

import (
	"io/fs"
	"os"
	"syscall"
)

// openNoFollow refuses a symbolic link at the end of path and does not wait on a pipe.
func openNoFollow(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// ownedByUs reports whether the file belongs to the user that this process acts for.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
