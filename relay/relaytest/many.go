package relaytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"valise.example/relay"
)

// handsOverManyAtOnce: as many handles as were asked for run at once, never more, each mail is
// acknowledged by its own outcome, and none is with a handle any more when the call has ended.
func handsOverManyAtOnce(t *testing.T, w *world) {
	const width, count = 4, 12
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	for i := range count {
		send(t, a, slot(w.b, w.a, i), fmt.Sprintf("text %d", i))
	}
	if err := b.ReceiveMany(t.Context(), w.b.Mailbox, 0, nil); !errors.Is(err, relay.ErrBadAddress) {
		t.Errorf("a width of 0 gives %v", err)
	}
	var (
		mu          sync.Mutex
		full        = make(chan struct{})
		now, most   int
		times       = map[string]int{}
		refusal     = errors.New("not now")
		ctx, enough = context.WithCancel(t.Context())
	)
	defer enough()
	handle := func(m relay.Mail) error {
		mu.Lock()
		text := string(m.Envelope)
		times[text]++
		again := text == "text 5" && times[text] == 1
		if now++; now > most {
			if most = now; most == width {
				close(full)
			}
		}
		mu.Unlock()
		<-full
		mu.Lock()
		defer mu.Unlock()
		if now--; len(times) == count && times["text 5"] == 2 {
			enough()
		}
		if again {
			return refusal
		}
		return nil
	}
	if err := b.ReceiveMany(ctx, w.b.Mailbox, width, handle); !errors.Is(err, context.Canceled) {
		t.Errorf("receive ended with %v", err)
	}
	if now != 0 || most != width {
		t.Errorf("%d handles still run, at most %d ran at once, want 0 and %d", now, most, width)
	}
	for text, n := range times {
		if text != "text 5" && n != 1 {
			t.Errorf("%s came %d times", text, n)
		}
	}
}
