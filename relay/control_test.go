package relay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Negative control for the suite's "reply subjects": on a server with one account for all and
// the same allow-list, the server itself carries a reply into the slot of another and pushes
// its mail out. If this ever fails, one account may do.
func TestOneAccountForAllLosesMail(t *testing.T) {
	options := new(server.Options)
	if err := options.ProcessConfigString(`
		listen: "127.0.0.1:-1"
		jetstream { store_dir: "` + t.TempDir() + `" }
		accounts { ALL { jetstream: enabled, users: [
			{ user: admin, password: x }
			{ user: a, password: x, permissions: { publish: { allow: ["v1.b.a.0"] }, subscribe: { allow: ["_IN.>"] } } }
		] } }`); err != nil {
		t.Fatal(err)
	}
	options.NoSigs, options.NoLog = true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	admin, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo("admin", "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	js, err := jetstream.New(admin)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "MB_b", Subjects: []string{"v1.b.*.*"}, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "v1.b.c.0", []byte("c's mail")); err != nil {
		t.Fatal(err)
	}
	a, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo("a", "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.PublishRequest("v1.b.a.0", "v1.b.c.0", []byte("x")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the loss of c's mail", func() bool {
		m, err := stream.GetLastMsgForSubject(t.Context(), "v1.b.c.0")
		return err == nil && string(m.Data) != "c's mail"
	})
}

// Negative control for naming slots one by one: a stream that folds whatever is named into 323 subjects
// does not bound them. The server leaves names that look like wildcards as they are, and they take the
// room of a slot. If this ever fails, a subject transform may hold the bound as well.
func TestATransformLeavesOutWildcards(t *testing.T) {
	const slots = 323
	l := startLooser(t, func(c *jetstream.StreamConfig) {
		c.MaxMsgs = slots
		c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: "v1.*.*.*", Destination: "v1.{{wildcard(1)}}.{{wildcard(2)}}.{{partition(323,3)}}"}
	})
	l.ask(t, l.a, "v1.b.a.*", "x")
	l.ask(t, l.a, "v1.b.a.>", "x")
	refused := 0
	for n := range 4000 { // enough that each of the 323 is met
		if strings.Contains(l.ask(t, l.a, fmt.Sprintf("v1.b.a.%d", n), "x"), "error") {
			refused++
		}
	}
	info, err := l.stream.Info(t.Context(), jetstream.WithSubjectFilter(">"))
	if err != nil {
		t.Fatal(err)
	}
	if lying := info.State.Subjects; lying["v1.b.a.*"] != 1 || lying["v1.b.a.>"] != 1 || refused == 0 {
		t.Errorf("%d subjects lie there and %d publications were refused; want two that no slot has, in the room of slots", len(lying), refused)
	}
}
