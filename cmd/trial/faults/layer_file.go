//go:build linux

package main

import (
	"bytes"
	"context"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

func (f *file) Write(ctx context.Context, data []byte, offset int64) (uint32, syscall.Errno) {
	if errno := f.node.layer.gate(opWrite); errno != 0 {
		return 0, errno
	}
	n, errno := f.under.(fs.FileWriter).Write(ctx, data, offset)
	if errno == 0 {
		f.node.layer.done(op{Kind: opWrite, Ino: f.ino, Offset: offset, Data: bytes.Clone(data[:n])})
	}
	return n, errno
}

func (f *file) Fsync(ctx context.Context, flags uint32) syscall.Errno {
	if errno := f.node.layer.gate(opSync); errno != 0 {
		return errno
	}
	errno := f.under.(fs.FileFsyncer).Fsync(ctx, flags)
	if errno == 0 {
		f.node.layer.done(op{Kind: opSync, Ino: f.ino})
	}
	return errno
}

func (f *file) Read(ctx context.Context, dest []byte, offset int64) (fuse.ReadResult, syscall.Errno) {
	return f.under.(fs.FileReader).Read(ctx, dest, offset)
}

func (f *file) Flush(ctx context.Context) syscall.Errno { return f.under.(fs.FileFlusher).Flush(ctx) }

func (f *file) Release(ctx context.Context) syscall.Errno {
	return f.under.(fs.FileReleaser).Release(ctx)
}

func (f *file) Getattr(ctx context.Context, out *fuse.AttrOut) syscall.Errno {
	return f.under.(fs.FileGetattrer).Getattr(ctx, out)
}

// Allocate is not offered, so that space is asked for by writes and truncates alone.
func (f *file) Allocate(context.Context, uint64, uint64, uint32) syscall.Errno {
	return syscall.ENOTSUP
}

// marks takes what a program says it has promised.
type marks struct{ layer *layer }

func (m marks) Write(_ context.Context, data []byte, _ int64) (uint32, syscall.Errno) {
	m.layer.done(op{Kind: opMark, Mark: string(bytes.TrimSpace(data))})
	return uint32(len(data)), 0
}
