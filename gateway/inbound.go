package gateway

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// openInbound finds the channel on which a message came. Where the message opens an epoch, opens
// lists the epochs that are open once it is consumed. A fifth epoch closes the oldest one, unless
// something may still come there; a closed epoch takes nothing more. What the message itself says
// of the epochs before counts already, or a peer with four gaps could never tell that they are
// lost. docs/protocol.md §7.6
func (w *work) openInbound(in incoming, c channel) (ch *valisev1.InboundChannel, opens []ident.Epoch, reason valisev1.Reason, err error) {
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
	whole, err := w.epochIsWhole(in, p, open[0])
	if err != nil || !whole {
		return ch, nil, valisev1.Reason_REASON_EPOCH, err
	}
	return ch, append(open[1:], c.epoch), valisev1.Reason_REASON_UNSPECIFIED, nil
}

func (w *work) epochIsWhole(in incoming, p Pair, e ident.Epoch) (bool, error) {
	h := in.opened.Header
	for _, lane := range []uint32{laneMessages, laneParts} {
		all, err := w.lives(p, lane)
		if err != nil {
			return false, err
		}
		if lane == h.Lane {
			all = all.with(h)
		}
		pending, err := w.underWay(all, channel{from: p.Peer, to: p.Ours, lane: lane, epoch: e})
		if err != nil || pending {
			return false, err
		}
	}
	return true, nil
}
