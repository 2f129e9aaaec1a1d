package relay_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// liar is a relay that speaks just enough of the protocol to lie: bad inputs 97 to 99. answer
// gets every publication and says what to send back, in raw protocol.
type liar struct {
	address string
	pin     []byte
	info    string
	answer  func(subject, reply string, inbox func(reply string) string) string

	listener net.Listener
	tls      *tls.Config
	running  sync.WaitGroup
	mu       sync.Mutex
	open     map[net.Conn]bool
	accepted int
}

const honestInfo = `{"server_id":"x","version":"2.15.2","proto":1,"headers":true,"max_payload":307200,"tls_required":true,"auth_required":true,"nonce":"abc"}`

func newLiar(t *testing.T, change func(*liar)) *liar {
	t.Helper()
	l := &liar{info: honestInfo, tls: new(tls.Config), open: make(map[net.Conn]bool)}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(spki)
	l.pin = sum[:]
	l.tls.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}
	if change != nil {
		change(l)
	}
	if l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	l.address = l.listener.Addr().String()
	l.running.Add(1)
	go l.accept()
	t.Cleanup(l.close)
	return l
}

func (l *liar) close() {
	l.listener.Close()
	l.mu.Lock()
	for c := range l.open {
		c.Close()
	}
	l.mu.Unlock()
	l.running.Wait()
}

func (l *liar) accept() {
	defer l.running.Done()
	for {
		c, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		l.open[c] = true
		l.accepted++
		l.mu.Unlock()
		l.running.Go(func() {
			defer c.Close()
			l.serve(c)
		})
	}
}

func (l *liar) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.accepted
}

// serve follows the client's protocol; inboxes are matched to subscriptions the lazy way.
func (l *liar) serve(raw net.Conn) {
	var conn = raw
	if l.tls != nil {
		conn = tls.Server(raw, l.tls)
	}
	if _, err := fmt.Fprintf(conn, "INFO %s\r\n", l.info); err != nil {
		return
	}
	in := bufio.NewReader(conn)
	sids := make(map[string]string)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch strings.ToUpper(words[0]) {
		case "PING":
			fmt.Fprint(conn, "PONG\r\n")
		case "SUB":
			sids[strings.TrimRight(words[1], "*>")] = words[len(words)-1]
		case "PUB", "HPUB":
			var size int
			fmt.Sscan(words[len(words)-1], &size)
			if _, err := io.CopyN(io.Discard, in, int64(size)+2); err != nil {
				return
			}
			if l.answer == nil || len(words) < 4 {
				continue
			}
			fmt.Fprint(conn, l.answer(words[1], words[2], func(reply string) string {
				for prefix, sid := range sids {
					if strings.HasPrefix(reply, prefix) {
						return sid
					}
				}
				return "1"
			}))
		}
	}
}

func (l *liar) dial(t *testing.T, pin []byte) relay.Courier {
	t.Helper()
	c, err := relay.Dial(context.Background(), relay.DialConfig{Address: l.address, TLSKey: pin, NKeySeed: relaytest.NewParty(t).Seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never came about", what)
}

func message(subject, sid, data string) string {
	return fmt.Sprintf("MSG %s %s %d\r\n%s\r\n", subject, sid, len(data), data)
}

// Bad input 97: answers that are no answer to what was asked.
func TestForgedAnswers(t *testing.T) {
	box, token := relaytest.NewParty(t).Mailbox, relaytest.NewParty(t).Token
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"another mailbox": {`{"stream":"MB_` + token + `","seq":1}`, relay.ErrBadAnswer},
		"no mailbox":      {`{"seq":7}`, relay.ErrBadAnswer},
		"no sequence":     {`{"stream":"MB_` + box + `"}`, relay.ErrBadAnswer},
		"zero":            {`{"stream":"MB_` + box + `","seq":0}`, relay.ErrBadAnswer},
		"negative":        {`{"stream":"MB_` + box + `","seq":-1}`, relay.ErrBadAnswer},
		"not JSON":        {`yes`, relay.ErrBadAnswer},
		"nothing":         {``, relay.ErrBadAnswer},
		"array":           {`[]`, relay.ErrBadAnswer},
		"nested":          {strings.Repeat(`[`, 100000), relay.ErrBadAnswer},
		"an error":        {`{"error":{"code":503,"err_code":10023,"description":"<script>"}}`, relay.ErrFailed},
		"error and ack":   {`{"stream":"MB_` + box + `","seq":1,"error":{"err_code":10077}}`, relay.ErrFailed},
		"too large":       {`{"error":{"code":400,"err_code":10054}}`, relay.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t, func(l *liar) {
				l.answer = func(_, reply string, sid func(string) string) string { return message(reply, sid(reply), c.data) }
			})
			x := l.dial(t, l.pin)
			waitFor(t, "the link", func() bool { return x.Link().Up })
			_, err := x.Publish(t.Context(), relay.Address{Mailbox: box, Token: token}, []byte("x"))
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "script") {
				t.Error("the relay's own words stand in the error")
			}
		})
	}
}

// Bad input 98: mail with another subject, without an acknowledgement subject, or with another's.
func TestForgedMail(t *testing.T) {
	box, token := relaytest.NewParty(t).Mailbox, relaytest.NewParty(t).Token
	other := relaytest.NewParty(t).Mailbox
	ack := "$JS.ACK.MB_" + box + ".owner.1.5.5.1795347014683206198.0"
	good := "v1." + box + "." + token + ".3"
	mail := func(subject, sid, reply, data string) string {
		return fmt.Sprintf("MSG %s %s %s %d\r\n%s\r\n", subject, sid, reply, len(data), data)
	}
	sent := false
	l := newLiar(t, func(l *liar) {
		l.answer = func(subject, reply string, sid func(string) string) string {
			if !strings.HasSuffix(subject, ".next") || sent {
				return ""
			}
			sent = true
			s := sid(reply)
			return mail("v1."+other+"."+token+".3", s, ack, "of another mailbox") +
				mail("v1."+box+"."+token+".323", s, ack, "of no slot") +
				mail("v1."+box+"."+token, s, ack, "of no slot") +
				mail("x", s, ack, "of no subject") +
				mail(good, s, "$JS.ACK.MB_"+other+".owner.1.5.5.1.0", "of another stream") +
				mail(good, s, "$JS.ACK.MB_"+box+".owner.0.0.0.0.0", "of no sequence") +
				mail(good, s, "$JS.ACK.MB_"+box+".owner.x", "of no sequence") +
				mail(good, s, "_INBOX.x", "of no stream") +
				message(good, s, "without acknowledgement") +
				mail(good, s, ack, "honest")
		}
	})
	x := l.dial(t, l.pin)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []relay.Mail
	err := x.Receive(ctx, box, func(m relay.Mail) error {
		got = append(got, m)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(got) != 1 || string(got[0].Envelope) != "honest" ||
		got[0].Slot != 3 || got[0].Token != token || got[0].Sequence != 5 {
		t.Errorf("got %d mails, first %+v, %v; want the honest one alone", len(got), got, err)
	}
}

// Bad input 99 and P7: what a relay says of itself and how much it says.
func TestHostileServers(t *testing.T) {
	box, token := relaytest.NewParty(t).Mailbox, relaytest.NewParty(t).Token
	t.Run("takes less than the profile", func(t *testing.T) {
		l := newLiar(t, func(l *liar) { l.info = strings.Replace(honestInfo, "307200", "1000", 1) })
		x := l.dial(t, l.pin)
		waitFor(t, "the link", func() bool { return x.Link().Up })
		if !slices.Contains(x.Link().Warnings, valisev1.Warning_WARNING_RELAY_TAKES_LESS) {
			t.Errorf("warnings %v", x.Link().Warnings)
		}
		if _, err := x.Publish(t.Context(), relay.Address{Mailbox: box, Token: token}, make([]byte, 2000)); !errors.Is(err, relay.ErrTooLarge) {
			t.Errorf("%v, want ErrTooLarge", err)
		}
	})
	t.Run("an old server", func(t *testing.T) {
		l := newLiar(t, func(l *liar) { l.info = strings.Replace(honestInfo, "2.15.2", "2.9.1", 1) })
		x := l.dial(t, l.pin)
		waitFor(t, "the link", func() bool { return x.Link().Up })
		if !slices.Contains(x.Link().Warnings, valisev1.Warning_WARNING_RELAY_OLD_SERVER) {
			t.Errorf("warnings %v", x.Link().Warnings)
		}
	})
	t.Run("sends the node elsewhere", func(t *testing.T) {
		trap := newLiar(t, nil)
		l := newLiar(t, func(l *liar) {
			l.info = strings.Replace(honestInfo, "{", `{"connect_urls":["`+trap.address+`"],"ldm":true,`, 1)
			l.answer = func(string, string, func(string) string) string { return "-ERR 'Stale Connection'\r\n" }
		})
		x := l.dial(t, l.pin)
		for range 3 {
			waitFor(t, "the link", func() bool { return x.Link().Up })
			_, _ = x.Publish(t.Context(), relay.Address{Mailbox: box, Token: token}, []byte("x"))
			before := l.count()
			waitFor(t, "another connection", func() bool { return l.count() > before })
		}
		if trap.count() > 0 {
			t.Error("the node went where the relay sent it")
		}
	})
	for name, flood := range map[string]string{
		"a message of two gigabytes": "MSG x 1 2147483647\r\n",
		"a negative size":            "MSG x 1 -5\r\n",
		"an endless line":            "INFO " + strings.Repeat("x", 1<<20),
		"headers of two gigabytes":   "HMSG x 1 12 2147483647\r\n",
		"no protocol at all":         "\x00\xff\r\n",
		"an error":                   "-ERR '\x1b]0;owned\a'\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t, func(l *liar) {
				l.answer = func(string, string, func(string) string) string { return flood }
			})
			x := l.dial(t, l.pin)
			waitFor(t, "the link", func() bool { return x.Link().Up })
			_, err := x.Publish(t.Context(), relay.Address{Mailbox: box, Token: token}, []byte("x"))
			if !errors.Is(err, relay.ErrLinkDown) {
				t.Errorf("%v, want ErrLinkDown", err)
			}
			waitFor(t, "the next attempt", func() bool { return l.count() > 1 })
		})
	}
}

// Bad input 99: other keys and older protocols.
func TestTransport(t *testing.T) {
	t.Run("another key than the card names", func(t *testing.T) {
		l := newLiar(t, nil)
		x := l.dial(t, make([]byte, 32))
		waitFor(t, "the warning", func() bool { return slices.Contains(x.Link().Warnings, valisev1.Warning_WARNING_RELAY_KEY_OTHER) })
		waitFor(t, "more attempts", func() bool { return l.count() > 2 })
		if x.Link().Up {
			t.Error("connected to a relay with another key")
		}
	})
	t.Run("an unknown key", func(t *testing.T) {
		l := newLiar(t, nil)
		x := l.dial(t, nil)
		if len(x.Link().Warnings) == 0 {
			t.Error("no warning before the first connection")
		}
		waitFor(t, "the link", func() bool { return x.Link().Up })
		if !slices.Contains(x.Link().Warnings, valisev1.Warning_WARNING_RELAY_KEY_UNKNOWN) {
			t.Errorf("warnings %v, want one that stands", x.Link().Warnings)
		}
	})
	t.Run("no TLS", func(t *testing.T) {
		l := newLiar(t, func(l *liar) { l.tls = nil; l.info = strings.Replace(honestInfo, `"tls_required":true,`, "", 1) })
		x := l.dial(t, nil)
		waitFor(t, "more attempts", func() bool { return l.count() > 2 })
		if x.Link().Up {
			t.Error("connected without TLS")
		}
	})
	t.Run("TLS 1.2", func(t *testing.T) {
		l := newLiar(t, func(l *liar) { l.tls.MaxVersion = tls.VersionTLS12 })
		x := l.dial(t, l.pin)
		waitFor(t, "more attempts", func() bool { return l.count() > 2 })
		if x.Link().Up {
			t.Error("connected by TLS 1.2")
		}
	})
	t.Run("our server refuses TLS 1.2 and none", func(t *testing.T) {
		e := startEmbedded(t, relaytest.RosterOf(1, relaytest.NewParty(t)))
		if c, err := tls.Dial("tcp", e.address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}); err == nil {
			c.Close()
			t.Error("the server speaks TLS 1.2")
		}
		c, err := net.Dial("tcp", e.address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := fmt.Fprint(c, "CONNECT {}\r\nPING\r\n"); err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(c); strings.Contains(string(b), "INFO") || strings.Contains(string(b), "PONG") {
			t.Errorf("the server said %q without TLS", b)
		}
	})
}

func TestDialRefusesBadConfigurations(t *testing.T) {
	seed := relaytest.NewParty(t).Seed
	for name, c := range map[string]relay.DialConfig{
		"no address":  {NKeySeed: seed},
		"no port":     {Address: "relay.example", NKeySeed: seed},
		"injection":   {Address: "relay.example\r\n:4222", NKeySeed: seed},
		"short pin":   {Address: "192.0.2.1:4222", TLSKey: []byte{1}, NKeySeed: seed},
		"no key":      {Address: "192.0.2.1:4222"},
		"public key":  {Address: "192.0.2.1:4222", NKeySeed: []byte(relaytest.NewParty(t).NKey)},
		"account key": {Address: "192.0.2.1:4222", NKeySeed: []byte("SAANRM6JVDEYZTR6DXCWUSDDJHGOHAFITXEQBSEZSY5JENTDVRZ6WNKTTY")},
	} {
		if x, err := relay.Dial(t.Context(), c); err == nil {
			x.Close()
			t.Errorf("%s: taken", name)
		}
	}
}
