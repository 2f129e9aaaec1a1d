package vectors_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

func field(n protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), value)
}

func varint(n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func fieldLength(t *testing.T, b []byte) int {
	t.Helper()
	_, _, n := protowire.ConsumeField(b)
	if n < 0 {
		t.Fatal("the header cannot be walked")
	}
	return n
}

const (
	wireForm        = "REASON_WIRE_FORM"
	protocolVersion = "REASON_PROTOCOL_VERSION"
)

// refusedWire: both signatures verify, and the bytes are none that an honest encoder makes.
func (m *maker) refusedWire(t *testing.T) {
	const (
		asked    = valisev1.Kind_KIND_INQUIRY
		void     = valisev1.Kind_KIND_VOID
		receipt  = valisev1.Kind_KIND_RECEIPT_BATCH
		response = valisev1.Kind_KIND_RESPONSE
		estimate = valisev1.Kind_KIND_REVISED_ESTIMATE
	)
	half := []byte("\xed\xa0\x80")
	for _, c := range []struct {
		name, note string
		kind       valisev1.Kind
		payload    []byte
	}{
		{"singular-twice", "Void.digest twice", void, join(field(1, sum("a")), field(1, sum("b")))},
		{"singular-twice-within", "Person.name twice", asked, field(2, join(field(1, []byte("a")), field(1, []byte("b"))))},
		{"message-twice", "Inquiry.preamble twice", asked, join(field(1, nil), field(1, nil))},
		{"oneof-two-members", "Estimate.within_seconds and words", estimate, field(2, join(varint(2, 1), field(3, []byte("soon"))))},
		{"oneof-two-members-turned", "words and within_seconds", estimate, field(2, join(field(3, []byte("soon")), varint(2, 1)))},
		{"varint-over-long", "TLP in two bytes", asked, field(1, []byte{4 << 3, 0x81, 0})},
		{"varint-65-bits", "receipt number", receipt, join([]byte{2 << 3}, bytes.Repeat([]byte{0xff}, 9), []byte{2})},
		{"varint-11-bytes", "receipt number", receipt, join([]byte{2 << 3}, bytes.Repeat([]byte{0x80}, 10), []byte{1})},
		{"varint-cut", "receipt number", receipt, []byte{2 << 3, 0xff}},
		{"tag-over-long", "Void.digest", void, join([]byte{0x8a, 0, 32}, sum("a"))},
		{"length-over-long", "an empty preamble", asked, []byte{0x0a, 0x80, 0}},
		{"uint32-33-bits", "version of a note", asked, field(1, field(7, varint(2, 1<<32|1)))},
		{"enum-33-bits", "Response.outcome", response, varint(2, 1<<32|1)},
		{"bool-2", "Response.further_expected", response, varint(6, 2)},
		{"group", "field 1", void, []byte{0x0b, 0x0c}},
		{"group-end", "field 1", void, []byte{0x0c}},
		{"wire-type-7", "field 1", void, []byte{0x0f}},
		{"field-zero", "field 0", void, []byte{0x02, 0}},
		{"wrong-wire-type", "Void.digest as a number", void, varint(1, 1)},
		{"fixed-cut", "ReceiptBatch.epoch of three bytes", receipt, []byte{1<<3 | 1, 1, 2, 3}},
		{"length-beyond-buffer", "Void.digest", void, []byte{0x0a, 2, 1}},
		{"length-2-gib", "Void.digest", void, join([]byte{0x0a}, binary.AppendUvarint(nil, 1<<31))},
		{"length-2-64", "Void.digest", void, join([]byte{0x0a}, binary.AppendUvarint(nil, math.MaxUint64))},
		{"length-beyond-message", "Person.name runs out of Person", asked, join([]byte{2<<3 | 2, 2, 0x0a, 9}, make([]byte, 20))},
		{"not-utf-8", "Inquiry.title", asked, field(3, []byte{0xff})},
		{"not-utf-8-surrogate", "Inquiry.title", asked, field(3, half)},
		{"not-utf-8-over-long", "Inquiry.title", asked, field(3, []byte{0xc0, 0x80})},
		{"not-utf-8-in-a-list", "Inquiry.questions", asked, field(7, []byte{0xfe})},
		{"list-over-its-limit", "65 questions", asked, bytes.Repeat(field(7, []byte("?")), 65)},
		{"list-over-its-limit-within", "257 held", receipt, field(3, bytes.Repeat(field(2, nil), 257))},
		{"timestamp-nanoseconds", "a second of 10^9 nanoseconds", receipt, field(4, varint(2, 1e9))},
		{"timestamp-negative", "-1 nanoseconds", receipt, field(4, varint(2, math.MaxUint64))},
		{"timestamp-year-10000", "busy until then", receipt, field(4, varint(1, 253402300800))},
		{"unknown-field", "field 99 at our own minor version", asked, varint(99, 1)},
		{"unknown-field-within", "field 99 of Person", asked, field(2, varint(99, 1))},
		{"unknown-enum", "outcome 99 at our own minor version", response, varint(2, 99)},
		{"unknown-kind-of-noise", "kind 77 with a group", 77, []byte{0x0b, 0x0c}},
		{"payload-of-noise", "eight times ff", asked, bytes.Repeat([]byte{0xff}, 8)},
	} {
		m.signed(t, "wire-"+c.name, "wire", wireForm, c.note, m.signBytes(t, "alder-technical", m.header(t, headerOf(c.kind)), body(c.payload)))
	}
	honest := m.header(t, inquiry())
	for _, c := range []struct {
		name, note, reason string
		header             []byte
	}{
		{"header-two-senders", "from twice: the first is another's", wireForm, join(field(5, []byte("XC/technical")), honest)},
		{"header-unknown-field", "field 99 at our own minor version", wireForm, join(honest, varint(99, 1))},
		{"header-sequence-over-long", "in ten bytes", wireForm, join([]byte{9 << 3}, bytes.Repeat([]byte{0x80}, 9), []byte{0})},
		{"header-group", "after the last field", wireForm, join(honest, []byte{0x0b, 0x0c})},
		{"header-of-noise", "two bytes", wireForm, []byte{0xff, 0xff}},
		{"header-leap-second", "created", wireForm, m.headerWith(t, func(p *valisev1.Header) { p.Created = &timestamppb.Timestamp{Nanos: 1e9} })},
		{"header-nine-marks", "the contract allows eight", wireForm, m.headerWith(t, func(p *valisev1.Header) {
			p.Sequence, p.Previous, p.Opening = 1, nil, &valisev1.EpochOpening{}
			for n := range uint64(9) {
				p.Opening.Marks = append(p.Opening.Marks, &valisev1.ChannelMark{Epoch: n + 1})
			}
		})},
		{"version-2", "protocol version 2", protocolVersion, m.headerWith(t, func(p *valisev1.Header) { p.Version = 2 })},
		{"version-0", "no protocol version", protocolVersion, m.headerWith(t, func(p *valisev1.Header) { p.Version = 0 })},
	} {
		m.signed(t, "wire-"+c.name, "wire", c.reason, c.note, m.signBytes(t, "alder-technical", c.header, body(nil)))
	}
}

func (m *maker) headerWith(t *testing.T, change func(*valisev1.Header)) []byte {
	t.Helper()
	p := new(valisev1.Header)
	must(t, proto.Unmarshal(m.header(t, inquiry()), p))
	change(p)
	return marshal(t, p)
}

// refusedHeaders: fields that contradict each other.
func (m *maker) refusedHeaders(t *testing.T) {
	type h = *valisev1.Header
	const header = "REASON_HEADER"
	for _, c := range []struct {
		name, reason string
		change       func(h)
	}{
		{"minor-version-1001", header, func(p h) { p.MinorVersion = 1001 }},
		{"realm-missing", header, func(p h) { p.Realm = "" }},
		{"realm-malformed", header, func(p h) { p.Realm = "Operational" }},
		{"realm-operational", "REASON_WRONG_REALM", func(p h) { p.Realm = "operational" }},
		{"state-of-operation", "REASON_WRONG_REALM", func(p h) { p.To = "AA/technical" }},
		{"kind-missing", header, func(p h) { p.Kind = 0 }},
		{"kind-negative", header, func(p h) { p.Kind = -1 }},
		{"to-missing", header, func(p h) { p.To = "" }},
		{"to-small-letters", header, func(p h) { p.To = "xb/technical" }},
		{"to-look-alike", header, func(p h) { p.To = "ХВ/technical" }},
		{"to-ourselves", header, func(p h) { p.To = "XA/technical" }},
		{"to-the-other-track", "REASON_WRONG_TRACK", func(p h) { p.To = "XB/diplomatic" }},
		{"lane-2", header, func(p h) { p.Lane = 2 }},
		{"lane-1", header, func(p h) { p.Lane = 1 }},
		{"epoch-missing", header, func(p h) { p.Epoch = 0 }},
		{"sequence-0", header, func(p h) { p.Sequence = 0 }},
		{"sequence-2-63", header, func(p h) { p.Sequence = 1 << 63 }},
		{"sequence-2-64", header, func(p h) { p.Sequence = math.MaxUint64 }},
		{"previous-missing", header, func(p h) { p.Previous = nil }},
		{"previous-at-1", header, func(p h) { p.Sequence = 1 }},
		{"previous-short", header, func(p h) { p.Previous = p.Previous[:31] }},
		{"previous-zeros", header, func(p h) { p.Previous = make([]byte, 32) }},
		{"receipt-with-sequence", header, func(p h) { p.Kind, p.Thread, p.ThreadSequence, p.InReplyTo, p.LastSeen = 100, nil, 0, nil, nil }},
		{"receipt-in-thread", header, func(p h) { p.Kind, p.Sequence, p.Previous = 100, 0, nil }},
		{"thread-missing", header, func(p h) { p.Thread, p.ThreadSequence, p.LastSeen = nil, 0, nil }},
		{"thread-short", header, func(p h) { p.Thread = p.Thread[:15] }},
		{"thread-sequence-0", header, func(p h) { p.ThreadSequence = 0 }},
		{"thread-sequence-2-63", header, func(p h) { p.ThreadSequence = 1 << 63 }},
		{"in-reply-to-long", header, func(p h) { p.InReplyTo = append(p.InReplyTo, 0) }},
		{"message-id-missing", header, func(p h) { p.MessageId = nil }},
		{"message-id-long", header, func(p h) { p.MessageId = sum("x") }},
		{"created-missing", header, func(p h) { p.Created = nil }},
		{"created-1969", header, func(p h) { p.Created = &timestamppb.Timestamp{Seconds: -1} }},
		{"created-9999", header, func(p h) { p.Created = &timestamppb.Timestamp{Seconds: 253370764800} }},
		{"directory-hash-missing", header, func(p h) { p.DirectoryHash = nil }},
		{"directory-number-missing", header, func(p h) { p.DirectoryNumber = 0 }},
		{"opening-late", header, func(p h) { p.Opening = &valisev1.EpochOpening{} }},
		{"opening-own-epoch", header, first(func(p h) { p.Opening = &valisev1.EpochOpening{PreviousEpoch: p.Epoch} })},
		{"opening-no-digest", header, first(func(p h) { p.Opening = &valisev1.EpochOpening{PreviousEpoch: 1, LastSequence: 1} })},
		{"opening-mark-twice", header, first(func(p h) {
			p.Opening = &valisev1.EpochOpening{Marks: []*valisev1.ChannelMark{{Epoch: 1}, {Epoch: 1}}}
		})},
	} {
		m.signed(t, "header-"+c.name, "header", c.reason, "the name says it", m.signBytes(t, "alder-technical", m.headerWith(t, c.change), body(nil)))
	}
}

// first makes the message the first of its epoch.
func first(change func(*valisev1.Header)) func(*valisev1.Header) {
	return func(p *valisev1.Header) {
		p.Sequence, p.Previous = 1, nil
		change(p)
	}
}
