package gateway

import (
	"slices"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// lifeCameBack notes that something came back of a life of ours that a restore has forgotten: a
// peer that is restored in its turn may lack what was said in it, and nobody but this home can
// send that again. docs/protocol.md §7.6, P1
func (w *work) lifeCameBack(p Pair, e ident.Epoch, created time.Time) error {
	if slices.Contains(w.epochs, e) {
		return nil
	}
	at := uint64(max(created.UnixNano(), 0))
	known, err := w.livesBack(p)
	if err != nil {
		return err
	}
	for _, x := range known {
		if x.epoch != e {
			continue
		}
		if x.at <= at {
			return nil
		}
		if err := w.tx.DeleteRow(tableLivesBack, p.key(), x.at); err != nil {
			return err
		}
	}
	for slices.ContainsFunc(known, func(x lifeBack) bool { return x.at == at && x.epoch != e }) {
		at++
	}
	if len(known) == knownEpochs {
		if err := w.tx.DeleteRow(tableLivesBack, p.key(), known[0].at); err != nil {
			return err
		}
	}
	return w.tx.PutRow(tableLivesBack, p.key(), at, appendNumber(nil, uint64(e)))
}

// lifeBack is a life of ours of which a peer gave something back, and when the oldest of that was
// made, in Unix nanoseconds.
type lifeBack struct {
	epoch ident.Epoch
	at    uint64
}

// livesBack lists them, oldest first.
func (w *work) livesBack(p Pair) (list []lifeBack, err error) {
	err = w.tx.Rows(tableLivesBack, p.key(), 0, false, func(n uint64, value []byte) (bool, error) {
		e, err := readNumber(value)
		list = append(list, lifeBack{ident.Epoch(e), n})
		return true, err
	})
	return list, err
}

// ownLives are the epochs in which this home has spoken to a peer as far as it knows, newest first:
// those of its record, and between them, by the dates, those that came back. docs/protocol.md §7.6
func (w *work) ownLives(p Pair) (epochs, error) {
	back, err := w.livesBack(p)
	if err != nil || len(back) == 0 {
		return w.epochs, err
	}
	s, err := w.standing()
	if err != nil {
		return nil, err
	}
	begun := map[ident.Epoch]time.Time{}
	for _, life := range s.GetLives() {
		begun[ident.Epoch(life.GetEpoch())] = life.GetBegun().AsTime()
	}
	out := slices.Clone(w.epochs)
	for _, x := range back {
		if slices.Contains(out, x.epoch) {
			continue
		}
		made, at := time.Unix(0, int64(min(x.at, 1<<63-1))), 1
		for at < len(out) && slices.Contains(w.epochs, out[at]) && begun[out[at]].After(made) {
			at++
		}
		out = slices.Insert(out, min(at, len(out)), x.epoch)
	}
	return out, nil
}

// resendBack sends again what has just come back in a life of the peer that is over: the newest one
// was begun without it, and may have asked for what it lacks before we knew of it.
// docs/protocol.md §7.6
func (w *work) resendBack(p Pair, c channel, n uint64, given ident.Epoch, late bool) error {
	all, err := w.lives(p, laneMessages)
	if err != nil {
		return err
	}
	if !late && all.at(given) == len(all)-1 {
		return nil
	}
	if closed, err := w.closedThere(p, c); err != nil || closed {
		return err
	}
	return w.addDuty(p, &valisev1.Duty{Kind: valisev1.DutyKind_DUTY_KIND_RESEND, Lane: c.lane, Epoch: uint64(c.epoch), Next: n, Last: n})
}

// closedThere reports whether so many newer lives of ours have spoken to a peer that an older one may
// be closed there. docs/protocol.md §7.6
func (w *work) closedThere(p Pair, c channel) (bool, error) {
	own, err := w.ownLives(p)
	if err != nil {
		return false, err
	}
	newer := 0
	for _, e := range own[:max(slices.Index(own, c.epoch), 0)] {
		x := c
		x.epoch = e
		found, err := w.load(tableOutChannel, x.key(), new(valisev1.OutboundChannel))
		if err != nil {
			return false, err
		}
		if found {
			newer++
		}
	}
	return newer >= openEpochs, nil
}
