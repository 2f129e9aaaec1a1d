package node_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// numbered is something signed in our realm, by a State of ours, in which the numbers, digests or addresses are those of
// another realm: what a node would write whose record or configuration was mixed up.
type numbered struct {
	name   string
	want   valisev1.Reason
	before []func(d *desk) // brought before it, and taken or refused as ever
	bring  func(d *desk, from *side)
}

// digestOf is the D of what a side writes.
func (s *side) digestOf(kind valisev1.Kind, id byte) []byte {
	s.t.Helper()
	signed, err := seal.ParseSigned(s.honest(kind, id))
	fatal(s.t, err)
	d := signed.Content.Digest()
	return d[:]
}

// writes delivers a message of our speaker, with what is changed in its header, sealed to our listener.
func (d *desk) writes(kind valisev1.Kind, id byte, change func(*valisev1.Header)) {
	d.t.Helper()
	h := d.header(kind, id)
	change(h)
	d.deliver(kind, d.signed(h, d.Realm, d.Realm), d.recipient(d.listener))
}

// third is a desk of a State that our realm could have and has not.
func (s *side) third() string {
	a := ident.Address{State: "QM", Track: ident.Technical}
	if s.Realm.IsOperational() {
		a.State = "DD"
	}
	return a.String()
}

// asksBack has the listener's own officer write to the speaker, so that there is a number of ours to speak of.
func asksBack(d *desk) {
	d.t.Helper()
	_, err := d.node.Gateway().Inquire(d.t.Context(), officer, &valisev1.SendInquiryRequest{To: d.speaker.String(), Inquiry: &valisev1.Inquiry{
		Title: "x", Originator: &valisev1.Person{Name: "N. Oduya", Email: "cert@birch.example"},
	}})
	fatal(d.t, err)
}

// receiptOf signs for a number of ours, with a digest of another realm or a number that only that has.
func receiptOf(mark uint64) func(*desk, *side) {
	return func(d *desk, from *side) {
		d.t.Helper()
		epoch := d.receipts()[0].GetEpoch()
		d.carries(valisev1.Kind_KIND_RECEIPT_BATCH, &valisev1.ReceiptBatch{Epoch: 7, Number: 1, Channels: []*valisev1.ChannelReceipt{{
			Mark: &valisev1.ChannelMark{Epoch: epoch, Mark: mark, Digest: from.digestOf(valisev1.Kind_KIND_INQUIRY, 9)},
		}}}, 3)
	}
}

// returned gives our listener something back that it has signed, though not to whoever gives it back.
func returned(d *desk, _ *side) {
	d.t.Helper()
	key, err := seal.ReadSigningKey(filepath.Join(d.Home(d.listener.State), "keys", "signing-technical.key"), d.Realm, nil)
	fatal(d.t, err)
	h := d.header(valisev1.Kind_KIND_INQUIRY, 8)
	h.From, h.To = d.listener.String(), d.third()
	own := &side{month: d.month, speaker: d.listener, listener: d.speaker, key: key}
	d.carries(valisev1.Kind_KIND_RETURN, &valisev1.Return{Signed: own.signed(h, d.Realm, d.Realm)}, 2)
}

func numbers() []numbered {
	inquiry := valisev1.Kind_KIND_INQUIRY
	first := func(d *desk) { d.writes(inquiry, 1, func(*valisev1.Header) {}) }
	return []numbered{
		{"to a third State, sealed to ours", valisev1.Reason_REASON_NOT_FOR_US, nil, func(d *desk, _ *side) {
			d.writes(inquiry, 2, func(h *valisev1.Header) { h.To = d.third() })
		}},
		{"given back to whom it was never sent by", valisev1.Reason_REASON_NOT_FOR_US, nil, returned},
		{"the number that the row of the other realm is at", valisev1.Reason_REASON_SEQUENCE, nil, func(d *desk, from *side) {
			d.writes(inquiry, 2, func(h *valisev1.Header) { h.Sequence, h.Previous = 1000, from.digestOf(inquiry, 9) })
		}},
		{"after a message of the other realm", valisev1.Reason_REASON_CHAIN, []func(*desk){first}, func(d *desk, from *side) {
			d.writes(inquiry, 2, func(h *valisev1.Header) { h.Sequence, h.Previous = 2, from.digestOf(inquiry, 9) })
		}},
		{"a number for the second time, for what was said in the other realm", valisev1.Reason_REASON_EQUIVOCATION, []func(*desk){first}, func(d *desk, _ *side) {
			d.writes(inquiry, 2, func(*valisev1.Header) {})
		}},
		{"a receipt for a number of the other realm", valisev1.Reason_REASON_SEQUENCE, []func(*desk){first, asksBack}, receiptOf(9)},
		{"a receipt for a digest of the other realm", valisev1.Reason_REASON_EQUIVOCATION, []func(*desk){first, asksBack}, receiptOf(1)},
	}
}

// TestNumbersOfAnotherRealmCountForNothing: whatever a State of ours says by numbers, digests and addresses of another
// realm is refused for the reason that it has, counted, and told to the administrator without a word of it.
// docs/protocol.md §7.2, §7.4, §7.5
func TestNumbersOfAnotherRealmCountForNothing(t *testing.T) {
	for _, c := range numbers() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				operation, one, two := wards(t)
				for _, pair := range [][2]*side{{one, operation}, {operation, one}, {one, two}} {
					from, d := pair[0], pair[1].listens()
					for _, prepare := range c.before {
						prepare(d)
					}
					before, err := d.node.Rejected()
					fatal(t, err)
					d.log.take()
					c.bring(d, from)
					after, err := d.node.Rejected()
					fatal(t, err)
					label := strings.ToLower(strings.TrimPrefix(c.want.String(), "REASON_"))
					want := maps.Clone(before)
					if want[label]++; !maps.Equal(want, after) {
						t.Errorf("%s: the counts go from %v to %v, want one more %s", d.Realm, before, after, label)
					}
					d.discreet(d.log.take())
					shown, err := d.node.Gateway().Threads(t.Context(), officer, &valisev1.ListThreadsRequest{})
					fatal(t, err)
					if text, err := proto.Marshal(shown); err != nil || strings.Contains(string(text), "rowan") {
						t.Errorf("%s: it is on the desk: %v", d.Realm, shown)
					}
				}
			})
		})
	}
}
