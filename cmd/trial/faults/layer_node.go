//go:build linux

package main

import (
	"context"
	"path/filepath"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// markFile is no file: what is written to it is noted in the log between the changes, so that
// the log says what had been promised at each of them.
const markFile = ".promised"

// inode is a file or folder of a layer.
type inode struct {
	fs.LoopbackNode
	layer *layer
}

// file is an open file. It is not a LoopbackFile by embedding: the kernel would be told to pass
// reads and writes by this program.
type file struct {
	under fs.FileHandle
	node  *inode
	ino   uint64
}

// WrapChild makes every file and folder below one of the layer's.
func (n *inode) WrapChild(context.Context, fs.InodeEmbedder) fs.InodeEmbedder {
	return n.layer.inode(n.RootData)
}

func (n *inode) at(name string) string { return filepath.Join(n.Path(n.Root()), name) }

func (n *inode) wrap(under fs.FileHandle, ino uint64) *file {
	return &file{under: under, node: n, ino: ino}
}

func (n *inode) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if n.Path(n.Root()) == markFile {
		return marks{n.layer}, 0, 0
	}
	cut := flags&syscall.O_TRUNC != 0
	if cut {
		if errno := n.layer.gate(opTruncate); errno != 0 {
			return nil, 0, errno
		}
	}
	under, kernel, errno := n.LoopbackNode.Open(ctx, flags)
	if errno != 0 {
		return nil, 0, errno
	}
	if cut {
		n.layer.done(op{Kind: opTruncate, Ino: n.StableAttr().Ino})
	}
	return n.wrap(under, n.StableAttr().Ino), kernel, 0
}

func (n *inode) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	if name != markFile {
		if errno := n.layer.gate(opCreate); errno != 0 {
			return nil, nil, 0, errno
		}
	}
	child, under, kernel, errno := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	if errno != 0 {
		return nil, nil, 0, errno
	}
	if name == markFile {
		return child, marks{n.layer}, kernel, 0
	}
	ino := child.StableAttr().Ino
	n.layer.done(op{Kind: opCreate, Ino: ino, Path: n.at(name)})
	return child, child.Operations().(*inode).wrap(under, ino), kernel, 0
}

func (n *inode) Setattr(ctx context.Context, h fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	size, cut := in.GetSize()
	if cut {
		if errno := n.layer.gate(opTruncate); errno != 0 {
			return errno
		}
	}
	errno := n.LoopbackNode.Setattr(ctx, nil, in, out)
	if cut && errno == 0 {
		n.layer.done(op{Kind: opTruncate, Ino: n.StableAttr().Ino, Size: size})
	}
	return errno
}

func (n *inode) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.layer.gate(opMakeDir); errno != 0 {
		return nil, errno
	}
	child, errno := n.LoopbackNode.Mkdir(ctx, name, mode, out)
	if errno == 0 {
		n.layer.done(op{Kind: opMakeDir, Path: n.at(name)})
	}
	return child, errno
}

func (n *inode) Mknod(ctx context.Context, name string, mode, rdev uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.layer.gate(opNode); errno != 0 {
		return nil, errno
	}
	child, errno := n.LoopbackNode.Mknod(ctx, name, mode, rdev, out)
	if errno == 0 {
		n.layer.done(op{Kind: opNode, Path: n.at(name)})
	}
	return child, errno
}

func (n *inode) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.layer.gate(opLink); errno != 0 {
		return nil, errno
	}
	child, errno := n.LoopbackNode.Link(ctx, target, name, out)
	if errno == 0 {
		n.layer.done(op{Kind: opLink, Ino: child.StableAttr().Ino, Path: n.at(name)})
	}
	return child, errno
}

func (n *inode) Unlink(ctx context.Context, name string) syscall.Errno {
	if errno := n.layer.gate(opUnlink); errno != 0 {
		return errno
	}
	errno := n.LoopbackNode.Unlink(ctx, name)
	if errno == 0 {
		n.layer.done(op{Kind: opUnlink, Path: n.at(name)})
	}
	return errno
}

func (n *inode) Rmdir(ctx context.Context, name string) syscall.Errno {
	if errno := n.layer.gate(opUnlink); errno != 0 {
		return errno
	}
	errno := n.LoopbackNode.Rmdir(ctx, name)
	if errno == 0 {
		n.layer.done(op{Kind: opUnlink, Path: n.at(name)})
	}
	return errno
}

func (n *inode) Rename(ctx context.Context, name string, newParent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if errno := n.layer.gate(opRename); errno != 0 {
		return errno
	}
	from, to := n.at(name), filepath.Join(newParent.EmbeddedInode().Path(n.Root()), newName)
	errno := n.LoopbackNode.Rename(ctx, name, newParent, newName, flags)
	if errno == 0 {
		n.layer.done(op{Kind: opRename, Path: from, To: to})
	}
	return errno
}

// CopyFileRange is not offered, so that every copy is made of writes.
func (n *inode) CopyFileRange(context.Context, fs.FileHandle, uint64, *fs.Inode, fs.FileHandle, uint64, uint64, uint64) (uint32, syscall.Errno) {
	return 0, syscall.ENOSYS
}

// Tmpfile is not offered: a file without a name would pass by the log.
func (n *inode) Tmpfile(context.Context, uint32, uint32, *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	return nil, nil, 0, syscall.ENOTSUP
}

// stream is what LoopbackNode opens for a folder.
type stream interface {
	fs.FileReaddirenter
	fs.FileSeekdirer
	fs.FileReleasedirer
	fs.FileFsyncdirer
}

// folder is an open folder.
type folder struct {
	stream
	node *inode
}

func (n *inode) OpendirHandle(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	h, kernel, errno := n.LoopbackNode.OpendirHandle(ctx, flags)
	if under, ok := h.(stream); ok && errno == 0 {
		return folder{under, n}, kernel, 0
	}
	return h, kernel, errno
}

func (f folder) Fsyncdir(ctx context.Context, flags uint32) syscall.Errno {
	if errno := f.node.layer.gate(opSyncNames); errno != 0 {
		return errno
	}
	errno := f.stream.Fsyncdir(ctx, flags)
	if errno == 0 {
		f.node.layer.done(op{Kind: opSyncNames, Path: f.node.at("")})
	}
	return errno
}
