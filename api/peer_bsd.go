//go:build darwin || freebsd

package api

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// peerUID asks the kernel who connected.
func peerUID(conn net.Conn) (uid uint32, ok bool) {
	sc, is := conn.(syscall.Conn)
	if _, local := conn.RemoteAddr().(*net.UnixAddr); !is || !local {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *unix.Xucred
	controlErr := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if controlErr != nil || err != nil {
		return 0, false
	}
	return cred.Uid, true
}
