package gateway

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// FuzzInbound puts hostile payloads of every kind inside a valid seal. Whatever it is: no panic,
// the number is consumed exactly when the seal lets it through, nothing that breaks a rule is
// shown, and what follows goes on.
func FuzzInbound(f *testing.F) {
	for kind := range valisev1.Kind_name {
		m, ok := valisev1.NewPayload(valisev1.Kind(kind))
		if !ok {
			continue
		}
		fill(m.ProtoReflect(), 3)
		if b, err := proto.Marshal(m); err == nil {
			f.Add(uint8(kind), b)
		}
		f.Add(uint8(kind), []byte{})
	}
	for _, text := range []string{"\x1b]0;t\x07", "a\r\nb", "\u202e", strings.Repeat("e\u0301", 500), "=cmd", "\x00"} {
		q := (&forger{}).inquiryPayload()
		q.Title = text
		if b, err := proto.Marshal(q); err == nil {
			f.Add(uint8(valisev1.Kind_KIND_INQUIRY), b)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		w := newWorld(t)
		xb, peer := w.homes["XB"], newForger(t)
		xb.mustTake(peer.inquiry(1))
		signed, sequenced, ok := hostile(peer, valisev1.Kind(kind), payload)
		if !ok {
			t.Skip("the seal refuses it")
		}
		effects := xb.mustTake(signed)
		if sequenced && !effects.Recorded {
			t.Fatalf("a message that verifies left no trace: %v", effects)
		}
		view := xb.thread(ident.ThreadID{1, 1}.String())
		for _, m := range view.GetMessages() {
			if m.GetRefused() != 0 && m.GetPayload() != nil {
				t.Fatal("a refused message is shown")
			}
			if m.GetPayload() != nil {
				assertShowable(t, m.GetPayload().ProtoReflect())
			}
		}
		if _, err := xb.g.Items(context.Background(), keeper, &valisev1.ListItemsRequest{}); err != nil {
			t.Fatal(err)
		}
		if e := xb.mustTake(peer.sign(peer.header(valisev1.Kind_KIND_INQUIRY, 5, 1), peer.inquiryPayload())); e.Reason != 0 {
			t.Fatalf("after it, nothing goes on: %v", e.Reason)
		}
		xb.start()
		assertReplay(t, xb)
	})
}

// hostile seals any payload as any kind in the thread that is there.
func hostile(peer *forger, kind valisev1.Kind, payload []byte) (signed []byte, sequenced, ok bool) {
	before := *peer
	h := peer.header(kind, 1, 2)
	sequenced = valisev1.IsSequenced(kind)
	if !sequenced {
		h.Sequence, h.Previous, h.Thread, h.ThreadSequence = 0, ident.Digest{}, ident.ThreadID{}, 0
		peer.sequence = before.sequence
	}
	if h.Lane == 1 {
		h.Sequence, h.Previous = 1, ident.Digest{}
		peer.sequence = before.sequence
	}
	content, err := seal.NewContent(h, [32]byte{1}, payload)
	if err != nil {
		*peer = before
		return nil, false, false
	}
	_, keys := realDirectory()
	s, err := seal.SignContent(realm, keys[peer.from], content)
	if err != nil {
		*peer = before
		return nil, false, false
	}
	if sequenced && h.Lane == 0 {
		peer.previous = content.Digest()
		if void := new(valisev1.Void); kind == valisev1.Kind_KIND_VOID && proto.Unmarshal(payload, void) == nil {
			if d, whole := ident.DigestFrom(void.GetDigest()); whole && !d.IsZero() {
				peer.previous = d
			}
		}
	}
	return s.Marshal(), sequenced, true
}

// fill sets every field of a message to something, so that the fuzzer has all of them to change.
func fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		switch {
		case fd.Kind() == protoreflect.MessageKind && depth > 0 && fd.IsList():
			e := m.Mutable(fd).List().AppendMutable().Message()
			fill(e, depth-1)
		case fd.Kind() == protoreflect.MessageKind && depth > 0:
			fill(m.Mutable(fd).Message(), depth-1)
		case fd.Kind() == protoreflect.StringKind && !fd.IsList():
			m.Set(fd, protoreflect.ValueOfString("x"))
		case fd.Kind() == protoreflect.StringKind:
			m.Mutable(fd).List().Append(protoreflect.ValueOfString("x"))
		case fd.Kind() == protoreflect.BytesKind && !fd.IsList():
			m.Set(fd, protoreflect.ValueOfBytes(make([]byte, 32)))
		case fd.Kind() == protoreflect.EnumKind:
			m.Set(fd, protoreflect.ValueOfEnum(1))
		}
	}
}

// assertShowable: no text that reached a view holds control characters.
func assertShowable(t *testing.T, m protoreflect.Message) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		check := func(v protoreflect.Value) {
			switch {
			case fd.Kind() == protoreflect.MessageKind:
				assertShowable(t, v.Message())
			case fd.Kind() == protoreflect.StringKind && (!utf8.ValidString(v.String()) || strings.ContainsAny(v.String(), "\x00\x07\x1b\r\x7f\u009b")):
				t.Fatalf("%s shows control characters", fd.FullName())
			}
		}
		if fd.IsList() {
			for i := range v.List().Len() {
				check(v.List().Get(i))
			}
			return true
		}
		check(v)
		return true
	})
}

// FuzzTables: what this package reads from its own tables never panics, whatever is there.
func FuzzTables(f *testing.F) {
	f.Add(place{ours: true, row: 7}.marshal())
	f.Add(numbered{item: 3}.marshal())
	f.Add(named{from: xaTech}.marshal())
	f.Add(Pair{Ours: xaTech, Peer: xbTech}.key())
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := parsePlace(b); err == nil && string(p.marshal()) != string(b) && b[0] <= 1 {
			t.Error("a place does not come back")
		}
		if n, err := parseNumbered(b); err == nil && string(n.marshal()) != string(b) {
			t.Error("a number does not come back")
		}
		if list, err := parseNamed(b); err == nil {
			var back []byte
			for _, n := range list {
				back = append(back, n.marshal()...)
			}
			if string(back) != string(b) {
				t.Error("a list of ids does not come back")
			}
		}
		if p, ok := parsePair(b); ok && string(p.key()) != string(b) {
			t.Error("a pair does not come back")
		}
	})
}
