package relay

import (
	"log/slog"
	"sync/atomic"
)

// natsLog passes the server's log on as levels and counts. The text is dropped: it may hold
// subjects, addresses and whatever a peer sent. docs/protocol.md §7.8
type natsLog struct {
	log                       *slog.Logger
	notices, warnings, errors atomic.Uint64
}

func (l *natsLog) Noticef(string, ...any) { l.notices.Add(1) }

func (l *natsLog) Warnf(string, ...any) {
	if n := l.warnings.Add(1); isRound(n) {
		l.log.Warn("relay server warns", slog.Uint64("count", n))
	}
}

func (l *natsLog) Errorf(string, ...any) {
	if n := l.errors.Add(1); isRound(n) {
		l.log.Warn("relay server reports errors", slog.Uint64("count", n))
	}
}

func (l *natsLog) Fatalf(string, ...any) {
	l.log.Error("relay server cannot go on")
}

func (l *natsLog) Debugf(string, ...any) {}
func (l *natsLog) Tracef(string, ...any) {}

// isRound keeps a flood to a few lines: 1, 2, 4, 8 …
func isRound(n uint64) bool { return n&(n-1) == 0 }
