package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// childVariable tells a process that it was started to look at a file and nothing else.
const childVariable = "VALISE_STORE_CHILD"

// childReady is set once MaybeCheckChild ran in a process that is no child.
var childReady atomic.Bool

// MaybeCheckChild must be the first thing that main, and TestMain of every package that opens
// records, does. In a process that this package started to check a file it does that and ends
// the process; in any other it returns at once.
//
// A damaged bbolt file can crash the process that reads it, keep it busy for ever or make it
// eat all memory. So a doubtful file is read by a copy of this program first, which has a limit
// of memory and computing. Its end by either is an answer, and the parent lives on to give it; that
// somebody else ended it, or that the machine gave it no time, is none (ErrUnchecked).
func MaybeCheckChild() {
	if os.Getenv(childVariable) == "" {
		childReady.Store(true)
		return
	}
	os.Exit(childMain(os.Stdin, os.Stdout))
}

// childTask is what a child reads from standard input: no key is ever in an argument or in
// the environment. The pipe stays open while the parent lives, so that the child ends with it.
type childTask struct {
	Path      string      `json:"path"`
	Verify    bool        `json:"verify"`
	RecordKey []byte      `json:"record_key,omitempty"`
	Realm     ident.Realm `json:"realm,omitempty"`
	Heads     []Head      `json:"heads,omitempty"`
	Memory    uint64      `json:"memory"`  // bytes of address space
	Seconds   uint64      `json:"seconds"` // of processors
}

// childAnswer is what a child writes to standard output.
type childAnswer struct {
	Reason valisev1.Reason `json:"reason"`
	What   string          `json:"what,omitempty"`
	Report *Report         `json:"report,omitempty"`
}

const (
	// childMemory is how much address space a child may use beside the mapped file, in bytes,
	// and an eighth of the file more: bbolt's check notes every page. The less, the sooner a
	// damaged file that makes it grow without end is found. But every thread takes a stack, and
	// on a busy machine the runtime wants more threads: a child that ends for want of one would
	// make a sound record look damaged. P6
	childMemory = 512 << 20
	// childWork is for how long all its threads may compute, and as much again for each GiB: who has
	// computed for so long over a sound file would have been done long before. A machine under load
	// gives it less of its processors and adds nothing to this. P6
	childWork = 2 * time.Minute
	// childWait is when nobody waits for it any more, and as much again for each GiB. What it has not
	// said by then is not known, and the file is not called damaged. P6
	childWait = 30 * time.Minute
	// childOutput bounds what the parent reads of its answer, in bytes.
	childOutput = 4 << 20
)

// checkInChild reports *Damaged unless a child reads the whole file and finds it sound.
func checkInChild(path string) error {
	if selfIsChild() {
		return checkFile(path)
	}
	answer, err := runChild(context.Background(), childTask{Path: path})
	if err != nil {
		return err
	}
	return answer.err()
}

// runChild starts a copy of this program on a task and reads its answer.
func runChild(ctx context.Context, task childTask) (childAnswer, error) {
	if !childReady.Load() {
		return childAnswer{}, ErrNoChild
	}
	program, err := os.Executable()
	if err != nil {
		return childAnswer{}, fmt.Errorf("%w: %w", ErrUnchecked, err)
	}
	info, err := os.Stat(task.Path)
	if err != nil {
		return childAnswer{}, fmt.Errorf("%w: %w", ErrUnchecked, err)
	}
	size := uint64(info.Size())
	parts := 1 + size>>30
	task.Memory = childMemory + size/8
	task.Seconds = parts * uint64(childWork/time.Second)
	input, err := json.Marshal(task)
	if err != nil {
		return childAnswer{}, err
	}
	limited, cancel := context.WithTimeout(ctx, childWait*time.Duration(parts))
	defer cancel()
	output, err := converse(limited, program, input, time.Duration(task.Seconds)*time.Second)
	if ctx.Err() != nil {
		return childAnswer{}, notStarted(ctx)
	}
	return readAnswer(output, err)
}

// childMain does one task under limits of memory and computing.
func childMain(in io.Reader, out io.Writer) int {
	var task childTask
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&task); err != nil {
		return 2
	}
	go func() {
		// The parent never writes more: the pipe ends only when the parent has.
		_, _ = io.Copy(io.Discard, in)
		os.Exit(3)
	}()
	if err := limitChild(task); err != nil {
		return 2
	}
	if json.NewEncoder(out).Encode(task.do()) != nil {
		return 2
	}
	return 0
}

func (t childTask) do() childAnswer {
	if !t.Verify {
		return answerOf(checkFile(t.Path))
	}
	cfg, err := Config{RecordKey: [32]byte(t.RecordKey), Realm: t.Realm}.filled()
	if err != nil {
		return answerOf(err)
	}
	report, err := verifyClosed(t.Path, cfg, VerifyConfig{Heads: t.Heads})
	answer := answerOf(err)
	answer.Report = &report
	return answer
}

func answerOf(err error) childAnswer {
	answer := childAnswer{Reason: ReasonOf(err)}
	if err != nil {
		answer.What = err.Error()
	}
	if damaged, ok := errors.AsType[*Damaged](err); ok {
		answer.What = damaged.What
	}
	return answer
}

// err is the inverse of answerOf for what a child can find.
func (a childAnswer) err() error {
	switch a.Reason {
	case valisev1.Reason_REASON_UNSPECIFIED:
		return nil
	case valisev1.Reason_REASON_RECORD_DAMAGED:
		if a.What == ErrFormat.Error() {
			return ErrFormat
		}
		return &Damaged{What: a.What}
	case valisev1.Reason_REASON_HOME_IN_USE:
		return ErrInUse
	case valisev1.Reason_REASON_KEY_CHANGED:
		return ErrWrongKey
	case valisev1.Reason_REASON_WRONG_REALM:
		return ErrWrongRealm
	case valisev1.Reason_REASON_LATER_VERSION:
		return ErrLater
	}
	return fmt.Errorf("store: the record could not be checked: %s", a.What)
}

// checkFile lets bbolt check its pages and reads every key and value. It may crash.
func checkFile(path string) error {
	db, err := openBolt(path, true)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) error {
		if err := firstPageError(tx); err != nil {
			return err
		}
		return readAll(tx)
	})
}

// readAll touches every page that is in use, so that what the disk cannot read shows here.
func readAll(tx *bolt.Tx) error {
	const page = 1024 // no page is smaller
	var sum byte
	err := tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
		return b.ForEach(func(_, value []byte) error {
			for at := 0; at < len(value); at += page {
				sum ^= value[at]
			}
			return nil
		})
	})
	readSink.Store(uint32(sum))
	return err
}

// readSink keeps the compiler from leaving the reading out.
var readSink atomic.Uint32
