package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// KeyNotices makes a KeyNotice with our bundle for every peer of one of our POCs whose newest
// receipt names a lower bundle. The node publishes them; they are not receipted one by one, so it
// asks again until nothing is left. docs/protocol.md §8.4
func (g *Gateway) KeyNotices(ctx context.Context, ours ident.Address, bundle *valisev1.SignedObject, number uint64) ([]Publication, error) {
	const op = "key notice"
	var peers []Pair
	err := g.view(ctx, op, func(w *work) error {
		peers = nil
		return w.eachPair(func(p Pair) error {
			if p.Ours != ours {
				return nil
			}
			last := new(valisev1.ReceiptBatch)
			if _, err := w.load(tableBatch, p.key(), last); err != nil {
				return err
			}
			if last.GetBundleNumber() < number {
				peers = append(peers, p)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	var out []Publication
	for _, p := range peers {
		pub, err := g.machineMessage(p, SlotKeyNotice, &valisev1.KeyNotice{Bundle: bundle})
		if err != nil {
			return out, asError(op, err, valisev1.Reason_REASON_INTERNAL)
		}
		out = append(out, pub)
	}
	return out, nil
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
