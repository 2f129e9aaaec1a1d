package node

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// awayLook is how often the core is asked whom to call, whatever the clock did meanwhile.
const awayLook = time.Minute

// callPeople calls people to the desk as the core says, until ctx ends. Nothing waits for it.
// docs/protocol.md §12.7
func (n *Node) callPeople(ctx context.Context) {
	if len(n.config.Away.steps()) == 0 {
		return
	}
	changed, done := n.changes.Listen()
	defer done()
	for ctx.Err() == nil {
		call, next, err := n.Gateway().CallDue(ctx)
		switch {
		case err != nil:
			n.log.Warn("whom to call to the desk cannot be read yet", slog.String("reason", reasonText(err)))
		case call.Step != valisev1.AttentionStep_ATTENTION_STEP_UNSPECIFIED:
			n.keepCalled(ctx, call, n.callStep(ctx, call.Step))
			continue
		}
		rest(ctx, changed, n.wait(next.Sub(n.now())), !next.IsZero())
	}
}

// rest waits for a change, for a time that is known, or for the next look; at least a moment, so
// that many changes at once are one.
func rest(ctx context.Context, changed <-chan struct{}, until time.Duration, known bool) {
	wait := awayLook
	if known {
		wait = min(wait, max(until, 0))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer.C:
	}
	moment := time.NewTimer(awayMoment)
	defer moment.Stop()
	select {
	case <-ctx.Done():
	case <-moment.C:
	}
}

// awayMoment is the least time between two looks.
const awayMoment = 100 * time.Millisecond

// callStep calls by all ways of a step at once, or for the daily sign by all there are, and tells how
// each went.
func (n *Node) callStep(ctx context.Context, step valisev1.AttentionStep) []gateway.CalledWay {
	told, err := newNotice(n.config.Realm, step, n.rand)
	if err != nil {
		n.log.Error("there is no randomness, so a call has no number") // the call matters more
	}
	by := caller{dir: n.home.dir, smtp: n.config.Away.SMTP, now: n.now}
	var out []gateway.CalledWay
	var work sync.WaitGroup
	var mu sync.Mutex
	for _, s := range n.config.Away.steps() {
		if s.step != step && step != valisev1.AttentionStep_ATTENTION_STEP_ALL_QUIET {
			continue
		}
		told := told.in(s.person.Language)
		for _, w := range s.person.ways() {
			work.Go(func() {
				err := tryWay(ctx, w, by, told)
				if err != nil {
					n.log.Warn("a call to the desk was not taken", slog.String("step", s.name), slog.String("means", w.means), slog.String("why", err.Error()))
				}
				mu.Lock()
				defer mu.Unlock()
				out = append(out, gateway.CalledWay{Step: s.step, Means: w.means, Taken: err == nil})
			})
		}
	}
	work.Wait()
	return out
}

// keepCalled records a call; until that is durable nobody else is called, so that a disk that fails
// causes no storm. What was under way when the node stops is not recorded: the next start calls again.
func (n *Node) keepCalled(ctx context.Context, call gateway.Call, ways []gateway.CalledWay) {
	var retry backoff
	for ctx.Err() == nil && retry.wait(ctx) {
		if ctx.Err() != nil || n.Gateway().Called(ctx, call, ways) == nil {
			return
		}
		if !n.awaitRecord(ctx) {
			return
		}
	}
}
