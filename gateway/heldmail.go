package gateway

import (
	"bytes"
	"context"
	"errors"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// maxHeldMail is how many messages of one pair are held until an officer has called back: as many as
// a peer has slots for. What is beyond it stays in its sender's outbox alone. docs/protocol.md §8.5
const maxHeldMail = 320

// heldMail is one message that is held.
type heldMail struct {
	item   uint64
	digest ident.Digest
	pair   Pair
}

func (h heldMail) marshal() []byte { return append(append([]byte{}, h.digest[:]...), h.pair.key()...) }

func parseHeldMail(item uint64, b []byte) (h heldMail, err error) {
	if len(b) < len(h.digest) {
		return h, damaged("a message that is held cannot be read")
	}
	h.item, h.digest = item, ident.Digest(b[:len(h.digest)])
	var ok bool
	if h.pair, ok = parsePair(b[len(h.digest):]); !ok {
		return h, damaged("a message that is held names no pair")
	}
	return h, nil
}

// holdForCallBack keeps what came from a State whose root is in question: durably, shown to nobody as
// that State's, and without a receipt, so that its sender keeps it too. What has no number is passed
// over unless a key of the entry in force signed it. docs/protocol.md §8.5
func (g *Gateway) holdForCallBack(ctx context.Context, o *seal.Opened) (Effects, bool, error) {
	h := o.Header
	if !g.cfg.Directory().InQuestion(h.From.State) {
		if !o.Speaker.Unconfirmed {
			return Effects{}, false, nil
		}
		effects, gone := g.speaksNow(o)
		return effects, gone, nil
	}
	effects := Effects{Reason: valisev1.Reason_REASON_CALL_BACK_DUE}
	if h.Sequence == 0 {
		return effects, o.Speaker.Unconfirmed, nil
	}
	if !g.cfg.speaksFor(h.To) || g.space() == SpaceLast {
		return effects, true, nil
	}
	err := g.update(ctx, "hold", func(w *work) error {
		effects.Recorded = false
		return w.hold(o, &effects)
	})
	return effects, true, err
}

// speaksNow is for a message that was opened while its sender's root was in question and comes here
// when it is no longer: its key speaks now, or it is nobody's. Its sender, if there is one, sends it again.
func (g *Gateway) speaksNow(o *seal.Opened) (effects Effects, gone bool) {
	if speaker, ok := g.cfg.Directory().Speaker(o.Signed.KeyID); ok && speaker.RevokedSince.IsZero() && !speaker.Unconfirmed {
		o.Speaker = speaker
		return Effects{}, false
	}
	return Effects{Reason: valisev1.Reason_REASON_UNKNOWN_KEY}, true
}

func (w *work) hold(o *seal.Opened, effects *Effects) error {
	pair, held := Pair{Ours: o.Header.To, Peer: o.Header.From}, 0
	for at, err := range w.eachHeldMail() {
		switch {
		case err != nil:
			return err
		case at.digest == o.Digest:
			return nil // its sender has no receipt and sends it again
		case at.pair == pair:
			held++
		}
	}
	if held >= maxHeldMail {
		return nil
	}
	d := o.Digest
	item, err := w.isolate(&valisev1.Item{
		Digest: d[:], Kind: o.Header.Kind, Reason: valisev1.Reason_REASON_CALL_BACK_DUE, Evidence: o.Bytes,
	})
	if err != nil {
		return err
	}
	effects.Item, effects.Recorded = item, true
	return w.tx.PutRow(tableHeldMail, nil, item, heldMail{digest: d, pair: pair}.marshal())
}

// eachHeldMail gives what is held, in the order in which it came.
func (w *work) eachHeldMail() func(yield func(heldMail, error) bool) {
	return func(yield func(heldMail, error) bool) {
		done := false
		err := w.tx.Rows(tableHeldMail, nil, 0, false, func(item uint64, value []byte) (bool, error) {
			h, err := parseHeldMail(item, bytes.Clone(value))
			if err != nil {
				return false, err
			}
			done = !yield(h, nil)
			return !done, nil
		})
		if err != nil && !done {
			yield(heldMail{}, err)
		}
	}
}

// releaseHeld takes what was held of States whose root is in question no longer, in the order in which
// it came, by the rules and the keys of now. docs/protocol.md §8.5
func (g *Gateway) releaseHeld(ctx context.Context) error {
	var due []heldMail
	err := g.view(ctx, "release", func(w *work) error {
		due = nil
		for h, err := range w.eachHeldMail() {
			if err != nil {
				return err
			}
			if !w.dir.InQuestion(h.pair.Peer.State) {
				due = append(due, h)
			}
		}
		return nil
	})
	for _, h := range due {
		if err != nil {
			return err
		}
		err = g.releaseOne(ctx, h)
	}
	return err
}

func (g *Gateway) releaseOne(ctx context.Context, h heldMail) error {
	var signed []byte
	if err := g.view(ctx, "release", func(w *work) error {
		item, err := w.kept(h.item)
		signed = item.GetEvidence()
		return err
	}); err != nil {
		return err
	}
	o, err := seal.Opener{Realm: g.cfg.Realm, Resolve: g.cfg.Directory().Speaker}.VerifySigned(signed)
	reason := valisev1.Reason_REASON_UNSPECIFIED
	if refusal, is := errors.AsType[*seal.Refusal](err); is {
		reason = refusal.Reason
	} else if err != nil {
		return err
	} else if effects, err := g.receive(ctx, o, true); err != nil {
		return err
	} else if notNowTaken(effects.Reason) {
		return nil
	}
	return g.update(ctx, "release", func(w *work) error {
		if reason != valisev1.Reason_REASON_UNSPECIFIED {
			if _, err := w.isolate(&valisev1.Item{Digest: h.digest[:], Reason: reason}); err != nil {
				return err
			}
		}
		if err := w.tx.DeleteRow(tableQuarantine, nil, h.item); err != nil {
			return err
		}
		return w.tx.DeleteRow(tableHeldMail, nil, h.item)
	})
}

// notNowTaken: there is no room for it now, so it stays held and is looked at again.
func notNowTaken(r valisev1.Reason) bool {
	return r == valisev1.Reason_REASON_QUOTA || r == valisev1.Reason_REASON_DISK_FULL
}
