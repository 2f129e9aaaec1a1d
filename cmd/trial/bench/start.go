package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"valise.example/api"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// program is a part of the lab that runs as the built product.
type program struct {
	cmd  *exec.Cmd
	took time.Duration // from exec to its ready line
	said *bytes.Buffer
}

// launch starts a part and waits for its ready line.
func (b *bench) launch(ctx context.Context, args ...string) (*program, error) {
	p := &program{cmd: exec.CommandContext(ctx, b.valise, args...), said: &bytes.Buffer{}} //nolint:gosec // what is measured
	p.cmd.Stderr = p.said
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	p.took = time.Since(began)
	if err == nil && !strings.HasPrefix(line, "ready ") {
		err = fmt.Errorf("bench: a part said %.80q before it was ready", line)
	}
	if err != nil {
		return nil, errors.Join(err, p.end(), errors.New(p.said.String()))
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return p, nil
}

// end asks the part to end and waits for it.
func (p *program) end() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("bench: a part did not end well: %w: %.300s", err, p.said.String())
	}
	return nil
}

// private is the memory in MiB that only this process has.
func (p *program) private() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return privateOf(b)
}

// privateOf adds up Private_Clean and Private_Dirty of a smaps_rollup.
func privateOf(rollup []byte) (mib float64, err error) {
	for line := range strings.Lines(string(rollup)) {
		if !strings.HasPrefix(line, "Private_Clean:") && !strings.HasPrefix(line, "Private_Dirty:") {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 3 || words[2] != "kB" {
			return 0, fmt.Errorf("bench: the kernel says %.60q of memory", line)
		}
		kib, err := strconv.ParseFloat(words[1], 64)
		if err != nil {
			return 0, err
		}
		mib += kib / 1024
	}
	return mib, nil
}

// measureStart: exec to ready with plain keys and a clean close, and the memory then.
func measureStart(ctx context.Context, b *bench) (rows []row, err error) {
	l, err := newLab(filepath.Join(b.dir, "start"))
	if err != nil {
		return nil, err
	}
	relay, err := b.launch(ctx, "relay", "run", "--home", l.RelayHome(), "--roster", l.RosterPath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, relay.end()) }()
	var took []time.Duration
	var memory []float64
	for range b.size.starts + 1 { // the first reads the program from disk
		n, err := b.launch(ctx, "node", "run", "--home", l.Home("XA"))
		if err != nil {
			return nil, err
		}
		private, err := n.private()
		if err := errors.Join(err, n.end()); err != nil {
			return nil, err
		}
		took, memory = append(took, n.took), append(memory, private)
	}
	took, memory = took[1:], memory[1:]
	return []row{
		atMost("node: exec to ready", 100, float64(median(took))/1e6, " ms", fmt.Sprintf("%d starts", len(took))),
		atMost("node: private memory at ready", 24, median(memory), " MiB"),
	}, nil
}

// measureMemory: private memory of a node after a tenth of many messages and after all of them.
func measureMemory(ctx context.Context, b *bench) (rows []row, err error) {
	l, err := newLab(filepath.Join(b.dir, "memory"))
	if err != nil {
		return nil, err
	}
	var parts []*program
	defer func() {
		for _, p := range parts {
			err = errors.Join(err, p.end())
		}
	}()
	for _, args := range [][]string{
		{"relay", "run", "--home", l.RelayHome(), "--roster", l.RosterPath()},
		{"node", "run", "--home", l.Home("XA")}, {"node", "run", "--home", l.Home("XB")},
	} {
		p, err := b.launch(ctx, args...)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	var after [2][2]float64 // tenth, all; XA, XB
	for i, count := range []int{b.size.memory / 10, b.size.memory - b.size.memory/10} {
		if err := throughTheDoor(ctx, l, count); err != nil {
			return nil, err
		}
		for j, p := range parts[1:] {
			if after[i][j], err = p.private(); err != nil {
				return nil, err
			}
		}
	}
	rows = append(rows, atMost(fmt.Sprintf("private memory after %d messages ÷ after a tenth of them, sender", b.size.memory), 1.1, after[1][0]/after[0][0], " ×",
		fmt.Sprintf("%.1f MiB, then %.1f MiB", after[0][0], after[1][0])))
	return append(rows, atMost("the same, recipient", 1.1, after[1][1]/after[0][1], " ×",
		fmt.Sprintf("%.1f MiB, then %.1f MiB", after[0][1], after[1][1]))), nil
}

// throughTheDoor sends messages as 16 officers at once do and returns when all have reached XB.
func throughTheDoor(ctx context.Context, l *lab.Lab, count int) error {
	conn, err := api.Dial(ctx, filepath.Join(l.Home("XA"), node.SocketFile), api.DialOptions{})
	if err != nil {
		return err
	}
	defer conn.Close()
	door := valisev1.NewInquiryServiceClient(conn)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events, err := door.Watch(ctx, &valisev1.WatchRequest{})
	if err != nil {
		return err
	}
	if _, err := events.Header(); err != nil {
		return err
	}
	under := make(chan struct{}, 64) // on their way
	var wait sync.WaitGroup
	wait.Add(count)
	go func() {
		for {
			e, err := events.Recv()
			if err != nil {
				return
			}
			if e.GetType() == valisev1.ItemType_ITEM_TYPE_DELIVERY && e.GetDelivery() == valisev1.Delivery_DELIVERY_REACHED {
				<-under
				wait.Done()
			}
		}
	}()
	p := newParts(ctx)
	var begun atomic.Int64
	for sender := range 16 {
		p.run(func(ctx context.Context) error {
			for begun.Add(1) <= int64(count) {
				under <- struct{}{}
				if _, err := door.SendInquiry(ctx, inquiryFrom(sender)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	p.work.Wait()
	if err := p.stop(); err != nil {
		return err
	}
	wait.Wait()
	return nil
}

// inquiryFrom is a message of payloadSize bytes of text.
func inquiryFrom(sender int) *valisev1.SendInquiryRequest {
	var random [payloadSize/2 + 16]byte
	_, _ = rand.Read(random[:]) // never fails, and ends the program if it does
	return &valisev1.SendInquiryRequest{
		To: ident.Address{State: "XB", Track: trackOf(sender)}.String(),
		Inquiry: &valisev1.Inquiry{
			Originator: &valisev1.Person{Name: "A. Rowan", Affiliation: "CERT of Alder", Email: "duty@alder.example"},
			Title:      "Traffic from your networks", Narrative: hex.EncodeToString(random[16:]),
		},
		Options: &valisev1.SendOptions{RequestId: hex.EncodeToString(random[:16])},
	}
}
