//go:build linux

package main

import (
	"sync/atomic"
	"time"
)

// pace lets kills and messages come to their ends together, so that no part of the load runs
// without faults and no fault falls on an idle node.
type pace struct {
	settings
	began       time.Time
	kills, sent atomic.Int64
	stopped     atomic.Bool // something went so wrong that going on tells nothing
}

// lead is how far one may be before the other, of the whole.
const lead = 0.02

func share(n int64, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

func (p *pace) killed() float64   { return share(p.kills.Load(), p.settings.kills) }
func (p *pace) answered() float64 { return share(p.sent.Load(), p.messages) }

func (p *pace) officersWait() bool {
	return p.settings.kills > 0 && p.answered() > p.killed()+lead
}
func (p *pace) killersWait() bool { return p.settings.kills > 0 && p.killed() > p.answered()+lead }

// over is true when enough was sent, killed and waited for.
func (p *pace) over() bool {
	return p.stopped.Load() || p.killed() >= 1 && p.answered() >= 1 && time.Since(p.began) >= p.duration
}
