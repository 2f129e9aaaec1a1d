package gateway

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// lives are the epochs of a peer as seen in one lane, in the order of its lives: each after the one
// that its opening names as the one before, and otherwise by the peer's own clock, because a relay
// may bring the messages of two epochs in any order. docs/protocol.md §7.6
type lives []*valisev1.PeerLife

func (l lives) at(e ident.Epoch) int {
	return slices.IndexFunc(l, func(x *valisev1.PeerLife) bool { return x.GetEpoch() == uint64(e) })
}

func (l lives) find(e ident.Epoch) *valisev1.PeerLife {
	if at := l.at(e); at >= 0 {
		return l[at]
	}
	return nil
}

// with notes the epoch of a message, and what its opening says where it has one: a first message
// without one says that there is none before. The lives given are not changed.
func (l lives) with(h seal.Header) lives {
	out := slices.Clone(l)
	life := &valisev1.PeerLife{Epoch: uint64(h.Epoch), Created: timestamppb.New(h.Created)}
	if at := out.at(h.Epoch); at >= 0 {
		life = proto.CloneOf(out[at])
		out = slices.Delete(out, at, at+1)
	}
	if h.Created.Before(life.GetCreated().AsTime()) {
		life.Created = timestamppb.New(h.Created)
	}
	if h.Sequence == 1 {
		life.Told, life.Previous, life.Last = true, h.Opening.GetPreviousEpoch(), h.Opening.GetLastSequence()
	}
	made := life.GetCreated().AsTime()
	at := out.firstAfter(0, made)
	// By a clock that stood still, what has no opening here is older than what the peer opened last.
	if at > 0 && !life.GetTold() && out[at-1].GetTold() && out[at-1].GetCreated().AsTime().Equal(made) {
		at--
	}
	if before := out.at(ident.Epoch(life.GetPrevious())); life.GetPrevious() != 0 && before >= at {
		at = out.firstAfter(before+1, made) // a clock that was ahead says nothing of what came after
	}
	if after := slices.IndexFunc(out, func(x *valisev1.PeerLife) bool { return x.GetTold() && x.GetPrevious() == uint64(h.Epoch) }); after >= 0 && after < at {
		at = after
	}
	out = slices.Insert(out, at, life)
	return out[max(len(out)-knownEpochs, 0):]
}

// firstAfter is the place of the first life, of those from a place on, that began after a time.
func (l lives) firstAfter(from int, made time.Time) int {
	at := slices.IndexFunc(l[from:], func(x *valisev1.PeerLife) bool { return x.GetCreated().AsTime().After(made) })
	if at < 0 {
		return len(l)
	}
	return from + at
}

// descends reports whether e came after the epoch before, as far as openings tell; where they do
// not, the order of the lives decides. 0 is before all.
func (l lives) descends(e, before ident.Epoch) bool {
	if before == 0 {
		return true
	}
	for range l {
		life := l.find(e)
		if life == nil || life.GetEpoch() == uint64(before) {
			return false
		}
		if !life.GetTold() {
			from := l.at(before)
			return from >= 0 && from < l.at(e)
		}
		if e = ident.Epoch(life.GetPrevious()); e == before {
			return true
		}
	}
	return false
}

// end is the last number of an epoch that its sender still knew when it began a later one; ok is
// false where no later one says anything of it. A number beyond it is forgotten: the sender has no
// trace of it and will never send it again. docs/protocol.md §7.6
func (l lives) end(e ident.Epoch) (known uint64, ok bool) {
	for _, later := range l {
		if n, speaks := l.says(later, e); speaks && (!ok || n < known) {
			known, ok = n, true
		}
	}
	return known, ok
}

// says is what the opening of one epoch says of another: the last number known of the one that it
// names, and nothing at all of those that came after that one and before itself, or that are none of
// those before it.
func (l lives) says(later *valisev1.PeerLife, e ident.Epoch) (known uint64, speaks bool) {
	x, before := ident.Epoch(later.GetEpoch()), ident.Epoch(later.GetPrevious())
	switch {
	case !later.GetTold() || x == e:
		return 0, false
	case before == e:
		return later.GetLast(), true
	case later.GetLast() == 0:
		return 0, l.at(x) > l.at(e) // its sender knows of no use of this channel before
	}
	return 0, l.at(x) > l.at(e) && !l.descends(x, e) && (l.descends(e, before) || l.rooted(x))
}

// rooted reports whether all lives before an epoch are known, down to the first of its home.
func (l lives) rooted(e ident.Epoch) bool {
	for range l {
		life := l.find(e)
		if !life.GetTold() {
			return false
		}
		if e = ident.Epoch(life.GetPrevious()); e == 0 {
			return true
		}
	}
	return false
}

// twins reports whether neither of two epochs came after the other: their sender went on twice
// from one that was before both.
func (l lives) twins(a, b ident.Epoch) bool {
	return a != b && l.find(a).GetTold() && l.find(b).GetTold() && !l.descends(a, b) && !l.descends(b, a)
}

// livesKey is one pair and lane.
func livesKey(p Pair, lane uint32) []byte { return append(p.key(), byte(lane)) }

func (w *work) lives(p Pair, lane uint32) (lives, error) {
	all := new(valisev1.PeerLives)
	_, err := w.load(tableInLives, livesKey(p, lane), all)
	return all.GetLives(), err
}

// noteLife lets the lives of a peer follow a message that begins an epoch here, or tells of the
// one before, and keeps the open epochs in their order. docs/protocol.md §7.6
func (w *work) noteLife(in incoming) (lives, error) {
	h, p := in.opened.Header, Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	all := new(valisev1.PeerLives)
	if _, err := w.load(tableInLives, livesKey(p, h.Lane), all); err != nil {
		return nil, err
	}
	known := lives(all.GetLives())
	if h.Sequence != 1 && known.at(h.Epoch) >= 0 {
		return known, nil
	}
	all.Lives = known.with(h)
	order := lives(all.Lives)
	if err := w.save(tableInLives, livesKey(p, h.Lane), all); err != nil {
		return nil, err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil || h.Lane != laneMessages || len(open) < 2 {
		return order, err
	}
	slices.SortStableFunc(open, func(a, b ident.Epoch) int { return cmp.Compare(order.at(a), order.at(b)) })
	return order, w.saveEpochList(tableInEpochs, p.key(), open)
}

// underWay reports whether something of an epoch may still come that its sender knows of: a
// number that is missing below one that is here, or below the last that a later opening names.
// docs/protocol.md §7.6
func (w *work) underWay(l lives, c channel) (bool, error) {
	ch := new(valisev1.InboundChannel)
	if _, err := w.load(tableInChannel, c.key(), ch); err != nil {
		return false, err
	}
	known, ended := l.end(c.epoch)
	mark := ch.GetMark().GetMark()
	if ended {
		return mark < known, nil
	}
	return len(ch.GetHeld()) > 0, nil
}

// lost reports whether what is missing on a channel will never come: its sender has forgotten it.
func (l lives) lost(ch *valisev1.InboundChannel) bool {
	known, ended := l.end(ident.Epoch(ch.GetMark().GetEpoch()))
	return ended && ch.GetMark().GetMark() >= known
}

// forgotten reports whether the sender of a number has no trace of it.
func (l lives) forgotten(e ident.Epoch, sequence uint64) bool {
	known, ended := l.end(e)
	return ended && sequence > known
}

// earlierUnderWay reports whether something of the lives before an epoch may still come: of one
// that is open here, or of one that an opening names and of which nothing has come yet.
func (w *work) earlierUnderWay(p Pair, e ident.Epoch) (bool, error) {
	all, err := w.lives(p, laneMessages)
	if err != nil {
		return false, err
	}
	me := all.find(e)
	if known, ended := all.end(e); me == nil || !me.GetTold() && (!ended || known != 0) {
		return true, nil // whether there is one before is not known yet, and may still be told
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return false, err
	}
	for _, life := range all[:all.at(e)+1] {
		before := ident.Epoch(life.GetPrevious())
		if life.GetTold() && life.GetLast() > 0 && all.at(before) < 0 {
			return true, nil
		}
		x := ident.Epoch(life.GetEpoch())
		if x == e || !slices.Contains(open, x) {
			continue
		}
		pending, err := w.underWay(all, channel{from: p.Peer, to: p.Ours, lane: laneMessages, epoch: x})
		if err != nil || pending {
			return pending, err
		}
	}
	return false, nil
}

// mayFollow reports whether a message may belong to a thread that began in an epoch before its
// own. docs/protocol.md §5.2, §7.6
func (w *work) mayFollow(in *incoming) (bool, error) {
	h, p := in.opened.Header, Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	if h.Sequence == 1 && h.Opening.GetPreviousEpoch() != 0 {
		return true, nil
	}
	all, err := w.lives(p, laneMessages)
	if err != nil {
		return false, err
	}
	me := all.find(h.Epoch)
	if me == nil {
		return h.Sequence > 1 || len(all) > 0, nil
	}
	return len(all) > 1 || h.Sequence > 1 && !me.GetTold() || me.GetPrevious() != 0, nil
}
