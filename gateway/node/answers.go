package node

import (
	"context"
	"log/slog"
	"time"

	"valise.example/gateway"
)

const (
	// answerDelay is how long the relay's answer may wait to be recorded with others. A receipt is
	// often faster, and then the answer needs no commit of its own.
	answerDelay = 20 * time.Millisecond
	// answersAtOnce bounds what waits. P7
	answersAtOnce = 64
)

// answers gathers what the relay said of publications, so that many become one commit. What is
// lost of it in a crash costs a publication, never a message. docs/protocol.md §7.4
type answers struct {
	mail *mail
	came chan answer
}

// answer is for the core that handed the publication out.
type answer struct {
	core *gateway.Gateway
	what gateway.Answer
}

func newAnswers(m *mail) *answers {
	return &answers{mail: m, came: make(chan answer, answersAtOnce)}
}

func (a *answers) add(ctx context.Context, x answer) {
	select {
	case a.came <- x:
	case <-ctx.Done():
	}
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
			if waiting = append(waiting, x); len(waiting) == 1 {
				timer.Reset(answerDelay)
			}
			if len(waiting) < answersAtOnce {
				continue
			}
		case <-timer.C:
		}
		a.record(ctx, waiting)
		waiting = nil
	}
}

func (a *answers) record(ctx context.Context, list []answer) {
	for len(list) > 0 {
		core, same := list[0].core, []gateway.Answer{}
		for len(list) > 0 && list[0].core == core {
			same, list = append(same, list[0].what), list[1:]
		}
		if err := core.RecordAnswers(ctx, same); err != nil {
			a.mail.node.log.Error("that messages left was not recorded", slog.String("reason", reasonText(err)))
		}
	}
}
