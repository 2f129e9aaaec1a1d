//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// patience is how long the driver waits for an answer; only what hangs takes longer.
const patience = 60 * time.Second

// errGone tells that a process ended instead of answering.
var errGone = errors.New("the process ended")

// errHangs tells that a process neither answered nor ended.
var errHangs = errors.New("the process neither answers nor ends")

// child is one process of the trial's, which answers lines with lines.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan answer
	gone    chan struct{} // closed when the process has ended
	said    *tail
}

// tail keeps the end of what a process says on standard error.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailLength = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailLength; over > 0 {
		t.kept = t.kept[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.kept))
}

// start runs this program in a role, with more variables in its environment.
func start(env []string, role ...string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{answers: make(chan answer, 16), gone: make(chan struct{}), said: &tail{}}
	c.cmd = exec.Command(program, append([]string{roleFlag}, role...)...) //nolint:gosec // this program itself
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Stderr = c.said
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go c.read(out)
	return c, nil
}

func (c *child) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var a answer
		if json.Unmarshal(lines.Bytes(), &a) == nil {
			c.answers <- a
		}
	}
	_ = c.cmd.Wait() // how it ended is in ProcessState
	close(c.gone)
}

// next waits for an answer.
func (c *child) next() (answer, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case a := <-c.answers:
		return a, nil
	case <-c.gone:
		select {
		case a := <-c.answers:
			return a, nil
		default:
			return answer{}, fmt.Errorf("%w: %s: %s", errGone, c.cmd.ProcessState, c.said)
		}
	case <-timer.C:
		return answer{}, errHangs
	}
}

// ask writes an order and waits for the answer.
func (c *child) ask(o order) (answer, error) {
	b, err := json.Marshal(o)
	if err != nil {
		return answer{}, err
	}
	if _, err := c.in.Write(append(b, '\n')); err != nil {
		return c.next() // it ended, and next says how
	}
	return c.next()
}

// must is ask where anything but OK is an error.
func (c *child) must(o order) (answer, error) {
	a, err := c.ask(o)
	if err == nil && !a.OK {
		err = fmt.Errorf("%s: %s", o.Do, a.Reason)
	}
	return a, err
}

func (c *child) ended() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// hold stops the process where it is, and returns when every thread of it has stopped: on a busy
// machine some run on for a while after the signal.
func (c *child) hold() error {
	if err := c.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for range int(patience / wakeUp) {
		if stopped(c.cmd.Process.Pid) {
			return nil
		}
		time.Sleep(wakeUp)
	}
	return errHangs
}

// stopped reports whether no thread of a process runs.
func stopped(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		return false
	}
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			return false // it has just ended, or begun another
		}
		// The state stands after the name, which may hold anything but ends with the last bracket.
		_, after, ok := bytes.Cut(text[max(bytes.LastIndexByte(text, ')'), 0):], []byte(" "))
		if !ok || len(after) == 0 || after[0] != 'T' {
			return false
		}
	}
	return true
}

// kill ends the process as kill -9 does and waits until it has ended.
func (c *child) kill() {
	if c == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	<-c.gone
}

// close ends the process in order: a node that is told, or whose driver is gone.
func (c *child) close() error {
	_, err := c.must(order{Do: doClose})
	if err != nil {
		c.kill()
		return err
	}
	<-c.gone
	return nil
}

// hangUp closes a process that ends when nobody writes to it any more.
func (c *child) hangUp() {
	if c != nil {
		_ = c.in.Close()
		<-c.gone
	}
}
