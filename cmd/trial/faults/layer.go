//go:build linux

package main

import (
	"errors"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// opKind is one kind of change that a program asks of a file system.
type opKind string

const (
	opWrite     opKind = "write"
	opTruncate  opKind = "truncate"
	opSync      opKind = "fsync"
	opSyncNames opKind = "fsync of a folder"
	opCreate    opKind = "create"
	opMakeDir   opKind = "mkdir"
	opRename    opKind = "rename"
	opUnlink    opKind = "unlink"
	opLink      opKind = "link"
	opNode      opKind = "mknod"
	opMark      opKind = "mark"
)

// op is one change as it was done. Files are known by their inode number, since their names
// change; Mark is not a change but what the program had promised by then.
type op struct {
	Kind   opKind
	Ino    uint64
	Path   string // create, mkdir, unlink, link: from the root of the mount
	To     string // rename
	Offset int64
	Size   uint64
	Data   []byte
	Mark   string
}

// layer is a file system over a folder. It counts every change that is asked of it, can end the
// caller or refuse at the N-th, and can write down all of them.
type layer struct {
	backing string
	server  *fuse.Server

	mu     sync.Mutex
	known  *sync.Cond // that victim is set
	count  int64
	aim    fault
	struck opKind    // what was aimed at, empty before
	since  time.Time // when it was struck
	victim int       // process to end
	record bool
	log    []op
}

// fault says what happens at which change.
type fault struct {
	At     int64 // from 1; 0: never
	Errno  syscall.Errno
	Kill   bool
	Sticky bool // every change from then on
}

// mount shows backing at point.
func mount(backing, point string) (*layer, error) {
	l := &layer{backing: backing}
	l.known = sync.NewCond(&l.mu)
	var st syscall.Stat_t
	if err := syscall.Stat(backing, &st); err != nil {
		return nil, err
	}
	data := &fs.LoopbackRoot{Path: backing, Dev: st.Dev}
	root := l.inode(data)
	data.RootNode = root
	server, err := fs.Mount(point, root, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "valise-trial"}})
	if err != nil {
		return nil, err
	}
	l.server = server
	return l, nil
}

func (l *layer) inode(data *fs.LoopbackRoot) *inode {
	return &inode{LoopbackNode: fs.LoopbackNode{RootData: data}, layer: l}
}

// unmount waits for what an ended process had open: on a busy machine the kernel closes the last of it
// only after the process is gone, and until then the layer is busy.
func (l *layer) unmount() error {
	end := time.Now().Add(patience)
	for {
		err := l.server.Unmount()
		if !errors.Is(err, syscall.EBUSY) || time.Now().After(end) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// arm begins a run: the count is 0 again.
func (l *layer) arm(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count, l.aim, l.struck, l.victim, l.since = 0, f, "", 0, time.Time{}
}

// against names the process that a killing fault ends.
func (l *layer) against(pid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.victim = pid
	l.known.Broadcast()
}

// seen is how many changes were asked for since arm, and which one the fault struck.
func (l *layer) seen() (count int64, struck opKind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count, l.struck
}

// sick reports whether the disk has been failing for some time: what does not go on by now will
// not before the disk is well.
func (l *layer) sick() bool {
	const enough = 300 * time.Millisecond
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.aim.Sticky && l.struck != "" && time.Since(l.since) > enough
}

// gate is passed before every change.
func (l *layer) gate(kind opKind) syscall.Errno {
	l.mu.Lock()
	for l.aim.Kill && l.victim == 0 {
		l.known.Wait() // the process is there, and its number is about to be
	}
	l.count++
	f, victim := l.aim, l.victim
	hit := f.At > 0 && (l.count == f.At || f.Sticky && l.count > f.At)
	if hit && l.struck == "" {
		l.struck, l.since = kind, time.Now()
	}
	l.mu.Unlock()
	if !hit {
		return 0
	}
	if f.Kill {
		_ = syscall.Kill(victim, syscall.SIGKILL)
		return syscall.EIO
	}
	return f.Errno
}

// start makes the log begin here.
func (l *layer) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.record, l.log = true, nil
}

// stop ends the log and gives it.
func (l *layer) stop() []op {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.record = false
	return l.log
}

// done notes a change that was made. Serialised with others of the same file by the kernel.
func (l *layer) done(o op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.record {
		l.log = append(l.log, o)
	}
}
