package node

import (
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// What the label "result" of valise_messages_total may say.
const (
	resultReleased    = "released"    // signed, numbered and waiting to leave
	resultLeft        = "left"        // the relay took it
	resultReached     = "reached"     // the peer's node signed for it
	resultRefused     = "refused"     // consumed and refused, by the peer or by us
	resultAccepted    = "accepted"    // of a peer, recorded
	resultQuarantined = "quarantined" // could not be attributed or verified
)

// metrics are what monitors read. No label names a State, a person or a thread: which of them write
// to each other, and how often, stays in the record. docs/protocol.md §12.3
type metrics struct {
	registry *prometheus.Registry
	messages *prometheus.CounterVec
	rejected *prometheus.CounterVec
	clocks   clocks
	verified atomic.Pointer[valisev1.Verification] // nil: nobody has looked at the whole record yet
}

// newMetrics makes the registry of one node. It is never the one that a whole process shares: a lab
// runs many nodes in one.
func newMetrics(n *Node, version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "valise_messages_total", Help: "Messages since the start, by direction and what became of them.",
		}, []string{"direction", "result"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "valise_rejected_total", Help: "Mail of peers that was refused or put in quarantine since the start, by reason.",
		}, []string{"reason"}),
	}
	for _, result := range []string{resultReleased, resultLeft, resultReached, resultRefused} {
		m.messages.WithLabelValues("sent", result)
	}
	for _, result := range []string{resultAccepted, resultRefused, resultQuarantined} {
		m.messages.WithLabelValues("received", result)
	}
	m.rejected.WithLabelValues(labelOf(valisev1.Reason_REASON_QUOTA))
	m.registry.MustRegister(m.messages, m.rejected, newGauges(n, version),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// labelOf is a reason of the closed list as a label: bad_signature.
func labelOf(r valisev1.Reason) string { return strings.ToLower(shortReason(r)) }

func shortReason(r valisev1.Reason) string { return strings.TrimPrefix(r.String(), "REASON_") }

// count adds the items of a transaction that is durable.
func (m *metrics) count(items []*valisev1.Item) {
	for _, item := range items {
		m.countOne(item)
	}
}

func (m *metrics) countOne(item *valisev1.Item) {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT:
		m.message("sent", resultReleased, item.GetKind())
	case valisev1.ItemType_ITEM_TYPE_RECEIVED:
		m.message("received", resultAccepted, item.GetKind())
	case valisev1.ItemType_ITEM_TYPE_REFUSED:
		m.messages.WithLabelValues("received", resultRefused).Inc()
		m.rejected.WithLabelValues(labelOf(item.GetReason())).Inc()
	case valisev1.ItemType_ITEM_TYPE_QUARANTINED:
		m.messages.WithLabelValues("received", resultQuarantined).Inc()
		m.rejected.WithLabelValues(labelOf(item.GetReason())).Inc()
	case valisev1.ItemType_ITEM_TYPE_DELIVERY:
		switch item.GetDelivery().GetDelivery() {
		case valisev1.Delivery_DELIVERY_LEFT:
			m.message("sent", resultLeft, item.GetKind())
		case valisev1.Delivery_DELIVERY_REACHED:
			m.message("sent", resultReached, item.GetKind())
		case valisev1.Delivery_DELIVERY_REFUSED:
			m.message("sent", resultRefused, item.GetKind())
		}
	}
}

// message counts what people say; receipts, Voids and parts of attachments are the machines' own.
// docs/protocol.md §5.1
func (m *metrics) message(direction, result string, kind valisev1.Kind) {
	if kind < valisev1.Kind_KIND_RECEIPT_BATCH {
		m.messages.WithLabelValues(direction, result).Inc()
	}
}

// dropped counts mail over a quota, which is not opened. P7
func (m *metrics) dropped() { m.rejected.WithLabelValues(labelOf(valisev1.Reason_REASON_QUOTA)).Inc() }

// notKept counts mail that was refused and left no item: more came in an hour than is kept. P7
func (m *metrics) notKept(r valisev1.Reason) {
	m.messages.WithLabelValues("received", resultQuarantined).Inc()
	m.reject(r)
}

// reject counts what machines write to each other and is refused.
func (m *metrics) reject(r valisev1.Reason) { m.rejected.WithLabelValues(labelOf(r)).Inc() }

// tallied is a transaction that remembers what it appends.
type tallied struct {
	store.Tx
	items *[]*valisev1.Item
}

var _ gateway.Tx = tallied{}

// Append is store.Append.
func (t tallied) Append(item *valisev1.Item) (uint64, error) {
	*t.items = append(*t.items, item)
	return t.Tx.Append(item)
}

// AppendSigned is store.AppendSigned.
func (t tallied) AppendSigned(item *valisev1.Item, size int, sign func() ([]byte, error)) (uint64, error) {
	*t.items = append(*t.items, item)
	return t.Tx.AppendSigned(item, size, sign)
}
