package node_test

import (
	"path/filepath"
	"testing"
	"time"

	"valise.example/api"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// Who watches hears of a storage error nothing but a pause: what is recorded after it comes on the
// same stream, and nothing comes twice. docs/protocol.md §12.1
func TestAWatchOutlivesAStorageError(t *testing.T) {
	n := newNetwork(t)
	x, source, _ := stoppable(t, n)
	ctx := t.Context()
	conn, err := api.Dial(ctx, filepath.Join(n.Home("XA"), node.SocketFile), api.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream, err := valisev1.NewInquiryServiceClient(conn).Watch(ctx, &valisev1.WatchRequest{Replay: true})
	if err != nil {
		t.Fatal(err)
	}
	first := ask(t, x, "one")
	source.fail.Store(true)
	if _, err := call(x); err == nil {
		t.Error("a failed commit was told as done")
	}
	source.fail.Store(false)
	status := func() *valisev1.GetStatusResponse {
		out, err := valisev1.NewNodeServiceClient(conn).GetStatus(ctx, &valisev1.GetStatusRequest{})
		if err != nil {
			t.Fatalf("the node does not say how it does: %v", err)
		}
		return out
	}
	for !status().GetReady() {
		time.Sleep(10 * time.Millisecond)
	}
	second := ask(t, x, "two")
	seen, cursor := map[string]int{}, uint64(0)
	for seen[second.GetMessage()] == 0 {
		event, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if event.GetCursor() <= cursor {
			t.Errorf("event %d came after %d", event.GetCursor(), cursor)
		}
		cursor = event.GetCursor()
		seen[event.GetMessage()]++
	}
	if seen[first.GetMessage()] != 1 {
		t.Errorf("the first message was told %d times", seen[first.GetMessage()])
	}
}
