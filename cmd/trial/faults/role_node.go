//go:build linux

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// How a process of ours ends beside 0.
const (
	endUsage   = 2
	endStopped = 3 // the node stopped by itself
	endOpen    = 4 // the home was not opened
)

// wakeUp is how often a wait looks again.
const wakeUp = 3 * time.Millisecond

// seat is a node's process: the node, and an officer at its door.
type seat struct {
	home    string
	conn    *grpc.ClientConn
	inquiry valisev1.InquiryServiceClient
	status  valisev1.NodeServiceClient
	record  valisev1.RecordServiceClient
	marks   *os.File // nil: nobody asks what was promised
	out     *json.Encoder
	stop    func() error // ends the node in order
}

// runNode is the role "node HOME [MARKS]": a node and its officer, who does what the driver
// writes line by line.
func runNode(args []string, in io.Reader, out io.Writer) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	n, err := node.Open(args[0], node.OpenConfig{Logger: log, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		fmt.Fprintln(os.Stderr, "not opened:", err)
		return endOpen
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- n.Run(ctx, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		fmt.Fprintln(os.Stderr, "ended before it was ready:", err)
		return endStopped
	}
	s := &seat{home: args[0], out: json.NewEncoder(out)}
	s.stop = func() error {
		cancel()
		return errors.Join(<-ended, n.Close())
	}
	done := make(chan int, 1)
	go func() { done <- s.serve(ctx, args, in) }()
	select {
	case code := <-done:
		return code
	case err := <-ended:
		if ctx.Err() != nil {
			ended <- err // it ends because serve said so
			return <-done
		}
		fmt.Fprintln(os.Stderr, "the node stopped:", err)
		return endStopped
	}
}

// serve takes the officer's seat until the driver says close or goes away.
func (s *seat) serve(ctx context.Context, args []string, in io.Reader) int {
	var err error
	if s.conn, err = api.Dial(ctx, filepath.Join(s.home, node.SocketFile), api.DialOptions{}); err != nil {
		fmt.Fprintln(os.Stderr, "the door does not open:", err)
		return endOpen
	}
	defer s.conn.Close()
	s.inquiry, s.status, s.record = valisev1.NewInquiryServiceClient(s.conn), valisev1.NewNodeServiceClient(s.conn), valisev1.NewRecordServiceClient(s.conn)
	if len(args) > 1 {
		s.marks, err = os.OpenFile(args[1], os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // the driver names it
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return endUsage
		}
		defer s.marks.Close()
	}
	items, err := s.items(ctx)
	if err != nil || s.out.Encode(answer{OK: true, Items: items}) != nil {
		return endStopped
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return endUsage
		}
		if o.Do == doClose {
			return s.close()
		}
		if s.out.Encode(s.follow(ctx, o)) != nil {
			return endUsage
		}
	}
	return endUsage // the driver is gone
}

func (s *seat) close() int {
	if err := s.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "not closed in order:", err)
		return endStopped
	}
	if s.out.Encode(answer{OK: true}) != nil {
		return endUsage
	}
	return 0
}

func (s *seat) follow(ctx context.Context, o order) answer {
	switch o.Do {
	case doSend:
		return s.send(ctx, o)
	case doHas:
		return s.until(ctx, o, s.has)
	case doIdle:
		return s.until(ctx, o, s.idle)
	case doTell:
		return s.tell(ctx, o)
	}
	return answer{Reason: "no such order"}
}

// until looks again and again; it ends early when the node takes nothing any more.
func (s *seat) until(ctx context.Context, o order, look func(context.Context, order) (bool, error)) answer {
	end := time.Now().Add(time.Duration(o.Millis) * time.Millisecond)
	for {
		ok, err := look(ctx, o)
		if ok && err == nil {
			return answer{OK: true}
		}
		if status, err := s.status.GetStatus(ctx, &valisev1.GetStatusRequest{}); err != nil {
			return answer{Reason: reasonOf(err)}
		} else if why := status.GetNotAccepting(); why != valisev1.Reason_REASON_UNSPECIFIED {
			return answer{Reason: why.String()}
		}
		if time.Now().After(end) {
			return answer{Again: true, Reason: fmt.Sprintf("not yet: %v", err)}
		}
		time.Sleep(wakeUp)
	}
}

func (s *seat) items(ctx context.Context) (uint64, error) {
	status, err := s.status.GetStatus(ctx, &valisev1.GetStatusRequest{})
	return status.GetItems(), err
}

func (s *seat) has(ctx context.Context, o order) (bool, error) {
	th, err := s.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: o.Thread})
	if err != nil {
		return false, err
	}
	theirs := 0
	for _, m := range th.GetMessages() {
		if m.GetMessage() != "" && !m.GetOutbound() {
			theirs++
		}
	}
	return theirs >= o.Count, nil
}

func (s *seat) idle(ctx context.Context, _ order) (bool, error) {
	status, err := s.status.GetStatus(ctx, &valisev1.GetStatusRequest{})
	return len(status.GetOutbox()) == 0 && len(status.GetGaps()) == 0, err
}

func reasonOf(err error) string {
	if e, ok := api.FromStatus(err); ok {
		return e.Reason.String()
	}
	return err.Error()
}

// runRelay is the role "relay LAB".
func runRelay(args []string, in io.Reader, out io.Writer) int {
	l, err := lab.Open(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endOpen
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in) // ends with the driver, or when it closes the pipe
		cancel()
	}()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	encoder := json.NewEncoder(out)
	err = l.RunRelay(ctx, log, func(string) { _ = encoder.Encode(answer{OK: true}) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endStopped
	}
	return 0
}
