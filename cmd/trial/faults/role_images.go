//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/seal"
	"valise.example/store"
)

// imageTask is what a process that opens images reads from its standard input.
type imageTask struct {
	Log     string // file with an imageLog
	Scratch string // folder for the image of the moment
	Seed    uint64
	// Share and Of: of all points those that leave Share when divided by Of.
	Share, Of int
	// Enough is how many different images a point gives at most, Tries how many it is looked for.
	Enough, Tries int
	Deaf          bool
	// After is the number of the last image that a process before this one came to.
	After int64
	// Progress is the file in which the number of the image under way stands.
	Progress string
}

// imageLog is what was recorded of one exchange, or of the making of something.
type imageLog struct {
	Lab    string
	Base   string // copy of the folder as it was when the log began
	Inodes map[string]uint64
	Kind   string // what is judged
	Ops    []op
}

// Kinds of an imageLog.
const (
	ofRecord = "record" // the record of a running node
	ofHome   = "home"   // a home that is made
	ofBackup = "backup" // a backup that is made
)

// roomForImages is what a process may use beside what it has: a damaged file can make its reader
// take everything.
const roomForImages = 1 << 30

// runImages is the role "images": it opens doubtful files itself, thousands of them, under a
// limit of memory; its end by any of them is an answer.
func runImages(in io.Reader, out io.Writer) int {
	var task imageTask
	if err := json.NewDecoder(in).Decode(&task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endUsage
	}
	w, err := newImageWorker(task, json.NewEncoder(out))
	if err == nil {
		err = limitSelf()
	}
	if err == nil {
		err = w.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endStopped
	}
	return 0
}

func limitSelf() error {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	first, _, _ := bytes.Cut(statm, []byte(" "))
	pages, err := strconv.ParseUint(string(first), 10, 64)
	if err != nil {
		return err
	}
	most := pages*uint64(os.Getpagesize()) + roomForImages
	return unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: most, Max: most})
}

type imageWorker struct {
	imageTask
	log      imageLog
	lab      *lab.Lab
	key      [32]byte
	progress *os.File
	out      *json.Encoder
	number   int64
	opened   int64
}

func newImageWorker(task imageTask, out *json.Encoder) (*imageWorker, error) {
	w := &imageWorker{imageTask: task, out: out}
	f, err := os.Open(task.Log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := gob.NewDecoder(f).Decode(&w.log); err != nil {
		return nil, err
	}
	if w.lab, err = lab.Open(w.log.Lab); err != nil {
		return nil, err
	}
	if w.log.Kind == ofRecord {
		if w.key, err = recordKey(w.lab, filepath.Join(w.log.Base, "home")); err != nil {
			return nil, err
		}
	}
	w.progress, err = os.OpenFile(task.Progress, os.O_WRONLY|os.O_CREATE, 0o600)
	return w, err
}

func recordKey(l *lab.Lab, home string) (key [32]byte, err error) {
	b, err := seal.ReadSecret(filepath.Join(home, "keys", "record.key"), l.Realm, "record", nil)
	copy(key[:], b)
	return key, err
}

// run goes through the log and opens the images of every point that is its share.
func (w *imageWorker) run() error {
	disk, err := readBase(w.log.Base, w.log.Inodes, w.Deaf)
	if err != nil {
		return err
	}
	var promised []string
	for point, o := range w.log.Ops {
		disk.step(o)
		if o.Kind == opMark {
			promised = append(promised, o.Mark)
		}
		if point%w.Of != w.Share {
			continue
		}
		if err := w.point(disk, point, promised); err != nil {
			return err
		}
	}
	return w.out.Encode(answer{Images: w.opened})
}

// point opens the different images of one point.
func (w *imageWorker) point(disk *replay, point int, promised []string) error {
	tries := w.Tries
	if writes, names := disk.open(); writes+names == 0 {
		tries = 1
	}
	chance := rand.New(rand.NewPCG(w.Seed, uint64(point))) //nolint:gosec // to be repeated, not to be secret
	seen := map[[32]byte]bool{}
	for n := 0; n < tries && len(seen) < w.Enough; n++ {
		i := disk.image(disk.variant(n, chance))
		sum := i.sum()
		if seen[sum] {
			continue
		}
		seen[sum] = true
		w.number++
		if w.number <= w.After {
			continue
		}
		if _, err := w.progress.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(w.number)), 0); err != nil {
			return err
		}
		w.opened++
		if err := w.judge(i, promised); err != nil {
			if err := w.out.Encode(answer{Wrong: fmt.Sprintf("image %d, after change %d (%s), variant %d: %v", w.number, point, w.log.Ops[point].Kind, n, err)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sum tells images from each other.
func (i image) sum() [32]byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(i.names)) {
		ino := i.names[name]
		fmt.Fprintf(h, "%q %d ", name, ino)
		if f := i.files[ino]; f != nil {
			fmt.Fprintf(h, "%d %d ", f.size, len(f.data))
			h.Write(f.data)
		}
	}
	return [32]byte(h.Sum(nil))
}

func (w *imageWorker) judge(i image, promised []string) error {
	if err := errors.Join(os.RemoveAll(w.Scratch), os.Mkdir(w.Scratch, 0o700)); err != nil {
		return err
	}
	if err := i.lay(w.Scratch); err != nil {
		return fmt.Errorf("the image cannot be laid: %w", err)
	}
	made := filepath.Join(w.Scratch, "home")
	switch w.log.Kind {
	case ofHome:
		return checkHome(w.lab, made, promised, w.verifyHere)
	case ofBackup:
		return checkBackup(w.lab, made, promised)
	}
	return w.checkRecord(made, promised)
}

func (w *imageWorker) verifyHere(_ *node.Home, dir string) error {
	key, err := recordKey(w.lab, dir)
	if err != nil {
		return err
	}
	return w.openRecord(dir, key, func(*store.Store) error { return nil })
}

// openRecord opens a record as a node does, lets look see it, and verifies it.
func (w *imageWorker) openRecord(home string, key [32]byte, look func(*store.Store) error) (err error) {
	s, err := store.Open(filepath.Join(home, "record.db"), store.Config{RecordKey: key, Realm: w.lab.Realm, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("the record does not open: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	report, err := s.Verify(context.Background(), store.VerifyConfig{})
	if err != nil {
		return err
	}
	if !report.OK {
		return fmt.Errorf("the record does not verify: %v", report.Problems)
	}
	return look(s)
}

// checkRecord: whatever was promised before the power failed stands in the record. P1, P4
func (w *imageWorker) checkRecord(home string, promised []string) error {
	return w.openRecord(home, w.key, func(s *store.Store) error {
		held := map[string]bool{}
		if err := s.View(context.Background(), func(tx store.Tx) error {
			for n := range tx.Items() {
				it, err := tx.Item(n)
				if err != nil {
					return err
				}
				if signed, err := seal.ParseSigned(it.GetSigned()); err == nil {
					if h, err := seal.ParseHeader(signed.Content.Header); err == nil {
						held[h.MessageID.String()] = true
					}
				}
			}
			return nil
		}); err != nil {
			return err
		}
		for _, message := range promised {
			if !held[message] {
				return fmt.Errorf("%.12s was promised and is not there", message)
			}
		}
		return nil
	})
}
