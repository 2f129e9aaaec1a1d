package api

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// keyPair is a certificate as an officer or a door has it.
func keyPair(t testing.TB) (tls.Certificate, Pin) {
	t.Helper()
	key := must(NewDoorKey())
	file := must(NewCertificate(key))
	return must(tls.X509KeyPair(file, KeyPEM(key))), must(PinOfPEM(file))
}

// tcpDoor is the door of a world over TCP and on a socket, served by one server.
type tcpDoor struct {
	address, socket string
	node            Pin
	listener        *tcpListener
}

func (w *world) serveTCP(t testing.TB) tcpDoor {
	t.Helper()
	own, pin := keyPair(t)
	l, err := w.server.ListenTCP("127.0.0.1:0", own)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(private(t), "valise.sock")
	local, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(w.server.ServerOptions()...)
	w.server.Register(s)
	done := make(chan error, 2)
	go func() { done <- s.Serve(l) }()
	go func() { done <- s.Serve(local) }()
	t.Cleanup(func() { w.server.Close(); s.GracefulStop(); <-done; <-done })
	return tcpDoor{l.Addr().String(), path, pin, l.(*tcpListener)}
}

// certified adds an officer with a certificate.
func (w *world) certified(t testing.TB, name string, roles ...valisev1.Role) tls.Certificate {
	t.Helper()
	certificate, pin := keyPair(t)
	w.people.mu.Lock()
	defer w.people.mu.Unlock()
	w.people.list = append(w.people.list, &valisev1.Officer{Name: name, Roles: roles, Certificate: pin.String(), TokenHash: hashOf("token of " + name)})
	return certificate
}

func (d tcpDoor) dial(t testing.TB, certificate tls.Certificate, options DialOptions) (*grpc.ClientConn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := DialTCP(ctx, d.address, Identity{certificate, d.node}, options)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

func (d tcpDoor) mustDial(t testing.TB, certificate tls.Certificate) *grpc.ClientConn {
	t.Helper()
	return must(d.dial(t, certificate, DialOptions{}))
}

// TestWhoCallsOverTCP: the certificate alone says who it is; a token and a name can only say it
// again. A-9 s4
func TestWhoCallsOverTCP(t *testing.T) {
	w := newWorld(t)
	alder := w.certified(t, "alder", duty)
	w.certified(t, "birch", admin)
	d := w.serveTCP(t)
	for _, c := range []struct {
		options DialOptions
		want    string
	}{
		{DialOptions{}, "alder"},
		{DialOptions{As: "alder"}, "alder"},
		{DialOptions{Token: "token of alder"}, "alder"},
		{DialOptions{As: "birch"}, ""},
		{DialOptions{Token: "token of birch"}, ""},
		{DialOptions{Token: "token of birch", As: "birch"}, ""},
		{DialOptions{Token: "guess"}, ""},
	} {
		conn, err := d.dial(t, alder, c.options)
		if err != nil {
			t.Fatal(err)
		}
		out, err := valisev1.NewOfficerServiceClient(conn).WhoAmI(t.Context(), &valisev1.WhoAmIRequest{})
		if out.GetOfficer().GetName() != c.want || (c.want == "") != (err != nil) {
			t.Errorf("%+v is %q, %v", c.options, out.GetOfficer().GetName(), err)
		}
		if err != nil {
			wantReason(t, err, denied)
		}
	}
	// On the socket a certificate's pin is no password.
	_, err := whoAmI(t, d.socket, DialOptions{Token: w.people.list[len(w.people.list)-1].GetCertificate()})
	wantReason(t, err, denied)
}

func cloneOfficer(o *valisev1.Officer) *valisev1.Officer { return proto.CloneOf(o) }

func encoded(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

// foreignCertificate is one whose key a door does not take.
func foreignCertificate(t testing.TB, public, private any) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour)}
	return tls.Certificate{Certificate: [][]byte{must(x509.CreateCertificate(rand.Reader, template, template, public, private))}, PrivateKey: private}
}

// TestStrangersOverTCP: who shows no certificate of an officer, or does not keep to TLS 1.3 and
// HTTP/2, gets no call through, not even to the health service, and no answer that says anything.
// reliability.md 66, 81
func TestStrangersOverTCP(t *testing.T) {
	w := newWorld(t)
	alder := w.certified(t, "alder", duty)
	d := w.serveTCP(t)
	other, _ := keyPair(t)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	chain := tls.Certificate{Certificate: append(append([][]byte{}, alder.Certificate...), other.Certificate...), PrivateKey: alder.PrivateKey}
	stolen := tls.Certificate{Certificate: alder.Certificate, PrivateKey: other.PrivateKey}
	for name, c := range map[string]*tls.Config{
		"no certificate":       {},
		"of nobody":            {Certificates: []tls.Certificate{other}},
		"Ed25519":              {Certificates: []tls.Certificate{foreignCertificate(t, public, private)}},
		"RSA":                  {Certificates: []tls.Certificate{foreignCertificate(t, rsaKey.Public(), rsaKey)}},
		"a chain":              {Certificates: []tls.Certificate{chain}},
		"without its key":      {Certificates: []tls.Certificate{stolen}},
		"TLS 1.2":              {Certificates: []tls.Certificate{alder}, MaxVersion: tls.VersionTLS12},
		"HTTP/1.1":             {Certificates: []tls.Certificate{alder}, NextProtos: []string{"http/1.1"}},
		"no protocol at all":   {Certificates: []tls.Certificate{alder}, NextProtos: []string{}},
		"plain text":           nil,
		"a number of no sense": nil,
	} {
		raw := must(net.Dial("tcp", d.address))
		conn := raw
		if c != nil {
			c.InsecureSkipVerify = true
			if c.NextProtos == nil {
				c.NextProtos = []string{"h2"}
			}
			conn = tls.Client(raw, c)
		}
		if name == "plain text" {
			_, _ = conn.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
		} else {
			_, _ = conn.Write([]byte(strings.Repeat("\x00", 100)))
		}
		b := make([]byte, 100)
		for {
			n, err := conn.Read(b)
			if err != nil {
				break
			}
			if c != nil || strings.Contains(string(b[:n]), "HTTP") {
				t.Errorf("%s: the door answers %q", name, b[:n])
			}
		}
		conn.Close()
	}
	_, err = d.dial(t, other, DialOptions{Token: "token of alder"})
	wantReason(t, err, denied)
	if name, err := valisev1.NewOfficerServiceClient(d.mustDial(t, alder)).WhoAmI(t.Context(), &valisev1.WhoAmIRequest{}); err != nil || name.GetOfficer().GetName() != "alder" {
		t.Errorf("the officer is %v, %v", name, err)
	}
}

// TestDialTCPRefuses: a caller sends nothing to another node than its own.
func TestDialTCPRefuses(t *testing.T) {
	w := newWorld(t)
	alder := w.certified(t, "alder", duty)
	d := w.serveTCP(t)
	_, pin := keyPair(t)
	_, err := DialTCP(t.Context(), d.address, Identity{alder, pin}, DialOptions{})
	if e := wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED); e.Exit != exitKey {
		t.Errorf("it ends with %d", e.Exit)
	}
	silent := must(net.Listen("tcp", "127.0.0.1:0"))
	_, err = DialTCP(short(t), silent.Addr().String(), Identity{alder, d.node}, DialOptions{})
	wantReason(t, err, valisev1.Reason_REASON_TIMED_OUT)
	silent.Close()
	_, err = DialTCP(t.Context(), silent.Addr().String(), Identity{alder, d.node}, DialOptions{})
	wantReason(t, err, valisev1.Reason_REASON_NODE_UNREACHABLE)
	talks := must(net.Listen("tcp", "127.0.0.1:0"))
	defer talks.Close()
	go func() {
		for {
			conn, err := talks.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("220 mail.example ESMTP\r\n"))
			conn.Close()
		}
	}()
	_, err = DialTCP(t.Context(), talks.Addr().String(), Identity{alder, d.node}, DialOptions{})
	wantReason(t, err, valisev1.Reason_REASON_NODE_UNREACHABLE)
	_, err = w.server.ListenTCP(d.address, alder)
	if e := wantReason(t, err, valisev1.Reason_REASON_BAD_CONFIG); !strings.Contains(e.Message, "in use") {
		t.Errorf("a taken address is told as %q", e.Message)
	}
}

func short(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestPinOfPEM(t *testing.T) {
	key := must(NewDoorKey())
	good := must(NewCertificate(key))
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other := foreignCertificate(t, public, private)
	for name, file := range map[string]string{
		"empty": "", "a key": string(KeyPEM(key)), "two": string(good) + string(good), "key and certificate": string(KeyPEM(key)) + string(good),
		"cut":     string(good[:len(good)/2]),
		"no DER":  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"Ed25519": "-----BEGIN CERTIFICATE-----\n" + encoded(other.Certificate[0]) + "\n-----END CERTIFICATE-----\n",
	} {
		_, err := PinOfPEM([]byte(file))
		if e, ok := FromStatus(err); !ok || e.Reason != bad {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The pin is of the key: a certificate that it gives itself anew has the same.
	if a, b := must(PinOfPEM(good)), must(PinOfPEM(must(NewCertificate(key)))); a != b || len(a.String()) != 64 {
		t.Errorf("one key has two pins: %v and %v", a, b)
	}
}

// TestARemovedOfficerHearsNoMore: a Watch under way ends when its officer is removed, or is added
// anew with other rights, whichever way they came; nothing recorded after that is told. A-9 s4
func TestARemovedOfficerHearsNoMore(t *testing.T) {
	for name, change := range map[string]func(*valisev1.Officer) *valisev1.Officer{
		"removed":          func(*valisev1.Officer) *valisev1.Officer { return nil },
		"lost the role":    func(o *valisev1.Officer) *valisev1.Officer { o.Roles = []valisev1.Role{admin}; return o },
		"lost a track":     func(o *valisev1.Officer) *valisev1.Officer { o.Tracks = []string{"diplomatic"}; return o },
		"lost the key":     func(o *valisev1.Officer) *valisev1.Officer { o.Certificate, o.TokenHash = "", ""; return o },
		"an unknown track": func(o *valisev1.Officer) *valisev1.Officer { o.Tracks = []string{"consular"}; return o },
	} {
		w := newWorld(t)
		alder := w.certified(t, "alder", duty)
		d := w.serveTCP(t)
		over := valisev1.NewInquiryServiceClient(d.mustDial(t, alder))
		local := valisev1.NewInquiryServiceClient(w.call(t, "token of alder"))
		for way, c := range map[string]valisev1.InquiryServiceClient{"TCP": over, "token": local} {
			stream := must(c.Watch(t.Context(), &valisev1.WatchRequest{}))
			if _, err := stream.Header(); err != nil {
				t.Fatal(err)
			}
			write(t, w, 1)
			if _, err := stream.Recv(); err != nil {
				t.Fatalf("%s over %s: before: %v", name, way, err)
			}
			before := w.people.replace("alder", change)
			write(t, w, 1)
			for {
				event, err := stream.Recv()
				if err != nil {
					wantReason(t, err, denied)
					break
				}
				if event.GetKind() == valisev1.Kind_KIND_INQUIRY {
					t.Errorf("%s over %s: heard %v after it", name, way, event)
				}
			}
			w.people.replace("alder", func(*valisev1.Officer) *valisev1.Officer { return before })
		}
		w.people.replace("alder", change)
		_, err := over.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
		if _, err2 := d.dial(t, alder, DialOptions{}); name == "removed" || name == "lost the key" {
			wantReason(t, err, denied)
			wantReason(t, err2, denied)
		}
	}
}

// replace changes an officer and gives what they were.
func (p *people) replace(name string, change func(*valisev1.Officer) *valisev1.Officer) (before *valisev1.Officer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []*valisev1.Officer
	for _, o := range p.list {
		if o.GetName() == name {
			before = o
			continue
		}
		list = append(list, o)
	}
	if before == nil {
		before = p.gone
	}
	if after := change(cloneOfficer(before)); after != nil {
		list = append(list, after)
	}
	p.list, p.gone = list, before
	return before
}

// TestCallsOverTCPAreBounded: one certificate has so many calls open and no more, over however many
// connections; the refusal says when to ask again. The socket knows no such bound. P7
func TestCallsOverTCPAreBounded(t *testing.T) {
	w := newWorld(t)
	alder := w.certified(t, "alder", duty)
	birch := w.certified(t, "birch", duty)
	d := w.serveTCP(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := valisev1.NewInquiryServiceClient(d.mustDial(t, alder))
	second := valisev1.NewInquiryServiceClient(d.mustDial(t, alder))
	for i := range maxCallsOfOne {
		c := first
		if i%2 == 1 {
			c = second
		}
		if _, err := must(c.Watch(ctx, &valisev1.WatchRequest{})).Header(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := second.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
	e := wantReason(t, err, valisev1.Reason_REASON_NOT_ACCEPTING)
	if after, ok := e.RetryAfter(); !ok || after <= 0 {
		t.Error("it does not say when to ask again")
	}
	if _, err := valisev1.NewInquiryServiceClient(d.mustDial(t, birch)).ListThreads(t.Context(), &valisev1.ListThreadsRequest{}); err != nil {
		t.Errorf("another officer is shut out: %v", err)
	}
	if _, err := whoAmI(t, d.socket, DialOptions{Token: "token of alder"}); err != nil {
		t.Errorf("the socket is shut: %v", err)
	}
	cancel()
	for {
		_, err := second.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
		if err == nil {
			break
		}
		wantReason(t, err, valisev1.Reason_REASON_NOT_ACCEPTING)
	}
}

// TestMetadataOverTCP: what is too long is refused there as on the socket. reliability.md 83
func TestMetadataOverTCP(t *testing.T) {
	w := newWorld(t)
	alder := w.certified(t, "alder", duty)
	c := valisev1.NewInquiryServiceClient(w.serveTCP(t).mustDial(t, alder))
	if _, err := c.ListThreads(metadata.AppendToOutgoingContext(t.Context(), "x", strings.Repeat("a", 4*maxHeader)), &valisev1.ListThreadsRequest{}); err == nil {
		t.Error("64 KiB of metadata are taken")
	}
	_, err := c.SendInquiry(t.Context(), &valisev1.SendInquiryRequest{To: xb.String(), Inquiry: &valisev1.Inquiry{Narrative: strings.Repeat("a", maxRequest)}})
	wantReason(t, err, bad)
}
