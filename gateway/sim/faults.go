package sim

import (
	"math"
	"math/rand/v2"
)

// faults are how often what goes wrong. Each seed draws a swarm of its own: about half of all
// kinds never happen, the others rarely or often, so that runs differ in what they try rather
// than all being equally rough.
type faults struct {
	crash float64 // a node ends between two steps

	commitBefore float64 // an error, nothing was written
	commitAfter  float64 // an error, all was written
	commitTwice  float64 // a function runs twice, as in a group commit

	drop      float64 // answered and not stored
	noAnswer  float64 // stored and not answered
	refuse    float64 // neither
	delay     float64 // stored later
	reorder   float64 // handed over in another order
	again     float64 // handed over although it was acknowledged, from the relay's archive
	corrupt   float64 // handed over with one byte changed
	lowAnswer float64 // answered with a sequence from the past

	wipe    float64 // the relay loses everything
	older   float64 // the relay becomes a copy of before
	flap    float64 // a link goes and comes
	jump    float64 // a clock jumps
	stuck   float64 // a clock stands still
	revoke  float64 // a signing key is revoked
	move    float64 // a POC gets another mailbox
	noKey   float64 // a State's sealing keys run out for a while
	restore float64 // a node is restored from a backup
	silent  float64 // a node's disk becomes an older copy of itself, and nobody says so

	undo    float64 // a message is held for a while
	retract float64 // a message is taken back
	forget  float64 // an officer never asks again

	prune float64 // officers close threads and remove what is old

	loads

	absence bool // a State is away for thirty days
	burst   bool // more messages at once than a window holds
}

// draw makes the swarm of one seed.
func draw(r *rand.Rand) faults {
	rate := func(most float64) float64 { return drawRate(r, most) }
	return faults{
		crash:        rate(0.1),
		commitBefore: rate(0.1), commitAfter: rate(0.1), commitTwice: rate(0.3),
		drop: rate(0.4), noAnswer: rate(0.4), refuse: rate(0.5), delay: rate(0.5), reorder: rate(1), again: rate(0.3),
		corrupt: rate(0.2), lowAnswer: rate(0.1),
		wipe: rate(0.02), older: rate(0.03), flap: rate(0.1),
		jump: rate(0.03), stuck: rate(0.02), revoke: rate(0.01), move: rate(0.01), noKey: rate(0.02),
		undo: rate(0.3), retract: rate(0.1), forget: rate(0.5),
		absence: r.IntN(40) == 0, burst: r.IntN(200) == 0,
	}
}

// drawRestores is what draw leaves out: seeds that once found a fault play as they did without it.
func (f *faults) drawRestores(r *rand.Rand) { f.restore = drawRate(r, 0.02) }

// drawRollbacks goes beyond drawRestores.
func (f *faults) drawRollbacks(r *rand.Rand) { f.silent = drawRate(r, 0.02) }

// drawLoads goes beyond draw too.
func (f *faults) drawLoads(r *rand.Rand) {
	f.loads = loads{files: drawRate(r, 0.5), quota: drawRate(r, 1), space: drawRate(r, 0.1)}
}

// drawRate is zero for about half of all draws, and otherwise often low and seldom high.
func drawRate(r *rand.Rand, most float64) float64 {
	if r.IntN(2) == 0 {
		return 0
	}
	return most * math.Pow(2, -5*r.Float64())
}
