package node_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"valise.example/api"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// disk is one of 100 MiB whose free space a test sets.
type disk struct{ free atomic.Uint64 }

func (d *disk) measure() (free, total uint64, err error) { return d.free.Load() << 20, 100 << 20, nil }

func (n network) nodeOn(s ident.State, d *disk) *node.Node {
	config := openConfig()
	config.Disk = d.measure
	x, _ := n.nodeWith(s, config)
	return x
}

// status asks as an officer does, over the socket.
func (n network) status(s ident.State) *valisev1.GetStatusResponse {
	n.t.Helper()
	conn, err := api.Dial(context.Background(), filepath.Join(n.Home(s), node.SocketFile), api.DialOptions{})
	if err != nil {
		n.t.Fatal(err)
	}
	defer conn.Close()
	out, err := valisev1.NewNodeServiceClient(conn).GetStatus(context.Background(), &valisev1.GetStatusRequest{})
	if err != nil {
		n.t.Fatal(err)
	}
	return out
}

func inquire(x *node.Node, to, title string) error {
	_, err := x.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to, Inquiry: inquiry(title)})
	return err
}

// untilBusy sends until a message waits because the peer asked for it, and returns how many.
func untilBusy(t *testing.T, x *node.Node) int {
	for i := range 400 {
		ask(t, x, fmt.Sprint("probe ", i))
		time.Sleep(50 * time.Millisecond)
		rows, err := x.Gateway().Outbox(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.GetReason() == valisev1.Reason_REASON_PEER_BUSY {
				return i + 1
			}
		}
	}
	t.Fatal("nobody is told that the peer takes nothing now")
	return 0
}

// A disk that fills stops first what our officers begin, then the mail of peers, last the
// receipts; and with room again everything goes on by itself. P6, docs/protocol.md §7.7
func TestAsTheDiskFillsReceivingStopsLast(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	full := &disk{}
	full.free.Store(50)
	xa, _ := n.node("XA")
	xb := n.nodeOn("XB", full)
	ask(t, xa, "one")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)

	full.free.Store(8)
	if err := inquire(xb, "XA/technical", "new"); node.ReasonOf(err) != valisev1.Reason_REASON_DISK_FULL {
		t.Errorf("on the reserve: %v", err)
	}
	ask(t, xa, "two")
	await(t, xa, 2, valisev1.Delivery_DELIVERY_REACHED)
	how := n.status("XB")
	if !how.GetReady() || how.GetNotAccepting() != valisev1.Reason_REASON_DISK_FULL || !strings.Contains(strings.Join(how.GetWarnings(), "\n"), "8 MiB") {
		t.Errorf("the officer is told: %v", how)
	}

	full.free.Store(2)
	sent := 2 + untilBusy(t, xa)

	full.free.Store(50)
	await(t, xa, sent, valisev1.Delivery_DELIVERY_REACHED)
	if err := inquire(xb, "XA/technical", "new"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// XC floods XB with mail that is valid in every way. XB drops unopened what is over the quota and
// says so; XA and XB notice nothing of it; and what XC sent stands at one of the two, once. P7
func TestAFloodOfOneHarmsNobodyElse(t *testing.T) {
	n := newNetworkOf(t, "XA", "XB", "XC")
	file, err := os.OpenFile(filepath.Join(n.Home("XB"), "valise.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The least that a quota may be.
	if _, err := file.WriteString("[quota]\nenvelopes = 323\nenvelopes_per_second = 1\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	n.relay()
	xa, _ := n.node("XA")
	xb, _ := n.node("XB")
	xc, _ := n.node("XC")
	const flood, lawful = 450, 20
	for i := range flood {
		if err := inquire(xc, "XB/technical", fmt.Sprint("flood ", i)); err != nil {
			t.Fatal(err)
		}
		if i%(flood/lawful) == 0 && i/(flood/lawful) < lawful {
			ask(t, xa, fmt.Sprint("lawful ", i))
			if err := inquire(xb, "XA/technical", fmt.Sprint("answer ", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	await(t, xa, lawful, valisev1.Delivery_DELIVERY_REACHED)
	await(t, xb, lawful, valisev1.Delivery_DELIVERY_REACHED)
	// XB says so with its next receipts, and nothing that it drops brings one: so whoever floods goes on.
	more := untilBusy(t, xc)
	if warned := strings.Join(n.status("XB").GetWarnings(), "\n"); !strings.Contains(warned, "more than its quota") {
		t.Errorf("the officers of XB are not told: %s", warned)
	}
	waits, err := xc.Gateway().Outbox(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	here := map[string]int{}
	for token := ""; ; {
		list, err := xb.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{PageSize: 500, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, th := range list.GetThreads() {
			if th.GetPeer() == "XC/technical" {
				here[th.GetTitle()]++
			}
		}
		if token = list.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(here)+len(waits) < flood+more {
		t.Errorf("%d are at XB and %d wait at XC: some of %d are lost", len(here), len(waits), flood+more)
	}
	for title, times := range here {
		if times != 1 {
			t.Errorf("%s is there %d times", title, times)
		}
	}
}
