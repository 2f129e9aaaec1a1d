//go:build linux

package main

import (
	"cmp"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
)

// sector is what a disk writes wholly or not at all.
const sector = 512

// replay is what a disk surely holds at a moment of a log, and what it may hold beside it.
//
// The model is stricter than ext4 and XFS: of a file what was written before its last fsync is
// there, and everything after may be there wholly, not at all or by sectors, in any order. Of
// names, those in a folder before its last fsync are there, and of the rest any first part.
type replay struct {
	files   map[uint64]*content
	names   map[string]uint64 // durable; a folder has number 0
	pending []op              // names, in order
	// deaf is the seeded fault of this trial: fsync is not heard.
	deaf bool
}

// content is a file: its durable bytes, without the zeros at the end, its size, and what was
// changed since.
type content struct {
	data    []byte
	size    int64
	pending []op
}

// change applies a write or a truncate; keep says whether sector n of a write arrived.
func (c *content) change(o op, keep func(n int) bool) {
	if o.Kind == opTruncate {
		c.size = int64(o.Size)
		c.data = c.data[:min(int64(len(c.data)), c.size)]
		return
	}
	for at := 0; at < len(o.Data); at += sector {
		if !keep(at / sector) {
			continue
		}
		part := o.Data[at:min(at+sector, len(o.Data))]
		begin := o.Offset + int64(at)
		end := begin + int64(len(part))
		if grow := end - int64(len(c.data)); grow > 0 {
			c.data = append(c.data, make([]byte, grow)...)
		}
		copy(c.data[begin:end], part)
		c.size = max(c.size, end)
	}
}

func whole(int) bool { return true }

// numbers gives the inode numbers of a folder's files.
func numbers(dir string) (map[string]uint64, error) {
	inodes := map[string]uint64{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			inodes[rel] = info.Sys().(*syscall.Stat_t).Ino
		}
		return err
	})
	return inodes, err
}

// readBase takes a copy of a folder for durable; inodes are the numbers of the files copied.
func readBase(dir string, inodes map[string]uint64, deaf bool) (*replay, error) {
	r := &replay{files: map[uint64]*content{}, names: map[string]uint64{}, deaf: deaf}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil || d.IsDir() {
			r.names[rel] = 0
			return err
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name) //nolint:gosec // the folder is the trial's own
		if err != nil {
			return err
		}
		ino := inodes[rel]
		r.names[rel] = ino
		r.files[ino] = &content{data: withoutZeros(data), size: info.Size()}
		return nil
	})
	return r, err
}

func withoutZeros(b []byte) []byte {
	end := len(b)
	for end > 0 && b[end-1] == 0 {
		end--
	}
	return slices.Clone(b[:end])
}

// step takes one change of the log.
func (r *replay) step(o op) {
	switch o.Kind {
	case opCreate:
		if r.files[o.Ino] == nil {
			r.files[o.Ino] = &content{}
		}
		r.pending = append(r.pending, o)
	case opMakeDir, opRename, opUnlink, opLink:
		r.pending = append(r.pending, o)
	case opWrite, opTruncate:
		if c := r.files[o.Ino]; c != nil {
			c.pending = append(c.pending, o)
		}
	case opSync:
		if c := r.files[o.Ino]; c != nil && !r.deaf {
			for _, p := range c.pending {
				c.change(p, whole)
			}
			c.pending = nil
		}
	case opSyncNames:
		if !r.deaf {
			r.settle(o.Path)
		}
	case opNode, opMark:
	}
}

// settle makes the names in a folder durable.
func (r *replay) settle(folder string) {
	r.pending = slices.DeleteFunc(r.pending, func(o op) bool {
		if in(o.Path) != folder && (o.To == "" || in(o.To) != folder) {
			return false
		}
		rename(r.names, o)
		return true
	})
}

func in(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

func rename(names map[string]uint64, o op) {
	switch o.Kind {
	case opCreate, opLink:
		names[o.Path] = o.Ino
	case opMakeDir:
		names[o.Path] = 0
	case opUnlink:
		delete(names, o.Path)
	case opRename:
		if ino, there := names[o.Path]; there {
			names[o.To] = ino
			delete(names, o.Path)
		}
	}
}

// open counts what may or may not be there: writes, and names.
func (r *replay) open() (writes, names int) {
	for _, c := range r.files {
		writes += len(c.pending)
	}
	return writes, len(r.pending)
}

// choice says what of the open changes arrived: by number of the write over all files, and how
// many of the names.
type choice struct {
	keep  func(write, sector int) bool
	names int
}

// variant is the n-th way in which things can have gone: all, nothing, names alone; each write
// missing; each alone; and then by chance.
func (r *replay) variant(n int, chance *rand.Rand) choice {
	writes, names := r.open()
	all := func(int, int) bool { return true }
	nothing := func(int, int) bool { return false }
	switch n {
	case 0:
		return choice{all, names}
	case 1:
		return choice{nothing, 0}
	case 2:
		return choice{nothing, names}
	}
	if n -= 3; n < writes {
		return choice{func(w, _ int) bool { return w != n }, names}
	}
	if n -= writes; n < writes {
		return choice{func(w, _ int) bool { return w == n }, names}
	}
	fate := make([]int, writes)
	for i := range fate {
		fate[i] = chance.IntN(3)
	}
	return choice{func(w, _ int) bool { return fate[w] == 0 || fate[w] == 1 && chance.IntN(2) == 0 }, chance.IntN(names + 1)}
}

// image is one state in which the disk can be found.
type image struct {
	names map[string]uint64
	files map[uint64]*content
}

func (r *replay) image(c choice) image {
	i := image{names: maps.Clone(r.names), files: map[uint64]*content{}}
	for _, o := range r.pending[:c.names] {
		rename(i.names, o)
	}
	write := 0
	for _, ino := range slices.Sorted(maps.Keys(r.files)) {
		f := r.files[ino]
		if len(f.pending) == 0 {
			i.files[ino] = f
			continue
		}
		now := &content{data: slices.Clone(f.data), size: f.size}
		for _, o := range f.pending {
			if o.Kind == opWrite || c.keep(write, 0) {
				now.change(o, func(sector int) bool { return c.keep(write, sector) })
			}
			write++
		}
		i.files[ino] = now
	}
	return i
}

// lay writes the image into an empty folder. What stands in a folder that is not there is lost.
func (i image) lay(dir string) error {
	names := slices.SortedFunc(maps.Keys(i.names), func(a, b string) int { return cmp.Compare(a, b) })
	for _, name := range names {
		ino := i.names[name]
		if !i.reached(name) {
			continue
		}
		if ino == 0 {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
				return err
			}
			continue
		}
		f := i.files[ino]
		if f == nil {
			continue
		}
		if err := f.lay(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// reached reports whether every folder above a name is there.
func (i image) reached(name string) bool {
	for above := in(name); above != ""; above = in(above) {
		if _, there := i.names[above]; !there {
			return false
		}
	}
	return true
}

func (c *content) lay(name string) error {
	if err := os.WriteFile(name, c.data[:min(int64(len(c.data)), c.size)], 0o600); err != nil {
		return err
	}
	if c.size > int64(len(c.data)) {
		return os.Truncate(name, c.size)
	}
	return nil
}
