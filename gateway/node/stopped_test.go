package node_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// failing is randomness that can fail, and with it the next commit.
type failing struct{ fail atomic.Bool }

func (f *failing) Read(p []byte) (int, error) {
	if f.fail.Load() {
		return 0, errors.New("no randomness")
	}
	return io.ReadFull(rand.Reader, p)
}

// stoppable is a node of XA that runs, and the randomness that stops its record.
func stoppable(t *testing.T, n network) (x *node.Node, source *failing, ended <-chan error) {
	source = &failing{}
	x, err := node.Open(n.Home("XA"), node.OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: source})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, end := make(chan struct{}), make(chan error, 1)
	go func() {
		end <- x.Run(ctx, func(string) { close(ready) })
		close(end)
	}()
	<-ready
	t.Cleanup(func() {
		stop()
		for err := range end {
			if err != nil {
				t.Errorf("did not end well: %v", err)
			}
		}
		if err := x.Close(); err != nil {
			t.Log("closing:", err)
		}
	})
	return x, source, end
}

// call logs a call under one request id, however often it is asked.
func call(x *node.Node) (*valisev1.LogContactResponse, error) {
	return x.Gateway().LogContact(context.Background(), officer, &valisev1.LogContactRequest{
		RequestId: "call", Contact: &valisev1.ContactLog{Peer: "XB/technical", Note: "a call"},
	})
}

// After a commit that failed nobody knows what is durable, so the node closes its record, looks,
// and goes on by itself: what it had accepted is there, what it had not is decided by the request
// id, and nothing is there twice. P6
func TestANodeWhoseRecordStoppedGoesOn(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	x, source, _ := stoppable(t, n)
	sent := ask(t, x, "one")
	source.fail.Store(true)
	if _, err := call(x); node.ReasonOf(err) != valisev1.Reason_REASON_STORAGE_UNKNOWN {
		t.Errorf("a commit whose outcome nobody knows: %v", err)
	}
	source.fail.Store(false)
	again := func() *valisev1.LogContactResponse {
		for {
			answer, err := call(x)
			if err == nil {
				return answer
			}
			if why := node.ReasonOf(err); why != valisev1.Reason_REASON_NOT_ACCEPTING {
				t.Fatalf("while the record is opened again: %v", err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	if first, second := again(), again(); first.GetItem() != second.GetItem() {
		t.Error("one request was carried out twice")
	}
	if twice := ask(t, x, "one"); twice.GetMessage() != sent.GetMessage() {
		t.Error("the accepted message was made a second time")
	}
	n.node("XB")
	await(t, x, 1, valisev1.Delivery_DELIVERY_REACHED)
	ask(t, x, "two")
	await(t, x, 2, valisev1.Delivery_DELIVERY_REACHED)
}

// A record that is no longer what was written is not opened again: the node ends and says why. P5
func TestANodeWhoseRecordIsDamagedEnds(t *testing.T) {
	n := newNetwork(t)
	x, source, ended := stoppable(t, n)
	ask(t, x, "one")
	file, err := os.OpenFile(filepath.Join(n.Home("XA"), "record.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(make([]byte, 4096), 4096); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	source.fail.Store(true)
	if _, err := call(x); err == nil {
		t.Error("a failed commit was told as done")
	}
	if err := <-ended; node.ReasonOf(err) != valisev1.Reason_REASON_RECORD_DAMAGED {
		t.Errorf("ended with %v", err)
	}
}

// Mail whose commit failed was not acknowledged to the relay, so the relay hands it over again as
// soon as the record is open. Its sender would wait a quarter of an hour. docs/protocol.md §7.4
func TestMailOfAFailedCommitComesAgain(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	x, source, _ := stoppable(t, n)
	xb, _ := n.node("XB")
	source.fail.Store(true)
	if _, err := xb.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XA/technical", Inquiry: inquiry("again")}); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := x.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{}); err != nil {
			break // the commit of what came has failed
		}
		time.Sleep(5 * time.Millisecond)
	}
	source.fail.Store(false)
	await(t, xb, 1, valisev1.Delivery_DELIVERY_REACHED)
}
