package sim

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/gateway"
	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// officer does everything here; who may do what is not what a run is about.
var officer = gateway.Actor{Name: "duty", Roles: []valisev1.Role{
	valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER,
}, ShownAs: "Duty Officer"}

// admin runs a node.
var admin = gateway.Actor{Name: "admin", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}, ShownAs: "Administrator"}

// ask is one act of an officer under its request id, which can be asked again: one event and one
// answer for each message that comes of it.
type ask struct {
	events []history.Event
	do     func() ([]*valisev1.Sent, error)
}

// oneMessage is an act of which one message comes.
func oneMessage(e history.Event, do func() (*valisev1.Sent, error)) ask {
	return ask{[]history.Event{e}, func() ([]*valisev1.Sent, error) {
		sent, err := do()
		return []*valisev1.Sent{sent}, err
	}}
}

// topic is a thread that some officer has begun or seen.
type topic struct {
	id          string
	from, other *home
}

// act lets an officer of a home do something.
func (s *sim) act(h *home) {
	if h.g == nil {
		return
	}
	switch {
	case len(h.asks) > 0 && s.rng.IntN(4) == 0:
		a := h.asks[0]
		h.asks = h.asks[1:]
		h.ask(a)
	case s.chance(s.f.prune):
		s.tidies(h)
	case s.notices && s.rng.IntN(3) == 0:
		s.informOrRefer(h)
	case s.chance(s.f.retract):
		s.retract(h)
	case len(s.topics) == 0 || s.rng.IntN(5) == 0:
		s.inquire(h)
	default:
		s.reply(h)
	}
}

func (s *sim) options(h *home) (*valisev1.SendOptions, history.Event) {
	s.asked++
	e := history.Event{Event: history.Invoke, Node: h.name(), Request: fmt.Sprint(h.state, "-", s.asked)}
	o := &valisev1.SendOptions{RequestId: e.Request}
	if s.chance(s.f.undo) {
		e.Held, o.UndoSeconds = true, 10
	}
	return o, e
}

func (s *sim) inquire(h *home) {
	other := s.homes[s.rng.IntN(len(s.homes))]
	if other == h {
		return
	}
	track := ident.Technical
	if s.rng.IntN(4) == 0 {
		track = ident.Diplomatic
	}
	s.inquireOf(h, other, track)
}

// inquireOf begins a thread.
func (s *sim) inquireOf(h, other *home, track ident.Track) {
	o, e := s.options(h)
	e.To = other.name()
	r := &valisev1.SendInquiryRequest{To: ident.Address{State: other.state, Track: track}.String(), Options: o, Inquiry: &valisev1.Inquiry{
		Preamble: &valisev1.Preamble{OwnReference: e.Request}, Title: "simulated", Narrative: "Something was seen.",
		Originator: &valisev1.Person{Name: "A. Officer", Phone: "+99900000001"},
	}}
	sizes := s.drawFiles()
	h.ask(oneMessage(e, func() (sent *valisev1.Sent, err error) {
		if r.Inquiry.Attachments, err = h.bring(e.Request, sizes); err != nil {
			return nil, err
		}
		return h.g.Inquire(context.Background(), officer, r)
	}))
}

// kinds that officers write in a thread; all but these need more than their own words.
var kinds = []valisev1.Kind{
	valisev1.Kind_KIND_ACKNOWLEDGEMENT, valisev1.Kind_KIND_HOLDING_REPLY, valisev1.Kind_KIND_RESPONSE, valisev1.Kind_KIND_AGENCY_NOMINATION,
	valisev1.Kind_KIND_CLARIFICATION_REQUEST, valisev1.Kind_KIND_SUPPLEMENT, valisev1.Kind_KIND_SUPPLEMENT, valisev1.Kind_KIND_CLOSURE, valisev1.Kind_KIND_REOPEN,
}

func (s *sim) reply(h *home) {
	t := s.topics[s.rng.IntN(len(s.topics))]
	if t.from != h && t.other != h {
		return
	}
	m, ok := valisev1.NewPayload(kinds[s.rng.IntN(len(kinds))])
	if !ok {
		return
	}
	o, e := s.options(h)
	e.Thread, e.To = t.id, t.from.name()
	if t.from == h {
		e.To = t.other.name()
	}
	switch m := m.(type) {
	case *valisev1.Response:
		m.Outcome = valisev1.Outcome_OUTCOME_PARTIAL
	case *valisev1.AgencyNomination:
		m.Agency = &valisev1.Agency{Name: "CERT Birch"}
	}
	setReference(m, e.Request)
	r := &valisev1.ReplyRequest{Thread: t.id, Payload: payloadOf(m), Options: o}
	h.ask(oneMessage(e, func() (*valisev1.Sent, error) { return h.g.Reply(context.Background(), officer, r) }))
}

func setReference(m proto.Message, reference string) {
	r := m.ProtoReflect()
	if fd := r.Descriptor().Fields().ByName("preamble"); fd != nil {
		r.Set(fd, protoreflect.ValueOfMessage((&valisev1.Preamble{OwnReference: reference}).ProtoReflect()))
	}
}

// payloadOf puts a message into the operator's oneof, whose field numbers are kind numbers.
func payloadOf(m proto.Message) *valisev1.Payload {
	p := new(valisev1.Payload)
	fd := p.ProtoReflect().Descriptor().Fields().ByNumber(protoreflect.FieldNumber(valisev1.KindOf(m)))
	p.ProtoReflect().Set(fd, protoreflect.ValueOfMessage(m.ProtoReflect()))
	return p
}

// ask does an act and writes down what its officer was told.
func (h *home) ask(a ask) {
	for _, e := range a.events {
		h.s.note(e)
	}
	sent, err := a.do()
	e := history.Event{Node: h.name()}
	if err == nil && h.s.chance(h.s.f.crash) {
		h.stop() // durable, and nobody is told. S3
		err = errStopped
	}
	var g *gateway.Error
	switch {
	case err == nil:
		e.Event = history.OK
		h.s.acknowledged++
	case errors.Is(err, errStopped), errors.As(err, &g) && g.Reason == valisev1.Reason_REASON_STORAGE_UNKNOWN:
		e.Event, e.Detail = history.Unknown, "storage"
		if !h.s.chance(h.s.f.forget) {
			h.asks = append(h.asks, a)
		}
	case errors.As(err, &g) && h.s.loaded && (g.Reason == valisev1.Reason_REASON_DISK_FULL || g.Reason == valisev1.Reason_REASON_BAD_ATTACHMENT):
		e.Event, e.Detail = history.Fail, g.Reason.String() // no room, or too much that was brought lies there
		h.s.noRoom++
	case errors.As(err, &g) && (g.Reason == valisev1.Reason_REASON_NOT_IN_THIS_STATE || g.Reason == valisev1.Reason_REASON_NOT_FOUND):
		e.Event, e.Detail = history.Fail, g.Reason.String()
	default:
		e.Event = history.Fail
		h.s.fault("an act of %s: %v", h.state, err)
	}
	for i, asked := range a.events {
		e.Request = asked.Request
		if err == nil {
			e.Message, e.Thread = sent[i].GetMessage(), sent[i].GetThread()
			h.s.topic(h, asked, sent[i])
		}
		h.s.note(e)
	}
	h.dies()
}

// topic remembers a thread that an inquiry or a notice has begun.
func (s *sim) topic(h *home, asked history.Event, sent *valisev1.Sent) {
	if asked.Thread != "" || s.begun[sent.GetThread()] {
		return
	}
	s.begun[sent.GetThread()] = true
	for _, other := range s.homes {
		if other.name() == asked.To {
			s.topics = append(s.topics, topic{id: sent.GetThread(), from: h, other: other})
		}
	}
}

// retract takes back something that still waits.
func (s *sim) retract(h *home) {
	rows, err := h.g.Outbox(context.Background())
	if err != nil || len(rows) == 0 {
		return
	}
	s.asked++
	row := rows[s.rng.IntN(len(rows))]
	r := &valisev1.RetractMessageRequest{Message: row.GetMessage(), RequestId: fmt.Sprint("r-", s.asked)}
	e := history.Event{Event: history.Invoke, Node: h.name(), Request: r.RequestId, Held: true}
	if to, err := ident.ParseAddress(row.GetTo()); err == nil {
		e.To = to.State.String()
	}
	h.ask(oneMessage(e, func() (*valisev1.Sent, error) {
		out, err := h.g.Retract(context.Background(), officer, r)
		return out.GetSent(), err
	}))
}
