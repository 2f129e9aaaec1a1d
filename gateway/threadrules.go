package gateway

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// threadFor finds or begins the thread of a message, and refuses the message when the thread is
// not the sender's: a thread belongs to one pair of POCs and so to one track. The thread is nil
// where the message belongs to none, or to one that is not its own. docs/protocol.md §5.2, A-9 s2
func (w *work) threadFor(in *incoming) (*valisev1.Thread, error) {
	h := in.opened.Header
	if h.Thread.IsZero() {
		if valisev1.IsHuman(h.Kind) {
			w.refuseMessage(in, valisev1.Reason_REASON_THREAD)
		}
		return nil, nil
	}
	th, found, err := w.thread(h.Thread)
	if err != nil {
		return nil, err
	}
	if found && (th.GetOurs() != h.To.String() || th.GetPeer() != h.From.String()) {
		w.refuseMessage(in, valisev1.Reason_REASON_THREAD)
		return nil, nil
	}
	if reason, err := w.judgeInThread(th, found, in); err != nil {
		return nil, err
	} else if reason != valisev1.Reason_REASON_UNSPECIFIED {
		w.refuseMessage(in, reason)
	}
	if found {
		return th, nil
	}
	// A refused message still takes its place in the order of a thread that may yet begin, but a
	// thread of which nothing was accepted is not shown.
	steps := in.refused == valisev1.Reason_REASON_UNSPECIFIED && h.Kind != valisev1.Kind_KIND_VOID
	if !steps && h.ThreadSequence <= 1 {
		return nil, nil
	}
	return w.beginThread(h)
}

// answersLost reports whether a message names one of ours that this record does not have: its
// thread may be one that a restore has forgotten, and its inquiry will come back or come again.
// docs/protocol.md §7.6
func (w *work) answersLost(h seal.Header) (bool, error) {
	if h.LastSeen.IsZero() {
		return false, nil
	}
	_, found, err := w.placeAt(tableDigest, h.LastSeen[:])
	return !found, err
}

func (w *work) refuseMessage(in *incoming, reason valisev1.Reason) {
	if in.refused == valisev1.Reason_REASON_UNSPECIFIED {
		in.refused = reason
	}
}

// judgeInThread: a thread begins with an inquiry, a notice or a communication check and has one, and no thread sequence is used
// twice. A message whose predecessors are still under way, in this epoch or in one before it, is
// none of these faults. docs/protocol.md §5.2, §7.6
func (w *work) judgeInThread(th *valisev1.Thread, found bool, in *incoming) (valisev1.Reason, error) {
	h := in.opened.Header
	inquiry := opensThread(h.Kind)
	key := threadEpochKey(h.Thread, h.Epoch)
	next, err := w.nextInThread(key)
	if err != nil {
		return 0, err
	}
	waiting, err := w.row(tableThreadWaiting, key, h.ThreadSequence)
	if err != nil {
		return 0, err
	}
	switch {
	case h.ThreadSequence == 0, h.ThreadSequence < next && !in.late, waiting != nil:
		in.unplaced = true
		return valisev1.Reason_REASON_THREAD, nil
	case !found && !inquiry && h.ThreadSequence == 1 && h.Kind != valisev1.Kind_KIND_VOID:
		if later, err := w.mayFollow(in); err != nil || later {
			return valisev1.Reason_REASON_UNSPECIFIED, err
		}
		if lost, err := w.answersLost(h); err != nil || lost {
			return valisev1.Reason_REASON_UNSPECIFIED, err
		}
		return valisev1.Reason_REASON_THREAD, nil
	case found && inquiry && (th.GetOutbound() || len(th.GetInquiry()) > 0):
		return valisev1.Reason_REASON_THREAD, nil
	}
	return w.judgeCheck(th, in)
}

// opensThread reports whether a kind begins a thread; nothing else does. docs/protocol.md §5.2
func opensThread(k valisev1.Kind) bool {
	return k == valisev1.Kind_KIND_INQUIRY || k == valisev1.Kind_KIND_VOLUNTARY_NOTICE || k == valisev1.Kind_KIND_PING
}

func (w *work) beginThread(h seal.Header) (*valisev1.Thread, error) {
	t := h.Thread
	th := &valisev1.Thread{
		Id: t[:], Ours: h.To.String(), Peer: h.From.String(), State: stateReceived,
		Opened: timestamppb.New(w.now), Changed: timestamppb.New(w.now),
	}
	var err error
	if !opensThread(h.Kind) {
		if th.AwaitsInquiry, err = w.answersLost(h); err != nil {
			return nil, err
		}
	}
	return th, w.addPrefix(prefixThread, named{id: t})
}

// clockTolerance is how far two clocks may differ before a reader is told. docs/protocol.md §4.1
const clockTolerance = 2 * time.Minute

// marks are what a reader should know of a message; none of them ever refuses it.
// docs/protocol.md §8.5
func (w *work) marks(o *seal.Opened) []valisev1.Mark {
	var out []valisev1.Mark
	add := func(when bool, m valisev1.Mark) {
		if when {
			out = append(out, m)
		}
	}
	s, created := o.Speaker, o.Header.Created
	outside := !s.ValidFrom.IsZero() && created.Before(s.ValidFrom) || !s.ValidUntil.IsZero() && created.After(s.ValidUntil)
	same, decided := w.dir.SameList(o.Header.DirectoryNumber, o.Header.DirectoryHash)
	add(outside, valisev1.Mark_MARK_KEY_OUTSIDE_VALIDITY)
	add(decided && !same, valisev1.Mark_MARK_SPLIT_VIEW)
	add(o.UnknownParts, valisev1.Mark_MARK_UNKNOWN_PARTS)
	// Mail may lie for weeks, so only a time that has not come yet tells of a wrong clock.
	add(created.Sub(w.now) > clockTolerance, valisev1.Mark_MARK_CLOCK_SKEW)
	add(w.dir.Stale(w.now), valisev1.Mark_MARK_STALE_DIRECTORY)
	return out
}

// readPreamble reads the preamble of a message; nil where it has none.
func readPreamble(m proto.Message) *valisev1.Preamble {
	r := m.ProtoReflect()
	fd := r.Descriptor().Fields().ByName(protoreflect.Name("preamble"))
	if fd == nil || !r.Has(fd) {
		return nil
	}
	p, _ := r.Get(fd).Message().Interface().(*valisev1.Preamble)
	return p
}

// idOf is a thread's id.
func idOf(th *valisev1.Thread) ident.ThreadID { return ident.ThreadID(th.GetId()) }
