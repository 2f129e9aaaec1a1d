package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// accounting is by how much the kernel's two counts of what a process has computed may differ.
const accounting = time.Second

// errSpent says that a child computed as long as it might and had no answer.
var errSpent = errors.New("store: the process that read the file computed for its whole limit")

// converse runs the child with input on a pipe that stays open until it has answered. The error is
// ErrUnchecked where its end says nothing of what it read: it was never begun, or it was ended by other
// than its own limits; and errSpent where it had computed for as long as work.
func converse(ctx context.Context, program string, input []byte, work time.Duration) ([]byte, error) {
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
		return nil, fmt.Errorf("%w: %w", ErrUnchecked, err)
	}
	output := &boundedBuffer{limit: childOutput}
	cmd.Stdout = output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnchecked, err)
	}
	_, writeErr := stdin.Write(append(input, '\n'))
	err = cmd.Wait()
	ended, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: this machine gave the process that read it too little time", ErrUnchecked)
	case ok && killed(ended) && ended.UserTime()+ended.SystemTime() >= work-accounting:
		return nil, errSpent
	case ok && killed(ended):
		return nil, fmt.Errorf("%w: the process that read it was ended by another, or the machine had no memory left", ErrUnchecked)
	}
	return output.kept.Bytes(), errors.Join(err, writeErr)
}

// killed reports whether a process was ended from outside: by its limit of computing, by the kernel for
// want of memory on the machine, or by a person. What it does to itself over a damaged file has other
// signals.
func killed(ended *exec.ExitError) bool {
	status, ok := ended.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	switch status.Signal() {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	}
	return false
}

// readAnswer is what a child said. One that ran and gave no answer has met a file that it cannot read;
// one that never ran, or was ended by somebody else, has met nothing. P6
func readAnswer(output []byte, err error) (answer childAnswer, _ error) {
	if errors.Is(err, ErrUnchecked) {
		return childAnswer{}, err
	}
	if err != nil || json.Unmarshal(output, &answer) != nil {
		return childAnswer{}, &Damaged{What: childEnd(err)}
	}
	return answer, nil
}

// childEnd says in what way a child ended without an answer.
func childEnd(err error) string {
	if errors.Is(err, errSpent) {
		return "the process that read the file did not come to an end"
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return "the process that read the file ended with " + ended.String()
	}
	return "the process that read the file gave no answer"
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
