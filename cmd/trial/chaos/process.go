//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long a process may take to be ready, also on a machine that does much else.
const patience = 60 * time.Second

// process is one that the trial started. It is known by its id alone.
type process struct {
	cmd    *exec.Cmd
	ready  chan struct{} // closed when it said so
	gone   chan struct{} // closed when it has ended
	killed atomic.Bool   // by us
	said   *tail
}

// tail keeps the end of what a process says on standard error, and the file has all of it.
type tail struct {
	mu   sync.Mutex
	file *os.File
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
	return t.file.Write(p)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.kept))
}

// launch starts a program. Its standard error is added to the file log.
func launch(log, program string, args ...string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	//nolint:gosec // the program to try is a flag
	p := &process{cmd: exec.Command(program, args...), ready: make(chan struct{}), gone: make(chan struct{}), said: &tail{file: file}}
	p.cmd.Stderr = p.said
	// Whatever ends the trial ends its processes.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	go p.watch(out)
	return p, nil
}

func (p *process) watch(out io.Reader) {
	lines, told := bufio.NewScanner(out), false
	for lines.Scan() {
		if !told && strings.HasPrefix(lines.Text(), "ready ") {
			told = true
			close(p.ready)
		}
	}
	_ = p.cmd.Wait() // how it ended is in ProcessState
	p.said.file.Close()
	close(p.gone)
}

// awaitReady returns nil when the process serves or was killed meanwhile.
func (p *process) awaitReady() error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.ready:
		return nil
	case <-p.gone:
		return p.selfEnded()
	case <-timer.C:
		return fmt.Errorf("not ready after %v: %s", patience, p.said)
	}
}

func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// selfEnded says that the process ended though nobody killed it.
func (p *process) selfEnded() error {
	if p == nil || !p.ended() || p.killed.Load() {
		return nil
	}
	return fmt.Errorf("ended by itself, %s: %s", p.cmd.ProcessState, p.said)
}

// kill ends the process as kill -9 does, also when it is stopped, and waits until it has ended.
func (p *process) kill() {
	if p == nil {
		return
	}
	p.killed.Store(true)
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.gone
}

// pause stops the process for a while, as a machine does that does much else.
func (p *process) pause(d time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	time.Sleep(d)
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
}

// end asks the process to end and reports how it did.
func (p *process) end() error {
	p.killed.Store(true)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.gone:
	case <-timer.C:
		p.kill()
		return fmt.Errorf("did not end on SIGTERM within %v", patience)
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("ended with %s: %s", p.cmd.ProcessState, p.said)
	}
	return nil
}

// command runs a program to its end and returns what it printed.
func command(program string, args ...string) ([]byte, error) {
	var out, said bytes.Buffer
	cmd := exec.Command(program, args...) //nolint:gosec // the program to try is a flag
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return out.Bytes(), nil
}
