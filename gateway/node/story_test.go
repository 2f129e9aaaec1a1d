package node_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

func TestMain(m *testing.M) {
	store.MaybeCheckChild()
	goleak.VerifyTestMain(m)
}

func openConfig() node.OpenConfig {
	return node.OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader}
}

var officer = gateway.Actor{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER}}

// network is two States and a relay, all real.
type network struct {
	*lab.Lab
	t testing.TB
}

func newNetwork(t testing.TB) network { return newNetworkOf(t, "XA", "XB") }

func newNetworkOf(t testing.TB, states ...ident.State) network {
	l, err := lab.New(lab.Config{Dir: t.TempDir(), States: states, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return network{l, t}
}

// background runs a part until the test ends or stop is called, and waits for its ready line.
func (n network) background(run func(ctx context.Context, ready func(string)) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- run(ctx, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		n.t.Fatalf("ended before it was ready: %v", err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				n.t.Errorf("did not end well: %v", err)
			}
		})
	}
	n.t.Cleanup(stop)
	return stop
}

func (n network) relay() (stop func()) {
	return n.background(func(ctx context.Context, ready func(string)) error {
		return n.RunRelay(ctx, slog.New(slog.DiscardHandler), ready)
	})
}

func (n network) node(s ident.State) (*node.Node, func()) { return n.nodeWith(s, openConfig()) }

func (n network) nodeWith(s ident.State, config node.OpenConfig) (*node.Node, func()) {
	x, err := node.Open(n.Home(s), config)
	if err != nil {
		n.t.Fatal(err)
	}
	stop := n.background(x.Run)
	closeAll := sync.OnceFunc(func() {
		stop()
		if report, err := x.VerifyRecord(context.Background()); err != nil || !report.GetOk() {
			n.t.Errorf("record of %s: %v, %v", s, report, err)
		}
		if err := x.Close(); err != nil {
			n.t.Error(err)
		}
	})
	n.t.Cleanup(closeAll)
	return x, closeAll
}

func inquiry(title string) *valisev1.Inquiry {
	return &valisev1.Inquiry{
		Originator: &valisev1.Person{Name: "A. Rowan", Affiliation: "CERT-XA", Email: "duty@cert.xa.example"},
		Title:      title, Narrative: "Something was seen.",
	}
}

func ask(t testing.TB, x *node.Node, title string) *valisev1.Sent {
	sent, err := x.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{
		To: "XB/technical", Inquiry: inquiry(title), Options: &valisev1.SendOptions{RequestId: "request-" + title},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// await looks until every message of ours has come as far as want; a message that stays behind
// ends the test by its own time limit, with the outbox printed.
func await(t testing.TB, x *node.Node, count int, want valisev1.Delivery) {
	for range 1200 {
		list, err := x.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{PageSize: 500})
		if err != nil {
			t.Fatal(err)
		}
		arrived := 0
		for _, th := range list.GetThreads() {
			if th.GetOutbound() && th.GetDelivery() >= want {
				arrived++
			}
		}
		if arrived == count {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	rows, err := x.Gateway().Outbox(context.Background())
	t.Fatalf("not all of %d came as far as %s; the outbox holds %v, %v", count, want, rows, err)
}

func TestSentWhileTheOtherIsOff(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	xa, _ := n.node("XA")
	sent := ask(t, xa, "one")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_LEFT)
	if sent.GetDelivery() != valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE {
		t.Errorf("durable as %s", sent.GetDelivery())
	}
	xb, _ := n.node("XB")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	if _, err := xb.Gateway().Reply(context.Background(), officer, &valisev1.ReplyRequest{
		Thread:  sent.GetThread(),
		Payload: &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{}}},
	}); err != nil {
		t.Fatal(err)
	}
	await(t, xa, 1, valisev1.Delivery_DELIVERY_ACKNOWLEDGED)
}

// Whatever is committed leaves by itself, however many commit at the same moment: a sender that
// was woken before the core knew of the message would sleep for minutes.
func TestNothingIsForgottenWhenManySendAtOnce(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	xa, _ := n.node("XA")
	n.node("XB")
	const many = 200
	var work sync.WaitGroup
	for i := range many {
		work.Go(func() { ask(t, xa, fmt.Sprint(i)) })
		if i%16 == 15 {
			work.Wait() // a pause in which the sender goes to sleep
		}
	}
	work.Wait()
	await(t, xa, many, valisev1.Delivery_DELIVERY_REACHED)
}

func TestRelayComesLastAndAnew(t *testing.T) {
	n := newNetwork(t)
	xa, stop := n.node("XA")
	sent := ask(t, xa, "early")
	if sent.GetDeliveryReason() != valisev1.Reason_REASON_RELAY_DOWN {
		t.Errorf("no relay, and the reason is %s", sent.GetDeliveryReason())
	}
	stop() // and the node forgets all that it holds in memory
	xa, _ = n.node("XA")
	again := ask(t, xa, "early")
	if again.GetMessage() != sent.GetMessage() {
		t.Error("the same request made a second message")
	}
	stopRelay := n.relay()
	await(t, xa, 1, valisev1.Delivery_DELIVERY_LEFT)
	stopRelay()
	n.relay()
	n.node("XB")
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
}

func TestFirstDirectoryNeverComesOverTheSocket(t *testing.T) {
	dir := t.TempDir()
	c := initConfig(dir)
	if err := node.Init(c); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	file, err := os.ReadFile(filepath.Join(newNetwork(t).DirectoryHome(), directory.ImportFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Directory().Import(context.Background(), file); err == nil {
		t.Error("a first directory was trusted without anybody looking at the managers' fingerprints")
	}
	if n.Directory().Current().Number() != 0 {
		t.Error("and it is in force")
	}
}
