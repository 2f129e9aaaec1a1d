package main

import (
	"bytes"
	"context"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// watchFolder tells the name of each file that is moved into a folder, in the moment it is.
func watchFolder(p *parts, folder string) (<-chan string, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "inotify") // the runtime's poller waits for it
	if _, err := unix.InotifyAddWatch(fd, folder, unix.IN_MOVED_TO|unix.IN_CREATE); err != nil {
		return nil, err
	}
	came := make(chan string, 1024)
	p.run(func(ctx context.Context) error {
		<-ctx.Done()
		return file.Close()
	})
	p.run(func(ctx context.Context) error {
		buffer := make([]byte, 64<<10)
		for {
			n, err := file.Read(buffer)
			if err != nil {
				return err
			}
			for b := buffer[:n]; len(b) >= unix.SizeofInotifyEvent; {
				event := (*unix.InotifyEvent)(unsafe.Pointer(&b[0])) //nolint:gosec // the kernel's own form
				name := string(bytes.TrimRight(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+event.Len], "\x00"))
				b = b[unix.SizeofInotifyEvent+event.Len:]
				if isTemporary(name) {
					continue
				}
				select {
				case came <- name:
				case <-ctx.Done():
					return nil
				}
			}
		}
	})
	return came, nil
}
