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
		slog.New(slog.NewJSONHandler(&out, nil)).Info("refused", slog.Any("refusal", r), slog.String("text", err.Error()))
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
