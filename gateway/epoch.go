package gateway

import (
	"context"
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

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

	// metaPruneFloor is the item below which no loose one can lose its content any more.
	metaPruneFloor = []byte("prune floor")
)

// BeginEpoch ends the present epoch and begins a new one, because this home was restored from a
// backup. What waits in the old epoch stays in the outbox and is sent unchanged; every peer that
// it ever spoke with is told, and gives back what it has. The error is STORAGE_UNKNOWN or
// INTERNAL. docs/protocol.md §7.6
func (g *Gateway) BeginEpoch(ctx context.Context) error {
	return g.update(ctx, "begin epoch", func(w *work) error { return w.beginEpoch(false) })
}

// beginEpoch begins a new life of this home. proven says that our own signature has shown that
// the record had gone back. docs/protocol.md §7.6
func (w *work) beginEpoch(proven bool) error {
	var random [40]byte
	if err := w.g.fill(random[:]); err != nil {
		return err
	}
	// Zero means "none" on the wire.
	fresh := ident.Epoch(max(binary.BigEndian.Uint64(random[:8]), 1))
	e, secret, err := w.readEpoch()
	if err != nil {
		return err
	}
	if secret == [32]byte{} {
		secret = [32]byte(random[8:])
		if err := w.tx.Put(tableMeta, metaSecret, secret[:]); err != nil {
			return err
		}
	}
	if len(e) > 0 {
		err = w.noteLifeOfOurs(fresh, proven)
	} else {
		err = w.save(tableMeta, metaStanding, &valisev1.Standing{Born: timestamppb.New(w.now)})
	}
	if err != nil {
		return err
	}
	e = append(epochs{fresh}, e[:min(len(e), knownEpochs-1)]...)
	w.epochs, w.after.epochs, w.after.secret = e, e, secret
	if err := w.saveEpochList(tableMeta, metaEpoch, e); err != nil || len(e) == 1 {
		return err
	}
	w.after.unopened = nil
	return w.eachPair(func(p Pair) error {
		w.after.unopened = append(w.after.unopened, p)
		return nil
	})
}

// loadEpoch finds the present epoch, or begins the first one of a new home.
func (g *Gateway) loadEpoch(ctx context.Context) error {
	var e epochs
	var secret [32]byte
	var stopped bool
	err := g.view(ctx, "start", func(w *work) (err error) {
		if e, secret, err = w.readEpoch(); err != nil {
			return err
		}
		s, err := w.standing()
		stopped = s.GetStopped()
		return err
	})
	if err != nil {
		return err
	}
	if e.present() == 0 {
		return g.update(ctx, "start", func(w *work) error { return w.beginEpoch(false) })
	}
	g.epoch, g.secret, g.stopped = e, secret, stopped
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

// opening is what the first message of an epoch tells: the newest epoch before in which this
// channel was used and the last we know of it, and what we have received, so that the peer finds
// what a restored home has forgotten. An epoch that never was used says nothing, and two restores
// in a row must not hide what was before them. docs/protocol.md §7.6
func (w *work) opening(c channel) (*valisev1.EpochOpening, error) {
	older := w.epochs[slices.Index(w.epochs, c.epoch)+1:]
	o := &valisev1.EpochOpening{PreviousEpoch: uint64(older.present())}
	for _, e := range older {
		last := c
		last.epoch = e
		ch := new(valisev1.OutboundChannel)
		if _, err := w.load(tableOutChannel, last.key(), ch); err != nil {
			return nil, err
		}
		if ch.GetNext() > 1 {
			o.PreviousEpoch, o.LastSequence, o.LastDigest = uint64(e), ch.GetNext()-1, ch.GetPrevious()
			break
		}
	}
	p := Pair{Ours: c.from, Peer: c.to}
	return o, w.eachInbound(p, func(_ channel, ch *valisev1.InboundChannel) error {
		if len(o.Marks) < 2*openEpochs {
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

// pairKnown gives a pair its place in the list of pairs, once. An epoch that is not the first is
// opened with it: that nothing was said to it before may be what a restore has forgotten.
// docs/protocol.md §7.6
func (w *work) pairKnown(p Pair) error {
	b, err := w.tx.Get(tablePair, p.key())
	if err != nil || b != nil {
		return err
	}
	if len(w.epochs) > 1 {
		w.after.open = append(w.after.open, p)
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
