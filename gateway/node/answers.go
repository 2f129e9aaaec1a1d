package node

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"valise.example/gateway"
)

const (
	// leastDelay and mostDelay bound how long the relay's answer waits to be recorded with others.
	// A receipt is often faster, and then the answer needs no commit of its own.
	leastDelay = 20 * time.Millisecond
	mostDelay  = time.Second
	// receiptTakes is how many publications take as long as a receipt, roughly: the peer opens,
	// commits and publishes, and the relay carries twice. A commit for an answer that begins just
	// before the receipt comes makes the receipt wait for it, so slow disks and links wait longer.
	receiptTakes = 4
	// answersAtOnce bounds what waits. P7
	answersAtOnce = 512
)

// answers gathers what the relay said of publications, so that many become one commit. What is
// lost of it in a crash costs a publication, never a message. docs/protocol.md §7.4
type answers struct {
	record func(context.Context, []answer)
	came   chan answer

	mu    sync.Mutex
	usual time.Duration // how long a publication takes
}

// answer is for the core that handed the publication out.
type answer struct {
	core *gateway.Gateway
	what gateway.Answer
	due  time.Time // when it is recorded at the latest
}

func newAnswers(record func(context.Context, []answer)) *answers {
	return &answers{record: record, came: make(chan answer, answersAtOnce)}
}

// add takes the answer to a publication that took so long.
func (a *answers) add(ctx context.Context, x answer, took time.Duration) {
	x.due = time.Now().Add(a.delay(took))
	select {
	case a.came <- x:
	case <-ctx.Done():
	}
}

// delay learns from a publication how long its receipt will take.
func (a *answers) delay(took time.Duration) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.usual == 0 {
		a.usual = took
	}
	a.usual += (took - a.usual) / 8
	return min(leastDelay+receiptTakes*a.usual, mostDelay)
}

// run records until ctx ends; what then waits goes out again after the next start.
func (a *answers) run(ctx context.Context) {
	var waiting []answer
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case x := <-a.came:
			waiting = append(waiting, x)
		case <-timer.C:
			waiting = a.recordDue(ctx, waiting, time.Now())
		}
		if len(waiting) == answersAtOnce {
			a.record(ctx, waiting)
			waiting = nil
		}
		if len(waiting) > 0 {
			timer.Reset(time.Until(waiting[0].due))
		}
	}
}

// recordDue records what is due, and what soon will be with it; the rest waits for its receipt.
func (a *answers) recordDue(ctx context.Context, waiting []answer, now time.Time) (rest []answer) {
	due := 0
	for due < len(waiting) && waiting[due].due.Before(now.Add(leastDelay/2)) {
		due++
	}
	if due > 0 {
		a.record(ctx, waiting[:due])
	}
	return waiting[due:]
}

// recordAnswers gives each core its own answers.
func (m *mail) recordAnswers(ctx context.Context, list []answer) {
	for len(list) > 0 {
		core, same := list[0].core, []gateway.Answer{}
		for len(list) > 0 && list[0].core == core {
			same, list = append(same, list[0].what), list[1:]
		}
		if err := core.RecordAnswers(ctx, same); err != nil {
			m.node.log.Error("that messages left was not recorded", slog.String("reason", reasonText(err)))
		}
	}
}
