package node

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const (
	// lookShare: a look at the whole record that nobody asked for works for one part in so many of the
	// time that it takes, and rests for the others.
	lookShare = 10
	// longestRest ends a rest after which a clock that jumped would keep the look from its end.
	longestRest = 30 * time.Second
	// oldLook is after how many times the asked interval a look is missed.
	oldLook = 3
)

// lookAtRecord has the whole record verified every so often, while the node works on. A child process
// cannot: it may not read what is being written, and a copy for it would need the disk once more. What
// a damaged page can do to this process it can do at every read; then the record is closed, and
// checked by a child before it is opened again. P5, P6
func (n *Node) lookAtRecord(ctx context.Context) {
	every := n.config.Health.every()
	if every == 0 {
		return
	}
	settle := settling(every, n.rand)
	wait := max(untilLook(n.metrics.verified.Load(), every, n.now()), settle)
	for paused(ctx, wait) {
		wait = every
		report, err := n.verify(ctx, store.VerifyConfig{Rest: resting()})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			n.log.Warn("the whole record could not be looked at, and will be later", slog.String("reason", reasonText(err)))
			wait = settle
		case !report.OK:
			n.log.Error("the record is not what was written", slog.Int("problems", len(report.Problems)))
		}
	}
}

// settling is how long a node that has just started leaves its record alone: there is enough to do then,
// and nodes that start together do not look together.
func settling(every time.Duration, random io.Reader) time.Duration {
	least, most := every/24, every/6
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return most
	}
	return least + time.Duration(binary.BigEndian.Uint64(b[:])%uint64(most-least+1))
}

// untilLook is how long the last look is good for. A date that has not come yet says nothing.
func untilLook(last *valisev1.Verification, every time.Duration, now time.Time) time.Duration {
	if last == nil {
		return 0
	}
	return min(max(last.GetAt().AsTime().Add(every).Sub(now), 0), every)
}

// resting returns what rests, after each step of a look, in proportion to how long the step took.
func resting() func(context.Context) error {
	began := time.Now()
	return func(ctx context.Context) error {
		paused(ctx, min((lookShare-1)*time.Since(began), longestRest))
		began = time.Now()
		return context.Cause(ctx)
	}
}

// paused returns true when the time is over, false when ctx ended first.
func paused(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// noteVerified keeps what a look at the whole record said, over a start as well: also where the node is being
// ended while it is said, since damage that was found must not be forgotten.
func (n *Node) noteVerified(ctx context.Context, ok bool) {
	v := &valisev1.Verification{At: timestamppb.New(n.now()), Ok: ok}
	n.metrics.verified.Store(v)
	err := record{n}.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		return changeUpkeep(tx, func(u *valisev1.Upkeep) { u.Verification = v })
	})
	if err != nil {
		n.log.Warn("what the look at the record said is forgotten with this process", slog.String("reason", reasonText(err)))
	}
	n.changes.Ring()
}

// recallVerified takes up what was said before this process began.
func (n *Node) recallVerified(ctx context.Context) error {
	return record{n}.View(ctx, func(tx store.Tx) error {
		u, err := readUpkeep(tx)
		if err == nil && u.GetVerification() != nil {
			n.metrics.verified.Store(u.GetVerification())
		}
		return err
	})
}
