package gateway

import (
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// piece makes what is sent of one item; nil where a whole export leaves it out.
func (x *export) piece(n, size uint64, heads map[ident.Address]*valisev1.SignedObject) (*valisev1.ExportRecordResponse, error) {
	out := new(valisev1.ExportRecordResponse)
	var proof *provable
	err := x.g.view(x.ctx, "export", func(w *work) error {
		item, err := w.tx.Item(n)
		if err != nil && x.chosen.whole && unlessPruned(err) == nil {
			out = nil // its leaf is all that is left of it
			return nil
		}
		if err != nil {
			return err
		}
		if x.chosen.whole {
			if keep, err := x.keeps(w, item); err != nil || !keep {
				out = nil
				return err
			}
		}
		if x.form(valisev1.ExportForm_EXPORT_FORM_PROOF) {
			if proof, err = w.provable(item, x.request.GetLinks()); err == nil && proof == nil {
				out.Unproven = &valisev1.UnprovenItem{Item: n, Reason: valisev1.Reason_REASON_UNKNOWN_KEY}
			}
			return err
		}
		out.Item, err = x.exportedItem(w, item)
		return err
	})
	if err != nil || proof == nil {
		return out, err
	}
	out.Proof, err = x.prove(proof, size, heads)
	return out, err
}

// exportedItem is an item with all that its reader needs to judge it alone: the signed bytes only in
// an archive.
func (x *export) exportedItem(w *work, item *valisev1.Item) (*valisev1.ExportedItem, error) {
	v := w.itemView(item)
	if x.toThird() {
		v.Item = exchangedPart(v.Item)
	}
	if !x.form(valisev1.ExportForm_EXPORT_FORM_ARCHIVE) {
		v.Item.Signed, v.Item.Evidence = nil, nil
	}
	out := &valisev1.ExportedItem{Item: v}
	if !isMessageItem(item) {
		return out, nil
	}
	signed, h, err := parseItem(item)
	if err != nil {
		return nil, err
	}
	if speaker, known := w.historicalSpeaker(signed.KeyID); known {
		out.Key = speaker.Key.Proto()
	}
	if !isExchanged(item) || item.GetType() == valisev1.ItemType_ITEM_TYPE_REFUSED {
		return out, nil
	}
	_, m, err := readItem(item)
	out.Payload = wrap(h.Kind, m)
	return out, err
}

// exchangedPart is what of an item was exchanged, and when it was recorded: who of ours acted and what
// was noted of it are the State's own. A-11 s2
func exchangedPart(item *valisev1.Item) *valisev1.Item {
	return &valisev1.Item{
		Number: item.GetNumber(), Type: item.GetType(), Recorded: item.GetRecorded(), Thread: item.GetThread(),
		Digest: item.GetDigest(), Signed: item.GetSigned(), Kind: item.GetKind(),
	}
}

// historicalSpeaker finds a key that spoke for somebody once, also one of ours that the directory does
// not know yet. docs/protocol.md §8.5
func (w *work) historicalSpeaker(id ident.KeyID) (seal.Speaker, bool) {
	if s, ok := w.dir.HistoricalSpeaker(id); ok {
		s.RevokedSince = time.Time{}
		return s, true
	}
	return w.g.resolveOurs(id)
}
