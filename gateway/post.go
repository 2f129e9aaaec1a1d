package gateway

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	"valise.example/seal"
)

// Due hands out what should leave now, at most 64 publications a call, each number of a channel in
// order. What is handed out comes again by the retry clocks until a receipt covers it.
// docs/protocol.md §7.4
func (g *Gateway) Due(now time.Time) []Publication {
	if !g.cfg.LinkUp() || g.sendingStopped() {
		return nil
	}
	dir := g.cfg.Directory()
	g.mu.Lock()
	entries := g.schedule.due(now, func(p Pair) bool { return hasKey(dir, p.Peer, now) })
	for i := range entries {
		entries[i].route = route(dir, entries[i].channel.to, now)
		g.schedule.byDigest[entries[i].digest].route = entries[i].route
	}
	g.mu.Unlock()
	if len(entries) == 0 {
		return nil
	}
	var out []Publication
	err := g.view(context.Background(), "due", func(w *work) error {
		out = nil
		for _, e := range entries {
			p, ok, err := w.publication(e)
			if err != nil {
				return err
			}
			if ok {
				out = append(out, p)
			}
		}
		return nil
	})
	if err != nil {
		g.cfg.Logger.Error("what is due cannot be read and waits", slog.Any("error", err))
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, e := range entries {
			g.schedule.notSent(e.digest, valisev1.Reason_REASON_STORAGE_UNKNOWN, now)
		}
		return nil
	}
	return out
}

// publication reads the bytes of an entry; ok is false when a receipt has covered it meanwhile.
func (w *work) publication(e entry) (Publication, bool, error) {
	b, err := w.row(tableOutbox, nil, e.row)
	if err != nil || b == nil {
		return Publication{}, false, err
	}
	row := new(valisev1.Outgoing)
	if err := unmarshalOwn(b, row); err != nil {
		return Publication{}, false, err
	}
	signed, err := w.rowSigned(row)
	if err != nil {
		return Publication{}, false, err
	}
	return Publication{
		MessageID: e.id, Digest: e.digest, Signed: signed, From: e.channel.from, To: e.channel.to, Slot: e.slot,
	}, true, nil
}

// Wake is when Due, Release or ReceiptsDue has something next; ok is false when nothing waits for
// a time. While the link is down only a release has a time: everything else waits for the link.
func (g *Gateway) Wake(now time.Time) (next time.Time, ok bool) {
	next, ok = g.WakeMessages(now)
	if at, there := g.WakeReceipts(now); there && (!ok || at.Before(next)) {
		next, ok = at, true
	}
	return next, ok
}

// WakeMessages is Wake for Due and Release alone.
func (g *Gateway) WakeMessages(now time.Time) (next time.Time, ok bool) {
	up := g.cfg.LinkUp()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held.rebase(now)
	for _, h := range g.held {
		if !ok || h.due.Before(next) {
			next, ok = h.due, true
		}
	}
	if g.stopped {
		return notBeforeNow(next, now), ok
	}
	if at, there := g.duties.wake(); there && (!ok || at.Before(next)) {
		next, ok = at, true
	}
	if len(g.unopened) > 0 {
		next, ok = now, true
	}
	if up {
		if at, there := g.schedule.wake(); there && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return notBeforeNow(next, now), ok
}

// WakeReceipts is Wake for ReceiptsDue alone.
func (g *Gateway) WakeReceipts(now time.Time) (next time.Time, ok bool) {
	if !g.cfg.LinkUp() || g.sendingStopped() {
		return time.Time{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	next, ok = g.receipts.wake()
	if at, busy := g.wakeBusy(now); busy && (!ok || at.Before(next)) {
		next, ok = at, true
	}
	return notBeforeNow(next, now), ok
}

func notBeforeNow(at, now time.Time) time.Time {
	if at.Before(now) {
		return now
	}
	return at
}

// Left tells that the relay took a message: it is on its way, nothing more. The first time it is a
// fact of the record. relaySequence is the relay's answer, 0 if unknown; one that is not above the
// last shows a new or an older relay, and everything goes out again. docs/protocol.md §7.4
func (g *Gateway) Left(ctx context.Context, d ident.Digest, relaySequence uint64) error {
	a, ok := g.Answered(d, relaySequence)
	if !ok {
		return nil // a receipt was faster
	}
	return g.RecordAnswers(ctx, []Answer{a})
}

// Answer is what the relay said of one publication, until it is recorded.
type Answer struct {
	tried    entry
	sequence uint64
}

// Answered is the first half of Left: the clocks follow the answer at once. ok is false where a
// receipt was faster, so that there is nothing to record.
func (g *Gateway) Answered(d ident.Digest, relaySequence uint64) (a Answer, ok bool) {
	now := g.cfg.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	e, lost := g.schedule.answered(d, relaySequence, now)
	if lost {
		g.schedule.relayLost(now)
	}
	if e == nil {
		return Answer{}, false
	}
	if relaySequence > 0 {
		g.relaySeen[e.pair()] = relaySequence
	}
	return Answer{tried: *e, sequence: relaySequence}, true
}

// RecordAnswers is the second half of Left for several messages, in one transaction. What receipts
// have covered meanwhile costs none: they tell that it left. docs/protocol.md §7.4
func (g *Gateway) RecordAnswers(ctx context.Context, answers []Answer) error {
	g.mu.Lock()
	answers = slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool { return g.schedule.byDigest[a.tried.digest] == nil })
	g.mu.Unlock()
	if len(answers) == 0 {
		return nil
	}
	return g.update(ctx, "left", func(w *work) error {
		for _, a := range answers {
			if err := w.left(a.tried, a.sequence); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *work) left(tried entry, relaySequence uint64) error {
	d := tried.digest
	known, found, err := w.placeAt(tableDigest, d[:])
	if err != nil || !found || known.row == 0 {
		return err
	}
	row, err := w.loadRow(known.row - 1)
	if err != nil {
		return err
	}
	if relaySequence > 0 {
		if err := w.saveNumber(tableRelay, tried.pair().key(), relaySequence); err != nil {
			return err
		}
	}
	row.Attempts, row.Reason = max(row.GetAttempts(), tried.attempts), valisev1.Reason_REASON_UNSPECIFIED
	row.Answers, row.Route = max(row.GetAnswers(), tried.answers), []byte(tried.route)
	if row.GetStage() == valisev1.Stage_STAGE_RELEASED {
		row.Stage, row.Left = valisev1.Stage_STAGE_LEFT, timestamppb.New(w.now)
		if saidByOfficer(row) {
			if err := w.deliver(row.GetThread(), d, valisev1.Delivery_DELIVERY_LEFT, time.Time{}, 0); err != nil {
				return err
			}
			if err := w.firstLeft(row, d); err != nil {
				return err
			}
		}
	}
	if mutant.Is("trust-puback") {
		return w.leaveOutbox(known.row-1, row)
	}
	return w.saveRow(known.row-1, row)
}

// saidByOfficer reports whether a row is what an officer said and how it goes still has to be told:
// neither a Void nor a part of a file nor a Return, and nothing that a restored peer asked for again.
func saidByOfficer(row *valisev1.Outgoing) bool {
	switch row.GetKind() {
	case valisev1.Kind_KIND_VOID, valisev1.Kind_KIND_ATTACHMENT_PART, valisev1.Kind_KIND_RETURN:
		return false
	}
	return !row.GetAgain()
}

// NotSent tells that a message did not leave. It goes out again by the first retry clock.
func (g *Gateway) NotSent(d ident.Digest, reason valisev1.Reason, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.schedule.notSent(d, reason, now)
}

// LinkChanged tells that the link to the relay came or went. When it came, every channel sends its
// lowest number again and every pair gets a receipt, at most one a minute; with a new relay, or
// one that has lost its mail, everything goes out again. docs/protocol.md §7.4
func (g *Gateway) LinkChanged(up, newRelay bool, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !up {
		return
	}
	g.schedule.reconnected(now)
	g.receipts.reconnected(now)
	if newRelay {
		g.schedule.relayLost(now)
	}
}

// DirectoryChanged lets go what waited for a sealing key, sends again what lies in a mailbox or
// under a key that the peer has left, and signs again what a key of ours
// signed that no longer speaks for us: the Content and its place stay. docs/protocol.md §8.5
func (g *Gateway) DirectoryChanged(ctx context.Context) error {
	now, dir := g.cfg.Now(), g.cfg.Directory()
	var stale []uint64
	err := g.view(ctx, "directory", func(w *work) error {
		stale = nil
		return w.eachReleased(func(ordinal uint64, row *valisev1.Outgoing) error {
			fresh, err := w.keySpeaks(row)
			if err == nil && !fresh {
				stale = append(stale, ordinal)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := g.rootsChanged(ctx); err != nil {
		return err
	}
	if err := g.claimsDecided(ctx); err != nil {
		return err
	}
	for _, ordinal := range stale {
		if err := g.update(ctx, "directory", func(w *work) error { return w.signAgain(ordinal) }); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.schedule.keyCame(now, func(p Pair) bool { return hasKey(dir, p.Peer, now) })
	g.schedule.rerouted(now, func(p Pair) string { return route(dir, p.Peer, now) })
	return nil
}

// route is where mail to a POC goes today: its mailbox and its sealing key, as a short hash; empty
// for nowhere.
func route(d Directory, a ident.Address, now time.Time) string {
	poc, err := d.Lookup(a)
	if err != nil || poc.Mailbox == "" {
		return ""
	}
	key, ok := poc.SealingKey(now)
	if !ok {
		return ""
	}
	h := sha256.Sum256([]byte(poc.Mailbox + key.String()))
	return string(h[:16])
}

// eachReleased visits the rows of the outbox that have a number.
func (w *work) eachReleased(visit func(ordinal uint64, row *valisev1.Outgoing) error) error {
	return w.tx.Rows(tableOutbox, nil, 0, false, func(ordinal uint64, value []byte) (bool, error) {
		row := new(valisev1.Outgoing)
		if err := unmarshalOwn(value, row); err != nil {
			return false, err
		}
		if row.GetSequence() == 0 {
			return true, nil
		}
		return true, visit(ordinal, row)
	})
}

// keySpeaks reports whether the key that signed a row still speaks for us. A key that the
// directory does not know at all was never published, or its list has not come yet: it stays.
func (w *work) keySpeaks(row *valisev1.Outgoing) (bool, error) {
	b, err := w.rowSigned(row)
	if err != nil {
		return false, err
	}
	s, err := seal.ParseSigned(b)
	if err != nil {
		return false, &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	speaker, known := w.dir.Speaker(s.KeyID)
	return !known || speaker.RevokedSince.IsZero(), nil
}

// signAgain makes a new Signed of the same Content: same digest, same number, same message.
func (w *work) signAgain(ordinal uint64) error {
	b, err := w.row(tableOutbox, nil, ordinal)
	if err != nil || b == nil {
		return err
	}
	row := new(valisev1.Outgoing)
	if err := unmarshalOwn(b, row); err != nil {
		return err
	}
	old, err := w.rowSigned(row)
	if err != nil {
		return err
	}
	s, err := seal.ParseSigned(old)
	if err != nil {
		return &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	from, _, err := rowAddresses(row)
	if err != nil {
		return err
	}
	again, err := w.signContent(from, s.Content)
	if err != nil || again.KeyID == s.KeyID {
		return err // the new key is not here yet
	}
	row.Signed = again.Marshal()
	if d, ok := ident.DigestFrom(row.GetDigest()); ok && row.GetSlot() >= 0 {
		w.after.again = append(w.after.again, d)
	}
	return w.saveRow(ordinal, row)
}
