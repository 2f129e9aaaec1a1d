package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"filippo.io/age"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

var (
	unknownKey  = want{StepKey, valisev1.Reason_REASON_UNKNOWN_KEY}
	revokedKey  = want{StepKey, valisev1.Reason_REASON_REVOKED_KEY}
	wrongSpeech = want{StepKey, valisev1.Reason_REASON_WRONG_SIGNER}
	unsigned    = want{StepSignature, valisev1.Reason_REASON_BAD_SIGNATURE}
	notForUs    = want{StepAddressee, valisev1.Reason_REASON_NOT_FOR_US}
)

func TestOpenGivesWhatWasClosed(t *testing.T) {
	w := newWorld()
	for _, narrative := range []int{0, 10, 30_000, 119_000} {
		c := mustContent(t, inquiryHeader(), inquiryPayload(narrative))
		signed := mustSign(t, w.alder, c)
		opened, err := w.opener().Open(mustClose(t, signed, w.birch))
		if err != nil {
			t.Fatal(err)
		}
		sameHeader(t, opened.Header, inquiryHeader())
		message, ok := opened.Message.(*valisev1.Inquiry)
		if !ok || len(message.Narrative) != narrative || !bytes.Equal(mustMarshal(message), opened.Payload) {
			t.Errorf("the message came back as %T", opened.Message)
		}
		if !bytes.Equal(opened.Bytes, signed) || opened.Digest != c.Digest() || !opened.Signed.Content.Equal(c) {
			t.Error("other bytes came back")
		}
		if opened.Speaker.Address != alderTechnical || opened.OpenedFor != birchTechnical || opened.UnknownParts {
			t.Errorf("%+v", opened.Speaker)
		}
		if cap(opened.Bytes) > 2*len(signed)+4096 {
			t.Errorf("a message of %d bytes holds %d in memory", len(signed), cap(opened.Bytes))
		}
	}
}

// TestReSealAndReSign make no new message: another envelope of the same Signed, another Signed of
// the same Content. docs/protocol.md §4.4
func TestReSealAndReSign(t *testing.T) {
	w := newWorld()
	c := mustContent(t, inquiryHeader(), inquiryPayload(10))
	first := mustSign(t, w.alder, c)
	a, b := mustClose(t, first, w.birch), mustClose(t, first, w.birchOld)
	if bytes.Equal(a, b) || bytes.Equal(a, mustClose(t, first, w.birch)) {
		t.Error("two envelopes are the same bytes")
	}
	next := seededKey(9)
	o := w.opener()
	resolve := o.Resolve
	o.Resolve = func(id ident.KeyID) (Speaker, bool) {
		if id == next.Public().ID(testRealm) {
			return Speaker{Key: next.Public(), Address: alderTechnical, ValidFrom: created.AddDate(1, 0, 0)}, true
		}
		return resolve(id)
	}
	for _, envelope := range [][]byte{a, b, mustClose(t, mustSign(t, next, c), w.birch)} {
		opened, err := o.Open(envelope)
		if err != nil || opened.Digest != c.Digest() || opened.Header.MessageID != inquiryHeader().MessageID {
			t.Errorf("%v", err)
		}
	}
}

// TestWindowsOfValidityNeverRefuse: they mark. docs/protocol.md §8.5
func TestWindowsOfValidityNeverRefuse(t *testing.T) {
	w := newWorld()
	o := w.opener()
	for _, s := range []Speaker{{ValidFrom: created.AddDate(5, 0, 0)}, {ValidUntil: created.AddDate(-5, 0, 0)}} {
		s.Key, s.Address = w.alder.Public(), alderTechnical
		o.Resolve = func(ident.KeyID) (Speaker, bool) { return s, true }
		if _, err := o.Open(w.honestEnvelope(t, 1)); err != nil {
			t.Error(err)
		}
	}
}

// hostile is Signed as a State with a valid key of its own, or a thief of an envelope, can make it.
type hostile struct {
	name   string
	signed []byte
	want   want
}

// hostileSigned covers bad inputs 13 to 15, 18 to 30 inside a valid seal.
func hostileSigned(t testing.TB, w world) []hostile {
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
		out = append(out, hostile{"header: " + s.name, signRaw(t, w.alder, s.bytes(t), body), s.want})
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

// TestUnknownKindsAndParts: a kind of a later version opens without a message; parts of a higher
// minor version are marked. docs/protocol.md §4.1
func TestUnknownKindsAndParts(t *testing.T) {
	w := newWorld()
	newer := func(h Header) []byte { h.MinorVersion = 1; return mustHeader(t, h) }
	later := join(varint(99, 1), field(98, []byte("later")))
	for name, c := range map[string]struct {
		header, payload []byte
		message, marked bool
	}{
		"unknown kind":                    {mustHeader(t, unknownKind()), later, false, false},
		"unknown field in the payload":    {newer(inquiryHeader()), join(inquiryPayload(5), later), true, true},
		"unknown field in the header":     {join(newer(inquiryHeader()), later), inquiryPayload(5), true, true},
		"unknown enum value":              {newer(inquiryHeader()), varint(6, 99), true, true},
		"higher version, nothing unknown": {newer(inquiryHeader()), inquiryPayload(5), true, false},
		"unknown kind, newer header":      {join(newer(unknownKind()), later), nil, false, true},
	} {
		opened, err := w.opener().Open(mustClose(t, signRaw(t, w.alder, c.header, bodyOf(c.payload)), w.birch))
		if err != nil || (opened.Message != nil) != c.message || opened.UnknownParts != c.marked {
			t.Errorf("%s: %+v, %v", name, opened, err)
		}
	}
	// A newer header does not excuse what no version may do.
	bad := signRaw(t, w.alder, newer(inquiryHeader()), bodyOf(join(field(3, nil), field(3, nil))))
	opened, err := w.opener().Open(mustClose(t, bad, w.birch))
	mustRefuse(t, opened, err, badWire)
}

// TestEquivocationIsTwoDigests: same number, same id, other content keeps both as evidence; which
// stands is the gateway's rule. Bad inputs 16, 17.
func TestEquivocationIsTwoDigests(t *testing.T) {
	w := newWorld()
	a, errA := w.opener().Open(w.honestEnvelope(t, 10))
	b, errB := w.opener().Open(w.honestEnvelope(t, 11))
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if a.Header.MessageID != b.Header.MessageID || a.Header.Sequence != b.Header.Sequence || a.Digest == b.Digest {
		t.Error("one digest for two contents")
	}
}

func TestVerifySignedAsksNoAddress(t *testing.T) {
	w := newWorld()
	o := w.opener()
	o.Mine, o.Keys = nil, nil
	h := inquiryHeader()
	h.To = cedarTechnical
	opened, err := o.VerifySigned(mustSign(t, w.alder, mustContent(t, h, inquiryPayload(3))))
	if err != nil || !opened.OpenedFor.IsZero() || opened.Header.To != cedarTechnical {
		t.Errorf("%v", err)
	}
	o.Resolve = nil
	opened, err = o.VerifySigned(w.honestSigned(t, 1))
	mustRefuse(t, opened, err, unknownKey)
	o.Resolve = func(ident.KeyID) (Speaker, bool) {
		return Speaker{Key: w.cedar.Public(), Address: alderTechnical}, true
	}
	opened, err = o.VerifySigned(w.honestSigned(t, 1))
	mustRefuse(t, opened, err, unknownKey)
}

// TestLargestMessages: 250,000 bytes of content and not one more, and a Return that holds it.
func TestLargestMessages(t *testing.T) {
	w := newWorld()
	h := headerOf(valisev1.Kind_KIND_ATTACHMENT_PART)
	h.Kind, h.Lane = 77, 0 // an unknown kind may be as large as content can be
	fill := func(h Header, size int) (Content, error) {
		room := size - len(mustHeader(t, h)) - NonceSize
		return NewContent(h, [NonceSize]byte{}, field(1, make([]byte, room-4)))
	}
	c, err := fill(h, MaxContent)
	if err != nil || c.size() != MaxContent {
		t.Fatalf("%d bytes: %v", c.size(), err)
	}
	if _, err := fill(h, MaxContent+1); err == nil {
		t.Error("250,001 bytes were taken")
	}
	signed := mustSign(t, w.alder, c)
	if opened, err := w.opener().Open(mustClose(t, signed, w.birch)); err != nil || opened.Digest != c.Digest() {
		t.Fatal(err)
	}
	back := headerOf(valisev1.Kind_KIND_RETURN)
	r := mustContent(t, back, mustMarshal(&valisev1.Return{Signed: signed}))
	opened, err := w.opener().Open(mustClose(t, mustSign(t, w.alder, r), w.birch))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := w.opener().VerifySigned(opened.Message.(*valisev1.Return).GetSigned())
	if err != nil || inner.Digest != c.Digest() {
		t.Fatal(err)
	}
	if _, err := NewContent(back, [NonceSize]byte{}, mustMarshal(&valisev1.Return{Signed: make([]byte, MaxReturnContent)})); err == nil {
		t.Error("a Return over its own limit was taken")
	}
}

func TestNewContentRefusesWhatPeersRefuse(t *testing.T) {
	_, err := NewContent(inquiryHeader(), [NonceSize]byte{}, []byte{0xff})
	mustRefuse(t, nil, err, badWire)
	_, err = NewContent(inquiryHeader(), [NonceSize]byte{}, varint(99, 1))
	mustRefuse(t, nil, err, badWire)
	_, err = NewContent(Header{}, [NonceSize]byte{}, nil)
	mustRefuse(t, nil, err, badHeader)
	if (Content{Body: make([]byte, NonceSize-1)}).Payload() != nil {
		t.Error("a payload out of a short body")
	}
}

func TestSignContentRefuses(t *testing.T) {
	w := newWorld()
	c := mustContent(t, inquiryHeader(), nil)
	_, err := SignContent(otherRealm, w.alder, c)
	mustRefuse(t, nil, err, badRealm)
	_, err = SignContent(testRealm, w.alder, Content{Header: []byte{0xff}, Body: c.Body})
	mustRefuse(t, nil, err, badWire)
	_, err = SignContent(testRealm, w.alder, Content{Header: c.Header, Body: c.Body[:NonceSize-1]})
	mustRefuse(t, nil, err, badFrame)
	_, err = SignContent(testRealm, w.alder, Content{Header: c.Header, Body: make([]byte, MaxContent)})
	mustRefuse(t, nil, err, overLarge)
	if _, err = SignContent(testRealm, nil, c); err == nil {
		t.Error("signed without a key")
	}
}

// TestStockAgeOpensOurEnvelope: age -d gives exactly the padded frame while the key lives.
// docs/protocol.md §4.4
func TestStockAgeOpensOurEnvelope(t *testing.T) {
	w := newWorld()
	for _, narrative := range []int{10, 30_000, 100_000} {
		signed := w.honestSigned(t, narrative)
		id, err := age.ParseHybridIdentity(w.birch.Secret())
		if err != nil {
			t.Fatal(err)
		}
		r, err := age.Decrypt(bytes.NewReader(mustClose(t, signed, w.birch)), id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := pad(signed)
		if err != nil || !bytes.Equal(got, wanted) {
			t.Errorf("stock age gives other bytes, %v", err)
		}
	}
}

func TestRefusalsLogNothingOfThePeer(t *testing.T) {
	const canary = "canary-of-the-peer"
	w := newWorld()
	h := inquiryHeader().proto()
	h.Realm = canary
	for _, envelope := range [][]byte{
		[]byte("age-encryption.org/v1\n-> " + canary + "\n"),
		mustClose(t, signRaw(t, w.alder, mustMarshal(h), bodyOf([]byte(canary))), w.birch),
		mustClose(t, signRaw(t, w.alder, mustHeader(t, inquiryHeader()), bodyOf([]byte(canary))), w.birch),
	} {
		_, err := w.opener().Open(envelope)
		var out strings.Builder
		r, ok := errors.AsType[*Refusal](err)
		if !ok {
			t.Fatal(err)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("refused", "refusal", r, "text", err.Error())
		if strings.Contains(out.String(), canary) || len(out.String()) > 500 {
			t.Errorf("logged: %s", out.String())
		}
		if !strings.Contains(out.String(), r.Reason.String()) {
			t.Errorf("the reason is not logged: %s", out.String())
		}
	}
}

func TestRefusalUnwraps(t *testing.T) {
	cause := errors.New("cause")
	if r := asRefusal(cause, StepFrame); r.Reason != valisev1.Reason_REASON_INTERNAL || !errors.Is(r, cause) {
		t.Errorf("%v", r)
	}
	if r := (&Refusal{Step: StepKey, Reason: valisev1.Reason_REASON_UNKNOWN_KEY}); r.Unwrap() != nil || r.Error() == "" {
		t.Errorf("%v", r)
	}
}

// TestSealProperties: any Signed comes back from the smallest envelope that holds it; any change of
// one byte of the envelope is refused.
func TestSealProperties(t *testing.T) {
	w := newWorld()
	key := w.birch
	keys := []HeldKey{{key, birchTechnical}}
	edge := rapid.SampledFrom([]int{1, 16<<10 - 5, 16<<10 - 4, 16<<10 - 3, 64<<10 - 4, 64<<10 - 3, 256<<10 - 4})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(edge, rapid.IntRange(1, 70_000)).Draw(t, "size")
		signed := filler(n)
		sum := sha256.Sum256(signed)
		envelope, err := Close(signed, key.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		plaintext, by, err := decrypt(envelope, keys)
		if err != nil || by.Address != birchTechnical {
			t.Fatal(err)
		}
		got, err := unpad(plaintext)
		if err != nil || sha256.Sum256(got) != sum {
			t.Fatalf("other bytes came back: %v", err)
		}
		i := rapid.IntRange(0, len(envelope)-1).Draw(t, "byte")
		changed := bytes.Clone(envelope)
		changed[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if checkProfile(changed) == nil {
			if _, _, err := decrypt(changed, keys); err == nil {
				t.Fatalf("byte %d changed and it opened", i)
			}
		}
	})
}
