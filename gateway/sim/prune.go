package sim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/gateway"
	"valise.example/gateway/history"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// drawPrunes goes beyond draw too: nobody tidies up in about half of the seeds, often in others.
func (f *faults) drawPrunes(r *rand.Rand) { f.prune = drawRate(r, 0.5) }

// drawKeep is for how long a home keeps what is closed: from a minute, in which something is always
// under way, to days; a home in four keeps everything.
func (s *sim) drawKeep(prunes bool) time.Duration {
	if !prunes || s.rng.IntN(4) == 0 {
		return 0
	}
	return time.Duration(float64(time.Minute) * math.Pow(2, 12*s.rng.Float64()))
}

// pruneStep is small, so that most removals take several steps and a node can end between any two.
const pruneStep = 3

// tidies closes threads, or removes what the rule lets go, at once or when what is closed now is old
// enough. docs/protocol.md §9.3
func (s *sim) tidies(h *home) {
	switch n := s.rng.IntN(6); {
	case n < 3 || h.keep == 0:
		for range 1 + s.rng.IntN(4) {
			s.closes(h)
		}
	case n < 5:
		s.now = s.now.Add(h.keep + time.Duration(s.rng.Int64N(int64(time.Hour))))
		s.prunes(h)
	default:
		s.prunes(h)
	}
}

func (s *sim) prunes(h *home) {
	s.asked++
	r := &valisev1.PruneRecordRequest{Confirm: h.name(), RequestId: fmt.Sprint("p-", s.asked)}
	if s.rng.IntN(4) == 0 {
		r.Before = timestamppb.New(h.now().Add(-h.keep - time.Duration(s.rng.Int64N(int64(time.Hour)))))
	}
	h.ask(ask{nil, func() ([]*valisev1.Sent, error) { return nil, h.prune(r) }})
}

func (h *home) prune(r *valisev1.PruneRecordRequest) error {
	_, err := h.g.Prune(ctx, officer, r)
	if e, is := errors.AsType[*gateway.Error](err); is && e.Reason == valisev1.Reason_REASON_RETENTION && h.s.wrongClocks {
		return nil // asked again by a clock that has gone back
	}
	return err
}

// closes ends a thread for a home.
func (s *sim) closes(h *home) {
	if len(s.topics) == 0 || h.g == nil {
		return
	}
	t, other, _, ok := s.inTopic(h)
	if !ok {
		return
	}
	o, e := s.options(h)
	e.Thread, e.To = t.id, other.name()
	r := &valisev1.ReplyRequest{Thread: t.id, Payload: payloadOf(&valisev1.Closure{Preamble: &valisev1.Preamble{OwnReference: e.Request}}), Options: o}
	h.ask(oneMessage(e, func() (*valisev1.Sent, error) { return h.g.Reply(ctx, officer, r) }))
}

// watching sees what a transaction removes.
type watching struct {
	store.Tx
	disk *disk
}

// Prune keeps what the item was.
func (t watching) Prune(number uint64) error {
	it, err := t.Item(number)
	if err == nil {
		t.disk.removed = append(t.disk.removed, it)
	}
	return t.Tx.Prune(number)
}

// removed writes down what has just lost its content, and that it was old enough.
func (h *home) removed() {
	for _, it := range h.disk.removed {
		if h.keep == 0 || !it.GetRecorded().AsTime().Before(h.now().Add(-h.keep)) {
			h.s.fault("%s removed item %d, which the rule keeps", h.state, it.GetNumber())
		}
		h.s.pruned++
		h.s.note(history.Event{Event: history.Removed, Node: h.name(), Place: it.GetNumber()})
	}
	h.disk.removed = nil
}
