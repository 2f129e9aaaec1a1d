package conducttest

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/conduct"
	valisev1 "valise.example/proto/valise/v1"
)

// Running is an exercise at work in a test.
type Running struct {
	*conduct.Exercise
	Desks []conduct.ServedSeat
	// Control is the door of control.
	Control *grpc.ClientConn

	t    testing.TB
	stop func() error
}

// Run opens an exercise, of whose configuration Rand is given, and returns when it runs. It ends with the test, or with
// Stop; an error ends the test.
func Run(t testing.TB, c conduct.Config) *Running {
	t.Helper()
	c.Rand = rand.Reader
	e, err := conduct.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	r := &Running{Exercise: e, t: t}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- e.Run(ctx, func(desks []conduct.ServedSeat) { r.Desks = desks; close(ready) })
	}()
	r.stop = sync.OnceValue(func() error {
		if r.Control != nil {
			_ = r.Control.Close()
		}
		cancel()
		return <-ended
	})
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		t.Fatalf("ended before it was ready: %v", err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	if r.Control, err = api.Dial(ctx, filepath.Join(e.Dir(), conduct.ControlSocket), api.DialOptions{}); err != nil {
		t.Fatal(err)
	}
	return r
}

// Stop ends the process of the exercise, as its user would; what it says is an error of the exercise.
func (r *Running) Stop() error { return r.stop() }

// At opens the door of a node as its people do.
func (r *Running) At(state string) *grpc.ClientConn {
	r.t.Helper()
	conn, err := api.Dial(r.t.Context(), filepath.Join(r.Dir(), "network", state, "valise.sock"), api.DialOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Orders does what control orders.
func (r *Running) Orders(c *valisev1.CommandRequest) *valisev1.CommandResponse {
	r.t.Helper()
	answer, err := valisev1.NewControlServiceClient(r.Control).Command(r.t.Context(), c)
	if err != nil {
		r.t.Fatalf("%s: %v", c.GetCommand(), err)
	}
	return answer
}
