package node

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

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
		d.add(Warn, "wait a moment; if it stays so, look for a second valise node run and at its log", "another process holds the record, and no node answers at the door")
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
	d.good("the record opens: %d items; valise record verify checks all of them", head.Size)
	d.add(Warn, "valise node run", "no node runs on this home")
}

func (d *doctor) recordBroken(err error) {
	f := Finding{Level: Bad, What: "the record cannot be used: " + sentence(err), Fix: "keep the file as it is; restore the home from the newest backup"}
	switch ReasonOf(err) {
	case valisev1.Reason_REASON_RECORD_DAMAGED, valisev1.Reason_REASON_NOT_FOUND:
		f.Integrity = true
	case valisev1.Reason_REASON_NOT_CHECKED:
		f.Level, f.Fix = Warn, "keep the file as it is, and try again when this machine has more time and memory"
	case valisev1.Reason_REASON_KEY_CHANGED:
		f.Fix = "put the record key back that belongs to it"
	}
	d.found = append(d.found, f)
}

// checkRunning takes what the node says of itself.
func (d *doctor) checkRunning(s *valisev1.GetStatusResponse) {
	if s.GetReady() {
		d.good("a node runs and accepts: %d items", s.GetItems())
	} else {
		d.add(Bad, "look at the node's log", "the node does not accept: %s", s.GetNotAccepting())
	}
	d.judgeSending(s.GetSendingStopped())
	for _, w := range s.GetWarnings() {
		d.add(Warn, "see valise node status", "the node warns: %s", w)
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
		d.add(Warn, "valise node status names each and why", "%d messages wait for more than a day", old)
	}
	if n := len(s.GetQuarantine()); n > 0 {
		d.add(Warn, "valise node status names each", "%d things lie in quarantine", n)
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
		d.found = append(d.found, Finding{
			Level: Bad, Integrity: true, What: "the record is not what was written, as a look at all of it found at " + instant(at),
			Fix: "keep the file as it is; valise record verify names what is wrong",
		})
	case every > 0 && d.config.Now().Sub(at) > oldLook*every:
		d.add(Warn, "valise record verify, and look at the node's log", "the whole record was last looked at on %s", instant(at))
	default:
		d.good("the whole record was looked at on %s, and nothing is wrong with it", instant(at))
	}
}

// judgeSending says whether a copy of this home was found to run.
func (d *doctor) judgeSending(stopped *timestamppb.Timestamp) {
	if stopped != nil {
		d.add(Bad, "find the other copy and switch it off for ever, then valise node resume", "a copy of this home runs: nothing is sent since %s", stopped.AsTime().UTC().Format(time.RFC3339))
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
		d.add(Warn, "look at the disk", "the disk cannot be asked for its space")
		return
	}
	const mib = 1 << 20
	switch reserve := reserveOf(all); {
	case free < reserve:
		d.add(Bad, "free space, or give the home a larger disk", "%d MiB of %d are free, less than the reserve of %d: officers cannot send", free/mib, all/mib, reserve/mib)
	case free < 2*reserve:
		d.add(Warn, "free space before it comes to the reserve", "%d MiB of %d are free, the reserve is %d", free/mib, all/mib, reserve/mib)
	default:
		d.good("%d MiB of %d are free, the reserve is %d", free/mib, all/mib, reserve/mib)
	}
}

// checkClock compares this machine's clock with the newest date that anybody signed or that was
// recorded here: a clock that is right is not behind it.
func (d *doctor) checkClock() {
	now := d.config.Now()
	switch {
	case d.newest.IsZero():
		d.good("the clock says %s; nothing is known to compare it with", now.UTC().Format(time.RFC3339))
	case d.newest.Sub(now) > clockTolerance:
		d.add(Bad, "set the clock, and let it be set by NTP", "the clock says %s, but something was signed or recorded at %s", now.UTC().Format(time.RFC3339), d.newest.UTC().Format(time.RFC3339))
	default:
		d.good("the clock is not behind the newest date that was signed, %s", d.newest.UTC().Format(time.RFC3339))
	}
}

// checkBackup says how old the last backup is that the record tells of.
func (d *doctor) checkBackup() {
	const fix = "valise node backup"
	if d.backup.IsZero() {
		d.add(Warn, fix, "no backup is known: what only this machine has would be lost with it")
		return
	}
	if age := d.config.Now().Sub(d.backup); age > oldBackup {
		d.add(Warn, fix, "the last backup is %d days old", age/(24*time.Hour))
		return
	}
	d.good("the last backup was made at %s", d.backup.UTC().Format(time.RFC3339))
}
