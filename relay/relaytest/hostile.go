package relaytest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"valise.example/relay"
)

// answerIn bounds the wait for an answer that may never come.
const answerIn = 10 * time.Second

// hostile are tests with a plain NATS client that logs in as a party of the Roster and keeps
// no rule: bad inputs 90 to 96 of the threat model.
var hostile = []struct {
	name string
	test func(*testing.T, *world, Raw)
}{
	{"the server's API", serversAPI},
	{"foreign subjects", foreignSubjects},
	{"foreign ears", foreignEars},
	{"reply subjects", replySubjects},
	{"headers", headers},
	{"mail that looks like a status", mailThatLooksLikeAStatus},
	{"slots that are none", slotsThatAreNone},
	{"a thousand names", aThousandNames},
	{"an old envelope again", anOldEnvelopeAgain},
	{"too much", tooMuch},
	{"strangers", strangers},
	{"objects are read only", objectsAreReadOnly},
}

// intruder is a raw connection that notes what it was refused.
type intruder struct {
	*nats.Conn
	mu      sync.Mutex
	refused []string
}

func intrude(t *testing.T, raw Raw, p Party) *intruder {
	t.Helper()
	x := new(intruder)
	var err error
	x.Conn, err = raw.TryRaw(t, p.Seed, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.refused = append(x.refused, err.Error())
	}))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *intruder) publish(t *testing.T, m *nats.Msg) {
	t.Helper()
	if err := x.PublishMsg(m); err != nil {
		t.Fatalf("%s: %v", m.Subject, err)
	}
	if err := x.Flush(); err != nil {
		t.Fatalf("%s: %v", m.Subject, err)
	}
}

func (x *intruder) wasRefused(subject string) func() bool {
	return func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		return slices.ContainsFunc(x.refused, func(s string) bool { return strings.Contains(s, `"`+subject+`"`) })
	}
}

// bystanders is honest mail from c to b that must come whole, whatever a does.
type bystanders struct {
	w    *world
	c, b relay.Courier
	want []string
}

func (w *world) bystanders(t *testing.T) *bystanders {
	t.Helper()
	s := &bystanders{w: w, c: w.dial(t, w.c), b: w.dial(t, w.b)}
	for n := range 8 {
		s.send(t, n)
	}
	return s
}

func (s *bystanders) send(t *testing.T, n int) {
	t.Helper()
	text := fmt.Sprintf("from c, slot %d", n)
	send(t, s.c, slot(s.w.b, s.w.c, n), text)
	s.want = append(s.want, text)
}

// check reads b's mailbox to a last honest mail: of c's token there is what c sent, in c's
// slots, and nothing else.
func (s *bystanders) check(t *testing.T) []relay.Mail {
	t.Helper()
	for n := range 8 {
		s.send(t, 100+n)
	}
	box := read(t, s.b, s.w.b.Mailbox, nil)
	box.waitText(t, s.want[len(s.want)-1])
	var got []string
	for _, m := range box.all() {
		if m.Token == s.w.c.Token {
			got = append(got, string(m.Envelope))
			if want := fmt.Sprintf("from c, slot %d", m.Slot); string(m.Envelope) != want {
				t.Errorf("slot %d of c holds something else", m.Slot)
			}
		}
	}
	if !slices.Equal(got, s.want) {
		t.Errorf("of c's mail came %d, want %d:\n%q", len(got), len(s.want), got)
	}
	return box.all()
}

func serversAPI(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	for _, p := range []Party{w.b, w.a} {
		mb := "MB_" + p.Mailbox
		for _, subject := range []string{
			"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.CREATE.X", "$JS.API.STREAM.CREATE." + mb,
			"$JS.API.STREAM.UPDATE." + mb, "$JS.API.STREAM.INFO." + mb, "$JS.API.STREAM.DELETE." + mb, "$JS.API.STREAM.PURGE." + mb,
			"$JS.API.STREAM.MSG.GET." + mb, "$JS.API.STREAM.MSG.DELETE." + mb, "$JS.API.STREAM.SNAPSHOT." + mb, "$JS.API.STREAM.RESTORE." + mb,
			"$JS.API.STREAM.LEADER.STEPDOWN." + mb, "$JS.API.DIRECT.GET." + mb, "$JS.API.DIRECT.GET." + mb + ".v1." + p.Mailbox + "." + w.c.Token + ".0",
			"$JS.API.CONSUMER.CREATE." + mb, "$JS.API.CONSUMER.CREATE." + mb + ".own", "$JS.API.CONSUMER.DURABLE.CREATE." + mb + ".own",
			"$JS.API.CONSUMER.NAMES." + mb, "$JS.API.CONSUMER.LIST." + mb, "$JS.API.CONSUMER.INFO." + mb + ".owner",
			"$JS.API.CONSUMER.DELETE." + mb + ".owner", "$JS.API.CONSUMER.MSG.NEXT." + mb + ".owner", "$JS.API.CONSUMER.PAUSE." + mb + ".owner",
			"$JS.API.CONSUMER.RESET." + mb + ".owner", "$JS.API.CONSUMER.UNPIN." + mb + ".owner", "$JS.API.META.LEADER.STEPDOWN",
			"$JS.API.ACCOUNT.PURGE.RELAY", "$JS.FC." + mb + ".owner.1", "$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.RELAY.CONNZ", "$SYS.REQ.USER.INFO",
			"$NRG.V.x", "_INBOX.x", "_IN." + w.b.NKey + ".x", "_IN." + w.a.NKey + ".x", "_R_.x",
		} {
			x.publish(t, &nats.Msg{Subject: subject})
			waitFor(t, "refusal of "+subject, x.wasRefused(subject))
		}
	}
	s.check(t)
}

// Bad inputs 90, 92, 93.
func foreignSubjects(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	for _, subject := range []string{
		"v1." + w.b.Mailbox + "." + w.c.Token + ".0", "v1." + w.b.Mailbox + "." + w.b.Token + ".0",
		"v1." + w.b.Mailbox + "." + w.a.Token, "v1." + w.b.Mailbox + "." + w.a.Token + ".0.0", "v2." + w.b.Mailbox + "." + w.a.Token + ".0",
		"box." + w.b.Mailbox + ".next", "box." + w.b.Mailbox + ".info", "box." + w.b.Mailbox + ".purge", "box." + w.a.Mailbox + ".delete",
		"$JS.ACK.MB_" + w.b.Mailbox + ".owner.1.1.1.1795347014683206198.0", "$JS.ACK.MB_" + w.b.Mailbox + ".other.1.1.1.1.0",
	} {
		x.publish(t, &nats.Msg{Subject: subject, Data: []byte("forged")})
		waitFor(t, "refusal of "+subject, x.wasRefused(subject))
	}
	// Under its own token a may name any mailbox; where none admits it, nobody is there.
	for _, mailbox := range []string{w.a.Mailbox, w.b.Token, randomName(t), "*", ">", "b"} {
		subject := "v1." + mailbox + "." + w.a.Token + ".0"
		if _, err := x.Request(subject, []byte("forged"), answerIn); !errors.Is(err, nats.ErrNoResponders) {
			t.Errorf("%s: %v, want nobody there", subject, err)
		}
	}
	s.check(t)
	if own := read(t, w.dial(t, w.a), w.a.Mailbox, nil); len(w.onlyAfter(t, own)) > 0 {
		t.Error("mail came into a mailbox that does not admit its sender")
	}
}

// onlyAfter sends one honest mail to a and returns what else came to a before it.
func (w *world) onlyAfter(t *testing.T, own *reader) []string {
	t.Helper()
	send(t, w.dial(t, w.c), slot(w.a, w.c, 0), "last to a")
	own.waitText(t, "last to a")
	texts := own.texts()
	return texts[:slices.Index(texts, "last to a")]
}

func foreignEars(t *testing.T, w *world, raw Raw) {
	x := intrude(t, raw, w.a)
	heard := make(chan *nats.Msg, 1000)
	for _, subject := range []string{
		">", "*", "*.*.*.*", "v1.>", "v1." + w.b.Mailbox + ".>", "v1." + w.a.Mailbox + ".>", "box.>", "_IN.>", "_IN.*.>",
		"_IN." + w.b.NKey + ".>", "_INBOX.>", "_R_.>", "$JS.>", "$JS.ACK.>", "$JS.EVENT.>", "$SYS.>", "$SYS.ACCOUNT.>", "$NRG.>",
	} {
		if _, err := x.ChanSubscribe(subject, heard); err != nil {
			t.Fatal(err)
		}
		if err := x.Flush(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "refusal of "+subject, x.wasRefused(subject))
	}
	w.bystanders(t).check(t)
	select {
	case m := <-heard:
		t.Errorf("a heard something on %q", m.Subject)
	default:
	}
}

// The server answers to the reply subject that a request names, with its own rights. Whatever
// is named there, it must not reach what the one who asks may not reach.
func replySubjects(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	toA := w.dial(t, w.c)
	for n := range 40 {
		send(t, toA, slot(w.a, w.c, n), `{"seq":1000}`) // a's own mail, to be steered elsewhere
	}
	x := intrude(t, raw, w.a)
	own := "v1." + w.b.Mailbox + "." + w.a.Token + ".0"
	purge := "$JS.API.STREAM.PURGE.MB_" + w.b.Mailbox
	targets := []string{
		"v1." + w.b.Mailbox + "." + w.c.Token + ".0", "v1." + w.b.Mailbox + "." + w.c.Token + ".1", "v1." + w.b.Mailbox + "." + w.b.Token + ".2",
		purge, "box." + w.b.Mailbox + ".purge", "$JS.API.STREAM.DELETE.MB_" + w.b.Mailbox, "$JS.API.CONSUMER.DELETE.MB_" + w.b.Mailbox + ".owner",
		"$JS.API.STREAM.MSG.DELETE.MB_" + w.b.Mailbox, "_IN." + w.b.NKey + ".x", "v1." + w.b.Mailbox + "." + w.a.Token + ".323",
		"v1." + w.b.Mailbox + "." + w.a.Token + ".5", "v1." + w.b.Mailbox + "." + w.a.Token + ".extra", "box." + w.b.Mailbox + ".next",
	}
	for _, target := range targets {
		x.publish(t, &nats.Msg{Subject: own, Reply: target, Data: []byte("x")})
		for _, request := range []string{"next", "info", "purge"} {
			x.publish(t, &nats.Msg{Subject: "box." + w.a.Mailbox + "." + request, Reply: target})
		}
	}
	for _, target := range []string{"$JS.ACK.MB_" + w.b.Mailbox + ".owner.1.1.1.1.0", "_R_.x"} {
		x.publish(t, &nats.Msg{Subject: own, Reply: target, Data: []byte("x")})
	}
	for _, m := range s.check(t) {
		if m.Token == w.a.Token && m.Slot != 0 {
			t.Errorf("slot %d of a came about without a right to it", m.Slot)
		}
		if m.Token != w.a.Token && m.Token != w.c.Token {
			t.Error("mail under a token that nobody used")
		}
	}
}

// Bad inputs 94 and 96.
func headers(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	subject := func(n int) string { return "v1." + w.b.Mailbox + "." + w.a.Token + "." + strconv.Itoa(n) }
	for n, h := range []nats.Header{
		{"Nats-Msg-Id": {"1"}}, {"Nats-Msg-Id": {"1"}}, {"Nats-Rollup": {"all"}}, {"Nats-Rollup": {"sub"}}, {"Nats-TTL": {"1s"}}, {"Nats-TTL": {"never"}},
		{"Nats-Expected-Stream": {"MB_" + w.c.Mailbox}}, {"Nats-Expected-Last-Sequence": {"1"}}, {"Nats-Expected-Last-Subject-Sequence": {"0"}},
		{"Nats-Expected-Last-Subject-Sequence": {"0"}, "Nats-Expected-Last-Subject-Sequence-Subject": {"v1." + w.b.Mailbox + "." + w.c.Token + ".0"}},
		{"Nats-Expected-Last-Msg-Id": {"x"}}, {"Nats-Schedule": {"@every 1s"}, "Nats-Schedule-Target": {"v1." + w.b.Mailbox + "." + w.c.Token + ".0"}},
		{"Nats-Schedule": {"@at 2030-01-01T00:00:00Z"}, "Nats-Schedule-Target": {subject(3)}},
		{"Nats-Trace-Dest": {"v1." + w.b.Mailbox + "." + w.c.Token + ".0"}}, {"Nats-Trace-Dest": {"v1." + w.b.Mailbox + "." + w.c.Token + ".0"}, "Nats-Trace-Only": {"true"}},
		{"Nats-Trace-Dest": {"_IN." + w.b.NKey + ".x"}}, {"Nats-Incr": {"+5"}}, {"Nats-Batch-Id": {"b"}, "Nats-Batch-Sequence": {"1"}, "Nats-Batch-Commit": {"1"}},
		{"Nats-Marker-Reason": {"Purge"}}, {"Nats-Stream-Source": {"MB_x 1"}}, {"Nats-Request-Info": {`{"acc":"RELAY","svc":"RELAY"}`}},
		{"Nats-Required-Api-Level": {"99"}}, {"KV-Operation": {"PURGE"}}, {"Nats-Subject": {"v1." + w.b.Mailbox + "." + w.c.Token + ".0"}},
	} {
		x.publish(t, &nats.Msg{Subject: subject(n), Reply: x.NewInbox(), Header: h, Data: []byte("with headers")})
	}
	x.publish(t, &nats.Msg{Subject: "box." + w.a.Mailbox + ".purge", Reply: x.NewInbox(), Data: []byte(`{"seq":100}`),
		Header: nats.Header{"Nats-Request-Info": {`{"acc":"NODE_` + w.b.NKey + `","svc":"RELAY"}`}}})
	// a's own next mail is unharmed as well: nothing it did before poisons it.
	send(t, w.dial(t, w.a), slot(w.b, w.a, 200), "honest from a")
	all := s.check(t)
	if !slices.ContainsFunc(all, func(m relay.Mail) bool { return string(m.Envelope) == "honest from a" }) {
		t.Error("a's honest mail did not come")
	}
}

// A mail that is empty and has the header of a server's status is still mail.
func mailThatLooksLikeAStatus(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	n := 0
	for _, h := range []nats.Header{
		{"Status": {"503"}}, {"Status": {"404"}}, {"Status": {"408"}}, {"Status": {"100"}}, {"Status": {"400"}},
		{"Status": {"409"}, "Description": {"Consumer Deleted"}}, {"Status": {"409"}, "Description": {"Server Shutdown"}},
		{"Status": {"409"}, "Description": {"Leadership Change"}}, {"Status": {"100"}, "Description": {"Idle Heartbeat"}, "Nats-Last-Consumer": {"99999"}},
		{"Status": {"100"}, "Description": {"FlowControl Request"}, "Nats-Consumer-Stalled": {"v1.x"}},
	} {
		x.publish(t, &nats.Msg{Subject: "v1." + w.b.Mailbox + "." + w.a.Token + "." + strconv.Itoa(n), Header: h})
		n++
	}
	empty := 0
	for _, m := range s.check(t) {
		if m.Token == w.a.Token && len(m.Envelope) == 0 {
			empty++
		}
	}
	if empty != n {
		t.Errorf("%d empty mails were handed over, want %d: the rest were taken for something else", empty, n)
	}
}

// Bad input 95, by connections and sizes.
func tooMuch(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	x := intrude(t, raw, w.a)
	answer, err := x.RequestMsg(&nats.Msg{Subject: "v1." + w.b.Mailbox + "." + w.a.Token + ".0", Data: make([]byte, relay.MaxEnvelope),
		Header: nats.Header{"X": {"over the size with this"}}}, answerIn)
	if err == nil && !strings.Contains(string(answer.Data), "error") {
		t.Error("a message over the size was stored")
	}
	refused := false
	var open []*nats.Conn
	for range 50 {
		nc, err := raw.TryRaw(t, w.a.Seed)
		if err != nil {
			refused = true
			break
		}
		open = append(open, nc)
	}
	for _, nc := range open {
		nc.Close()
	}
	if !refused {
		t.Error("one connection key holds more than 50 connections")
	}
	s.check(t)
}

// strangers have no key, another key, or another way in.
func strangers(t *testing.T, w *world, raw Raw) {
	s := w.bystanders(t)
	if _, err := raw.TryRaw(t, NewParty(t).Seed); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a key that is on no roster: %v", err)
	}
	for name, option := range map[string]nats.Option{
		"a password":   nats.UserInfo("admin", "admin"),
		"a token":      nats.Token("x"),
		"no login":     func(*nats.Options) error { return nil },
		"system login": nats.UserInfo("sys", ""),
	} {
		nc, err := raw.TryRaw(t, nil, option)
		if err == nil {
			nc.Close()
		}
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v, want refusal", name, err)
		}
	}
	thief := NewParty(t) // knows a's public key, not its seed
	nc, err := raw.TryRaw(t, nil, nats.Nkey(w.a.NKey, thief.Sign))
	if err == nil {
		nc.Close()
	}
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("another's key: %v, want refusal", err)
	}
	s.check(t)
}
