package api

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	valisev1 "valise.example/proto/valise/v1"
)

// hostile is an officer's connection that speaks HTTP/2 as no honest client does.
type hostile struct {
	*http2.Framer
	conn *tls.Conn
}

func (d tcpDoor) hostile(t testing.TB, certificate tls.Certificate) hostile {
	t.Helper()
	conn := must(tls.Dial("tcp", d.address, &tls.Config{
		Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}, InsecureSkipVerify: true, MinVersion: tls.VersionTLS13,
	}))
	t.Cleanup(func() { conn.Close() })
	must(conn.Write([]byte(http2.ClientPreface)))
	h := hostile{http2.NewFramer(conn, conn), conn}
	if err := h.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return h
}

// watch begins a Watch on a stream.
func (h hostile) watch(stream uint32) error {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, f := range [][2]string{
		{":method", "POST"}, {":scheme", "https"}, {":path", valisev1.InquiryService_Watch_FullMethodName}, {":authority", DoorName},
		{"content-type", "application/grpc"}, {"te", "trailers"},
	} {
		if err := e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			return err
		}
	}
	if err := h.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true}); err != nil {
		return err
	}
	return h.WriteData(stream, true, []byte{0, 0, 0, 0, 0})
}

// drained reads whatever the node answers, until the connection ends.
func (h hostile) drained() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, h.conn)
	}()
	return ended
}

// TestFloodsOverTCP: 10,000 streams, streams that are reset as soon as they begin, and pings without
// end, each by an officer's own certificate. What the node holds for them stays bounded, others go
// on over TCP and on the socket, and nothing is left behind. P7, reliability.md 85
func TestFloodsOverTCP(t *testing.T) {
	const many = 10_000
	for name, flood := range map[string]func(hostile) error{
		"streams": func(h hostile) (err error) {
			for i := uint32(0); i < many && err == nil; i++ {
				err = h.watch(2*i + 1)
			}
			return err
		},
		"rapid reset": func(h hostile) (err error) {
			for i := uint32(0); i < many && err == nil; i++ {
				if err = h.watch(2*i + 1); err == nil {
					err = h.WriteRSTStream(2*i+1, http2.ErrCodeCancel)
				}
			}
			return err
		},
		"pings": func(h hostile) (err error) {
			for i := 0; i < many && err == nil; i++ {
				err = h.WritePing(false, [8]byte{})
			}
			return err
		},
		"settings": func(h hostile) (err error) {
			for i := 0; i < many && err == nil; i++ {
				err = h.WriteSettings()
			}
			return err
		},
	} {
		w := newWorld(t)
		alder, birch := w.certified(t, "alder", duty), w.certified(t, "birch", duty)
		d := w.serveTCP(t)
		before := runtime.NumGoroutine()
		h := d.hostile(t, alder)
		ended := h.drained()
		// A node that ends the connection has answered, too.
		if err := flood(h); err != nil && !isClosed(err) {
			t.Errorf("%s: %v", name, err)
		}
		if held := runtime.NumGoroutine() - before; held > 4*maxCalls {
			t.Errorf("%s: %d goroutines serve one connection", name, held)
		}
		write(t, w, 1)
		if _, err := valisev1.NewInquiryServiceClient(d.mustDial(t, birch)).ListThreads(t.Context(), &valisev1.ListThreadsRequest{}); err != nil {
			t.Errorf("%s: another officer is shut out: %v", name, err)
		}
		if _, err := whoAmI(t, d.socket, DialOptions{Token: "token of alder"}); err != nil {
			t.Errorf("%s: the socket is shut: %v", name, err)
		}
		if name != "pings" { // those the node itself does not bear
			h.conn.Close()
		}
		<-ended
		// What was held for the flood is given back: the same officer may call again.
		c := valisev1.NewInquiryServiceClient(d.mustDial(t, alder))
		for {
			_, err := c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
			if err == nil {
				break
			}
			wantReason(t, err, valisev1.Reason_REASON_NOT_ACCEPTING)
		}
	}
}

func isClosed(err error) bool {
	_, broken := errors.AsType[*net.OpError](err)
	return broken || errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF)
}

// TestHeldHandshakes: strangers who begin a handshake and say nothing more take the places of their
// host and no others; the socket does not know of them, and a node that ends does not wait. P7
func TestHeldHandshakes(t *testing.T) {
	w := newWorld(t)
	alder := w.certified(t, "alder", duty)
	d := w.serveTCP(t)
	conn := d.mustDial(t, alder) // was there before
	for range 200 {
		c := must(net.Dial("tcp", d.address))
		t.Cleanup(func() { c.Close() })
	}
	if _, err := valisev1.NewOfficerServiceClient(conn).WhoAmI(t.Context(), &valisev1.WhoAmIRequest{}); err != nil {
		t.Errorf("an officer who was there is put out: %v", err)
	}
	if _, err := whoAmI(t, d.socket, DialOptions{Token: "token of alder"}); err != nil {
		t.Errorf("the socket is shut: %v", err)
	}
	d.listener.crowd.mu.Lock()
	defer d.listener.crowd.mu.Unlock()
	if n := d.listener.crowd.strangers.Len(); n > maxStrangersOfOne {
		t.Errorf("%d handshakes of one host are under way", n)
	}
}

// TestConnectionsOfOneCertificate are bounded, and a place that is given back is a place again.
func TestConnectionsOfOneCertificate(t *testing.T) {
	w := newWorld(t)
	alder, birch := w.certified(t, "alder", duty), w.certified(t, "birch", duty)
	d := w.serveTCP(t)
	var all []io.Closer
	for range maxOfCertificate {
		all = append(all, d.mustDial(t, alder))
	}
	if _, err := d.dial(t, alder, DialOptions{}); err == nil {
		t.Error("one certificate has more connections than it may")
	}
	d.mustDial(t, birch)
	all[0].Close()
	for {
		if _, err := d.dial(t, alder, DialOptions{}); err == nil {
			return
		}
	}
}

// TestASlowReaderHoldsUpNobody: who asks for everything and reads nothing keeps one call of its own
// waiting, with what fits in its window; others hear and act meanwhile. P7, reliability.md 85
func TestASlowReaderHoldsUpNobody(t *testing.T) {
	w := newWorld(t)
	alder, birch := w.certified(t, "alder", duty), w.certified(t, "birch", duty)
	write(t, w, 600)
	d := w.serveTCP(t)
	h := d.hostile(t, alder) // never reads and never widens its window
	if err := h.watch(1); err != nil {
		t.Fatal(err)
	}
	c := valisev1.NewInquiryServiceClient(d.mustDial(t, birch))
	stream := must(c.Watch(t.Context(), &valisev1.WatchRequest{Replay: true}))
	for _, want := range told(t, w, 0) {
		if event := must(stream.Recv()); event.GetCursor() != want {
			t.Fatalf("heard %d, want %d", event.GetCursor(), want)
		}
	}
	if _, err := c.SendInquiry(t.Context(), inquiry("Scans")); err != nil {
		t.Error(err)
	}
}
