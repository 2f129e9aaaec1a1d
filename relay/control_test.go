package relay_test

import (
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
