package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// BundleNamed is which bundle of one of our POCs a peer holds, as its newest receipt says.
type BundleNamed struct {
	Peer ident.Address
	// Number of the bundle, 0 while it has said nothing.
	Number uint64
	// Spoke is false for a peer that never exchanged anything with this POC.
	Spoke bool
}

// BundlesNamed lists, for one of our POCs, every peer that it ever spoke with and those of also
// that it did not. The error is a storage error. docs/protocol.md §8.4
func (g *Gateway) BundlesNamed(ctx context.Context, ours ident.Address, also ...ident.Address) ([]BundleNamed, error) {
	var out []BundleNamed
	err := g.view(ctx, "key notice", func(w *work) error {
		out = nil
		known := map[ident.Address]bool{}
		if err := w.eachPair(func(p Pair) error {
			if p.Ours != ours {
				return nil
			}
			known[p.Peer] = true
			n, err := w.bundleNamed(p)
			out = append(out, BundleNamed{Peer: p.Peer, Number: n, Spoke: true})
			return err
		}); err != nil {
			return err
		}
		for _, peer := range also {
			if known[peer] {
				continue
			}
			n, err := w.bundleNamed(Pair{Ours: ours, Peer: peer})
			if err != nil {
				return err
			}
			out = append(out, BundleNamed{Peer: peer, Number: n})
		}
		return nil
	})
	return out, err
}

func (w *work) bundleNamed(p Pair) (uint64, error) {
	last := new(valisev1.ReceiptBatch)
	_, err := w.load(tableBatch, p.key(), last)
	return last.GetBundleNumber(), err
}

// KeyNotice makes the message that tells a peer of our bundle. It is not receipted by itself: the
// node publishes it again until a receipt names the bundle. docs/protocol.md §8.4
func (g *Gateway) KeyNotice(p Pair, bundle *valisev1.SignedObject) (Publication, error) {
	pub, err := g.machineMessage(p, SlotKeyNotice, &valisev1.KeyNotice{Bundle: bundle})
	return pub, asError("key notice", err, valisev1.Reason_REASON_INTERNAL)
}

// Learned tells that the directory took the bundle of a KeyNotice. The peer hears of it by a
// receipt, and asks no more. docs/protocol.md §8.4
func (g *Gateway) Learned(p Pair) {
	now := g.cfg.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.receipts.due(p, now)
}

// receiveKeyNotice hands the bundle to the directory, which judges it, and records that it came
// when its number is new. docs/protocol.md §8.4
func (g *Gateway) receiveKeyNotice(ctx context.Context, o *seal.Opened) (Effects, error) {
	notice, ok := o.Message.(*valisev1.KeyNotice)
	if _, flaw := checkPayload(g.validator, o.Message); !ok || flaw != nil {
		return Effects{Reason: valisev1.Reason_REASON_PAYLOAD}, nil
	}
	bundle := new(valisev1.KeyBundle)
	if err := proto.Unmarshal(notice.GetBundle().GetObject(), bundle); err != nil || bundle.GetAddress() != o.Header.From.String() {
		return Effects{Reason: valisev1.Reason_REASON_PAYLOAD}, nil
	}
	p := Pair{Ours: o.Header.To, Peer: o.Header.From}
	effects := Effects{}
	err := g.update(ctx, "key notice", func(w *work) error {
		effects = Effects{Learn: notice.GetBundle(), ReceiptTo: []Pair{p}}
		// Any receipt tells which bundle we hold, so a peer that repeats itself gets one.
		w.after.repeat = append(w.after.repeat, p)
		known, err := w.loadNumber(tableBundle, p.key())
		if err != nil || bundle.GetNumber() <= known {
			return err
		}
		d := o.Digest
		effects.Item, err = w.append(&valisev1.Item{
			Type: valisev1.ItemType_ITEM_TYPE_DIRECTORY, Digest: d[:], Signed: o.Bytes, Kind: o.Header.Kind,
		})
		effects.Recorded = err == nil
		if err != nil {
			return err
		}
		return w.saveNumber(tableBundle, p.key(), bundle.GetNumber())
	})
	if err != nil {
		return Effects{}, err
	}
	return effects, nil
}
