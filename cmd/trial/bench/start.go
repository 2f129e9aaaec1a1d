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
	line string        // that line
	said *bytes.Buffer
}

// launch starts a part and waits for its ready line.
func (b *bench) launch(ctx context.Context, args ...string) (*program, error) {
	return launch(ctx, b.valise, args...)
}

func launch(ctx context.Context, path string, args ...string) (*program, error) {
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // a bench starts programs
	p := &program{cmd: cmd, said: &bytes.Buffer{}}
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
	p.line, err = bufio.NewReader(stdout).ReadString('\n')
	p.took = time.Since(began)
	if err == nil && !strings.HasPrefix(p.line, "ready ") {
		err = fmt.Errorf("bench: a part said %.80q before it was ready", p.line)
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

// memory is what a process has for itself, in MiB.
type memory struct {
	own    float64 // no file behind it: what stays until the process gives it back
	mapped float64 // pages of files that only it maps, the record's among them: the kernel's to take
}

func (p *program) memory() (memory, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return memory{}, err
	}
	return memoryOf(b)
}

// memoryOf reads a smaps_rollup.
func memoryOf(rollup []byte) (m memory, err error) {
	known := map[string]float64{}
	for line := range strings.Lines(string(rollup)) {
		words := strings.Fields(line)
		if len(words) != 3 || words[2] != "kB" {
			continue
		}
		kib, err := strconv.ParseFloat(words[1], 64)
		if err != nil {
			return m, err
		}
		known[words[0]] = kib / 1024
	}
	own, there := known["Anonymous:"]
	if !there {
		return m, errors.New("bench: the kernel does not say what memory a process has")
	}
	private := known["Private_Clean:"] + known["Private_Dirty:"]
	return memory{own: own, mapped: max(private-own, 0)}, nil
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
	var own, mapped []float64
	for range b.size.starts + 1 { // the first reads the program from disk
		n, err := b.launch(ctx, "node", "run", "--home", l.Home("XA"))
		if err != nil {
			return nil, err
		}
		m, err := n.memory()
		if err := errors.Join(err, n.end()); err != nil {
			return nil, err
		}
		took, own, mapped = append(took, n.took), append(own, m.own), append(mapped, m.mapped)
	}
	took = took[1:]
	return []row{
		atMost("node: exec to ready", 100, float64(median(took))/1e6, " ms", fmt.Sprintf("%d starts", len(took))),
		atMost("node: private memory at ready", 24, median(own)+median(mapped), " MiB", fmt.Sprintf("%.1f MiB of it pages of files", median(mapped))),
	}, nil
}

// measureMemory: what a node has for itself after a tenth of many messages and after all of them.
// Pages of the mapped record are no growth: the kernel takes them when it wants them. It is told
// and not judged, for a look falls just before or just after a collection; measureHeap judges.
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
	var after [2][2]memory // tenth, all; XA, XB
	for i, count := range []int{b.size.memory / 10, b.size.memory - b.size.memory/10} {
		if err := throughTheDoor(ctx, l, count); err != nil {
			return nil, err
		}
		for j, p := range parts[1:] {
			if after[i][j], err = p.memory(); err != nil {
				return nil, err
			}
		}
	}
	for j, who := range []string{"sender", "recipient"} {
		tenth, all := after[0][j], after[1][j]
		rows = append(rows, told(fmt.Sprintf("own memory after %d messages ÷ after a tenth of them, %s", b.size.memory, who), all.own/tenth.own, " ×",
			fmt.Sprintf("%.1f MiB, then %.1f MiB; pages of files, the record's, %.1f MiB, then %.1f MiB", tenth.own, all.own, tenth.mapped, all.mapped)))
	}
	return rows, nil
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
