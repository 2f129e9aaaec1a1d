package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// batchBlock is how many batch numbers one commit reserves, so that a receipt needs none of its
// own and a number still never comes twice. docs/protocol.md §7.4
const batchBlock = 1024

// ReceiptsDue makes a ReceiptBatch for every pair that has something to be told. It is cumulative,
// so that any later one makes up for one that was lost. A pair comes again until ReceiptLeft.
// docs/protocol.md §7.4
func (g *Gateway) ReceiptsDue(ctx context.Context) ([]Publication, error) {
	const op = "receipts"
	if g.sendingStopped() {
		return nil, nil // whichever copy goes on will get it again, and sign for it
	}
	now := g.cfg.Now()
	g.renewBusy(now)
	g.mu.Lock()
	pairs := g.receipts.take(now, g.jitter)
	generations := make([]uint64, len(pairs))
	for i, p := range pairs {
		generations[i] = g.receipts.pairs[p].generation
	}
	g.mu.Unlock()
	var out []Publication
	for i, p := range pairs {
		batch, err := g.batchFor(ctx, p)
		if err != nil {
			return out, asError(op, err, valisev1.Reason_REASON_INTERNAL)
		}
		pub, err := g.machineMessage(p, SlotReceipt, batch)
		if err != nil {
			return out, asError(op, err, valisev1.Reason_REASON_INTERNAL)
		}
		pub.generation = generations[i]
		out = append(out, pub)
	}
	return out, nil
}

// ReceiptLeft tells that a receipt is on its way: it need not leave again unless more has come.
func (g *Gateway) ReceiptLeft(p Publication) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.receipts.left(Pair{Ours: p.From, Peer: p.To}, p.generation, g.cfg.Now())
}

// batchFor says what the record holds of one peer, over all its lanes and open epochs.
func (g *Gateway) batchFor(ctx context.Context, p Pair) (*valisev1.ReceiptBatch, error) {
	number, epoch, err := g.nextBatch(ctx)
	if err != nil {
		return nil, err
	}
	b := &valisev1.ReceiptBatch{Epoch: uint64(epoch), Number: number, BusyUntil: g.busyUntil(p)}
	err = g.view(ctx, "receipts", func(w *work) error {
		b.Channels = nil
		if poc, err := w.dir.Lookup(p.Peer); err == nil {
			b.BundleNumber = poc.Bundle.GetNumber()
		}
		if err := w.eachInbound(p, func(_ channel, ch *valisev1.InboundChannel) error {
			b.Channels = append(b.Channels, &valisev1.ChannelReceipt{Mark: ch.GetMark(), Held: ch.GetHeld(), Refused: ch.GetRefused()})
			return nil
		}); err != nil {
			return err
		}
		return w.listUnreadable(p, b)
	})
	if err != nil {
		return nil, err
	}
	if id, ok := g.sealingKey(p.Ours); ok {
		b.SealingKeyId = id[:]
	}
	b.RecordCommitment, err = g.commitment(ctx, b.Epoch, b.Number)
	return b, err
}

// listUnreadable puts what could not be read into the first line: it is named by digest alone, so
// any channel of the pair does. docs/protocol.md §7.3
func (w *work) listUnreadable(p Pair, b *valisev1.ReceiptBatch) error {
	list, err := w.digests(tableInUnreadable, p.key())
	if err != nil || len(list) == 0 {
		return err
	}
	if len(b.Channels) == 0 {
		b.Channels = []*valisev1.ChannelReceipt{{Mark: &valisev1.ChannelMark{}}}
	}
	for _, d := range list {
		b.Channels[0].Unreadable = append(b.Channels[0].Unreadable, digestOf(d))
	}
	return nil
}

// nextBatch takes a batch number; only every 1,024th costs a commit.
func (g *Gateway) nextBatch(ctx context.Context) (uint64, ident.Epoch, error) {
	g.mu.Lock()
	if g.batch < g.ceiling {
		defer g.mu.Unlock()
		g.batch++
		return g.batch, g.epoch.present(), nil
	}
	g.mu.Unlock()
	var floor uint64
	err := g.update(ctx, "receipts", func(w *work) (err error) {
		if floor, err = w.loadNumber(tableMeta, metaBatch); err != nil {
			return err
		}
		return w.saveNumber(tableMeta, metaBatch, floor+batchBlock)
	})
	if err != nil {
		return 0, 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.batch, g.ceiling = floor+1, floor+batchBlock
	return g.batch, g.epoch.present(), nil
}

// commitment binds the issuer to the head of its record without showing how it grows. The nonce
// can be made again by whoever holds the home's secret, for an auditor. docs/protocol.md §9.2
func (g *Gateway) commitment(ctx context.Context, epoch, number uint64) ([]byte, error) {
	if g.cfg.Head == nil {
		return nil, nil
	}
	records, root, err := g.cfg.Head(ctx)
	if err != nil {
		return nil, err
	}
	nonce := g.commitmentNonce(epoch, number)
	b := binary.BigEndian.AppendUint64(nonce[:], records)
	sum := sha256.Sum256(append(b, root[:]...))
	return sum[:], nil
}

func (g *Gateway) commitmentNonce(epoch, number uint64) [32]byte {
	g.mu.Lock()
	secret := g.secret
	g.mu.Unlock()
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte("valise/v1/commitment\x00"))
	mac.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, epoch), number))
	return [32]byte(mac.Sum(nil))
}

// machineMessage signs a message that takes no number and is never receipted. docs/protocol.md §7.1
func (g *Gateway) machineMessage(p Pair, slot int, m proto.Message) (Publication, error) {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return Publication{}, err
	}
	var id ident.MessageID
	if err := g.fill(id[:]); err != nil {
		return Publication{}, err
	}
	w := g.newWork(nil)
	signed, err := w.sign(seal.Header{
		MinorVersion: seal.MinorVersion, Realm: g.cfg.Realm, Kind: valisev1.KindOf(m), From: p.Ours, To: p.Peer,
		Epoch: w.epochs.present(), MessageID: id, Created: w.now.UTC(),
		DirectoryNumber: w.dir.Number(), DirectoryHash: w.dir.Hash(),
	}, payload)
	if err != nil {
		return Publication{}, err
	}
	return Publication{
		MessageID: id, Digest: signed.Content.Digest(), Signed: signed.Marshal(), From: p.Ours, To: p.Peer, Slot: slot,
	}, nil
}
