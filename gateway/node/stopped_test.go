package node_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
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

// After a commit that failed nobody knows what is durable, so the node ends by itself and is
// started anew; what it had accepted is there and nothing is there twice. P6
func TestANodeWhoseRecordStoppedEnds(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	source := &failing{}
	x, err := node.Open(n.Home("XA"), node.OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: source})
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- x.Run(context.Background(), func(string) { close(ready) }) }()
	<-ready
	sent := ask(t, x, "one")
	source.fail.Store(true)
	_, err = x.Gateway().LogContact(context.Background(), officer, &valisev1.LogContactRequest{
		RequestId: "call", Contact: &valisev1.ContactLog{Peer: "XB/technical", Note: "a call"},
	})
	if err == nil {
		t.Error("a failed commit was told as done")
	}
	if err := <-ended; node.ReasonOf(err) == valisev1.Reason_REASON_UNSPECIFIED {
		t.Errorf("ended with %v", err)
	}
	if err := x.Close(); err != nil {
		t.Log("closing a stopped record:", err)
	}
	again, _ := n.node("XA")
	if twice := ask(t, again, "one"); twice.GetMessage() != sent.GetMessage() {
		t.Error("the accepted message was made a second time")
	}
	n.node("XB")
	await(t, again, 1, valisev1.Delivery_DELIVERY_REACHED)
}
