package gateway

import (
	"crypto/sha256"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// mostLinks is how many headers lead at most from a message to the mark of its receipt: so many that
// a proof stays one piece. P7
const mostLinks = 4096

// provable is what the record holds of a message beside its place in the tree.
type provable struct {
	item  *valisev1.Item
	ours  ident.Address
	proof *valisev1.ExchangeProof
}

// provable gathers header, signatures and receipt of a message, with its payload withheld; nil where
// the key that signed it is in no directory of this home, so that nothing can be proven by it.
// docs/protocol.md §9.4
func (w *work) provable(item *valisev1.Item, links bool) (*provable, error) {
	signed, h, err := parseItem(item)
	if err != nil {
		return nil, err
	}
	speaker, known := w.historicalSpeaker(signed.KeyID)
	if !known {
		return nil, nil
	}
	p := &provable{item: item, ours: h.To, proof: &valisev1.ExchangeProof{
		Realm: string(w.g.cfg.Realm), Header: signed.Content.Header, BodyHash: bodyHash(signed.Content),
		Signature: signatureOf(signed), Key: speaker.Key.Proto(),
	}}
	if item.GetType() != valisev1.ItemType_ITEM_TYPE_SENT {
		return p, nil
	}
	p.ours = h.From
	receipt, err := w.receiptOf(item)
	if err != nil || receipt == nil {
		return p, err
	}
	p.proof.Receipt, err = w.receiptProof(receipt, links)
	return p, err
}

func bodyHash(c seal.Content) []byte {
	sum := sha256.Sum256(c.Body)
	return sum[:]
}

func signatureOf(s seal.Signed) *valisev1.Signature {
	return &valisev1.Signature{Suite: uint32(s.Suite), KeyId: s.KeyID[:], Ed25519: s.Ed25519, Mldsa65: s.MLDSA65}
}

// prove adds the leaf of the item and the way from it to a head that our POC has signed.
func (x *export) prove(p *provable, size uint64, heads map[ident.Address]*valisev1.SignedObject) (*valisev1.ExchangeProof, error) {
	stored, path, err := x.g.cfg.Prove(x.ctx, p.item.GetNumber(), size)
	if err != nil {
		return nil, err
	}
	key, err := x.g.cfg.Signers.SigningKey(p.ours)
	if err != nil {
		return nil, err
	}
	leaf := &valisev1.LeafProof{
		Number: p.item.GetNumber(), Type: p.item.GetType(), Recorded: p.item.GetRecorded().AsTime().UnixNano(), Stored: stored[:],
	}
	for _, h := range path {
		leaf.Path = append(leaf.Path, h[:])
	}
	p.proof.Leaf, p.proof.Head, p.proof.HeadKey = leaf, heads[p.ours], key.Public().Proto()
	return p.proof, nil
}

// receipt is a ReceiptBatch of the addressee that covers a message of ours.
type receipt struct {
	signed  seal.Signed
	channel channel
	from    uint64 // the message's number
	digest  ident.Digest
	// mark is the number up to which the batch says that all is recorded, with the digest there; the
	// message's own where the batch names it.
	mark     uint64
	atMark   ident.Digest
	byItsOwn bool
}

// receiptOf finds the receipt by which a message was first known to have arrived: its mark is the
// nearest. nil where the record keeps none. docs/protocol.md §7.4
func (w *work) receiptOf(item *valisev1.Item) (found *receipt, err error) {
	h, err := itemHeader(item)
	if err != nil || item.GetType() != valisev1.ItemType_ITEM_TYPE_SENT {
		return nil, err
	}
	at, err := w.toldReached(item)
	if err != nil {
		return nil, err
	}
	// Facts and the receipt that told of them are one transaction, the receipt its last item.
	for n := at; at > 0 && found == nil && n < min(at+mostTogether, w.tx.Items()); n++ {
		if found, err = w.receiptAt(n, item, h); err != nil {
			return nil, err
		}
	}
	if found != nil {
		return found, nil
	}
	newest, err := w.loadNumber(tableBatchItem, Pair{Ours: h.From, Peer: h.To}.key())
	if err != nil || newest == 0 {
		return nil, err
	}
	return w.receiptAt(newest, item, h)
}

// mostTogether bounds how many items of one receipt are looked through: three facts for each message
// of a full mailbox, and what attachments add.
const mostTogether = 8192

// toldReached is the item that tells that a message of ours arrived or was refused; 0 for none.
func (w *work) toldReached(item *valisev1.Item) (at uint64, err error) {
	err = w.tx.Rows(tableThreadItems, item.GetThread(), item.GetNumber()+1, false, func(n uint64, _ []byte) (bool, error) {
		fact, err := w.tx.Item(n)
		if err != nil {
			return unlessPruned(err) == nil, unlessPruned(err)
		}
		if fact.GetType() != valisev1.ItemType_ITEM_TYPE_DELIVERY || string(fact.GetDigest()) != string(item.GetDigest()) {
			return true, nil
		}
		switch fact.GetDelivery().GetDelivery() {
		case valisev1.Delivery_DELIVERY_REACHED, valisev1.Delivery_DELIVERY_REFUSED:
			at = n
		}
		return at == 0, nil
	})
	return at, err
}

// receiptAt reads the receipt of an item, if it is one that covers the message.
func (w *work) receiptAt(n uint64, item *valisev1.Item, h seal.Header) (*receipt, error) {
	kept, err := w.tx.Item(n)
	if err != nil {
		return nil, unlessPruned(err)
	}
	if kept.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIPT_IN {
		return nil, nil
	}
	signed, from, err := parseItem(kept)
	if err != nil || from.From != h.To || from.To != h.From {
		return nil, err
	}
	batch := new(valisev1.ReceiptBatch)
	if err := unmarshalOwn(signed.Content.Payload(), batch); err != nil {
		return nil, err
	}
	r := &receipt{signed: signed, channel: channel{from: h.From, to: h.To, lane: h.Lane, epoch: h.Epoch}, from: h.Sequence}
	r.digest, _ = ident.DigestFrom(item.GetDigest())
	for _, line := range batch.GetChannels() {
		mark := line.GetMark()
		if mark.GetLane() != h.Lane || ident.Epoch(mark.GetEpoch()) != h.Epoch {
			continue
		}
		r.mark = mark.GetMark()
		r.atMark, _ = ident.DigestFrom(mark.GetDigest())
		for _, held := range line.GetHeld() {
			r.byItsOwn = r.byItsOwn || held.GetSequence() == h.Sequence && string(held.GetDigest()) == string(r.digest[:])
		}
		r.byItsOwn = r.byItsOwn || r.mark == h.Sequence && r.atMark == r.digest
		if r.byItsOwn || r.mark > h.Sequence {
			return r, nil
		}
	}
	return nil, nil
}

// receiptProof is a receipt as a reader checks it; with links where its mark stands beyond the message
// and they are asked for.
func (w *work) receiptProof(r *receipt, links bool) (*valisev1.ReceiptProof, error) {
	speaker, known := w.historicalSpeaker(r.signed.KeyID)
	if !known {
		return nil, nil
	}
	p := &valisev1.ReceiptProof{
		Header: r.signed.Content.Header, Body: r.signed.Content.Body, Signature: signatureOf(r.signed), Key: speaker.Key.Proto(),
	}
	if !links {
		return p, nil
	}
	list, err := w.linksOf(r)
	for _, l := range list {
		p.Links = append(p.Links, l.link)
	}
	return p, err
}

// link is a later message of the same channel.
type link struct {
	item   *valisev1.Item
	header seal.Header
	digest ident.Digest
	link   *valisev1.ChainLink
}

// linksFrom are the links that the proof of an item would have.
func (w *work) linksFrom(item *valisev1.Item) ([]link, error) {
	r, err := w.receiptOf(item)
	if err != nil || r == nil {
		return nil, err
	}
	return w.linksOf(r)
}

// linksOf leads from a message to the mark of its receipt; none where the batch names the message
// itself, or where the record does not hold every message between. docs/protocol.md §7.1
func (w *work) linksOf(r *receipt) (list []link, err error) {
	if r.byItsOwn || r.mark-r.from > mostLinks {
		return nil, nil
	}
	last := r.digest
	err = w.tx.Rows(tableOutNumber, r.channel.key(), r.from+1, false, func(n uint64, value []byte) (bool, error) {
		if n > r.mark || n != r.from+uint64(len(list))+1 || len(value) < 32 {
			return false, nil
		}
		l, err := w.linkAt(value[:32])
		if err != nil || l == nil || l.header.Previous != last {
			return false, err
		}
		list, last = append(list, *l), l.digest
		return true, nil
	})
	if err != nil || uint64(len(list)) != r.mark-r.from || last != r.atMark {
		return nil, err
	}
	return list, nil
}

// linkAt reads the message of a digest; nil where the record does not hold it as it was numbered.
func (w *work) linkAt(digest []byte) (*link, error) {
	p, found, err := w.placeAt(tableDigest, digest)
	if err != nil || !found {
		return nil, err
	}
	item, err := w.tx.Item(p.item)
	if err != nil {
		return nil, unlessPruned(err)
	}
	signed, h, err := parseItem(item)
	if err != nil || signed.Content.Digest() != ident.Digest(digest) {
		return nil, err
	}
	return &link{item: item, header: h, digest: ident.Digest(digest), link: &valisev1.ChainLink{
		Header: signed.Content.Header, BodyHash: bodyHash(signed.Content),
	}}, nil
}
