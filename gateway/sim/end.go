package sim

import (
	"fmt"

	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// threadOf remembers which threads a home's record has.
func (s *sim) threadOf(h *home, t ident.ThreadID) {
	key := h.name() + t.String()
	if t.IsZero() || s.known[key] {
		return
	}
	s.known[key] = true
	s.threads[h.name()] = append(s.threads[h.name()], t)
}

// endState writes down what every home has and shows in the end.
func (s *sim) endState() {
	s.note(history.Event{Event: history.Converged})
	for _, h := range s.homes {
		if h.g == nil {
			s.fault("%s is down after healing", h.state)
			continue
		}
		rows, err := h.g.Outbox(ctx)
		if err != nil {
			s.fault("%s: %v", h.state, err)
		}
		for _, r := range rows {
			s.note(history.Event{Event: history.Waiting, Node: h.name(), Message: r.GetMessage(), Detail: r.GetReason().String()})
		}
		if gaps, err := h.g.Gaps(ctx); err != nil || len(gaps) > 0 {
			s.fault("after healing %s sees gaps %v, %v", h.state, gaps, err)
		}
		for _, t := range s.threads[h.name()] {
			s.show(h, t)
		}
		s.verify(h)
		s.discreet(h)
	}
}

// show writes down a view as an officer reads it.
func (s *sim) show(h *home, t ident.ThreadID) {
	th, err := h.g.Thread(ctx, officer, &valisev1.GetThreadRequest{Thread: t.String()})
	if err != nil {
		return // of which nothing was accepted; if something was, it is missing from the history
	}
	if th.GetThread().GetGap() && !s.headless(t) {
		s.fault("after healing %s still shows a gap in a thread", h.state)
	}
	for i, m := range th.GetMessages() {
		k := s.told[m.GetDigest()]
		if k == nil || m.GetKind() >= 100 || m.GetRefused() != 0 || m.GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN {
			continue
		}
		s.shownFiles(h, m)
		s.note(history.Event{
			Event: history.Shown, Node: h.name(), Thread: t.String(), Place: uint64(i), Message: m.GetMessage(), From: k.from, Epoch: k.epoch, Sequence: k.sequence,
		})
	}
}

// headless: disks went back, and no record has the inquiry of a thread any more.
func (s *sim) headless(t ident.ThreadID) bool {
	if !s.backwards {
		return false
	}
	for _, h := range s.homes {
		h.disk.items = 0
		for _, it := range h.disk.since() {
			if begins(it.GetKind()) && string(it.GetThread()) == string(t[:]) {
				return false
			}
		}
	}
	return true
}

// verify holds every head that the record ever had in this life of the disk against its tree.
func (s *sim) verify(h *home) {
	size, root, err := h.disk.head(ctx)
	good := err == nil
	for i := range h.heads {
		at, there := h.disk.record.HeadAt(h.heads[i].size)
		good = good && there && at.Root == h.heads[i].root
	}
	s.note(history.Event{Event: history.Verified, Node: h.name(), Good: good, Size: size, Root: fmt.Sprintf("%x", root), Detail: "an earlier head is none of this tree"})
}
