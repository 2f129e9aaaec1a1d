package sim

import (
	"google.golang.org/protobuf/proto"

	"valise.example/gateway"
	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// told is what a run knows of one message, whoever holds it.
type told struct {
	message, request, from, to, epoch string
	sequence                          uint64
	kind                              valisev1.Kind
}

// inbound is what a home's record holds of its peers, by channel and number.
type inbound struct {
	numbers map[seat]place
	told    map[seat]uint64 // by channel (number 0): the mark of the last receipt
}

// seat is a number of a channel.
type seat struct {
	from, to ident.Address
	lane     uint32
	epoch    ident.Epoch
	number   uint64
}

// place is which digest sits there, and in which item.
type place struct {
	digest string
	item   uint64
}

func newInbound() *inbound { return &inbound{numbers: map[seat]place{}, told: map[seat]uint64{}} }

// note adds an event to the history and to the trace.
func (s *sim) note(e history.Event) {
	s.traceEvent(&e)
	if e.Event == "" {
		return // of the trace only
	}
	e.At = s.now
	s.history = append(s.history, e)
}

// committed writes down what has just become durable.
func (h *home) committed() {
	defer h.removed()
	for _, it := range h.disk.since() {
		switch it.GetType() {
		case valisev1.ItemType_ITEM_TYPE_SENT:
			h.recorded(it, history.Sent)
		case valisev1.ItemType_ITEM_TYPE_RECEIVED:
			h.recorded(it, history.Received)
		case valisev1.ItemType_ITEM_TYPE_REFUSED:
			h.recorded(it, history.Refused)
			h.s.refusals++
			h.s.suspicion(h, it)
		case valisev1.ItemType_ITEM_TYPE_QUARANTINED:
			h.s.suspicion(h, it)
		case valisev1.ItemType_ITEM_TYPE_DELIVERY:
			h.delivered(it)
		case valisev1.ItemType_ITEM_TYPE_DRAFT:
			if id, ok := ident.MessageIDFrom(it.GetEvidence()); ok && it.GetDraftAct() == valisev1.DraftAct_DRAFT_ACT_WITHDRAWN {
				h.s.note(history.Event{Event: history.Withdrawn, Node: h.name(), Message: id.String()})
			}
		}
	}
}

func (h *home) recorded(it *valisev1.Item, direction string) {
	signed, err := seal.ParseSigned(it.GetSigned())
	if err != nil {
		h.s.fault("item %d of %s cannot be read: %v", it.GetNumber(), h.state, err)
		return
	}
	head, err := seal.ParseHeader(signed.Content.Header)
	if err != nil {
		h.s.fault("item %d of %s cannot be read: %v", it.GetNumber(), h.state, err)
		return
	}
	d := ident.Digest(it.GetDigest()).String()
	t := h.s.told[d]
	if t == nil {
		t = &told{
			message: head.MessageID.String(), request: requestOf(head.Kind, head.To.State, signed.Content.Payload()), from: head.From.State.String(), to: head.To.State.String(),
			epoch: head.Epoch.String(), sequence: head.ThreadSequence, kind: head.Kind,
		}
		h.s.told[d] = t
	}
	h.s.note(history.Event{
		Event: history.Recorded, Node: h.name(), Direction: direction, Place: it.GetNumber(), Message: head.MessageID.String(), Digest: d, To: t.to,
		Thread: head.Thread.String(), From: t.from, Kind: int32(head.Kind), Epoch: t.epoch, Sequence: t.sequence, Request: t.request,
	})
	h.s.threadOf(h, head.Thread)
	if direction != history.Sent {
		at := seat{head.From, head.To, head.Lane, head.Epoch, head.Sequence}
		h.inbound.numbers[at] = place{d, it.GetNumber()}
	}
}

// requestOf finds the request id that officers of a run write as their own reference.
func requestOf(kind valisev1.Kind, to ident.State, payload []byte) string {
	m, known := valisev1.NewPayload(kind)
	if !known || kind == valisev1.Kind_KIND_RETRACTION || proto.Unmarshal(payload, m) != nil {
		return ""
	}
	p, ok := m.(interface{ GetPreamble() *valisev1.Preamble })
	if !ok {
		return ""
	}
	reference := p.GetPreamble().GetOwnReference()
	if kind == valisev1.Kind_KIND_VOLUNTARY_NOTICE {
		return toEach(reference, to)
	}
	return reference
}

// delivered: a message of ours counts as received.
func (h *home) delivered(it *valisev1.Item) {
	fact := it.GetDelivery().GetDelivery()
	d := ident.Digest(it.GetDigest()).String()
	t := h.s.told[d]
	if t != nil && fact == valisev1.Delivery_DELIVERY_WITHDRAWN {
		h.s.note(history.Event{Event: history.Withdrawn, Node: h.name(), Message: t.message})
	}
	if t == nil || fact != valisev1.Delivery_DELIVERY_REACHED && fact != valisev1.Delivery_DELIVERY_REFUSED {
		return
	}
	h.s.cleared[ident.Digest(it.GetDigest())] = true
	h.s.note(history.Event{Event: history.Cleared, Node: h.name(), To: t.to, Message: t.message, Digest: d})
}

// receipt writes down what a receipt covers when it leaves: the numbers that none before covered.
// A number that the record lacks is named as such, and no record holds that.
func (h *home) receipt(p gateway.Publication) {
	signed, err := seal.ParseSigned(p.Signed)
	batch := new(valisev1.ReceiptBatch)
	if err != nil || proto.Unmarshal(signed.Content.Payload(), batch) != nil {
		h.s.fault("%s made a receipt that cannot be read", h.state)
		return
	}
	var digests []string
	for _, line := range batch.GetChannels() {
		m := line.GetMark()
		c := seat{from: p.To, to: p.From, lane: m.GetLane(), epoch: ident.Epoch(m.GetEpoch())}
		for n := h.inbound.told[c] + 1; n <= m.GetMark(); n++ {
			digests = append(digests, h.covers(c, n))
		}
		h.inbound.told[c] = max(h.inbound.told[c], m.GetMark())
		for _, held := range line.GetHeld() {
			digests = append(digests, h.covers(c, held.GetSequence()))
		}
	}
	h.s.note(history.Event{Event: history.Receipt, Node: h.name(), To: p.To.State.String(), Digests: digests})
}

func (h *home) covers(c seat, n uint64) string {
	c.number = n
	if p, there := h.inbound.numbers[c]; there {
		return p.digest
	}
	return "number-" + c.from.String() + "-" + c.epoch.String()
}
