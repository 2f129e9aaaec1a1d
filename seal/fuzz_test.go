package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	valisev1 "valise.example/proto/valise/v1"
)

// Where FuzzOpen puts its bytes: a fuzzer without keys would only test the AEAD.
const (
	asEnvelope byte = iota
	asPlaintext
	asSigned
	asHeader
	asPayload
	layers
)

// FuzzOpen puts hostile bytes at every layer behind valid keys. Whatever is accepted must be the
// Signed of a known speaker and pass a second time; whatever is not must say where and why.
func FuzzOpen(f *testing.F) {
	w := newWorld()
	header, body := mustHeader(f, inquiryHeader()), bodyOf(inquiryPayload(10))
	f.Add(asEnvelope, w.honestEnvelope(f, 10))
	f.Add(asSigned, w.honestSigned(f, 10))
	f.Add(asHeader, header)
	f.Add(asPayload, body[NonceSize:])
	for _, h := range hostileSigned(f, w) {
		if len(h.signed) < 60_000 {
			f.Add(asSigned, h.signed)
		}
	}
	for _, s := range spoiledHeaders() {
		f.Add(asHeader, s.bytes(f))
	}
	for _, h := range hostileWires() {
		if len(h.wire) < 10_000 {
			f.Add(asPayload, h.wire)
			f.Add(asHeader, h.wire)
		}
	}
	f.Add(asPlaintext, make([]byte, 16<<10))
	f.Fuzz(func(t *testing.T, layer byte, b []byte) {
		if len(b) > MaxEnvelope {
			t.Skip("the size step alone")
		}
		opened, err := w.opener().Open(wrap(t, w, layer%layers, b))
		checkOutcome(t, w, opened, err)
	})
}

// wrap closes b honestly from the given layer outwards.
func wrap(t *testing.T, w world, layer byte, b []byte) []byte {
	t.Helper()
	switch layer {
	case asEnvelope:
		return b
	case asPlaintext:
		return mustSealBytes(t, b, w.birch.Recipient().r)
	case asHeader:
		b = signRaw(t, w.alder, b, bodyOf(inquiryPayload(10)))
	case asPayload:
		b = signRaw(t, w.alder, mustHeader(t, inquiryHeader()), bodyOf(b))
	}
	if len(b) == 0 || len(b) > MaxSigned {
		t.Skip("no envelope holds it")
	}
	return mustClose(t, b, w.birch)
}

func checkOutcome(t *testing.T, w world, opened *Opened, err error) {
	t.Helper()
	if err != nil {
		r, ok := errors.AsType[*Refusal](err)
		if !ok || opened != nil || r.Step == "" || r.Reason == valisev1.Reason_REASON_UNSPECIFIED || r.Reason == valisev1.Reason_REASON_INTERNAL {
			t.Fatalf("refused without step and reason: %v", err)
		}
		return
	}
	again, err := w.opener().VerifySigned(opened.Bytes)
	if err != nil || again.Digest != opened.Digest || !bytes.Equal(again.Signed.Marshal(), opened.Bytes) {
		t.Fatalf("accepted, and not again: %v", err)
	}
	if opened.Header.From != opened.Speaker.Address || opened.Header.To != opened.OpenedFor || opened.Header.Realm != testRealm {
		t.Fatalf("accepted from or for somebody else: %+v", opened.Header)
	}
}

// FuzzParseSigned: what is taken prints as it was read.
func FuzzParseSigned(f *testing.F) {
	w := newWorld()
	f.Add(w.honestSigned(f, 10))
	for _, h := range hostileSigned(f, w) {
		if len(h.signed) < 60_000 {
			f.Add(h.signed)
		}
	}
	f.Add([]byte{8, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSigned(b)
		if err == nil && !bytes.Equal(s.Marshal(), b) {
			t.Fatal("two forms of one Signed")
		}
		opened, err := w.opener().VerifySigned(b)
		if err != nil {
			checkOutcome(t, w, opened, err)
		}
	})
}

// FuzzParseHeader: what is taken prints and reads as the same header.
func FuzzParseHeader(f *testing.F) {
	f.Add(mustHeader(f, inquiryHeader()))
	for kind := range valisev1.Kind_name {
		if kind > 0 {
			f.Add(mustHeader(f, headerOf(valisev1.Kind(kind))))
		}
	}
	for _, s := range spoiledHeaders() {
		f.Add(s.bytes(f))
	}
	for _, h := range hostileWires() {
		if len(h.wire) < 10_000 {
			f.Add(h.wire)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHeader(b)
		if err != nil {
			mustBeRefusal(t, err)
			return
		}
		printed, err := h.Marshal()
		if err != nil {
			t.Fatalf("taken, and not printed: %v", err)
		}
		back, err := ParseHeader(printed)
		if err != nil {
			t.Fatal(err)
		}
		sameHeader(t, back, h)
	})
}

func mustBeRefusal(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*Refusal](err); !ok {
		t.Fatalf("%T is no refusal", err)
	}
}

// FuzzScanWire: whatever the scan takes, the decoder takes too and nothing of it is lost: the
// decoded message printed again scans clean and decodes the same.
func FuzzScanWire(f *testing.F) {
	types := []proto.Message{
		&valisev1.Inquiry{}, &valisev1.ReceiptBatch{}, &valisev1.Header{}, &valisev1.TextFact{},
		&valisev1.SignedObject{}, &valisev1.Entry{}, &valisev1.KeyBundle{}, &structpb.Value{},
	}
	for _, h := range hostileWires() {
		if len(h.wire) < 10_000 {
			for i := range types {
				f.Add(byte(i), h.wire)
			}
		}
	}
	f.Add(byte(0), inquiryPayload(20))
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		m := types[int(which)%len(types)].ProtoReflect().New().Interface()
		unknown, err := ScanWire(b, m.ProtoReflect().Descriptor())
		if err != nil {
			if !errors.Is(err, ErrWireForm) {
				t.Fatalf("%v", err)
			}
			return
		}
		if err := proto.Unmarshal(b, m); err != nil {
			t.Fatalf("scanned, and not decoded: %v", err)
		}
		printed := mustMarshal(m)
		again, err := ScanWire(printed, m.ProtoReflect().Descriptor())
		if err != nil || again != unknown {
			t.Fatalf("printed, it scans otherwise: %v, unknown %v then %v", err, unknown, again)
		}
		back := m.ProtoReflect().New().Interface()
		if err := proto.Unmarshal(printed, back); err != nil || !proto.Equal(m, back) {
			t.Fatalf("printed, it is another message: %v", err)
		}
	})
}

// FuzzKeyFile: no text makes a key that is not the one its id names.
func FuzzKeyFile(f *testing.F) {
	w := newWorld()
	f.Add([]byte(keyText(f, w)))
	for _, c := range spoiledKeyTexts(f, w) {
		f.Add([]byte(c.text))
	}
	f.Add([]byte("# valise sealing key\n# realm: " + string(testRealm) + "\n# key id: " + "00" + "\n" + w.birch.Secret() + "\n"))
	path := filepath.Join(f.TempDir(), "key")
	f.Fuzz(func(t *testing.T, b []byte) {
		must(t, os.WriteFile(path, b, 0o600))
		if key, err := ReadSigningKey(path, testRealm, nil); err == nil {
			id := key.Public().ID(testRealm)
			if !bytes.Contains(b, []byte(id.String())) {
				t.Fatal("a key that the file does not name")
			}
		}
		if key, err := ReadSealingKey(path, testRealm, nil); err == nil && !bytes.Contains(b, []byte(key.Secret())) {
			t.Fatal("a key that the file does not hold")
		}
	})
}

// FuzzRecipient: what parses prints as it was read.
func FuzzRecipient(f *testing.F) {
	w := newWorld()
	f.Add(w.birch.Recipient().String())
	f.Add(w.birch.Secret())
	f.Add("age1pq1")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRecipient(s); err == nil && r.String() != s {
			t.Errorf("%.30q came back as %.30q", s, r)
		}
		if k, err := ParseSealingKey(s); err == nil && k.Secret() != s {
			t.Error("a key came back otherwise")
		}
	})
}
