package node

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

const (
	// lookBack is how many of the newest items are read for their dates.
	lookBack = 1000
	// clockTolerance is how far a clock may be from what others signed. docs/protocol.md §8.5
	clockTolerance = 2 * time.Minute
	// oldBackup is when a backup is old.
	oldBackup = 7 * 24 * time.Hour
	// longWait is how long a message may wait before somebody should look.
	longWait = 24 * time.Hour
)

// checkRecord opens the record where no node runs, and else asks the node.
func (d *doctor) checkRecord(ctx context.Context) {
	if s := d.config.Running; s != nil {
		d.checkRunning(s)
		return
	}
	s, err := store.OpenReadOnly(filepath.Join(d.home.dir, recordFile), store.Config{
		RecordKey: d.home.keys.record, Realm: d.home.config.Realm, Now: d.config.Now,
	})
	switch {
	case errors.Is(err, store.ErrInUse):
		d.add(Warn, "record_held")
		return
	case err != nil:
		d.recordBroken(err)
		return
	}
	defer s.Close()
	if err := s.View(ctx, func(tx store.Tx) error { return d.readRecord(tx) }); err != nil {
		d.recordBroken(err)
		return
	}
	head, err := s.Head(ctx)
	if err != nil {
		d.recordBroken(err)
		return
	}
	d.good("record_good", withNumber("number", head.Size))
	d.add(Warn, "node_absent")
}

func (d *doctor) recordBroken(err error) {
	switch ReasonOf(err) {
	case valisev1.Reason_REASON_RECORD_DAMAGED, valisev1.Reason_REASON_NOT_FOUND:
		d.fault(Bad, "record_damaged", err)
		d.damaged()
	case valisev1.Reason_REASON_NOT_CHECKED:
		d.fault(Warn, "record_unchecked", err)
	case valisev1.Reason_REASON_KEY_CHANGED:
		d.fault(Bad, "record_key", err)
	default:
		d.fault(Bad, "record_damaged", err)
	}
}

// damaged says of what was found last that the record is not what was written.
func (d *doctor) damaged() { d.found[len(d.found)-1].Integrity = true }

// checkRunning takes what the node says of itself.
func (d *doctor) checkRunning(s *valisev1.GetStatusResponse) {
	if s.GetReady() {
		d.good("node_accepts", withNumber("number", s.GetItems()))
	} else {
		d.add(Bad, "node_refuses", withReason("reason", s.GetNotAccepting()))
	}
	d.judgeSending(s.GetSendingStopped())
	for _, w := range locale.Standing(s.GetStanding(), s.GetWarnings()...) {
		d.put(Warn, locale.Found{Code: "node_warns", Warning: w})
	}
	if t := s.GetLastBackup(); t != nil {
		d.backup = t.AsTime()
	}
	d.judgeVerification(s.GetLastVerification())
	old := 0
	for _, row := range s.GetOutbox() {
		if d.config.Now().Sub(row.GetSince().AsTime()) > longWait {
			old++
		}
	}
	if old > 0 {
		d.add(Warn, "waits_long", withNumber("number", uint64(old)))
	}
	if n := len(s.GetQuarantine()); n > 0 {
		d.add(Warn, "quarantine", withNumber("number", uint64(n)))
	}
}

// judgeVerification says what the node found when it looked at its whole record, and when it has not
// done so for longer than it was asked to.
func (d *doctor) judgeVerification(v *valisev1.Verification) {
	if v == nil {
		return
	}
	at, every := v.GetAt().AsTime(), d.home.config.Health.every()
	switch {
	case !v.GetOk():
		d.add(Bad, "not_as_written", withTime("time", at))
		d.damaged()
	case every > 0 && d.config.Now().Sub(at) > oldLook*every:
		d.add(Warn, "look_old", withTime("time", at))
	default:
		d.good("look_good", withTime("time", at))
	}
}

// judgeSending says whether a copy of this home was found to run.
func (d *doctor) judgeSending(stopped *timestamppb.Timestamp) {
	if stopped != nil {
		d.add(Bad, "copy_runs", withTime("time", stopped.AsTime()))
	}
}

// readRecord takes dates from the newest items, and what the home remembers of backups.
func (d *doctor) readRecord(tx store.Tx) error {
	u, err := readUpkeep(tx)
	if err != nil {
		return err
	}
	if t := u.GetLastBackup(); t != nil {
		d.backup = t.AsTime()
	}
	standing, err := gateway.ReadStanding(tx)
	if err != nil {
		return err
	}
	if standing.GetStopped() {
		d.judgeSending(standing.GetStoppedAt())
	}
	for n := tx.Items(); n > 0 && tx.Items()-n < lookBack; n-- {
		item, err := tx.Item(n - 1)
		if errors.Is(err, store.ErrPruned) {
			continue
		}
		if err != nil {
			return err
		}
		d.seen(item.GetRecorded().AsTime())
		if len(item.GetSigned()) == 0 {
			continue
		}
		if signed, err := seal.ParseSigned(item.GetSigned()); err == nil {
			if h, err := seal.ParseHeader(signed.Content.Header); err == nil {
				d.seen(h.Created)
			}
		}
	}
	return nil
}

// checkDisk compares what is free with what is kept in reserve. docs/protocol.md §7.7
func (d *doctor) checkDisk() {
	free, all, err := spaceAt(d.home.dir)
	if err != nil || all == 0 {
		d.add(Warn, "disk_unknown")
		return
	}
	level, code := Good, "disk_good"
	switch reserve := reserveOf(all); {
	case free < reserve:
		level, code = Bad, "disk_below"
	case free < 2*reserve:
		level, code = Warn, "disk_near"
	}
	d.add(level, code, withNumber("free", free>>20), withNumber("total", all>>20), withNumber("reserve", reserveOf(all)>>20))
}

// checkClock compares this machine's clock with the newest date that anybody signed or that was
// recorded here: a clock that is right is not behind it.
func (d *doctor) checkClock() {
	now := d.config.Now()
	switch {
	case d.newest.IsZero():
		d.good("clock_alone", withTime("time", now))
	case d.newest.Sub(now) > clockTolerance:
		d.add(Bad, "clock_behind", withTime("time", now), withTime("newest", d.newest))
	default:
		d.good("clock_good", withTime("newest", d.newest))
	}
}

// checkBackup says how old the last backup is that the record tells of.
func (d *doctor) checkBackup() {
	if d.backup.IsZero() {
		d.add(Warn, "backup_none")
		return
	}
	if age := d.config.Now().Sub(d.backup); age > oldBackup {
		d.add(Warn, "backup_old", withNumber("number", uint64(age/(24*time.Hour))))
		return
	}
	d.good("backup_good", withTime("time", d.backup))
}
