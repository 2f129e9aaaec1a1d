package gateway

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestManyAtOnce: officers, mail and listeners at the same time, on both sides; afterwards
// everything is there once. The world's clock stands still, and homes take turns at the relay.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	for _, h := range []*home{xa, xb} {
		h.rand = &lockedReader{r: h.rand}
		h.start()
	}
	var relay sync.Mutex
	var work sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	var mail sync.WaitGroup
	for _, h := range []*home{xa, xb} {
		mail.Go(func() {
			for ctx.Err() == nil {
				relay.Lock()
				h.post()
				h.fetch()
				relay.Unlock()
				h.g.Wake(w.now)
			}
		})
	}
	for i := range 8 {
		work.Go(func() {
			h, to := xa, xbTech
			if i%2 == 1 {
				h, to = xb, xaTech
			}
			for n := range 10 {
				sent, err := h.g.Inquire(ctx, officer, &valisev1.SendInquiryRequest{To: to.String(), Inquiry: inquiry(fmt.Sprint(i, n))})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := h.g.Reply(ctx, officer, &valisev1.ReplyRequest{Thread: sent.GetThread(), Payload: payloadOf(&valisev1.Supplement{Narrative: "x"})}); err != nil {
					t.Error(err)
				}
				if _, err := h.g.Threads(ctx, officer, &valisev1.ListThreadsRequest{}); err != nil {
					t.Error(err)
				}
				if _, err := h.g.Outbox(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	stop()
	mail.Wait()
	w.now = w.now.Add(time.Minute)
	w.converge()
	assertPromises(t, w)
	for _, h := range []*home{xa, xb} {
		if got := len(h.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); got != 80 {
			t.Errorf("%s received %d messages, want 80", h.state, got)
		}
		assertReplay(t, h)
	}
}

type lockedReader struct {
	mu sync.Mutex
	r  interface{ Read([]byte) (int, error) }
}

func (l *lockedReader) Read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(b)
}
