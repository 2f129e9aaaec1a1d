package gateway

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

var metaCalls = []byte("calls")

// CallDue says whom to call to the desk now; when nobody, also when to ask again at the latest, zero
// for not before something changes. One at a time asks, calls and says by Called how it went, before
// it asks again. docs/protocol.md §12.7
func (g *Gateway) CallDue(ctx context.Context) (call Call, next time.Time, err error) {
	err = g.view(ctx, "call", func(w *work) error {
		state, err := w.callState()
		if err != nil {
			return err
		}
		l := ladder{rules: g.cfg.Calls, state: state, what: w.waiting(), now: w.now}
		if call, err = l.next(); err != nil {
			return err
		}
		g.keepCalls(l.state)
		for _, coming := range []func() (time.Time, error){w.nextPromise, w.nextReminder} {
			at, err := coming()
			if err != nil {
				return err
			}
			if !at.IsZero() {
				l.due(at)
			}
		}
		next = l.wake
		return nil
	})
	return call, next, err
}

// callState is whom was called: as memory knows it once it was read, with what a clock that went back
// has moved.
func (w *work) callState() (*valisev1.CallState, error) {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	if w.g.calls == nil {
		state := new(valisev1.CallState)
		if _, err := w.load(tableMeta, metaCalls, state); err != nil {
			return nil, err
		}
		w.g.calls = state
	}
	return proto.CloneOf(w.g.calls), nil
}

func (g *Gateway) keepCalls(state *valisev1.CallState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = state
}

// Called records that people were called: an item for each way, so that neither a restart nor a
// storage error calls twice or forgets. It is not refused on a full disk: calls are few, and who is
// not called cannot make room. docs/protocol.md §12.7
func (g *Gateway) Called(ctx context.Context, c Call, ways []CalledWay) error {
	var state *valisev1.CallState
	err := g.update(ctx, "call", func(w *work) error {
		before, err := w.callState()
		if err != nil {
			return err
		}
		for _, way := range ways {
			if _, err := w.append(&valisev1.Item{
				Type:      valisev1.ItemType_ITEM_TYPE_ATTENTION,
				Attention: &valisev1.AttentionFact{Step: c.Step, Means: way.Means, Taken: way.Taken},
			}); err != nil {
				return err
			}
		}
		state = c.after(before, ways, w.now)
		return w.save(tableMeta, metaCalls, state)
	})
	if err == nil {
		g.keepCalls(state)
	}
	return err
}

// Attention tells how people are called, without a word on what for; nil where nobody is. At most
// 10,000 threads are counted. docs/protocol.md §12.7
func (g *Gateway) Attention(ctx context.Context) (*valisev1.Attention, error) {
	if len(g.cfg.Calls.Steps) == 0 {
		return nil, nil
	}
	var out *valisev1.Attention
	err := g.view(ctx, "status", func(w *work) error {
		out = new(valisev1.Attention)
		state, err := w.callState()
		if err != nil {
			return err
		}
		out.LastQuiet, out.Failing = state.GetQuietTaken(), state.GetFailing()
		for _, s := range state.GetSteps() {
			if at := s.GetAt(); at != nil && (out.Last == nil || at.AsTime().After(out.Last.AsTime())) {
				out.Last = at
			}
		}
		return w.countWaiting(out)
	})
	return out, err
}

func (w *work) countWaiting(out *valisev1.Attention) error {
	seen := 0
	return w.tx.Rows(tableLive, nil, 0, false, func(_ uint64, value []byte) (bool, error) {
		ids, err := threadIDs(value)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			th, _, err := w.thread(id)
			if err != nil {
				return false, err
			}
			if th.GetUnopenedSince() != nil {
				out.Unopened++
			}
			for _, d := range deadlines(th, w.g.cfg.OwnRule, w.now) {
				if d.GetPassed() {
					out.Passed++
				}
			}
			seen++
		}
		return seen < countedThreads, nil
	})
}
