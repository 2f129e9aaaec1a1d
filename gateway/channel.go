package gateway

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
)

// Lanes. docs/protocol.md §7.1
const (
	laneMessages uint32 = 0
	laneParts    uint32 = 1
)

// window is how many numbers after the receiver's mark may be on their way, whatever is held
// beyond a gap. docs/protocol.md §7.2
func window(lane uint32) uint64 {
	if lane == laneParts {
		return 64
	}
	return 256
}

// arrival is what a numbered message says of its place on the channel. The digest is the one that
// the number stands for: the message's own D, or the D that a Void names. docs/protocol.md §7.3
type arrival struct {
	sequence         uint64
	digest, previous ident.Digest
}

// numbered is what the record holds at one number of a channel.
type numbered struct {
	digest, previous ident.Digest
	item             uint64
}

// neighbours are the recorded numbers just before, at and after an arrival; nil where there is
// nothing.
type neighbours struct{ before, at, after *numbered }

// judgeArrival says whether a number may be consumed: unspecified when it may, DUPLICATE when it
// was, and any other reason for quarantine, which consumes nothing. Whichever was recorded first
// stands. docs/protocol.md §7.2, §7.5
func judgeArrival(ch *valisev1.InboundChannel, a arrival, near neighbours) valisev1.Reason {
	mark := ch.GetMark().GetMark()
	switch {
	case a.sequence == 0:
		return valisev1.Reason_REASON_SEQUENCE
	case near.at != nil && near.at.digest == a.digest:
		return valisev1.Reason_REASON_DUPLICATE
	case near.at != nil:
		return valisev1.Reason_REASON_EQUIVOCATION
	case a.sequence <= mark || a.sequence-mark > window(ch.GetMark().GetLane()):
		return valisev1.Reason_REASON_SEQUENCE
	case a.sequence == 1 && !a.previous.IsZero():
		return valisev1.Reason_REASON_CHAIN
	case near.before != nil && near.before.digest != a.previous:
		return valisev1.Reason_REASON_CHAIN
	case near.after != nil && near.after.previous != a.digest:
		return valisev1.Reason_REASON_CHAIN
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

// takeArrival consumes a number that judgeArrival let pass, and moves the mark as far as it goes.
// The channel given is not changed. closed are the numbers that the mark passed over beside the
// arrival itself: they had been held beyond the gap. docs/protocol.md §7.2
func takeArrival(ch *valisev1.InboundChannel, a arrival, refused valisev1.Reason) (next *valisev1.InboundChannel, closed []uint64) {
	next = proto.CloneOf(ch)
	at, _ := slices.BinarySearchFunc(next.Held, a.sequence, func(h *valisev1.NumberedDigest, n uint64) int {
		return compare(h.GetSequence(), n)
	})
	next.Held = slices.Insert(next.Held, at, &valisev1.NumberedDigest{Sequence: a.sequence, Digest: a.digest[:]})
	if refused != valisev1.Reason_REASON_UNSPECIFIED {
		next.Refused = append(next.Refused, &valisev1.RefusedDigest{Sequence: a.sequence, Digest: a.digest[:], Reason: refused})
	}
	for len(next.Held) > 0 && next.Held[0].GetSequence() == next.Mark.GetMark()+1 {
		h := next.Held[0]
		next.Mark.Mark, next.Mark.Digest = h.GetSequence(), h.GetDigest()
		if h.GetSequence() != a.sequence {
			closed = append(closed, h.GetSequence())
		}
		next.Held = next.Held[1:]
	}
	next.Refused = lastWindow(next)
	return next, closed
}

// lastWindow keeps the refusals that a sender may still need to hear of: it never has more under
// way than one window above the mark it last heard. docs/protocol.md §7.4
func lastWindow(ch *valisev1.InboundChannel) []*valisev1.RefusedDigest {
	mark, size := ch.GetMark().GetMark(), window(ch.GetMark().GetLane())
	return slices.DeleteFunc(ch.Refused, func(r *valisev1.RefusedDigest) bool {
		return r.GetSequence()+size <= mark
	})
}

// assignNumber gives the next number of a channel to the message that stands for d after it.
// docs/protocol.md §7.1
func assignNumber(ch *valisev1.OutboundChannel) (sequence uint64, previous ident.Digest) {
	previous, _ = ident.DigestFrom(ch.GetPrevious())
	return max(ch.GetNext(), 1), previous
}

// numberUsed records that the number now stands for d, for ever. docs/protocol.md §7.1
func numberUsed(ch *valisev1.OutboundChannel, d ident.Digest) *valisev1.OutboundChannel {
	next := proto.CloneOf(ch)
	next.Next = max(ch.GetNext(), 1) + 1
	next.Previous = d[:]
	return next
}

// covered is one number that a receipt speaks for.
type covered struct {
	sequence uint64
	// refused is unspecified where the message was recorded, else why it was recorded as refused.
	refused valisev1.Reason
}

// digestAt finds what a number of ours stands for; ok is false for one never used.
type digestAt func(sequence uint64) (d ident.Digest, ok bool, err error)

// mostCovered bounds what one receipt clears; the next one, which is cumulative, goes on. P7
const mostCovered = 4096

// readReceipt checks one line of a ReceiptBatch against what we know, and lists what it covers
// that the mark before did not. What it says of a number of which we know another digest, or none,
// covers nothing there; reason says why that is evidence. The rest of it counts: the peer's node
// has signed for it, D by D. whole is false where the mark itself is none that we know.
// docs/protocol.md §7.4, §7.6
func readReceipt(ch *valisev1.OutboundChannel, line *valisev1.ChannelReceipt, ours digestAt) (list []covered, whole bool, reason valisev1.Reason, err error) {
	mark := line.GetMark()
	if mark.GetMark() > 0 {
		reason, err = matches(mark.GetMark(), mark.GetDigest(), ours)
	}
	whole = reason == valisev1.Reason_REASON_UNSPECIFIED
	add := func(n uint64, d []byte, refused valisev1.Reason) {
		if err != nil {
			return
		}
		var flaw valisev1.Reason
		if flaw, err = matches(n, d, ours); flaw == valisev1.Reason_REASON_UNSPECIFIED {
			list = append(list, covered{n, refused})
		}
		// Whoever contradicts a number of ours below the mark does not know what the mark says.
		whole = whole && (flaw == valisev1.Reason_REASON_UNSPECIFIED || n > mark.GetMark())
		reason = cmp.Or(reason, flaw)
	}
	for _, r := range line.GetRefused() {
		add(r.GetSequence(), r.GetDigest(), orUnsupported(r.GetReason()))
	}
	for _, h := range line.GetHeld() {
		add(h.GetSequence(), h.GetDigest(), valisev1.Reason_REASON_UNSPECIFIED)
	}
	if err != nil {
		return nil, false, 0, err
	}
	for n := ch.GetMark() + 1; whole && n <= min(mark.GetMark(), ch.GetMark()+mostCovered); n++ {
		list = append(list, covered{sequence: n})
	}
	for n := mark.GetMark() + 1; mutant.Is("clear-on-any-receipt") && n < ch.GetNext(); n++ {
		list = append(list, covered{sequence: n})
	}
	return list, whole, reason, nil
}

// matches compares one number and digest of a peer's with ours.
func matches(sequence uint64, digest []byte, ours digestAt) (valisev1.Reason, error) {
	want, ok, err := ours(sequence)
	if err != nil {
		return 0, err
	}
	if !ok {
		return valisev1.Reason_REASON_SEQUENCE, nil
	}
	if got, exact := ident.DigestFrom(digest); !exact || got != want {
		return valisev1.Reason_REASON_EQUIVOCATION, nil
	}
	return valisev1.Reason_REASON_UNSPECIFIED, nil
}

// orUnsupported keeps a refusal a refusal when the peer's reason is none that we know.
func orUnsupported(r valisev1.Reason) valisev1.Reason {
	if _, known := valisev1.Reason_name[int32(r)]; !known || r == valisev1.Reason_REASON_UNSPECIFIED {
		return valisev1.Reason_REASON_UNSUPPORTED
	}
	return r
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
