package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const (
	// enoughOthers have to have signed a date after the end of a sealing key. docs/protocol.md §8.5
	enoughOthers = 2
	// enoughRunning is the counted running time that does as well: 45 days of 20 hours.
	// docs/protocol.md §8.5
	enoughRunning = 45 * 20 * time.Hour
)

// timekeeper gathers what tells the time beside the clock of this machine, which anybody can set:
// for how long nodes of this home have run, and the dates that others signed. What it gathered
// goes into the record now and then; a crash loses what came since. docs/protocol.md §8.5
type timekeeper struct {
	// running is for how long this process has run, by a clock that nobody can set.
	running func() time.Duration

	mu    sync.Mutex
	saved time.Duration             // of running, what is in the record
	dates map[ident.State]time.Time // newer than those in the record, or not known to be older
}

func newTimekeeper(running func() time.Duration) *timekeeper {
	if running == nil {
		began := time.Now() // has a monotonic reading, which a change of the clock does not touch
		running = func() time.Duration { return time.Since(began) }
	}
	return &timekeeper{running: running, saved: running(), dates: map[ident.State]time.Time{}}
}

// signed takes the date of a message whose signatures verified.
func (k *timekeeper) signed(by ident.State, created time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if created.After(k.dates[by]) {
		k.dates[by] = created
	}
}

// take hands out whole seconds that are in no record yet, and the dates. They are never handed out
// again: after an error nobody knows whether they were written, and to count too little only delays.
func (k *timekeeper) take() (seconds uint64, dates map[ident.State]time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ran := (k.running() - k.saved).Truncate(time.Second)
	k.saved += ran
	dates, k.dates = k.dates, map[ident.State]time.Time{}
	return uint64(max(ran, 0) / time.Second), dates
}

// noteTime puts into the record what was gathered since the last time.
func (n *Node) noteTime(ctx context.Context) error {
	seconds, dates := n.time.take()
	if seconds == 0 && len(dates) == 0 {
		return nil
	}
	delete(dates, n.config.State)
	var held []string
	for _, track := range n.config.Tracks {
		for _, k := range n.home.keys.sealingOf(track) {
			held = append(held, k.id().String())
		}
	}
	return (record{n}).Update(ctx, func(tx store.Tx) error {
		return changeUpkeep(tx, func(u *valisev1.Upkeep) {
			u.RanSeconds += seconds
			for state, at := range dates {
				noteDate(u, state, at)
			}
			noteHeld(u, held)
		})
	})
}

func noteDate(u *valisev1.Upkeep, by ident.State, at time.Time) {
	if u.Dates == nil {
		u.Dates = map[string]*timestamppb.Timestamp{}
	}
	if at.After(u.GetDates()[by.String()].AsTime()) {
		u.Dates[by.String()] = timestamppb.New(at)
	}
}

// noteHeld keeps a line for each sealing key that is here, and none for another. A key that was not
// known counts from now: too little only delays its end.
func noteHeld(u *valisev1.Upkeep, held []string) {
	if u.KeyRanSeconds == nil {
		u.KeyRanSeconds = map[string]uint64{}
	}
	for id := range u.GetKeyRanSeconds() {
		if !slices.Contains(held, id) {
			delete(u.KeyRanSeconds, id)
		}
	}
	for _, id := range held {
		if _, known := u.GetKeyRanSeconds()[id]; !known {
			u.KeyRanSeconds[id] = u.GetRanSeconds()
		}
	}
	u.Destroyed = slices.DeleteFunc(u.GetDestroyed(), func(id string) bool { return !slices.Contains(held, id) })
}

// evidence is what the record and this run know of time beside the clock.
type evidence struct {
	upkeep *valisev1.Upkeep
	dates  map[ident.State]time.Time
}

func (n *Node) evidence(ctx context.Context) (e evidence, err error) {
	err = (record{n}).View(ctx, func(tx store.Tx) (err error) {
		e.upkeep, err = readUpkeep(tx)
		return err
	})
	if err != nil {
		return e, err
	}
	e.dates = map[ident.State]time.Time{}
	for state, at := range e.upkeep.GetDates() {
		e.dates[ident.State(state)] = at.AsTime()
	}
	n.time.mu.Lock()
	defer n.time.mu.Unlock()
	for state, at := range n.time.dates {
		if state != n.config.State && at.After(e.dates[state]) {
			e.dates[state] = at
		}
	}
	return e, nil
}

// others is how many others signed a date that is not before end.
func (e evidence) others(end time.Time) (count int) {
	for _, at := range e.dates {
		if !at.Before(end) {
			count++
		}
	}
	return count
}

// ran is the counted running time since a key was made.
func (e evidence) ran(id ident.KeyID) time.Duration {
	from, known := e.upkeep.GetKeyRanSeconds()[id.String()]
	if !known || from > e.upkeep.GetRanSeconds() {
		return 0
	}
	return time.Duration(e.upkeep.GetRanSeconds()-from) * time.Second
}

// waitsFor is why a sealing key is not destroyed yet; unspecified where nothing is missing. Neither
// the clock alone ends a key nor anything without it. docs/protocol.md §8.5
func (e evidence) waitsFor(k, current sealingKey, now time.Time) valisev1.KeyWait {
	switch {
	case k.id() == current.id():
		return valisev1.KeyWait_KEY_WAIT_NEXT_KEY
	case k.made.After(now):
		return valisev1.KeyWait_KEY_WAIT_DATE_AHEAD
	case now.Before(k.ends()):
		return valisev1.KeyWait_KEY_WAIT_CLOCK
	case e.others(k.ends()) < enoughOthers && e.ran(k.id()) < enoughRunning && !mutant.Is("key-ends-by-the-clock"):
		return valisev1.KeyWait_KEY_WAIT_EVIDENCE
	}
	return valisev1.KeyWait_KEY_WAIT_UNSPECIFIED
}
