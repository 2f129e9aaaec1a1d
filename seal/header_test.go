package seal

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

var (
	badHeader  = want{StepHeader, valisev1.Reason_REASON_HEADER}
	badWire    = want{StepWire, valisev1.Reason_REASON_WIRE_FORM}
	badVersion = want{StepWire, valisev1.Reason_REASON_PROTOCOL_VERSION}
	badRealm   = want{StepHeader, valisev1.Reason_REASON_WRONG_REALM}
	badTrack   = want{StepHeader, valisev1.Reason_REASON_WRONG_TRACK}
)

// spoiled is one contradiction; the change is made on the wire form, where anything can be said.
type spoiled struct {
	name   string
	change func(*valisev1.Header)
	want   want
}

// spoiledHeaders each spoil the header of an inquiry in one way. Bad inputs 15, 18, 26, 27, 28.
func spoiledHeaders() []spoiled {
	type h = *valisev1.Header
	return []spoiled{
		{"no version", func(p h) { p.Version = 0 }, badVersion},
		{"next version", func(p h) { p.Version = 2 }, badVersion},
		{"minor version over the limit", func(p h) { p.MinorVersion = 1001 }, badHeader},
		{"no realm", func(p h) { p.Realm = "" }, badHeader},
		{"realm that is none", func(p h) { p.Realm = "Operational" }, badHeader},
		{"invented States in operation", func(p h) { p.Realm = "operational" }, badRealm},
		{"a State of operation in an exercise", func(p h) { p.To = "AA/technical" }, badRealm},
		{"no kind", func(p h) { p.Kind = 0 }, badHeader},
		{"kind below zero", func(p h) { p.Kind = -1 }, badHeader},
		{"no to", func(p h) { p.To = "" }, badHeader},
		{"to in small letters", func(p h) { p.To = "xb/technical" }, badHeader},
		{"to with look-alike letters", func(p h) { p.To = "ХВ/technical" }, badHeader},
		{"to ourselves", func(p h) { p.To = "XA/technical" }, badHeader},
		{"to our other track", func(p h) { p.To = "XA/diplomatic" }, badHeader},
		{"to the other track", func(p h) { p.To = "XB/diplomatic" }, badTrack},
		{"lane 2", func(p h) { p.Lane = 2 }, badHeader},
		{"inquiry on lane 1", func(p h) { p.Lane = 1 }, badHeader},
		{"attachment part on lane 0", func(p h) { p.Kind = valisev1.Kind_KIND_ATTACHMENT_PART }, badHeader},
		{"no epoch", func(p h) { p.Epoch = 0 }, badHeader},
		{"sequence 0", func(p h) { p.Sequence = 0 }, badHeader},
		{"sequence of 2^63", func(p h) { p.Sequence = 1 << 63 }, badHeader},
		{"sequence of 2^64-1", func(p h) { p.Sequence = math.MaxUint64 }, badHeader},
		{"previous at sequence 1", func(p h) { p.Previous = make32(1) }, badHeader},
		{"no previous at sequence 2", func(p h) { p.Sequence = 2 }, badHeader},
		{"previous of 31 bytes", func(p h) { p.Sequence, p.Previous = 2, make32(1)[:31] }, badHeader},
		{"previous of zeros", func(p h) { p.Sequence, p.Previous = 2, make([]byte, 32) }, badHeader},
		{"a receipt with a sequence", func(p h) { p.Kind, p.Thread, p.ThreadSequence = valisev1.Kind_KIND_RECEIPT_BATCH, nil, 0 }, badHeader},
		{"a receipt in a thread", func(p h) { p.Kind, p.Sequence = valisev1.Kind_KIND_RECEIPT_BATCH, 0 }, badHeader},
		{"no thread", func(p h) { p.Thread, p.ThreadSequence = nil, 0 }, badHeader},
		{"thread of 15 bytes", func(p h) { p.Thread = make32(1)[:15] }, badHeader},
		{"thread of zeros", func(p h) { p.Thread = make([]byte, 16) }, badHeader},
		{"no thread sequence", func(p h) { p.ThreadSequence = 0 }, badHeader},
		{"thread sequence of 2^63", func(p h) { p.ThreadSequence = 1 << 63 }, badHeader},
		{"last seen without a thread", func(p h) {
			p.Kind, p.Thread, p.ThreadSequence, p.LastSeen = valisev1.Kind_KIND_VOID, nil, 0, make32(1)
		}, badHeader},
		{"thread sequence without a thread", func(p h) { p.Kind, p.Thread = valisev1.Kind_KIND_VOID, nil }, badHeader},
		{"in reply to 33 bytes", func(p h) { p.InReplyTo = append(make32(1), 0) }, badHeader},
		{"last seen of one byte", func(p h) { p.LastSeen = []byte{1} }, badHeader},
		{"no message id", func(p h) { p.MessageId = nil }, badHeader},
		{"message id of zeros", func(p h) { p.MessageId = make([]byte, 16) }, badHeader},
		{"message id of 32 bytes", func(p h) { p.MessageId = make32(1) }, badHeader},
		{"no created", func(p h) { p.Created = nil }, badHeader},
		{"created before 1970", func(p h) { p.Created = &timestamppb.Timestamp{Seconds: -1} }, badHeader},
		{"created in 9999", func(p h) { p.Created = timestamppb.New(latestCreated) }, badHeader},
		{"created in year 10000", func(p h) { p.Created = &timestamppb.Timestamp{Seconds: 253402300800} }, badWire},
		{"created with a leap second", func(p h) { p.Created = &timestamppb.Timestamp{Nanos: 1e9} }, badWire},
		{"created with less than no nanoseconds", func(p h) { p.Created = &timestamppb.Timestamp{Nanos: -1} }, badWire},
		{"directory number without hash", func(p h) { p.DirectoryHash = nil }, badHeader},
		{"directory hash without number", func(p h) { p.DirectoryNumber = 0 }, badHeader},
		{"directory number of 2^63", func(p h) { p.DirectoryNumber = 1 << 63 }, badHeader},
		{"opening at sequence 2", func(p h) { p.Sequence, p.Previous, p.Opening = 2, make32(1), &valisev1.EpochOpening{} }, badHeader},
		{"opening of its own epoch", func(p h) { p.Opening = &valisev1.EpochOpening{PreviousEpoch: p.Epoch} }, badHeader},
		{"opening with a number of no epoch", func(p h) { p.Opening = &valisev1.EpochOpening{LastSequence: 1, LastDigest: make32(1)} }, badHeader},
		{"opening without digest", func(p h) { p.Opening = &valisev1.EpochOpening{PreviousEpoch: 1, LastSequence: 1} }, badHeader},
		{"opening without number", func(p h) { p.Opening = &valisev1.EpochOpening{PreviousEpoch: 1, LastDigest: make32(1)} }, badHeader},
		{"opening with a number of 2^63", func(p h) {
			p.Opening = &valisev1.EpochOpening{PreviousEpoch: 1, LastSequence: 1 << 63, LastDigest: make32(1)}
		}, badHeader},
		{"a mark twice", marks(&valisev1.ChannelMark{Epoch: 1}, &valisev1.ChannelMark{Epoch: 1}), badHeader},
		{"a mark of lane 2", marks(&valisev1.ChannelMark{Epoch: 1, Lane: 2}), badHeader},
		{"a mark of no epoch", marks(&valisev1.ChannelMark{}), badHeader},
		{"a mark of 2^63", marks(&valisev1.ChannelMark{Epoch: 1, Mark: 1 << 63, Digest: make32(1)}), badHeader},
		{"a mark without digest", marks(&valisev1.ChannelMark{Epoch: 1, Mark: 1}), badHeader},
		{"a mark with a digest of 5 bytes", marks(&valisev1.ChannelMark{Epoch: 1, Mark: 1, Digest: []byte("short")}), badHeader},
		{"nine marks", marks(make([]*valisev1.ChannelMark, 9)...), badWire},
	}
}

func marks(m ...*valisev1.ChannelMark) func(*valisev1.Header) {
	return func(p *valisev1.Header) {
		for i := range m {
			if m[i] == nil {
				m[i] = &valisev1.ChannelMark{Epoch: uint64(i + 1)}
			}
		}
		p.Opening = &valisev1.EpochOpening{Marks: m}
	}
}

func (s spoiled) bytes(t testing.TB) []byte {
	t.Helper()
	p := inquiryHeader().proto()
	s.change(p)
	return mustMarshal(p)
}

func TestParseHeaderRefusesContradictions(t *testing.T) {
	for _, s := range spoiledHeaders() {
		t.Run(s.name, func(t *testing.T) {
			_, err := ParseHeader(s.bytes(t))
			mustRefuse(t, nil, err, s.want)
		})
	}
}

// TestMarshalRefusesWhatParseRefuses: what Header can express of the table is refused on the way out
// too.
func TestMarshalRefusesWhatParseRefuses(t *testing.T) {
	for name, change := range map[string]func(*Header){
		"no realm":          func(h *Header) { h.Realm = "" },
		"no kind":           func(h *Header) { h.Kind = 0 },
		"no from":           func(h *Header) { h.From = ident.Address{} },
		"a track too many":  func(h *Header) { h.To.Track = 9 },
		"other track":       func(h *Header) { h.To.Track = ident.Diplomatic },
		"no message id":     func(h *Header) { h.MessageID = ident.MessageID{} },
		"no time":           func(h *Header) { h.Created = time.Time{} },
		"sequence 0":        func(h *Header) { h.Sequence = 0 },
		"minor version":     func(h *Header) { h.MinorVersion = 1001 },
		"opening too late":  func(h *Header) { h.Sequence, h.Previous, h.Opening = 2, ident.Digest{1}, &valisev1.EpochOpening{} },
		"previous too soon": func(h *Header) { h.Previous = ident.Digest{1} },
	} {
		h := inquiryHeader()
		change(&h)
		if b, err := h.Marshal(); err == nil || b != nil {
			t.Errorf("%s: marshalled", name)
		} else if r := asRefusal(err, ""); r.Reason == valisev1.Reason_REASON_INTERNAL {
			t.Errorf("%s: %v is no refusal", name, err)
		}
	}
}

// TestHeadersInOrder are the unusual ones that must pass.
func TestHeadersInOrder(t *testing.T) {
	for name, change := range map[string]func(*Header){
		"inquiry": func(*Header) {},
		"void on lane 1": func(h *Header) {
			h.Kind, h.Lane, h.Thread, h.ThreadSequence = valisev1.Kind_KIND_VOID, 1, ident.ThreadID{}, 0
		},
		"void in a thread":        func(h *Header) { h.Kind = valisev1.Kind_KIND_VOID },
		"attachment part":         func(h *Header) { h.Kind, h.Lane = valisev1.Kind_KIND_ATTACHMENT_PART, 1 },
		"a kind we do not know":   func(h *Header) { h.Kind = 77 },
		"an unknown machine kind": func(h *Header) { h.Kind, h.Thread, h.ThreadSequence = 149, ident.ThreadID{}, 0 },
		"highest number":          func(h *Header) { h.Sequence, h.Previous = MaxNumber, ident.Digest{1} },
		"no directory yet":        func(h *Header) { h.DirectoryNumber, h.DirectoryHash = 0, [32]byte{} },
		"higher minor version":    func(h *Header) { h.MinorVersion = 1000 },
		"first of a home":         func(h *Header) { h.Opening = &valisev1.EpochOpening{} },
		"after a restore": func(h *Header) {
			h.Opening = &valisev1.EpochOpening{PreviousEpoch: 3, LastSequence: 9, LastDigest: make32(1), Marks: []*valisev1.ChannelMark{{Epoch: 4}, {Epoch: 4, Lane: 1, Mark: 2, Digest: make32(2)}}}
		},
		"a clock of 1970": func(h *Header) { h.Created = earliestCreated },
		"a clock of 2094": func(h *Header) { h.Created = time.Date(2094, 1, 1, 0, 0, 0, 5, time.UTC) },
		"the manager asks": func(h *Header) {
			h.Kind, h.From, h.Thread, h.ThreadSequence = valisev1.Kind_KIND_PING, ident.Address{State: "@global", Track: ident.Manager}, ident.ThreadID{}, 0
		},
		"exercise control": func(h *Header) {
			h.Kind, h.Thread, h.ThreadSequence = valisev1.Kind_KIND_EXERCISE_CONTROL, ident.ThreadID{}, 0
		},
		"receipt without an epoch": func(h *Header) {
			h.Kind, h.Thread, h.ThreadSequence, h.Sequence, h.Epoch = valisev1.Kind_KIND_RECEIPT_BATCH, ident.ThreadID{}, 0, 0, 0
		},
		"States of operation":        func(h *Header) { h.Realm, h.From.State, h.To.State = ident.Operational, "AA", "ZZ" },
		"answer to an earlier epoch": func(h *Header) { h.InReplyTo, h.LastSeen = ident.Digest{1}, ident.Digest{2} },
	} {
		t.Run(name, func(t *testing.T) {
			h := inquiryHeader()
			change(&h)
			back, err := ParseHeader(mustHeader(t, h))
			if err != nil {
				t.Fatal(err)
			}
			sameHeader(t, back, h)
		})
	}
}

func sameHeader(t interface {
	Helper()
	Fatalf(string, ...any)
}, got, wanted Header) {
	t.Helper()
	if !proto.Equal(got.Opening, wanted.Opening) {
		t.Fatalf("opening came back as %v, want %v", got.Opening, wanted.Opening)
	}
	got.Opening, wanted.Opening = nil, nil
	if !got.Created.Equal(wanted.Created) {
		t.Fatalf("created came back as %v, want %v", got.Created, wanted.Created)
	}
	got.Created, wanted.Created = time.Time{}, time.Time{}
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("came back as %+v, want %+v", got, wanted)
	}
}

// TestExerciseKindsStayInExercises. docs/protocol.md §2.2
func TestExerciseKindsStayInExercises(t *testing.T) {
	h := inquiryHeader()
	h.Realm, h.From.State, h.To.State, h.Kind = ident.Operational, "AA", "ZZ", valisev1.Kind_KIND_EXERCISE_INJECT
	_, err := h.Marshal()
	mustRefuse(t, nil, err, badRealm)
}

func TestErrorsRepeatNothingOfThePeer(t *testing.T) {
	const canary = "canary-of-the-peer"
	p := inquiryHeader().proto()
	p.From = canary
	for _, b := range [][]byte{mustMarshal(p), []byte(canary), append(mustMarshal(p), canary...)} {
		if _, err := ParseHeader(b); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%v", err)
		}
	}
}

func genHeader(t *rapid.T) Header {
	digest := rapid.Custom(func(t *rapid.T) (d ident.Digest) {
		copy(d[:], rapid.SliceOfN(rapid.Byte(), 31, 31).Draw(t, "digest"))
		d[31] = 1
		return d
	})
	h := Header{
		MinorVersion: rapid.Uint32Range(0, 1000).Draw(t, "minor"),
		Realm:        testRealm,
		Kind:         valisev1.Kind(rapid.Int32Range(1, 19).Draw(t, "kind")),
		From:         alderTechnical, To: birchTechnical,
		Epoch:          ident.Epoch(rapid.Uint64Min(1).Draw(t, "epoch")),
		Sequence:       rapid.Uint64Range(1, MaxNumber).Draw(t, "sequence"),
		Thread:         ident.ThreadID{rapid.ByteMin(1).Draw(t, "thread")},
		ThreadSequence: rapid.Uint64Range(1, MaxNumber).Draw(t, "thread sequence"),
		MessageID:      ident.MessageID{rapid.ByteMin(1).Draw(t, "id")},
		Created:        time.Unix(rapid.Int64Range(0, latestCreated.Unix()-1).Draw(t, "created"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC(),
	}
	if h.Sequence > 1 {
		h.Previous = digest.Draw(t, "previous")
	}
	if rapid.Bool().Draw(t, "reply") {
		h.InReplyTo, h.LastSeen = digest.Draw(t, "in reply to"), digest.Draw(t, "last seen")
	}
	if rapid.Bool().Draw(t, "directory") {
		h.DirectoryNumber, h.DirectoryHash = rapid.Uint64Range(1, MaxNumber).Draw(t, "number"), digest.Draw(t, "hash")
	}
	return h
}

func TestHeaderProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := genHeader(t)
		b, err := h.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		sameHeader(t, back, h)
		again, err := back.Marshal()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("printed otherwise: %v", err)
		}
		// Any header cut short is refused or is another header; it never panics.
		n := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if cut, err := ParseHeader(b[:n]); err == nil && reflect.DeepEqual(cut, back) {
			t.Fatalf("cut at %d of %d it is still the same", n, len(b))
		}
	})
}
