package vectors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// payloadInFull is the largest payload that the index spells out.
const payloadInFull = 1024

var (
	clock = time.Date(2026, 11, 22, 9, 30, 0, 123456789, time.UTC)
	nonce = [seal.NonceSize]byte(sum("nonce"))
)

func sum(s string) []byte { d := sha256.Sum256([]byte(s)); return d[:] }

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// headerOf is a header in order for any kind, in the middle of a channel.
func headerOf(kind valisev1.Kind) seal.Header {
	h := seal.Header{
		Realm: realm, Kind: kind, From: alderTechnical, To: birchTechnical,
		Epoch: 0x0123456789abcdef, Sequence: 7, Previous: ident.Digest(sum("previous")),
		Thread: ident.ThreadID(sum("thread")[:16]), ThreadSequence: 3,
		InReplyTo: ident.Digest(sum("in reply to")), LastSeen: ident.Digest(sum("last seen")),
		MessageID: ident.MessageID(sum("message id")[:16]), Created: clock,
		DirectoryNumber: 42, DirectoryHash: [32]byte(sum("list")),
	}
	if kind == valisev1.Kind_KIND_ATTACHMENT_PART {
		h.Lane = 1
	}
	if !valisev1.IsHuman(kind) {
		h.Thread, h.ThreadSequence, h.InReplyTo, h.LastSeen = ident.ThreadID{}, 0, ident.Digest{}, ident.Digest{}
	}
	if !valisev1.IsSequenced(kind) {
		h.Sequence, h.Previous = 0, ident.Digest{}
	}
	return h
}

func inquiry() seal.Header { return headerOf(valisev1.Kind_KIND_INQUIRY) }

// accepted are the messages that every opener must take.
func (m *maker) accepted(t *testing.T) {
	for _, kind := range kinds() {
		name := "kind-" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(kind.String(), "KIND_"), "_", "-"))
		payload := marshal(t, m.payloadOf(t, kind))
		m.signed(t, name, "ok", "", "the kind's own payload", m.sign(t, "alder-technical", headerOf(kind), payload))
	}
	first := inquiry()
	first.Sequence, first.Previous, first.ThreadSequence, first.InReplyTo, first.LastSeen = 1, ident.Digest{}, 1, ident.Digest{}, ident.Digest{}
	small := m.sign(t, "alder-technical", first, marshal(t, m.payloadOf(t, first.Kind)))
	m.envelope(t, "size-16-kib", "ok", "", "16,384 bytes of plaintext", "birch-technical", small)
	m.envelope(t, "size-16-kib-full", "ok", "", "not a byte of padding", "birch-technical", m.signedOfSize(t, 16<<10-4))
	m.envelope(t, "size-64-kib", "ok", "", "one byte too many for 16 KiB", "birch-technical", m.signedOfSize(t, 16<<10-3))
	m.envelope(t, "size-256-kib", "ok", "", "one byte too many for 64 KiB", "birch-technical", m.signedOfSize(t, 64<<10-3))
	m.envelope(t, "last-weeks-key", "ok", "", "sealed to the sealing key before", "birch-technical-last-week", small)
	m.envelope(t, "signed-again", "ok", "", "the same Content and digest as size-16-kib, signed with the next key", "birch-technical",
		m.sign(t, "alder-technical-next", first, marshal(t, m.payloadOf(t, first.Kind))))
	m.acceptedForms(t)
}

// acceptedForms are unusual and in order.
func (m *maker) acceptedForms(t *testing.T) {
	void := marshal(t, &valisev1.Void{Digest: sum("void")})
	later := join(varint(99, 1), field(98, []byte("later")))
	opening := inquiry()
	opening.Sequence, opening.Previous = 1, ident.Digest{}
	opening.Opening = &valisev1.EpochOpening{PreviousEpoch: 5, LastSequence: 9, LastDigest: sum("last"), Marks: []*valisev1.ChannelMark{
		{Epoch: 6}, {Epoch: 6, Lane: 1, Mark: 2, Digest: sum("mark")},
	}}
	highest := headerOf(valisev1.Kind_KIND_VOID)
	highest.Sequence, highest.Epoch, highest.DirectoryNumber = seal.MaxNumber, 1<<64-1, seal.MaxNumber
	manager := headerOf(valisev1.Kind_KIND_PING)
	manager.To = ident.Address{State: "@global", Track: ident.Manager}
	newer := inquiry()
	newer.MinorVersion = 1
	payload := marshal(t, m.payloadOf(t, valisev1.Kind_KIND_INQUIRY))
	for _, c := range []struct {
		name, note      string
		header, payload []byte
	}{
		{"first-of-an-epoch", "the header names the epoch before", m.header(t, opening), payload},
		{"highest-numbers", "2^63-1 and 2^64-1: no double holds them", m.header(t, highest), void},
		{"to-a-principal", "the manager has another track", m.header(t, manager), nil},
		{"empty-payload", "a message of no fields", m.header(t, headerOf(valisev1.Kind_KIND_CLOSURE)), nil},
		{"unknown-kind", "kind 77: opened, and without a message", m.header(t, headerOf(77)), later},
		{"newer-payload", "minor version 1 with unknown payload fields", m.header(t, newer), join(payload, later)},
		{"newer-header", "minor version 1 with an unknown header field", join(m.header(t, newer), later), payload},
		{"newer-enum", "minor version 1 with an unknown enum value", m.header(t, newer), join(varint(6, 99))},
		{"newer-and-known", "minor version 1 with nothing unknown", m.header(t, newer), payload},
		{"fields-turned", "header fields in reverse order: what is signed is not rewritten", m.reversed(t, inquiry()), payload},
	} {
		m.signed(t, c.name, "ok", "", c.note, m.signBytes(t, "alder-technical", c.header, body(c.payload)))
	}
}

func body(payload []byte) []byte { return append(nonce[:], payload...) }

func (m *maker) header(t *testing.T, h seal.Header) []byte {
	t.Helper()
	b, err := h.Marshal()
	must(t, err)
	return b
}

func (m *maker) sign(t *testing.T, key string, h seal.Header, payload []byte) []byte {
	t.Helper()
	c, err := seal.NewContent(h, nonce, payload)
	must(t, err)
	s, err := seal.SignContent(realm, m.signing[key], c)
	must(t, err)
	return s.Marshal()
}

// signBytes signs what SignContent refuses, as a hostile State can with its own key.
func (m *maker) signBytes(t *testing.T, key string, header, body []byte) []byte {
	t.Helper()
	return m.signFor(t, realm, seal.PurposeContent, key, header, body)
}

func (m *maker) signFor(t *testing.T, r ident.Realm, purpose seal.Purpose, key string, header, body []byte) []byte {
	t.Helper()
	c := seal.Content{Header: header, Body: body}
	sig, err := seal.Sign(r, purpose, c.Digest(), m.signing[key])
	must(t, err)
	return seal.Signed{
		Suite: uint16(sig.GetSuite()), KeyID: m.signing[key].Public().ID(r), Content: c,
		Ed25519: sig.GetEd25519(), MLDSA65: sig.GetMldsa65(),
	}.Marshal()
}

// signedOfSize is an inquiry whose Signed has exactly size bytes.
func (m *maker) signedOfSize(t *testing.T, size int) []byte {
	t.Helper()
	room := size
	for range 4 {
		payload := marshal(t, &valisev1.Inquiry{
			Originator: &valisev1.Person{Name: "Duty officer"}, Narrative: strings.Repeat("x", room),
		})
		if len(payload) > 300_000 {
			t.Fatal("no narrative fits")
		}
		signed := m.signBytes(t, "alder-technical", m.header(t, inquiry()), body(payload))
		if len(signed) == size {
			return signed
		}
		room -= len(signed) - size
	}
	t.Fatalf("no inquiry makes a Signed of %d bytes", size)
	return nil
}

func marshal(t *testing.T, p proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	must(t, err)
	return b
}

// signed adds a vector of layer signed; what it must come to stands in the arguments, never in what
// package seal says of it.
func (m *maker) signed(t *testing.T, name, expect, reason, note string, signed []byte) {
	t.Helper()
	v := vectors.Message{Name: name, Layer: "signed", File: "signed/" + name + ".signed", Size: len(signed), Expect: expect, Reason: reason, Note: note}
	m.describe(t, &v, signed)
	m.add(t, v, signed)
}

// envelope seals signed to a key and adds a vector of layer envelope.
func (m *maker) envelope(t *testing.T, name, expect, reason, note, to string, signed []byte) {
	t.Helper()
	seeded(t, name, func(t *testing.T) {
		b, err := seal.Close(signed, m.sealing[to].Recipient())
		must(t, err)
		v := vectors.Message{Name: name, Layer: "envelope", File: "envelopes/" + name + ".age", Size: len(b), Expect: expect, Reason: reason, Note: note}
		m.describe(t, &v, signed)
		if expect == "ok" {
			v.OpenedFor = m.addressOf(to)
		}
		m.add(t, v, b)
	})
}

func (m *maker) add(t *testing.T, v vectors.Message, b []byte) {
	t.Helper()
	if _, ok := m.files[v.File]; ok {
		t.Fatalf("two vectors are called %s", v.Name)
	}
	m.files[v.File] = b
	m.index.Messages = append(m.index.Messages, v)
}

func (m *maker) addressOf(sealing string) string {
	for _, k := range m.index.SealingKeys {
		if k.Name == sealing {
			return k.Address
		}
	}
	return ""
}

// describe fills in what can be read out of the bytes by hand, without opening them.
func (m *maker) describe(t *testing.T, v *vectors.Message, signed []byte) {
	t.Helper()
	s, err := seal.ParseSigned(signed)
	if err != nil {
		return
	}
	v.Digest = s.Content.Digest().String()
	if v.Expect != "ok" {
		return
	}
	p := new(valisev1.Header)
	must(t, proto.Unmarshal(s.Content.Header, p))
	v.KeyID, v.Header = s.KeyID.String(), headerJSON(p)
	v.HeaderSHA256, v.BodySHA256 = hash(s.Content.Header), hash(s.Content.Body)
	payload := s.Content.Payload()
	v.PayloadSize, v.PayloadSHA256 = len(payload), hash(payload)
	if len(payload) <= payloadInFull {
		v.Payload = hexOf(payload)
	}
	if message, ok := valisev1.NewPayload(p.GetKind()); ok {
		v.PayloadType = string(message.ProtoReflect().Descriptor().FullName())
	}
	v.UnknownParts = strings.HasPrefix(v.Name, "newer-") && v.Name != "newer-and-known"
}

func hash(b []byte) string { d := sha256.Sum256(b); return hexOf(d[:]) }

func headerJSON(p *valisev1.Header) *vectors.Header {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	h := &vectors.Header{
		Version: p.GetVersion(), MinorVersion: p.GetMinorVersion(), Realm: p.GetRealm(), Kind: int32(p.GetKind()),
		From: p.GetFrom(), To: p.GetTo(), Lane: p.GetLane(), Epoch: fmt.Sprintf("%016x", p.GetEpoch()),
		Sequence: number(p.GetSequence()), Previous: hexOf(p.GetPrevious()), Thread: hexOf(p.GetThread()),
		ThreadSequence: number(p.GetThreadSequence()), InReplyTo: hexOf(p.GetInReplyTo()), LastSeen: hexOf(p.GetLastSeen()),
		MessageID: hexOf(p.GetMessageId()), Created: p.GetCreated().AsTime().Format(time.RFC3339Nano),
		DirectoryNumber: number(p.GetDirectoryNumber()), DirectoryHash: hexOf(p.GetDirectoryHash()),
	}
	if o := p.GetOpening(); o != nil {
		h.Opening = &vectors.Opening{
			PreviousEpoch: fmt.Sprintf("%016x", o.GetPreviousEpoch()), LastSequence: number(o.GetLastSequence()), LastDigest: hexOf(o.GetLastDigest()),
		}
		for _, mark := range o.GetMarks() {
			h.Opening.Marks = append(h.Opening.Marks, vectors.Mark{
				Lane: mark.GetLane(), Epoch: fmt.Sprintf("%016x", mark.GetEpoch()), Mark: number(mark.GetMark()), Digest: hexOf(mark.GetDigest()),
			})
		}
	}
	return h
}

// reversed writes the header's fields last to first.
func (m *maker) reversed(t *testing.T, h seal.Header) []byte {
	t.Helper()
	var parts [][]byte
	for b := m.header(t, h); len(b) > 0; {
		n := fieldLength(t, b)
		parts = append([][]byte{b[:n]}, parts...)
		b = b[n:]
	}
	return bytes.Join(parts, nil)
}
