package node

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// sometimes is randomness that can fail, and with it the next commit.
type sometimes struct{ fail atomic.Bool }

func (s *sometimes) Read(p []byte) (int, error) {
	if s.fail.Load() {
		return 0, errors.New("no randomness")
	}
	return io.ReadFull(rand.Reader, p)
}

func watched(t *testing.T, source io.Reader) *Node {
	dir := t.TempDir()
	if err := Init(InitConfig{
		Dir: dir, State: "XA", Realm: "exercise:lab-00112233445566778899aabbccddeeff", Tracks: []ident.Track{ident.Technical},
		FirstOfficer: &valisev1.Officer{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}, Now: time.Now, Rand: rand.Reader,
	}); err != nil {
		t.Fatal(err)
	}
	n, err := Open(dir, OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: source})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func (n *Node) asked(t *testing.T, path, host string) (status int, body string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	n.healthHandler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestARecordThatStoppedIsNotReady: the node lives and works on it, so nobody should end it, and
// nothing is to be sent to it meanwhile. P6
func TestARecordThatStoppedIsNotReady(t *testing.T) {
	source := &sometimes{}
	n := watched(t, source)
	if status, body := n.asked(t, "/readyz", "127.0.0.1"); status != http.StatusOK || !strings.Contains(body, "no directory") {
		t.Fatalf("%d %s", status, body)
	}
	source.fail.Store(true)
	if err := (keeper{n.life.Load()}).life.note((record{n}).Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.Append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_NODE, Note: "x"})
		return err
	})); err == nil {
		t.Fatal("the commit did not fail")
	}
	status, body := n.asked(t, "/readyz", "127.0.0.1")
	var said struct {
		Ready  bool
		Reason string
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil || status != http.StatusServiceUnavailable || said.Ready || said.Reason != "STORAGE_UNKNOWN" {
		t.Errorf("%d %s %v", status, body, err)
	}
	if status, body := n.asked(t, "/livez", "127.0.0.1"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if _, body := n.asked(t, "/metrics", "127.0.0.1"); !strings.Contains(body, "valise_accepting 0") {
		t.Errorf("accepting: %s", body)
	}
}

// TestACoreThatHangsIsNotAlive: many who ask hold one goroutine, and hear it when it answers again. P7
func TestACoreThatHangsIsNotAlive(t *testing.T) {
	n := watched(t, rand.Reader)
	free, asked, beats := make(chan struct{}), make(chan struct{}, 64), atomic.Int32{}
	beat := n.pulse.beat
	n.pulse.beat = func(ctx context.Context) {
		beats.Add(1)
		asked <- struct{}{}
		<-free
		beat(ctx)
	}
	short, done := context.WithTimeout(context.Background(), time.Millisecond)
	defer done()
	var work sync.WaitGroup
	for range 50 {
		work.Go(func() {
			if n.Answers(short) {
				t.Error("a core that hangs answers")
			}
		})
	}
	work.Wait()
	<-asked // on a busy machine those who ask give up before their question is put
	if got := beats.Load(); got != 1 {
		t.Errorf("%d questions are under way", got)
	}
	close(free)
	if !n.Answers(context.Background()) {
		t.Error("the core is free and does not answer")
	}
}

// TestWhoAsksByAName: a name that points to this machine is somebody else's. reliability.md 68
func TestWhoAsksByAName(t *testing.T) {
	n := watched(t, rand.Reader)
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:42480": 200, "[::1]:42480": 200, "localhost:1": 200,
		"rebound.example": 403, "192.0.2.1:42480": 403, "": 403, "127.0.0.1.rebound.example": 403,
	} {
		if status, body := n.asked(t, "/livez", host); status != want {
			t.Errorf("%q: %d %s", host, status, body)
		}
	}
	n.config.Health.Beyond = true
	if status, _ := n.asked(t, "/livez", "node.example"); status != http.StatusOK {
		t.Errorf("where others may ask: %d", status)
	}
}

// TestAMonitorThatSaysNothing keeps a place and no more: the others are answered, and the end of the
// node waits for nobody. reliability.md 73
func TestAMonitorThatSaysNothing(t *testing.T) {
	n := watched(t, rand.Reader)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.serveHealth(ctx, l) }()
	silent, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + l.Addr().String() + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	long, err := http.NewRequest(http.MethodGet, "http://"+l.Addr().String()+"/livez", nil)
	if err != nil {
		t.Fatal(err)
	}
	long.Header.Set("X-Long", strings.Repeat("a", 4*healthHead))
	if answer, err = client.Do(long); err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long head: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("did not end well: %v", err)
	}
}
