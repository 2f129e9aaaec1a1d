package relay

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

// chunks is a connection that hands out bytes in pieces of n.
type chunks struct {
	net.Conn
	r io.Reader
	n int
}

func (c *chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(c.n, len(p))]) }

// through reads b by way of a guard, in pieces of n bytes.
func through(b []byte, n int) ([]byte, error) {
	g := &guard{Conn: &chunks{r: bytes.NewReader(b), n: n}, stop: func() bool { return true }}
	return io.ReadAll(g)
}

func TestGuard(t *testing.T) {
	payload := strings.Repeat("MSG x 1 999999999\r\n", 100) // inside a message it is no protocol
	for name, c := range map[string]struct {
		in   string
		pass bool
	}{
		"honest":               {"INFO {}\r\nPING\r\nMSG a.b 1 1900\r\n" + payload + "\r\n+OK\r\n", true},
		"with headers":         {"HMSG a 1 r 12 1900\r\n" + payload + "\r\nPONG\r\n", true},
		"the largest":          {"MSG a 1 372736\r\n", true},
		"one byte more":        {"MSG a 1 372737\r\n", false},
		"lower case":           {"msg a 1 372737\r\n", false},
		"tabs":                 {"MSG\ta\t1\t372737\r\n", false},
		"no carriage return":   {"MSG a 1 372737\n", false},
		"spaces before":        {"  MSG a 1 372737\r\n", false},
		"negative":             {"MSG a 1 -1\r\n", false},
		"not a number":         {"MSG a 1 x\r\n", false},
		"beyond 64 bits":       {"HMSG a 1 12 99999999999999999999\r\n", false},
		"after a message":      {"MSG a 1 1\r\nx\r\nMSG a 1 372737\r\n", false},
		"a long line":          {strings.Repeat("x", maxLine) + "\r\n", false},
		"a line without end":   {strings.Repeat("x", maxLine+1), false},
		"an INFO of some size": {"INFO " + strings.Repeat("x", maxLine-10) + "\r\n", true},
	} {
		for _, n := range []int{1, 7, 4096, 1 << 20} {
			out, err := through([]byte(c.in), n)
			if c.pass != (err == nil) || err != nil && !errors.Is(err, errOversize) {
				t.Errorf("%s in pieces of %d: %v", name, n, err)
			}
			if c.pass && string(out) != c.in {
				t.Errorf("%s in pieces of %d: changed", name, n)
			}
		}
	}
}

// FuzzGuard: the verdict does not depend on how the bytes are cut, and what passes is unchanged.
func FuzzGuard(f *testing.F) {
	f.Add([]byte("INFO {}\r\nMSG a 1 3\r\nabc\r\nPING\r\n"), 1)
	f.Add([]byte("HMSG a 1 r 12 99999999\r\n"), 3)
	f.Add([]byte("MSG a 1 2\r\nMSG a 1 999999999\r\n"), 2)
	f.Add([]byte("\r\n\n\nMSG\r\nMSG  \r\n"), 5)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		whole, errWhole := through(b, len(b)+1)
		cut, errCut := through(b, 1+int(uint(n)%64))
		if (errWhole == nil) != (errCut == nil) {
			t.Fatalf("whole: %v, cut: %v", errWhole, errCut)
		}
		if errWhole == nil && (!bytes.Equal(whole, b) || !bytes.Equal(cut, b)) {
			t.Fatal("bytes changed")
		}
	})
}

func FuzzParseAck(f *testing.F) {
	r := &receiver{mailbox: strings.Repeat("a", 26)}
	for _, s := range []string{"1.5.5.1795347014683206198.0", "0.0.0.0.0", "1.-5.5.1.0", "1.5", "", "99999999999999999999.1.1.1.1", "1.5.5.1.0.extra"} {
		f.Add(ackPrefix(r.mailbox) + s)
	}
	f.Add("$JS.ACK.MB_" + strings.Repeat("b", 26) + ".owner.1.5.5.1.0")
	f.Fuzz(func(t *testing.T, reply string) {
		ack, ok := r.parseAck(reply)
		if ok && (ack.sequence == 0 || ack.delivered == 0 || !strings.HasPrefix(reply, ackPrefix(r.mailbox))) {
			t.Fatalf("%q is taken as %+v", reply, ack)
		}
		if !ok && ack != (ackInfo{}) {
			t.Fatalf("%q is refused, yet %+v", reply, ack)
		}
	})
}

// FuzzAnswers: what a relay answers is believed only if it speaks of our mailbox.
func FuzzAnswers(f *testing.F) {
	box := strings.Repeat("a", 26)
	for _, s := range []string{
		`{"stream":"MB_` + box + `","seq":1}`, `{"seq":1}`, `{`, `{"error":{"err_code":10054}}`, `null`, `"x"`,
		`{"stream_name":"MB_` + box + `","name":"owner","ack_floor":{"stream_seq":5}}`, `{"ack_floor":{"stream_seq":-5}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := readStored(b, box); (err == nil) != (s.Sequence > 0) {
			t.Fatalf("%q: %v, %v", b, s, err)
		}
		if floor, err := readFloor(b, box); err != nil && floor != 0 {
			t.Fatalf("%q: %d, %v", b, floor, err)
		}
	})
}

// Only the server can answer on the reply subject of the request under way; a header elsewhere
// is nothing.
func TestStatus(t *testing.T) {
	r := &receiver{inbox: "_IN.x.1"}
	for name, c := range map[string]struct {
		subject, status, description, data string
		want                               pullStatus
	}{
		"heartbeat":            {"_IN.x.1", "100", "Idle Heartbeat", "", goesOn},
		"no mail":              {"_IN.x.1", "404", "No Messages", "", usedUp},
		"time over":            {"_IN.x.1", "408", "Request Timeout", "", usedUp},
		"enough bytes":         {"_IN.x.1", "409", "Message Size Exceeds MaxBytes", "", usedUp},
		"enough mail":          {"_IN.x.1", "409", "Batch Completed", "", usedUp},
		"consumer gone":        {"_IN.x.1", "409", "Consumer Deleted", "", broken},
		"nobody there":         {"_IN.x.1", "503", "", "", broken},
		"bad request":          {"_IN.x.1", "400", "Bad Request", "", broken},
		"of the last request":  {"_IN.x.0", "409", "Consumer Deleted", "", goesOn},
		"of a sender":          {"v1.a.b.3", "503", "", "", goesOn},
		"with a body":          {"_IN.x.1", "503", "", "x", goesOn},
		"without a status":     {"_IN.x.1", "", "", "", goesOn},
		"of a status not ours": {"_IN.x.1", "200", "", "", goesOn},
	} {
		m := &nats.Msg{Subject: c.subject, Data: []byte(c.data), Header: nats.Header{}}
		m.Header.Set("Status", c.status)
		m.Header.Set("Description", c.description)
		if got := r.status(m); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
