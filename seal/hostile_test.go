package seal

import (
	"bytes"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// hostile is Signed as a State with a valid key of its own, or a thief of an envelope, can make it.
type hostile struct {
	name   string
	signed []byte
	want   want
}

var (
	hostileOnce sync.Once
	hostileRows []hostile
)

// hostileSigned covers bad inputs 13 to 15, 18 to 30 inside a valid seal.
func hostileSigned(t testing.TB, w world) []hostile {
	t.Helper()
	hostileOnce.Do(func() { hostileRows = makeHostile(t, w) })
	return hostileRows
}

func makeHostile(t testing.TB, w world) []hostile {
	t.Helper()
	c := mustContent(t, inquiryHeader(), inquiryPayload(10))
	good := mustSign(t, w.alder, c)
	toCedar := inquiryHeader()
	toCedar.To = cedarTechnical
	otherWorld := inquiryHeader()
	otherWorld.Realm = otherRealm
	elsewhere, err := SignContent(otherRealm, w.alder, mustContent(t, otherWorld, inquiryPayload(10)))
	if err != nil {
		t.Fatal(err)
	}
	header, body := c.Header, c.Body
	out := []hostile{
		{"revoked key", mustSign(t, w.revoked, c), revokedKey},
		{"key of nobody", mustSign(t, w.unlisted, c), unknownKey},
		{"key of the same State's other track", mustSign(t, w.alderDiplomatic, c), wrongSpeech},
		{"key of another State", mustSign(t, w.cedar, c), wrongSpeech},
		{"another State, and no valid signature", spoil(mustSign(t, w.cedar, c), -1), wrongSpeech},
		{"forwarded", mustSign(t, w.alder, mustContent(t, toCedar, inquiryPayload(10))), notForUs},
		{"signed in another realm", elsewhere.Marshal(), unknownKey},
		{"header of another realm", signRaw(t, w.alder, mustHeader(t, otherWorld), body), badRealm},
		{"last bit of ML-DSA flipped", spoil(good, -1), unsigned},
		{"Ed25519 flipped", spoil(good, -3309-3-1), unsigned},
		{"body flipped", spoil(good, bytes.Index(good, []byte("Scanning"))), unsigned},
		{"header flipped", spoil(good, bytes.Index(good, []byte("XB/technical"))), unsigned},
		{"signatures of another message", transplant(t, good, mustSign(t, w.alder, mustContent(t, inquiryHeader(), nil))), unsigned},
		{"unknown field in the header", signRaw(t, w.alder, append(bytes.Clone(header), varint(99, 1)...), body), badWire},
		{"unknown field in the payload", signRaw(t, w.alder, header, append(bytes.Clone(body), varint(99, 1)...)), badWire},
		{"two senders in the header", signRaw(t, w.alder, append(field(5, []byte("XC/technical")), header...), body), badWire},
		{"no sender in the header", signRaw(t, w.alder, mustMarshal(without(t, header)), body), wrongSpeech},
		{"header of nothing but noise", signRaw(t, w.alder, []byte{0xff, 0xff}, body), badWire},
		{"payload of noise", signRaw(t, w.alder, header, bodyOf([]byte{0xff, 0xff})), badWire},
		{"unknown kind of noise", signRaw(t, w.alder, mustHeader(t, unknownKind()), bodyOf([]byte{0x0b})), badWire},
		{"content of one byte too many", signRaw(t, w.alder, header, bodyOf(inquiryPayload(MaxContent))), want{StepHeader, valisev1.Reason_REASON_TOO_LARGE}},
	}
	for _, s := range spoiledHeaders() {
		out = append(out, hostile{"header: " + s.name, signRaw(t, w.alder, s.bytes(t), bodyOf(nil)), s.want})
	}
	for kind := range valisev1.Kind_name {
		payload, ok := valisev1.NewPayload(valisev1.Kind(kind))
		for _, h := range hostileWires() {
			if ok && h.of.ProtoReflect().Descriptor() == payload.ProtoReflect().Descriptor() && len(h.wire) < MaxContent/2 {
				out = append(out, hostile{"payload: " + h.name, signRaw(t, w.alder, mustHeader(t, headerOf(valisev1.Kind(kind))), bodyOf(h.wire)), badWire})
			}
		}
	}
	return out
}

func unknownKind() Header { h := inquiryHeader(); h.Kind = 77; return h }

// headerOf is a header in order for any kind.
func headerOf(kind valisev1.Kind) Header {
	h := inquiryHeader()
	h.Kind = kind
	if kind == valisev1.Kind_KIND_ATTACHMENT_PART {
		h.Lane = 1
	}
	if !valisev1.IsSequenced(kind) {
		h.Sequence, h.Thread, h.ThreadSequence = 0, ident.ThreadID{}, 0
	}
	return h
}

// spoil flips a bit; a negative position counts from the end.
func spoil(b []byte, i int) []byte {
	if i < 0 {
		i += len(b)
	}
	return flip(b, i)
}

func transplant(t testing.TB, signed, from []byte) []byte {
	t.Helper()
	a, err := ParseSigned(signed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseSigned(from)
	if err != nil {
		t.Fatal(err)
	}
	a.Ed25519, a.MLDSA65 = b.Ed25519, b.MLDSA65
	return a.Marshal()
}

func without(t testing.TB, header []byte) *valisev1.Header {
	t.Helper()
	p := new(valisev1.Header)
	if err := proto.Unmarshal(header, p); err != nil {
		t.Fatal(err)
	}
	p.From = ""
	return p
}

func TestHostileInsideAValidSeal(t *testing.T) {
	w := newWorld()
	verified := map[Step]bool{StepWire: true, StepHeader: true, StepAddressee: true}
	for _, h := range hostileSigned(t, w) {
		t.Run(h.name, func(t *testing.T) {
			opened, err := w.opener().Open(mustClose(t, h.signed, w.birch))
			r := mustRefuse(t, opened, err, h.want)
			if r.Digest.IsZero() {
				t.Error("the refusal does not name the digest")
			}
			// What verified is evidence and names its sender; what did not is neither.
			if verified[r.Step] && (!bytes.Equal(r.Bytes, h.signed) || r.From != alderTechnical) {
				t.Errorf("evidence is missing: from %v, %d bytes", r.From, len(r.Bytes))
			}
			if r.Step == StepSignature && (r.Bytes != nil || !r.From.IsZero() || r.Header != nil) {
				t.Errorf("an unverified sender is named: %v", r.From)
			}
		})
	}
}

// TestUnreadablePayloadNamesItsChannel: the gateway lists it by D on the channel that the header
// names. docs/protocol.md §7.3
func TestUnreadablePayloadNamesItsChannel(t *testing.T) {
	w := newWorld()
	signed := signRaw(t, w.alder, mustHeader(t, inquiryHeader()), bodyOf([]byte{0xff}))
	opened, err := w.opener().Open(mustClose(t, signed, w.birch))
	r := mustRefuse(t, opened, err, badWire)
	if r.Header == nil || r.Header.Sequence != 1 || r.Header.Epoch != inquiryHeader().Epoch {
		t.Errorf("%+v", r.Header)
	}
}

// TestSignedForms: Signed has one form. Bad inputs 19, 20, 22, 23.
func TestSignedForms(t *testing.T) {
	w := newWorld()
	good := w.honestSigned(t, 10)
	s, err := ParseSigned(good)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*Signed)) []byte { c := s; f(&c); return c.Marshal() }
	for name, c := range map[string]struct {
		signed []byte
		want   want
	}{
		"nothing":                 {nil, badFrame},
		"an unknown field after":  {append(bytes.Clone(good), varint(7, 1)...), badFrame},
		"an unknown field before": {append(varint(7, 1), good...), badFrame},
		"suite twice":             {append(varint(1, 1), good...), badFrame},
		"signature twice":         {append(bytes.Clone(good), field(6, s.MLDSA65)...), badFrame},
		"no suite":                {good[2:], badFrame},
		"suite 0":                 {change(func(s *Signed) { s.Suite = 0 }), noSuite},
		"suite 2":                 {change(func(s *Signed) { s.Suite = 2 }), noSuite},
		"suite of 17 bits":        {append(varint(1, 1<<16|1), good[2:]...), badFrame},
		"suite over-long":         {append([]byte{8, 0x81, 0}, good[2:]...), badFrame},
		"suite as bytes":          {append(field(1, []byte{1}), good[2:]...), badFrame},
		"key id of 31 bytes":      {append(append(varint(1, 1), field(2, s.KeyID[:31])...), good[2+34:]...), badFrame},
		"no header":               {change(func(s *Signed) { s.Content.Header = nil }), badFrame},
		"body of 31 bytes":        {change(func(s *Signed) { s.Content.Body = s.Content.Body[:31] }), badFrame},
		"no Ed25519":              {change(func(s *Signed) { s.Ed25519 = nil }), badFrame},
		"Ed25519 of 65 bytes":     {change(func(s *Signed) { s.Ed25519 = make([]byte, 65) }), badFrame},
		"ML-DSA of 3,308 bytes":   {change(func(s *Signed) { s.MLDSA65 = s.MLDSA65[1:] }), badFrame},
		"header and body turned":  {turned(s), badFrame},
		"header over the limit":   {change(func(s *Signed) { s.Content.Header = make([]byte, MaxContent+1) }), badFrame},
		"body over the limit":     {change(func(s *Signed) { s.Content.Body = make([]byte, MaxReturnContent+1) }), badFrame},
		"both over the limit": {change(func(s *Signed) {
			s.Content.Header, s.Content.Body = make([]byte, 1000), make([]byte, MaxReturnContent-999)
		}), overLarge},
		"over every envelope": {make([]byte, MaxSigned+1), overLarge},
	} {
		t.Run(name, func(t *testing.T) {
			opened, err := w.opener().VerifySigned(c.signed)
			mustRefuse(t, opened, err, c.want)
		})
	}
	for n := range good {
		if _, err := ParseSigned(good[:n]); err == nil {
			t.Fatalf("cut at %d of %d it was taken", n, len(good))
		}
	}
}

func turned(s Signed) []byte {
	return join(varint(1, 1), field(2, s.KeyID[:]), field(4, s.Content.Body), field(3, s.Content.Header), field(5, s.Ed25519), field(6, s.MLDSA65))
}

// TestStepsComeInOrder gives each envelope every later fault as well: the first step must speak.
func TestStepsComeInOrder(t *testing.T) {
	w := newWorld()
	toCedar := func(p *valisev1.Header) { p.To = "XC/technical" }
	header := func(changes ...func(*valisev1.Header)) []byte {
		p := inquiryHeader().proto()
		for _, c := range changes {
			c(p)
		}
		return mustMarshal(p)
	}
	noTime := func(p *valisev1.Header) { p.Created = nil }
	version := func(p *valisev1.Header) { p.Version = 2 }
	fromCedar := func(p *valisev1.Header) { p.From = "XC/technical" }
	noise := bodyOf([]byte{0xff})
	faulty := header(toCedar, noTime)
	padded := func(signed []byte) []byte {
		b, err := pad(signed)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	close := func(plaintext []byte) []byte { return mustSealBytes(t, plaintext, w.birch.Recipient().r) }
	everything := padded(spoil(signRaw(t, w.unlisted, faulty, noise), -1))
	everything[len(everything)-1] = 1
	for i, c := range []struct {
		envelope []byte
		want     want
	}{
		{make([]byte, MaxEnvelope+1), offSize},
		{flip(mustSealBytes(t, everything, w.stranger.Recipient().r, w.stranger.Recipient().r), 10_000), offShape},
		{mustSealBytes(t, everything, w.stranger.Recipient().r), notOurs},
		{flip(close(everything), 10_000), broken},
		{close(everything), badPad},
		{close(padded(spoil(signRaw(t, w.unlisted, faulty, noise), 2))), badFrame},
		{close(padded(spoil(signRaw(t, w.unlisted, faulty, noise), -1))), unknownKey},
		{close(padded(spoil(signRaw(t, w.revoked, header(toCedar, noTime, fromCedar), noise), -1))), revokedKey},
		{close(padded(spoil(signRaw(t, w.alder, header(toCedar, noTime, fromCedar), noise), -1))), wrongSpeech},
		{close(padded(spoil(signRaw(t, w.alder, faulty, noise), -1))), unsigned},
		{close(padded(signRaw(t, w.alder, append(header(version, toCedar), 0x0b), noise))), badWire},
		{close(padded(signRaw(t, w.alder, header(version, toCedar, noTime), noise))), badVersion},
		{close(padded(signRaw(t, w.alder, faulty, noise))), badWire},
		{close(padded(signRaw(t, w.alder, faulty, bodyOf(nil)))), badHeader},
		{close(padded(signRaw(t, w.alder, header(toCedar), bodyOf(nil)))), notForUs},
	} {
		opened, err := w.opener().Open(c.envelope)
		if r := asRefusal(err, ""); opened != nil || r.Step != c.want.step || r.Reason != c.want.reason {
			t.Errorf("row %d: %v, want %v", i, err, c.want)
		}
	}
}
