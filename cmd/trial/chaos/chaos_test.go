//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// program is the valise that the trials run, built once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "valise")
	_, err := command("go", "build", "-o", path, "valise.example/cmd/valise")
	return path, err
})

var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "valise-chaos-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(scratch)
		os.Exit(code)
	}))
}

// trial runs the whole program.
func trial(t *testing.T, args ...string) (exit int, out string) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var said, trouble strings.Builder
	exit = run(context.Background(), append([]string{"-program", path, "-dir", t.TempDir()}, args...), &said, &trouble)
	return exit, said.String() + trouble.String()
}

func TestASmallTrialHolds(t *testing.T) {
	exit, out := trial(t, "-seed", "1", "-kills", "8", "-messages", "80", "-restore=false")
	if exit != 0 || !strings.Contains(out, " 0 failed") || !strings.Contains(out, "seed 1") {
		t.Errorf("ended with %d:\n%s", exit, out)
	}
}

// Three nats-server processes under the nodes: one is killed, all lose power, all go back to
// older disks. What the relay loses then, the nodes' outboxes make whole.
func TestAClusterLosesPowerUnderNodes(t *testing.T) {
	exit, out := trial(t, "-seed", "2", "-kills", "24", "-messages", "100", "-relay", "cluster", "-restore=false")
	if exit != 0 || !strings.Contains(out, "server killed") || !strings.Contains(out, "all servers killed and put back to an older copy") {
		t.Errorf("ended with %d:\n%s", exit, out)
	}
}

// A home that went back without a word must not pass.
func TestAHomePutBackIsFound(t *testing.T) {
	exit, out := trial(t, "-seed", "3", "-kills", "16", "-messages", "120", "-control", "-restore=false", "-heal", "2s", "-limit", "30s")
	if exit != endFailed || !strings.Contains(out, "put back to an older copy without a word") || !strings.Contains(out, "heads-agree") {
		t.Errorf("ended with %d:\n%s", exit, out)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-relay", "pigeon"}, {"-kills", "-1"}, {"-messages", "0"}, {"more"}, {"-unknown"}} {
		var said, trouble strings.Builder
		if exit := run(t.Context(), args, &said, &trouble); exit != endUsage || trouble.Len() == 0 {
			t.Errorf("%q ended with %d, %q", args, exit, trouble.String())
		}
	}
}

// What passes a harming proxy is TLS: it arrives whole or the connection ends.
func TestHarmedConnectionsFailSafely(t *testing.T) {
	text := strings.Repeat("sealed ", 100_000)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	p, err := newProxy("127.0.0.1:0", 7, func() []string { return []string{server.Listener.Addr().String()} })
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	client := server.Client()
	transport := client.Transport.(*http.Transport).Clone()
	transport.DialTLSContext = func(context.Context, string, string) (net.Conn, error) {
		return tls.Dial("tcp", p.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	}
	transport.DisableKeepAlives = true
	defer transport.CloseIdleConnections()
	client.Transport = transport
	get := func() (string, error) {
		answer, err := client.Get(server.URL)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		return string(b), err
	}
	p.harm.Store(true)
	ended := 0
	for range 150 {
		got, err := get()
		if err != nil {
			ended++
		} else if got != text {
			t.Fatal("something else arrived than was sent")
		}
	}
	if ended == 0 {
		t.Error("no connection was harmed")
	}
	p.heal()
	for range 20 {
		if got, err := get(); err != nil || got != text {
			t.Fatalf("after healing: %v", err)
		}
	}
}
