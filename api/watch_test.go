package api

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

var officer = gateway.Actor{Name: "lab", Roles: anyone}

// told is what a watcher of the whole record should hear, read straight from the core.
func told(t testing.TB, w *world, from uint64) []uint64 {
	t.Helper()
	var cursors []uint64
	for n := from; n < w.record.Items(t.Context()); n++ {
		_, ok, err := w.core.Event(t.Context(), gateway.Actor{}, n)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			cursors = append(cursors, n+1)
		}
	}
	return cursors
}

func write(t testing.TB, w *world, n int) {
	t.Helper()
	for i := range n {
		if _, err := w.core.Inquire(t.Context(), officer, inquiry(fmt.Sprintf("Scans %d", i))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWatchResumesWithoutLoss: while items are added, a watcher is cut off at random places and
// goes on from its last cursor. It hears every event once and in order.
func TestWatchResumesWithoutLoss(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	write(t, w, 3)
	var writing sync.WaitGroup
	writing.Go(func() { write(t, w, 60) })
	rapid.Check(t, func(rt *rapid.T) {
		// The record grows meanwhile: each round hears a prefix of it, in pieces.
		var heard []uint64
		request := &valisev1.WatchRequest{Replay: true}
		for _, piece := range rapid.SliceOfN(rapid.IntRange(1, 6), 1, 6).Draw(rt, "pieces") {
			ctx, cancel := context.WithCancel(t.Context())
			stream, err := c.Watch(ctx, request)
			if err != nil {
				rt.Fatal(err)
			}
			for range piece {
				if int(w.record.Items(t.Context())) <= len(heard)+8 {
					break
				}
				event, err := stream.Recv()
				if err != nil {
					rt.Fatal(err)
				}
				heard = append(heard, event.GetCursor())
				request = &valisev1.WatchRequest{Cursor: event.GetCursor()}
			}
			cancel()
		}
		want := told(t, w, 0)[:len(heard)]
		if fmt.Sprint(heard) != fmt.Sprint(want) {
			rt.Fatalf("heard %v, want %v", heard, want)
		}
	})
	writing.Wait()
}

// TestWatchHearsWhatComes: without cursor and replay, exactly what is recorded after the header.
func TestWatchHearsWhatComes(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	write(t, w, 5)
	stream, err := c.Watch(t.Context(), &valisev1.WatchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Header(); err != nil {
		t.Fatal(err)
	}
	from := w.record.Items(t.Context())
	write(t, w, 20)
	for _, want := range told(t, w, from) {
		event, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if event.GetCursor() != want || event.GetThread() == "" || event.GetPeer() != "XB/technical" {
			t.Errorf("heard %v, want cursor %d", event, want)
		}
	}
}

func TestWatchRefuses(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	for _, r := range []*valisev1.WatchRequest{{Cursor: 1 << 40}, {Cursor: 1, Replay: true}} {
		stream, err := c.Watch(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		wantReason(t, err, bad)
	}
	stream, err := w.inquiries(t, admin).Watch(t.Context(), &valisev1.WatchRequest{Replay: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantReason(t, err, denied)
}

// TestCloseEndsEveryWatch, so that a node can end in order.
func TestCloseEndsEveryWatch(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	var streams []interface {
		Recv() (*valisev1.WatchResponse, error)
	}
	for range 5 {
		stream, err := c.Watch(t.Context(), &valisev1.WatchRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Header(); err != nil {
			t.Fatal(err)
		}
		streams = append(streams, stream)
	}
	w.server.Close()
	for _, stream := range streams {
		_, err := stream.Recv()
		wantReason(t, err, valisev1.Reason_REASON_NOT_ACCEPTING)
	}
}
