//go:build unix

package api

import (
	"io/fs"
	"os"
	"syscall"
)

// ownerOf is the user id that owns a file; ok is false where the system does not say.
func ownerOf(info fs.FileInfo) (uid uint32, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return st.Uid, true
}

// foreign reports whether a file belongs to neither this process's user nor root.
func foreign(info fs.FileInfo) bool {
	uid, ok := ownerOf(info)
	return ok && uid != 0 && uid != uint32(os.Geteuid())
}
