//go:build linux

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// written is a disk on which a file was made, written, synced and named, and written again.
func written(deaf bool) *replay {
	r := &replay{files: map[uint64]*content{}, names: map[string]uint64{}, deaf: deaf}
	for _, o := range []op{
		{Kind: opMakeDir, Path: "home"},
		{Kind: opSyncNames, Path: ""},
		{Kind: opCreate, Ino: 7, Path: "home/new"},
		{Kind: opWrite, Ino: 7, Data: bytes.Repeat([]byte("a"), 2*sector)},
		{Kind: opSync, Ino: 7},
		{Kind: opRename, Path: "home/new", To: "home/file"},
		{Kind: opSyncNames, Path: "home"},
		{Kind: opWrite, Ino: 7, Offset: sector, Data: bytes.Repeat([]byte("b"), 2*sector)},
		{Kind: opUnlink, Path: "home/file"},
	} {
		r.step(o)
	}
	return r
}

// content of the file as the image shows it; nil where there is none.
func shownFile(t *testing.T, i image, name string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := i.lay(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	return b
}

// What was synced is in every image, what was not is in some and not in others.
func TestImagesOfASyncedFile(t *testing.T) {
	r := written(false)
	if writes, names := r.open(); writes != 1 || names != 1 {
		t.Fatalf("%d writes and %d names are open, want one of each", writes, names)
	}
	nothing := shownFile(t, r.image(r.variant(1, nil)), "home/file")
	if string(nothing) != string(bytes.Repeat([]byte("a"), 2*sector)) {
		t.Errorf("when nothing more arrived the file holds %d bytes that were not synced", len(nothing))
	}
	if all := shownFile(t, r.image(r.variant(0, nil)), "home/file"); all != nil {
		t.Error("when all arrived the file is gone, and an image shows it")
	}
	sizes := map[int]bool{}
	for n := range 60 {
		b := shownFile(t, r.image(r.variant(n, rand.New(rand.NewPCG(1, uint64(n))))), "home/file")
		if b == nil {
			continue
		}
		if !bytes.HasPrefix(b, bytes.Repeat([]byte("a"), sector)) {
			t.Fatalf("variant %d changed a synced sector that nothing wrote to", n)
		}
		sizes[len(b)] = true
	}
	if !sizes[2*sector] || !sizes[3*sector] {
		t.Errorf("sizes seen: %v; a write over the end arrives or does not", sizes)
	}
}

// A disk that does not hear fsync may have nothing at all, which a trial must be able to see.
func TestImagesOfADeafDisk(t *testing.T) {
	r := written(true)
	if b := shownFile(t, r.image(r.variant(1, nil)), "home/file"); b != nil {
		t.Errorf("a file of %d bytes on a disk that kept nothing", len(b))
	}
	if _, names := r.open(); names != 4 {
		t.Errorf("%d names are open, want all 4", names)
	}
}

// A name in a folder that is not there is lost with it.
func TestImageWithoutTheFolder(t *testing.T) {
	r := &replay{files: map[uint64]*content{}, names: map[string]uint64{}}
	for _, o := range []op{
		{Kind: opMakeDir, Path: "home"},
		{Kind: opCreate, Ino: 7, Path: "home/file"},
		{Kind: opSyncNames, Path: "home"},
	} {
		r.step(o)
	}
	if b := shownFile(t, r.image(r.variant(1, nil)), "home/file"); b != nil {
		t.Error("the folder was never synced, and the file is there")
	}
	if b := shownFile(t, r.image(r.variant(0, nil)), "home/file"); b == nil {
		t.Error("everything arrived, and the file is not there")
	}
}

// Sectors of one write arrive alone.
func TestTornWrite(t *testing.T) {
	c := &content{}
	c.change(op{Kind: opWrite, Offset: 0, Data: bytes.Repeat([]byte("x"), 3*sector)}, func(n int) bool { return n == 1 })
	want := append(make([]byte, sector), bytes.Repeat([]byte("x"), sector)...)
	if !bytes.Equal(c.data, want) || c.size != 2*sector {
		t.Errorf("%d bytes of %d, want the second sector alone", len(c.data), c.size)
	}
	c.change(op{Kind: opTruncate, Size: 10}, whole)
	c.change(op{Kind: opTruncate, Size: 20}, whole)
	if len(c.data) != 10 || c.size != 20 {
		t.Errorf("%d bytes of %d after it was cut and grown", len(c.data), c.size)
	}
}
