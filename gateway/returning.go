package gateway

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// maxReturned is the longest Signed that a Return can hold. docs/protocol.md §7.6
const maxReturned = 256_000

// livesChanged does what the first message of an epoch asks for, or the first that is here.
func (w *work) livesChanged(in incoming, p Pair, before, all lives) error {
	h := in.opened.Header
	if h.Sequence == 1 {
		return w.readOpening(in, before, all)
	}
	if before.at(h.Epoch) >= 0 {
		return nil
	}
	list, err := w.forgottenSince(p, h.Lane, before, all)
	if err != nil {
		return err
	}
	return w.owe(p, h.Lane, list)
}

// readOpening does what the first message of a peer's epoch asks for: what the peer has forgotten
// is given back, what it has not got is sent again, and what is missing and can no longer come is
// closed. It is consumed once, so that an epoch asks once. docs/protocol.md §7.6
func (w *work) readOpening(in incoming, before, all lives) error {
	h := in.opened.Header
	p := Pair{Ours: h.To, Peer: h.From}
	back, err := w.forgottenBy(p, h, all)
	if err != nil {
		return err
	}
	more, err := w.forgottenSince(p, h.Lane, before, all)
	if err != nil {
		return err
	}
	again, err := w.lackedBy(p, h.Epoch, h.Opening)
	if err != nil {
		return err
	}
	// No receipt may come before something leaves: what is in the window now must not wait for one.
	for _, lane := range []uint32{laneMessages, laneParts} {
		if err := w.grantAll(p, lane); err != nil {
			return err
		}
	}
	if err := w.tellOpening(h, len(back) > 0); err != nil {
		return err
	}
	return w.owe(p, h.Lane, append(append(back, more...), again...))
}

// owe writes down what a peer's openings ask for. docs/protocol.md §7.6
func (w *work) owe(p Pair, lane uint32, list []*valisev1.Duty) error {
	if len(list) == 0 {
		return nil
	}
	notBefore, err := w.openingAllowed(p, lane)
	if err != nil {
		return err
	}
	for _, d := range list {
		d.NotBefore = notBefore
		if err := w.addDuty(p, d); err != nil {
			return err
		}
	}
	return nil
}

// tellOpening lets our officers know that the peer's record went back, once for each epoch.
func (w *work) tellOpening(h seal.Header, forgot bool) error {
	if h.Lane != laneMessages || h.Opening.GetPreviousEpoch() == 0 && !forgot {
		return nil
	}
	return w.noteOf(h.From, valisev1.Reason_REASON_UNSPECIFIED,
		"this peer was restored from a backup, or its record had gone back: what it has forgotten of its own is given back, and what it has not got of ours is sent again")
}

// openingAllowed bounds what a peer can ask for by beginning epoch after epoch. P7
func (w *work) openingAllowed(p Pair, lane uint32) (notBefore *timestamppb.Timestamp, err error) {
	all := new(valisev1.PeerLives)
	if _, err := w.load(tableInLives, livesKey(p, lane), all); err != nil {
		return nil, err
	}
	at := w.now
	if n := len(all.GetOpenings()); n == openingsADay {
		next := all.GetOpenings()[0].AsTime().Add(24 * time.Hour)
		all.Openings = all.Openings[1:]
		// Nothing waits for longer than a day, were it asked for by a clock that has gone back since.
		if latest := w.now.Add(longestPutOff); next.After(latest) {
			next = latest
		}
		if next.After(w.now) {
			at, notBefore = next, timestamppb.New(next)
		}
	}
	all.Openings = append(all.Openings, timestamppb.New(at))
	return notBefore, w.save(tableInLives, livesKey(p, lane), all)
}

// forgottenBy lists what the opener has no trace of: of the epoch that it names what lies above
// its last number, and whatever it said in an epoch after that one. The gaps among that are
// closed. A twin of the opener's epoch is given back whichever of the two is the older: what a
// peer has already it leaves. docs/protocol.md §7.6
func (w *work) forgottenBy(p Pair, h seal.Header, all lives) (out []*valisev1.Duty, err error) {
	var over []ident.Epoch
	me := all.find(h.Epoch)
	for at, life := range all {
		x := ident.Epoch(life.GetEpoch())
		known, speaks := all.says(me, x)
		if at < all.at(h.Epoch) {
			over = append(over, x)
		}
		if !speaks && !all.twins(x, h.Epoch) {
			continue
		}
		c := channel{from: p.Peer, to: p.Ours, lane: h.Lane, epoch: x}
		list, err := w.forgottenIn(c, h.Opening, known, all)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, w.batchesOver(p, over, h.Created)
}

// forgottenSince lists what a message has shown to be forgotten beside what its own opening says: an
// opening that came before it names an epoch of which nothing had been heard. docs/protocol.md §7.6
func (w *work) forgottenSince(p Pair, lane uint32, before, all lives) (out []*valisev1.Duty, err error) {
	for _, life := range before {
		x := ident.Epoch(life.GetEpoch())
		was, spoken := before.end(x)
		known, speaks := all.end(x)
		if !speaks || spoken && was <= known {
			continue
		}
		c := channel{from: p.Peer, to: p.Ours, lane: lane, epoch: x}
		list, err := w.forgottenIn(c, nil, known, all)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// forgottenIn lists what is to be given back of one epoch of which a number is the last that its
// sender knows, and closes the gaps in it. docs/protocol.md §7.6
func (w *work) forgottenIn(c channel, o *valisev1.EpochOpening, known uint64, all lives) ([]*valisev1.Duty, error) {
	out, err := w.voidsBelow(c, known)
	if err != nil {
		return nil, err
	}
	above, err := w.aboveNumber(c, o, known)
	if err != nil {
		return nil, err
	}
	if above != nil {
		out = append(out, above)
	}
	return out, w.closeLoss(c, all)
}

// aboveNumber is the duty to give back what is recorded above a number, and the one at it if the
// opening that names it, where it is at hand, has another there; nil where there is none.
func (w *work) aboveNumber(c channel, o *valisev1.EpochOpening, known uint64) (*valisev1.Duty, error) {
	highestHeld, _, found, err := w.firstRow(tableInNumber, c.key(), highest, true)
	if err != nil || !found {
		return nil, err
	}
	next := known + 1
	if known > 0 && o != nil {
		b, err := w.row(tableInNumber, c.key(), known)
		if err != nil {
			return nil, err
		}
		if len(b) > 32 && string(b[:32]) != string(o.GetLastDigest()) {
			next = known
		}
	}
	if next > highestHeld {
		return nil, nil
	}
	return &valisev1.Duty{
		Kind: valisev1.DutyKind_DUTY_KIND_RETURN, Lane: c.lane, Epoch: uint64(c.epoch), Next: next, Last: highestHeld,
	}, nil
}

// batchesOver: what the opener signed for in an epoch before may be what it has lost, so that no
// receipt of it that was made before the opening counts any more. docs/protocol.md §7.4, §7.6
func (w *work) batchesOver(p Pair, lives []ident.Epoch, opened time.Time) error {
	if len(lives) == 0 {
		return nil
	}
	floor, err := w.loadNumber(tableBatchFloor, p.key())
	if err != nil {
		return err
	}
	if err := w.saveNumber(tableBatchFloor, p.key(), max(floor, uint64(max(opened.UnixNano(), 0)))); err != nil {
		return err
	}
	over, err := w.epochList(tableBatchEpochs, p.key())
	if err != nil {
		return err
	}
	for _, e := range lives {
		if !slices.Contains(over, e) {
			over = append(over, e)
		}
	}
	return w.saveEpochList(tableBatchEpochs, p.key(), over[max(len(over)-knownEpochs, 0):])
}

// returnSome gives back some of what a peer has signed.
func (w *work) returnSome(p Pair, c channel, d *valisev1.Duty) (waits bool, err error) {
	room, err := w.roomForMachine(p)
	if err != nil || room == 0 {
		return true, err
	}
	type found struct{ n, item uint64 }
	var list []found
	err = w.tx.Rows(tableInNumber, c.key(), d.GetNext(), false, func(n uint64, value []byte) (bool, error) {
		got, err := parseNumbered(value)
		if err != nil || n > d.GetLast() || len(list) == min(room, numbersAtOnce) {
			return false, err
		}
		list = append(list, found{n, got.item})
		return true, nil
	})
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		d.Next = d.GetLast() + 1
		return false, nil
	}
	for _, x := range list {
		item, err := w.kept(x.item)
		if err != nil {
			return false, err
		}
		d.Next = x.n + 1
		if size := len(item.GetSigned()); size == 0 || size > maxReturned {
			continue
		}
		if err := w.giveBack(p, item.GetSigned()); err != nil {
			return false, err
		}
	}
	return false, nil
}

// roomForMachine is how many messages the node may make of its own accord now.
func (w *work) roomForMachine(p Pair) (int, error) {
	c := channel{from: p.Ours, to: p.Peer, lane: laneMessages, epoch: w.epochs.present()}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return 0, err
	}
	waiting := max(ch.GetNext(), 1) - 1 - min(ch.GetMark(), max(ch.GetNext(), 1)-1)
	return int(underWayForMachine - min(waiting, underWayForMachine)), nil
}

// contradicted gives back what a number that may not be taken does not fit: whoever sent it has
// lost that, or sends two things. docs/protocol.md §7.6
func (w *work) contradicted(c channel, a arrival, judged valisev1.Reason, near neighbours) error {
	switch {
	case judged == valisev1.Reason_REASON_EQUIVOCATION:
		return w.returnOne(c, a.sequence)
	case judged != valisev1.Reason_REASON_CHAIN:
		return nil
	case near.before != nil && near.before.digest != a.previous:
		return w.returnOne(c, a.sequence-1)
	case near.after != nil:
		return w.returnOne(c, a.sequence+1)
	}
	return nil
}

// outlived gives back what was said in the epochs that ended this one, when something in it was
// made after them: its sender was put back to before they began. docs/protocol.md §7.6
func (w *work) outlived(c channel, made time.Time, all lives) error {
	for _, later := range all {
		_, speaks := all.says(later, c.epoch)
		if !speaks || !made.After(later.GetCreated().AsTime()) {
			continue
		}
		x := c
		x.epoch = ident.Epoch(later.GetEpoch())
		last, _, found, err := w.firstRow(tableInNumber, x.key(), highest, true)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := w.returnUnasked(x, 0, 1, last); err != nil {
			return err
		}
	}
	return nil
}

// returnOne gives back one number, at most once an hour: a peer whose record went back without
// knowing it learns so, and one that sends two things under one number gains nothing.
// docs/protocol.md §7.6
func (w *work) returnOne(c channel, n uint64) error { return w.returnUnasked(c, n, n, n) }

// returnUnasked gives back a range of numbers, at most once an hour for what it is known by.
func (w *work) returnUnasked(c channel, n, first, last uint64) error {
	before, err := w.row(tableInReturned, c.key(), n)
	if err != nil {
		return err
	}
	if len(before) == 8 {
		at, _ := readNumber(before)
		if since := w.now.Unix() - int64(at); since >= 0 && since < int64(time.Hour/time.Second) {
			return nil
		}
	}
	if err := w.tx.PutRow(tableInReturned, c.key(), n, appendNumber(nil, uint64(w.now.Unix()))); err != nil {
		return err
	}
	return w.addDuty(Pair{Ours: c.to, Peer: c.from}, &valisev1.Duty{
		Kind: valisev1.DutyKind_DUTY_KIND_RETURN, Lane: c.lane, Epoch: uint64(c.epoch), Next: first, Last: last,
	})
}
