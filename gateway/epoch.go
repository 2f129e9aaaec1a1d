package gateway

import (
	"context"
	"encoding/binary"
	"slices"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// openEpochs is how many epochs of a peer may be open to us at once. docs/protocol.md §7.6
const openEpochs = 4

// knownEpochs is how many lives of this home are remembered.
const knownEpochs = 64

// epochs are the lives of this home, newest first: the present one, and those before, which take
// no new numbers but whose waiting messages are still sent unchanged. docs/protocol.md §7.6
type epochs []ident.Epoch

func (e epochs) present() ident.Epoch { return e.at(0) }

// previous is the epoch before the present one, 0 for the first of a home.
func (e epochs) previous() ident.Epoch { return e.at(1) }

func (e epochs) at(n int) ident.Epoch {
	if n >= len(e) {
		return 0
	}
	return e[n]
}

var (
	metaEpoch  = []byte("epoch")
	metaSecret = []byte("secret")
	metaBatch  = []byte("batch")
)

// BeginEpoch ends the present epoch and begins a new one: at a restore, and when a rollback of
// ours is proven. What waits in the old epoch stays in the outbox. docs/protocol.md §7.6
func (g *Gateway) BeginEpoch(ctx context.Context) error {
	return g.newEpoch(ctx, "begin epoch")
}

func (g *Gateway) newEpoch(ctx context.Context, op string) error {
	var random [40]byte
	if err := g.fill(random[:]); err != nil {
		return asError(op, err, valisev1.Reason_REASON_INTERNAL)
	}
	// Zero means "none" on the wire.
	fresh := ident.Epoch(max(binary.BigEndian.Uint64(random[:8]), 1))
	var e epochs
	var secret [32]byte
	err := g.update(ctx, op, func(w *work) (err error) {
		if e, secret, err = w.readEpoch(); err != nil {
			return err
		}
		e = append(epochs{fresh}, e[:min(len(e), knownEpochs-1)]...)
		if secret == [32]byte{} {
			secret = [32]byte(random[8:])
		}
		if err := w.saveEpochList(tableMeta, metaEpoch, e); err != nil {
			return err
		}
		return w.tx.Put(tableMeta, metaSecret, secret[:])
	})
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.epoch, g.secret = e, secret
	return nil
}

// loadEpoch finds the present epoch, or begins the first one of a new home.
func (g *Gateway) loadEpoch(ctx context.Context) error {
	var e epochs
	var secret [32]byte
	err := g.view(ctx, "start", func(w *work) (err error) {
		e, secret, err = w.readEpoch()
		return err
	})
	if err != nil {
		return err
	}
	if e.present() == 0 {
		return g.newEpoch(ctx, "start")
	}
	g.epoch, g.secret = e, secret
	return nil
}

func (w *work) readEpoch() (e epochs, secret [32]byte, err error) {
	list, err := w.epochList(tableMeta, metaEpoch)
	if err != nil {
		return nil, secret, err
	}
	e = list
	b, err := w.tx.Get(tableMeta, metaSecret)
	copy(secret[:], b)
	return e, secret, err
}

// opening is what the first message of an epoch tells: the last we know of the epoch before and
// what we have received, so that the peer finds what a restored home has forgotten.
// docs/protocol.md §7.6
func (w *work) opening(c channel) (*valisev1.EpochOpening, error) {
	o := &valisev1.EpochOpening{PreviousEpoch: uint64(w.epochs.previous())}
	if w.epochs.previous() != 0 {
		last := c
		last.epoch = w.epochs.previous()
		ch := new(valisev1.OutboundChannel)
		if found, err := w.load(tableOutChannel, last.key(), ch); err != nil {
			return nil, err
		} else if found {
			o.LastSequence, o.LastDigest = ch.GetNext()-1, ch.GetPrevious()
		}
	}
	p := Pair{Ours: c.from, Peer: c.to}
	return o, w.eachInbound(p, func(_ channel, ch *valisev1.InboundChannel) error {
		if len(o.Marks) < 8 {
			o.Marks = append(o.Marks, ch.GetMark())
		}
		return nil
	})
}

// eachInbound visits the open inbound channels of a pair, oldest epoch first, lane 0 before 1.
func (w *work) eachInbound(p Pair, visit func(channel, *valisev1.InboundChannel) error) error {
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return err
	}
	for _, e := range open {
		for _, lane := range []uint32{laneMessages, laneParts} {
			c := channel{from: p.Peer, to: p.Ours, lane: lane, epoch: e}
			ch := new(valisev1.InboundChannel)
			found, err := w.load(tableInChannel, c.key(), ch)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			if err := visit(c, ch); err != nil {
				return err
			}
		}
	}
	return nil
}

// openInbound finds the channel on which a message came. Where the message opens an epoch, opens
// lists the epochs that are open once it is consumed. A fifth epoch closes the oldest one, unless
// something is still missing there; a closed epoch takes nothing more. docs/protocol.md §7.6
func (w *work) openInbound(c channel) (ch *valisev1.InboundChannel, opens []ident.Epoch, reason valisev1.Reason, err error) {
	p := Pair{Ours: c.to, Peer: c.from}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return nil, nil, 0, err
	}
	ch = new(valisev1.InboundChannel)
	found, err := w.load(tableInChannel, c.key(), ch)
	if err != nil {
		return nil, nil, 0, err
	}
	if !found {
		ch.Mark = &valisev1.ChannelMark{Lane: c.lane, Epoch: uint64(c.epoch)}
	}
	switch {
	case slices.Contains(open, c.epoch):
		return ch, nil, valisev1.Reason_REASON_UNSPECIFIED, nil
	case found:
		return ch, nil, valisev1.Reason_REASON_EPOCH, nil
	case len(open) < openEpochs:
		return ch, append(open, c.epoch), valisev1.Reason_REASON_UNSPECIFIED, nil
	}
	whole, err := w.epochIsWhole(p, open[0])
	if err != nil || !whole {
		return ch, nil, valisev1.Reason_REASON_EPOCH, err
	}
	return ch, append(open[1:], c.epoch), valisev1.Reason_REASON_UNSPECIFIED, nil
}

func (w *work) epochIsWhole(p Pair, e ident.Epoch) (bool, error) {
	for _, lane := range []uint32{laneMessages, laneParts} {
		ch := new(valisev1.InboundChannel)
		c := channel{from: p.Peer, to: p.Ours, lane: lane, epoch: e}
		if _, err := w.load(tableInChannel, c.key(), ch); err != nil {
			return false, err
		}
		if len(ch.GetHeld()) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// pairKnown gives a pair its place in the list of pairs, once.
func (w *work) pairKnown(p Pair) error {
	b, err := w.tx.Get(tablePair, p.key())
	if err != nil || b != nil {
		return err
	}
	last, _, found, err := w.firstRow(tablePairs, nil, highest, true)
	if err != nil {
		return err
	}
	n := uint64(0)
	if found {
		n = last + 1
	}
	if err := w.tx.PutRow(tablePairs, nil, n, p.key()); err != nil {
		return err
	}
	return w.saveNumber(tablePair, p.key(), n)
}

// eachPair visits every pair that ever spoke.
func (w *work) eachPair(visit func(Pair) error) error {
	return w.tx.Rows(tablePairs, nil, 0, false, func(_ uint64, value []byte) (bool, error) {
		p, ok := parsePair(value)
		if !ok {
			return false, damaged("a pair cannot be read")
		}
		return true, visit(p)
	})
}
