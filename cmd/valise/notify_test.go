package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// TestServiceManagerIsTold: ready once it serves, alive while it runs, stopping at the end.
func TestServiceManagerIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "20000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	p := newProgram(nil, io.Discard, io.Discard, os.Environ())
	stop := p.watchdog(context.Background(), always)
	p.ready(readyNode("XA"))
	told := map[string]bool{}
	b := make([]byte, 100)
	for !told["READY=1"] || !told["WATCHDOG=1"] {
		n, err := l.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		told[string(b[:n])] = true
	}
	stop()
	for !told["STOPPING=1"] {
		n, err := l.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		told[string(b[:n])] = true
	}
}

// TestACoreThatHangsIsNotSaidToLive: the manager hears nothing until the core answers again.
func TestACoreThatHangsIsNotSaidToLive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	p := newProgram(nil, io.Discard, io.Discard, os.Environ())
	asked := make(chan struct{}, 1)
	hangs := func(ctx context.Context) bool {
		<-ctx.Done()
		select {
		case asked <- struct{}{}:
		default:
		}
		return false
	}
	stop := p.watchdog(context.Background(), hangs)
	for range 3 {
		<-asked
	}
	stop()
	b := make([]byte, 100)
	if n, err := l.Read(b); err != nil || string(b[:n]) != "STOPPING=1" {
		t.Errorf("told %q, %v", b[:n], err)
	}
}

// TestNobodyToTell: without a service manager nothing is sent and nothing is left running.
func TestNobodyToTell(t *testing.T) {
	p := newProgram(nil, io.Discard, io.Discard, nil)
	stop := p.watchdog(context.Background(), always)
	p.ready(readyRelay("127.0.0.1:1"))
	stop()
}
