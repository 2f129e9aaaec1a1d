package gateway

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// maxUnreadable is how many unreadable digests a pair may have listed. docs/protocol.md §7.3
const maxUnreadable = 256

// keepOnce takes from what one peer may make us keep as evidence, when it is first asked: a
// transaction may run twice. P7
func (g *Gateway) keepOnce(from ident.Address) func() bool {
	return sync.OnceValue(func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.limits.evidence(from, g.cfg.Now())
	})
}

// quarantine keeps apart what verifies but may not be taken. Nothing is consumed: no number, no
// place in a thread. The Signed is evidence. docs/protocol.md §7.5
func (w *work) quarantine(in incoming, reason valisev1.Reason, effects *Effects) error {
	effects.Reason = reason
	if !in.keep() {
		return nil
	}
	d := in.opened.Digest
	number, err := w.isolate(&valisev1.Item{
		Digest: d[:], Kind: in.opened.Header.Kind, Reason: reason, Evidence: in.opened.Bytes,
	})
	if err != nil {
		return err
	}
	effects.Item, effects.Recorded = number, true
	return nil
}

func (w *work) isolate(item *valisev1.Item) (uint64, error) {
	item.Type = valisev1.ItemType_ITEM_TYPE_QUARANTINED
	number, err := w.append(item)
	if err != nil {
		return 0, err
	}
	return number, w.tx.PutRow(tableQuarantine, nil, number, []byte{})
}

// Refused records what did not pass the steps of opening. What nobody's signature answers for is
// kept as a hash only, and no more than sixty an hour; what a peer signed is kept whole, and what
// it signed in a form that cannot be read is listed in the next receipt, so that its sender can
// fill the number. owner is the POC whose token the slot belongs to, zero for none: it is whom a hint
// goes to when no signature says who wrote. docs/protocol.md §7.3, §7.5
func (g *Gateway) Refused(ctx context.Context, r *seal.Refusal, envelopeHash [32]byte, owner ident.Address) (Effects, error) {
	if g.space() == SpaceLast {
		return Effects{Reason: r.Reason}, nil
	}
	now := g.cfg.Now()
	g.mu.Lock()
	keep := g.limits.envelope(envelopeHash, now)
	if len(r.Bytes) > 0 {
		keep = keep && g.limits.evidence(r.From, now)
	}
	g.mu.Unlock()
	effects := Effects{Reason: r.Reason}
	unreadable := len(r.Bytes) > 0 && !r.Digest.IsZero() && (r.Step == seal.StepWire || r.Step == seal.StepHeader)
	if !keep && !unreadable {
		return effects, nil
	}
	err := g.update(ctx, "quarantine", func(w *work) error {
		effects = Effects{Reason: r.Reason}
		if keep {
			if err := w.refused(r, envelopeHash, &effects); err != nil {
				return err
			}
		}
		if unreadable {
			return w.unreadable(r, &effects)
		}
		return nil
	})
	if err != nil {
		return Effects{}, err
	}
	if !r.From.IsZero() {
		owner = r.From
	}
	return effects, g.hint(owner, &valisev1.CannotOpen{Reason: r.Reason, EnvelopeHash: envelopeHash[:]}, &effects)
}

func (w *work) refused(r *seal.Refusal, envelopeHash [32]byte, effects *Effects) (err error) {
	item := &valisev1.Item{Reason: r.Reason, Evidence: r.Bytes}
	if len(r.Bytes) == 0 {
		item.Evidence = envelopeHash[:]
	}
	if !r.Digest.IsZero() {
		item.Digest = r.Digest[:]
	}
	if r.Header != nil {
		item.Kind = r.Header.Kind
	}
	effects.Item, err = w.isolate(item)
	effects.Recorded = err == nil
	return err
}

// unreadable lists a digest for the next receipts to its sender, until a Void with it comes.
// docs/protocol.md §7.3
func (w *work) unreadable(r *seal.Refusal, effects *Effects) error {
	p, ok := w.pairOfRefusal(r)
	if !ok {
		return nil
	}
	list, err := w.digests(tableInUnreadable, p.key())
	if err != nil {
		return err
	}
	effects.ReceiptTo = append(effects.ReceiptTo, p)
	if slices.Contains(list, r.Digest) {
		w.after.repeat = append(w.after.repeat, p)
		return nil
	}
	list = append(list, r.Digest)
	if len(list) > maxUnreadable {
		list = list[len(list)-maxUnreadable:]
	}
	if err := w.pairKnown(p); err != nil {
		return err
	}
	w.after.dirty = append(w.after.dirty, p)
	return w.saveDigests(tableInUnreadable, p.key(), list)
}

// pairOfRefusal: the header says to whom, if it could be read; else the POC of ours that
// speaks with the signer.
func (w *work) pairOfRefusal(r *seal.Refusal) (Pair, bool) {
	for _, ours := range w.g.cfg.Ours {
		if r.Header != nil && r.Header.To == ours || r.Header == nil && w.g.cfg.speaksWith(ours, r.From) {
			return Pair{Ours: ours, Peer: r.From}, true
		}
	}
	return Pair{}, false
}

// readableAgain: a Void has filled the number of an unreadable message.
func (w *work) readableAgain(p Pair, d ident.Digest) error {
	list, err := w.digests(tableInUnreadable, p.key())
	if err != nil {
		return err
	}
	if at := slices.Index(list, d); at >= 0 {
		return w.saveDigests(tableInUnreadable, p.key(), slices.Delete(list, at, at+1))
	}
	return nil
}

// hint makes at most one CannotOpen an hour for a peer from whom something came that does not open. A
// relay may have put it there: it is a hint, and the peer never obeys it. docs/protocol.md §7.5
func (g *Gateway) hint(to ident.Address, m *valisev1.CannotOpen, effects *Effects) error {
	if to.IsZero() || g.cfg.speaksFor(to) {
		return nil
	}
	for _, ours := range g.cfg.Ours {
		p := Pair{Ours: ours, Peer: to}
		if !g.cfg.speaksWith(ours, to) || !g.mayHint(p) {
			continue
		}
		if id, ok := g.sealingKey(ours); ok {
			m.SealingKeyId = id[:]
		}
		pub, err := g.machineMessage(p, SlotCannotOpen, m)
		if err != nil {
			return asError("hint", err, valisev1.Reason_REASON_INTERNAL)
		}
		effects.Send = append(effects.Send, pub)
	}
	return nil
}

func (g *Gateway) mayHint(p Pair) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limits.hint(p, g.cfg.Now())
}

func (g *Gateway) sealingKey(a ident.Address) ([32]byte, bool) {
	if g.cfg.Sealing == nil {
		return [32]byte{}, false
	}
	return g.cfg.Sealing(a)
}

// receiveHint looks at a CannotOpen. At most the lowest message goes out again, each at most once
// in 15 minutes. docs/protocol.md §7.5
func (g *Gateway) receiveHint(o *seal.Opened) (Effects, error) {
	m, ok := o.Message.(*valisev1.CannotOpen)
	if _, flaw := checkPayload(g.validator, o.Message); !ok || flaw != nil {
		return Effects{Reason: valisev1.Reason_REASON_PAYLOAD}, nil
	}
	g.cfg.Logger.Warn("a peer could not open something of ours", slog.String("reason", m.GetReason().String()))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.schedule.hinted(Pair{Ours: o.Header.To, Peer: o.Header.From}, g.cfg.Now())
	return Effects{}, nil
}
