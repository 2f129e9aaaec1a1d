package seal

import (
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Created lies between these two: an honest clock, however wrong, shows no other year, and sums of
// times stay in range. docs/protocol.md §4.1
var (
	earliestCreated = time.Unix(0, 0).UTC()
	latestCreated   = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// check holds the header's fields against each other. Time and numbers are compared with nothing
// outside the header. docs/protocol.md §4.4
func (h Header) check() error {
	if h.MinorVersion > maxMinorVersion {
		return headerFault("minor version is over %d", maxMinorVersion)
	}
	for _, rule := range []func() error{
		h.checkParties, h.checkKind, h.checkOrder, h.checkThread, h.checkIdentity, h.checkOpening,
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// checkParties: two POCs of two States on one track, both at home in the realm. A-9 s2
func (h Header) checkParties() error {
	if _, err := ident.ParseRealm(string(h.Realm)); err != nil {
		return headerFault("realm is none")
	}
	for _, a := range []ident.Address{h.From, h.To} {
		if parsed, err := ident.ParseAddress(a.String()); err != nil || parsed != a {
			return headerFault("from or to is no address")
		}
		if !h.Realm.Admits(a.State) {
			return refuse(StepHeader, valisev1.Reason_REASON_WRONG_REALM, "a State takes part that is not at home in this realm")
		}
	}
	if h.From.State == h.To.State {
		return headerFault("from and to are one State")
	}
	if h.From.Track != h.To.Track && !h.From.State.IsPrincipal() && !h.To.State.IsPrincipal() {
		return refuse(StepHeader, valisev1.Reason_REASON_WRONG_TRACK, "from and to are on different tracks")
	}
	return nil
}

// checkKind: exercise kinds stay in exercises, attachment parts alone use lane 1. A Void fills a
// number on either lane. docs/protocol.md §5.1
func (h Header) checkKind() error {
	if h.Kind <= valisev1.Kind_KIND_UNSPECIFIED {
		return headerFault("kind is none")
	}
	if h.Kind >= 150 && h.Kind <= 199 && h.Realm.IsOperational() {
		return refuse(StepHeader, valisev1.Reason_REASON_WRONG_REALM, "an exercise kind in the operational realm")
	}
	if h.Lane > 1 {
		return headerFault("lane is over 1")
	}
	_, known := valisev1.NewPayload(h.Kind)
	switch {
	case !known || h.Kind == valisev1.Kind_KIND_VOID:
	case (h.Kind == valisev1.Kind_KIND_ATTACHMENT_PART) != (h.Lane == 1):
		return headerFault("kind and lane do not go together")
	}
	return nil
}

// checkOrder: a number and a predecessor, or neither. docs/protocol.md §7.1
func (h Header) checkOrder() error {
	if h.Sequence > MaxNumber {
		return headerFault("sequence is over 2^63-1")
	}
	if valisev1.IsSequenced(h.Kind) != (h.Sequence > 0) {
		return headerFault("kind and sequence do not go together")
	}
	if h.Sequence > 0 && h.Epoch == 0 {
		return headerFault("a sequence without an epoch")
	}
	if (h.Sequence > 1) == h.Previous.IsZero() {
		return headerFault("sequence and previous do not go together")
	}
	if h.DirectoryNumber > MaxNumber {
		return headerFault("directory number is over 2^63-1")
	}
	if (h.DirectoryNumber == 0) != (h.DirectoryHash == [32]byte{}) {
		return headerFault("directory number and hash do not go together")
	}
	return nil
}

// checkThread: what passes between officers stands in a thread; communication checks, shares and
// machine-made kinds may stand alone; what has no number stands in none. docs/protocol.md §5.2
func (h Header) checkThread() error {
	if h.ThreadSequence > MaxNumber {
		return headerFault("thread sequence is over 2^63-1")
	}
	if h.Thread.IsZero() && (h.ThreadSequence > 0 || !h.LastSeen.IsZero()) {
		return headerFault("thread fields without a thread")
	}
	human := valisev1.IsHuman(h.Kind)
	if human && h.Kind < valisev1.Kind_KIND_PING && h.Thread.IsZero() {
		return headerFault("kind without a thread")
	}
	if human && !h.Thread.IsZero() && h.ThreadSequence == 0 {
		return headerFault("thread without a thread sequence")
	}
	if !valisev1.IsSequenced(h.Kind) && (!h.Thread.IsZero() || !h.InReplyTo.IsZero()) {
		return headerFault("an unsequenced kind in a thread")
	}
	return nil
}

// checkIdentity: a message has an id and a time. docs/protocol.md §4.1
func (h Header) checkIdentity() error {
	if h.MessageID.IsZero() {
		return headerFault("message id is missing")
	}
	if h.Created.Before(earliestCreated) || !h.Created.Before(latestCreated) {
		return headerFault("created is before 1970 or after 9998")
	}
	return nil
}

// checkOpening: only the first message of an epoch speaks of the one before. docs/protocol.md §7.6
func (h Header) checkOpening() error {
	o := h.Opening
	if o == nil {
		return nil
	}
	if h.Sequence != 1 {
		return headerFault("opening without sequence 1")
	}
	if o.GetPreviousEpoch() == uint64(h.Epoch) {
		return headerFault("opening names its own epoch as the one before")
	}
	if o.GetLastSequence() > MaxNumber || o.GetPreviousEpoch() == 0 && o.GetLastSequence() > 0 {
		return headerFault("opening names a number of no epoch")
	}
	if err := checkMark(o.GetLastSequence(), o.GetLastDigest()); err != nil {
		return err
	}
	return checkMarks(o.GetMarks())
}

func checkMarks(marks []*valisev1.ChannelMark) error {
	type channel struct {
		lane  uint32
		epoch uint64
	}
	seen := make(map[channel]bool, len(marks))
	for _, m := range marks {
		c := channel{m.GetLane(), m.GetEpoch()}
		if c.lane > 1 || c.epoch == 0 || seen[c] || m.GetMark() > MaxNumber {
			return headerFault("opening has a mark of no channel, or two of one")
		}
		seen[c] = true
		if err := checkMark(m.GetMark(), m.GetDigest()); err != nil {
			return err
		}
	}
	return nil
}

// checkMark: a number above 0 has a digest, 0 has none.
func checkMark(number uint64, digest []byte) error {
	d, full := ident.DigestFrom(digest)
	if number == 0 && len(digest) == 0 || number > 0 && full && !d.IsZero() {
		return nil
	}
	return headerFault("opening has a number without its digest, or the reverse")
}
