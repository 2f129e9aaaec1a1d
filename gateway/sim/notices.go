package sim

import (
	"bytes"
	"context"
	"slices"

	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// informOrRefer is what officers do beside the two procedures. A-9 s2, A-9b s3
func (s *sim) informOrRefer(h *home) {
	switch n := s.rng.IntN(4); {
	case n < 2 || len(s.topics) == 0:
		s.inform(h)
	case n == 2:
		s.refer(h)
	default:
		s.takeUp(h)
	}
}

// begins reports whether a kind begins a thread. docs/protocol.md §5.2
func begins(k valisev1.Kind) bool {
	return k == valisev1.Kind_KIND_INQUIRY || k == valisev1.Kind_KIND_VOLUNTARY_NOTICE
}

// toEach names what of one request goes to one State.
func toEach(request string, to ident.State) string {
	if request == "" {
		return ""
	}
	return request + "/" + to.String()
}

// inform writes one notice to all other homes, or to some.
func (s *sim) inform(h *home) {
	o, asked := s.options(h)
	r := &valisev1.SendNoticeRequest{Options: o, Notice: &valisev1.VoluntaryNotice{
		Preamble: &valisev1.Preamble{OwnReference: asked.Request}, Title: "simulated", Narrative: "Something was found.",
		Originator: &valisev1.Person{Name: "A. Officer", Phone: "+99900000001"},
	}}
	track := ident.Technical
	if s.rng.IntN(4) == 0 {
		track = ident.Diplomatic
	}
	var events []history.Event
	for _, other := range s.homes {
		if other == h || s.rng.IntN(4) == 0 {
			continue
		}
		e := asked
		e.To, e.Request = other.name(), toEach(asked.Request, other.state)
		events = append(events, e)
		r.To = append(r.To, ident.Address{State: other.state, Track: track}.String())
	}
	sizes := s.drawFiles()
	if len(events) == 0 {
		return
	}
	h.ask(ask{events, func() (sent []*valisev1.Sent, err error) {
		if r.Notice.Attachments, err = h.bring(asked.Request, sizes); err != nil {
			return nil, err
		}
		out, err := h.g.SendNotice(context.Background(), officer, r)
		return out.GetSent(), err
	}})
}

// inTopic draws a thread that a home has, with the other one and with its track.
func (s *sim) inTopic(h *home) (t topic, other *home, track ident.Track, ok bool) {
	t = s.topics[s.rng.IntN(len(s.topics))]
	if t.from != h && t.other != h {
		return t, nil, 0, false
	}
	if other = t.from; other == h {
		other = t.other
	}
	view, err := h.g.Thread(ctx, officer, &valisev1.GetThreadRequest{Thread: t.id})
	if err != nil {
		return t, nil, 0, false
	}
	ours, err := ident.ParseAddress(view.GetThread().GetOurs())
	return t, other, ours.Track, err == nil
}

func otherTrack(track ident.Track) ident.Track {
	if track == ident.Technical {
		return ident.Diplomatic
	}
	return ident.Technical
}

// refer points to the other track of one of the two States, or to an agency.
func (s *sim) refer(h *home) {
	t, other, track, ok := s.inTopic(h)
	if !ok {
		return
	}
	o, e := s.options(h)
	e.Thread, e.To = t.id, other.name()
	m := &valisev1.Referral{Preamble: &valisev1.Preamble{OwnReference: e.Request}}
	switch s.rng.IntN(3) {
	case 0:
		m.To = ident.Address{State: h.state, Track: otherTrack(track)}.String()
	case 1:
		m.To = ident.Address{State: other.state, Track: otherTrack(track)}.String()
	default:
		m.Agency = &valisev1.Agency{Name: "CERT Birch"}
	}
	r := &valisev1.ReplyRequest{Thread: t.id, Payload: payloadOf(m), Options: o}
	h.ask(oneMessage(e, func() (*valisev1.Sent, error) { return h.g.Reply(context.Background(), officer, r) }))
}

// takeUp begins the thread in which a matter goes on, if it was referred.
func (s *sim) takeUp(h *home) {
	t, other, track, ok := s.inTopic(h)
	if !ok {
		return
	}
	o, e := s.options(h)
	e.To = other.name()
	r := &valisev1.SendInquiryRequest{
		To: ident.Address{State: other.state, Track: otherTrack(track)}.String(), Options: o, Follows: t.id, Inquiry: &valisev1.Inquiry{
			Preamble: &valisev1.Preamble{OwnReference: e.Request}, Title: "taken up",
			Originator: &valisev1.Person{Name: "A. Officer", Phone: "+99900000001"},
		},
	}
	h.ask(oneMessage(e, func() (*valisev1.Sent, error) { return h.g.Inquire(context.Background(), officer, r) }))
}

// names looks for whole addresses: two letters come about by chance in a signature.
func names(third *home, signed []byte) bool {
	return slices.ContainsFunc(third.addresses(), func(a ident.Address) bool { return bytes.Contains(signed, []byte(a.String())) })
}

// discreet: nothing that a home has got names a State that is neither its own nor the sender's. A-11 s2
func (s *sim) discreet(h *home) {
	if !s.notices {
		return
	}
	h.disk.items = 0
	for _, it := range h.disk.since() {
		if it.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED {
			continue
		}
		t := s.told[ident.Digest(it.GetDigest()).String()]
		for _, third := range s.homes {
			if name := third.state.String(); name != t.from && name != t.to && names(third, it.GetSigned()) {
				s.fault("item %d of %s names %s", it.GetNumber(), h.state, name)
			}
		}
	}
}
