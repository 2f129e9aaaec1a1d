package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
// of memory and time. Its end by any of them is an answer, and the parent lives on to give it.
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
	Memory    uint64      `json:"memory"`
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
	// childTime is what it may take, and as much again for each GiB.
	childTime = 60 * time.Second
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
		return childAnswer{}, fmt.Errorf("store: the record cannot be checked: %w", err)
	}
	info, err := os.Stat(task.Path)
	if err != nil {
		return childAnswer{}, fmt.Errorf("store: the record cannot be checked: %w", err)
	}
	size := uint64(info.Size())
	task.Memory = childMemory + size/8
	input, err := json.Marshal(task)
	if err != nil {
		return childAnswer{}, err
	}
	limited, cancel := context.WithTimeout(ctx, childTime*time.Duration(1+size>>30))
	defer cancel()
	output, err := converse(limited, program, input)
	if ctx.Err() != nil {
		return childAnswer{}, notStarted(ctx)
	}
	return readAnswer(limited, output, err)
}

// unstarted is why no child ran: it says nothing of the file.
type unstarted struct{ error }

func (u unstarted) Unwrap() error { return u.error }

// readAnswer is what a child said. One that ran and gave no answer has met a file that it cannot read;
// one that never ran has met nothing. P6
func readAnswer(limited context.Context, output []byte, err error) (answer childAnswer, _ error) {
	if why, is := errors.AsType[unstarted](err); is {
		return answer, fmt.Errorf("store: the record cannot be checked: %w", why.error)
	}
	if err != nil || json.Unmarshal(output, &answer) != nil {
		return childAnswer{}, &Damaged{What: childEnd(limited, err)}
	}
	return answer, nil
}

// childEnd says in what way a child ended without an answer.
func childEnd(limited context.Context, err error) string {
	if limited.Err() != nil {
		return "the process that read the file did not come to an end"
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return "the process that read the file ended with " + ended.String()
	}
	return "the process that read the file gave no answer"
}

// converse runs the child with input on a pipe that stays open until it has answered.
func converse(ctx context.Context, program string, input []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program)
	// A program built with the race detector would otherwise sleep a second at its end.
	// Two processors and one arena bound what its threads take, however many the machine has.
	cmd.Env = []string{childVariable + "=1", "GOTRACEBACK=none", "GORACE=atexit_sleep_ms=0", "GOMAXPROCS=2", "MALLOC_ARENA_MAX=1"}
	if root := os.Getenv("SYSTEMROOT"); root != "" {
		cmd.Env = append(cmd.Env, "SYSTEMROOT="+root)
	}
	cmd.WaitDelay = time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, unstarted{err}
	}
	output := &boundedBuffer{limit: childOutput}
	cmd.Stdout = output
	if err := cmd.Start(); err != nil {
		return nil, unstarted{err}
	}
	_, writeErr := stdin.Write(append(input, '\n'))
	err = errors.Join(cmd.Wait(), writeErr)
	return output.kept.Bytes(), err
}

// boundedBuffer keeps the first limit bytes. The buffer is a field, not embedded: io.Copy
// would find its ReadFrom and pass by the limit.
type boundedBuffer struct {
	kept  bytes.Buffer
	limit int
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if room := b.limit - b.kept.Len(); room > 0 {
		b.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// childMain does one task under a memory limit.
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
	if err := limitMemory(task.Memory, task.Path); err != nil {
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
