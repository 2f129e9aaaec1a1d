package seal

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

var (
	offSize   = want{StepSize, valisev1.Reason_REASON_ENVELOPE_SIZE}
	offShape  = want{StepProfile, valisev1.Reason_REASON_ENVELOPE_PROFILE}
	notOurs   = want{StepDecrypt, valisev1.Reason_REASON_CANNOT_DECRYPT}
	broken    = want{StepDecrypt, valisev1.Reason_REASON_ENVELOPE_DAMAGED}
	badPad    = want{StepPadding, valisev1.Reason_REASON_PADDING}
	badFrame  = want{StepFrame, valisev1.Reason_REASON_FRAME}
	noSuite   = want{StepFrame, valisev1.Reason_REASON_UNKNOWN_SUITE}
	overLarge = want{StepFrame, valisev1.Reason_REASON_TOO_LARGE}
)

// unlabelled hides a recipient's labels, so that age mixes what it otherwise refuses to mix.
type unlabelled struct{ age.Recipient }

func (u unlabelled) Wrap(fileKey []byte) ([]*age.Stanza, error) { return u.Recipient.Wrap(fileKey) }

// grease adds n stanzas of a type that nobody knows.
type grease struct{ n int }

func (g grease) Wrap([]byte) ([]*age.Stanza, error) {
	var out []*age.Stanza
	for range g.n {
		out = append(out, &age.Stanza{Type: "grease-1", Args: []string{"x"}, Body: []byte("y")})
	}
	return out, nil
}

func mustSealBytes(t testing.TB, plaintext []byte, to ...age.Recipient) []byte {
	t.Helper()
	b, err := sealBytes(plaintext, to...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w world) honestSigned(t testing.TB, narrative int) []byte {
	t.Helper()
	return mustSign(t, w.alder, mustContent(t, inquiryHeader(), inquiryPayload(narrative)))
}

// TestProfileRefusesMixedFiles: stock age opens every one of these with Birch's key. Bad inputs 6,
// 7, 8.
func TestProfileRefusesMixedFiles(t *testing.T) {
	w := newWorld()
	plaintext, err := pad(w.honestSigned(t, 10))
	if err != nil {
		t.Fatal(err)
	}
	birch := unlabelled{w.birch.Recipient().r}
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	passphrase, err := age.NewScryptRecipient("alder")
	if err != nil {
		t.Fatal(err)
	}
	passphrase.SetWorkFactor(1)
	for name, envelope := range map[string][]byte{
		"two hybrid stanzas":           mustSealBytes(t, plaintext, w.birch.Recipient().r, w.stranger.Recipient().r),
		"two hybrid stanzas, ours 2nd": mustSealBytes(t, plaintext, w.stranger.Recipient().r, w.birch.Recipient().r),
		"hybrid twice to us":           mustSealBytes(t, plaintext, w.birch.Recipient().r, w.birch.Recipient().r),
		"hybrid and grease":            mustSealBytes(t, plaintext, birch, grease{1}),
		"grease and hybrid":            mustSealBytes(t, plaintext, grease{1}, birch),
		"hybrid and scrypt":            mustSealBytes(t, plaintext, birch, unlabelled{passphrase}),
		"hybrid and X25519":            mustSealBytes(t, plaintext, birch, unlabelled{x.Recipient()}),
		"hybrid and 1,023 others":      mustSealBytes(t, plaintext, birch, grease{1023}),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := age.Decrypt(bytes.NewReader(envelope), w.birch.id)
			if err != nil {
				t.Fatalf("stock age does not open it, so it proves nothing: %v", err)
			}
			if out, err := io.ReadAll(r); err != nil || !bytes.Equal(out, plaintext) {
				t.Fatalf("stock age reads it otherwise: %v", err)
			}
			opened, err := w.opener().Open(envelope)
			mustRefuse(t, opened, err, offShape)

			// The wrapper round Unwrap refuses it even without the look at the raw header.
			if _, _, err := decrypt(envelope, w.opener().Keys()); err == nil {
				t.Fatal("the stanza wrapper let it through")
			} else {
				mustRefuse(t, nil, err, offShape)
			}
		})
	}
}

// TestEnvelopeShapes takes an honest envelope and spoils its outside. Bad inputs 1, 3 to 8, 11, 12.
func TestEnvelopeShapes(t *testing.T) {
	w := newWorld()
	small, middle := w.honestEnvelope(t, 10), w.honestEnvelope(t, 30_000)
	plaintext, err := pad(w.honestSigned(t, 10))
	if err != nil {
		t.Fatal(err)
	}
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	birch := w.birch.Recipient().r
	for name, c := range map[string]struct {
		envelope []byte
		want     want
	}{
		"empty":                        {nil, offSize},
		"one byte over":                {make([]byte, MaxEnvelope+1), offSize},
		"16 MiB of valid chunks":       {mustSealBytes(t, make([]byte, 16<<20), birch), offSize},
		"one byte of plaintext over":   {mustSealBytes(t, make([]byte, 256<<10+1), birch), offSize},
		"largest size of nothing":      {make([]byte, MaxEnvelope), offShape},
		"X25519 only":                  {mustSealBytes(t, plaintext, x.Recipient()), offShape},
		"scrypt with a factor of 30":   {hugeScrypt(), offShape},
		"1,025 stanzas":                {mustSealBytes(t, plaintext, unlabelled{birch}, grease{1024}), offShape},
		"armored":                      {armored(t, small), offShape},
		"CRLF":                         {bytes.ReplaceAll(small, []byte("\n"), []byte("\r\n")), offShape},
		"another version of age":       {bytes.Replace(small, []byte("/v1\n"), []byte("/v2\n"), 1), offShape},
		"a line too many":              {bytes.Replace(small, []byte("\n--- "), []byte("\n\n--- "), 1), offShape},
		"base64 that is not canonical": {notCanonical(t, small), offShape},
		"a byte after the last chunk":  {append(bytes.Clone(small), 0), broken},
		"a byte after a full chunk":    {append(bytes.Clone(middle), 0), broken},
		"an envelope after the first":  {append(bytes.Clone(middle), small...), broken},
		"last byte flipped":            {flip(small, len(small)-1), broken},
		"last chunk flipped":           {flip(small, len(small)-tagSize-1), broken},
		"second chunk of an old age":   {append(bytes.Clone(middle), make([]byte, tagSize)...), broken},
		"nonce flipped":                {flip(small, ageHeaderSize), broken},
		"authenticator flipped":        {flipBase64(small, ageHeaderSize-20), broken},
		"file key flipped":             {flipBase64(small, ageHeaderSize-80), notOurs},
		"ML-KEM ciphertext flipped":    {flipBase64(small, len(profileIntro)+100), notOurs},
		"X25519 share flipped":         {flipBase64(small, len(profileIntro)+b64Len(encSize)-20), notOurs},
		"age inside age, 50 deep":      {nested(t, w, 50), badPad},
	} {
		t.Run(name, func(t *testing.T) {
			opened, err := w.opener().Open(c.envelope)
			r := mustRefuse(t, opened, err, c.want)
			if r.Bytes != nil || r.Header != nil || !r.Digest.IsZero() || !r.From.IsZero() {
				t.Errorf("something came out: %+v", r)
			}
		})
	}
}

// TestCutEnvelopes cuts at every byte of the header and round every chunk edge. Bad input 2.
func TestCutEnvelopes(t *testing.T) {
	w := newWorld()
	o := w.opener()
	large := w.honestEnvelope(t, 100_000)
	if len(large) != MaxEnvelope {
		t.Fatalf("the envelope has %d bytes, want the largest", len(large))
	}
	for n := range ageHeaderSize {
		wanted := offShape
		if n == 0 {
			wanted = offSize
		}
		opened, err := o.Open(large[:n])
		mustRefuse(t, opened, err, wanted)
	}
	for n := ageHeaderSize; n <= ageHeaderSize+nonceSize+tagSize; n++ {
		opened, err := o.Open(large[:n])
		mustRefuse(t, opened, err, broken)
	}
	for chunk := range 4 {
		edge := ageHeaderSize + nonceSize + (chunk+1)*(chunkSize+tagSize)
		for _, n := range []int{edge - tagSize - 1, edge - tagSize, edge - 1, edge, edge + 1, edge + tagSize} {
			if n >= len(large) {
				continue
			}
			opened, err := o.Open(large[:n])
			mustRefuse(t, opened, err, broken)
		}
	}
}

// TestEveryHeaderByteCounts flips each byte of the age header: no change is tolerated.
func TestEveryHeaderByteCounts(t *testing.T) {
	w := newWorld()
	o := w.opener()
	envelope := w.honestEnvelope(t, 10)
	for i := range ageHeaderSize {
		opened, err := o.Open(flip(envelope, i))
		if r := asRefusal(err, ""); opened != nil || r.Step != StepProfile && r.Step != StepDecrypt {
			t.Fatalf("byte %d of the header flipped: %v, %v", i, opened != nil, err)
		}
	}
}

// TestSealedToOthers: a key we never held, one we destroyed, no key at all, the other track's.
// Bad input 9.
func TestSealedToOthers(t *testing.T) {
	w := newWorld()
	o := w.opener()
	signed := w.honestSigned(t, 10)

	opened, err := o.Open(mustClose(t, signed, w.stranger))
	mustRefuse(t, opened, err, notOurs)

	o.Keys = func() []HeldKey { return []HeldKey{{w.birch, birchTechnical}, {SealingKey{}, birchTechnical}} }
	opened, err = o.Open(mustClose(t, signed, w.birchOld))
	mustRefuse(t, opened, err, notOurs)

	o.Keys = nil
	opened, err = o.Open(mustClose(t, signed, w.birch))
	mustRefuse(t, opened, err, notOurs)

	opened, err = w.opener().Open(mustClose(t, signed, w.birchDesk))
	mustRefuse(t, opened, err, want{StepAddressee, valisev1.Reason_REASON_NOT_FOR_US})

	// A desk that is no longer ours, though its key still opens.
	for _, mine := range []func(ident.Address) bool{nil, func(a ident.Address) bool { return a != birchTechnical }} {
		o = w.opener()
		o.Mine = mine
		opened, err = o.Open(mustClose(t, signed, w.birch))
		mustRefuse(t, opened, err, want{StepAddressee, valisev1.Reason_REASON_NOT_FOR_US})
	}
}

// TestPlaintextForms puts hostile plaintexts inside a valid seal.
func TestPlaintextForms(t *testing.T) {
	w := newWorld()
	signed := w.honestSigned(t, 10)
	frame := func(size int, length uint32, signed []byte) []byte {
		b := make([]byte, size)
		binary.BigEndian.PutUint32(b, length)
		copy(b[frameHead:], signed)
		return b
	}
	honest := frame(16<<10, uint32(len(signed)), signed)
	for name, c := range map[string]struct {
		plaintext []byte
		want      want
	}{
		"nothing":                      {nil, badPad},
		"one byte short":               {honest[:len(honest)-1], badPad},
		"one byte long":                {append(bytes.Clone(honest), 0), badPad},
		"32 KiB":                       {frame(32<<10, uint32(len(signed)), signed), badPad},
		"a larger size than it needs":  {frame(64<<10, uint32(len(signed)), signed), badPad},
		"the largest size for little":  {frame(256<<10, uint32(len(signed)), signed), badPad},
		"last byte of padding set":     {flip(honest, len(honest)-1), badPad},
		"first byte of padding set":    {flip(honest, frameHead+len(signed)), badPad},
		"length 0":                     {frame(16<<10, 0, nil), badFrame},
		"length of one too many":       {frame(16<<10, 16<<10-frameHead+1, signed), badFrame},
		"length of 4 GiB":              {frame(16<<10, 1<<32-1, signed), badFrame},
		"length one short":             {frame(16<<10, uint32(len(signed)-1), signed[:len(signed)-1]), badFrame},
		"length one long":              {frame(16<<10, uint32(len(signed)+1), signed), badFrame},
		"no protobuf":                  {frame(16<<10, 8, []byte("\xff\xff\xff\xff\xff\xff\xff\xff")), badFrame},
		"age in the place of signed":   {frame(16<<10, 8, []byte("age-encr")), badFrame},
		"random bytes of a right size": {filler(16 << 10), badFrame},
	} {
		t.Run(name, func(t *testing.T) {
			envelope := mustSealBytes(t, c.plaintext, w.birch.Recipient().r)
			opened, err := w.opener().Open(envelope)
			mustRefuse(t, opened, err, c.want)
		})
	}
}

// TestDecryptIsBounded: whatever the size step let through, no more than one byte over the largest
// plaintext is ever held.
func TestDecryptIsBounded(t *testing.T) {
	w := newWorld()
	plaintext, _, err := decrypt(mustSealBytes(t, make([]byte, 1<<20), w.birch.Recipient().r), w.opener().Keys())
	if err != nil || len(plaintext) != plaintextSizes[2]+1 {
		t.Fatalf("%d bytes were held, %v", len(plaintext), err)
	}
	_, err = unpad(plaintext)
	mustRefuse(t, nil, err, badPad)
}

// TestSizesAreTheProfiles pins the lengths that docs/protocol.md §4.4 names.
func TestSizesAreTheProfiles(t *testing.T) {
	if ageHeaderSize != 1627 || MaxEnvelope != 263_851 {
		t.Fatalf("header %d, largest envelope %d", ageHeaderSize, MaxEnvelope)
	}
	w := newWorld()
	for narrative, size := range map[int]int{10: 18_043, 30_000: 67_195, 100_000: 263_851} {
		if got := len(w.honestEnvelope(t, narrative)); got != size {
			t.Errorf("a narrative of %d bytes makes an envelope of %d, want %d", narrative, got, size)
		}
	}
}

func TestCloseRefuses(t *testing.T) {
	w := newWorld()
	if _, err := Close([]byte("x"), Recipient{}); err == nil {
		t.Error("sealed to nobody")
	}
	for _, n := range []int{0, MaxSigned + 1} {
		_, err := Close(make([]byte, n), w.birch.Recipient())
		mustRefuse(t, nil, err, overLarge)
	}
	if _, err := Close(make([]byte, MaxSigned), w.birch.Recipient()); err != nil {
		t.Errorf("the largest Signed: %v", err)
	}
}

func TestRecipientsAreHybridAndCanonical(t *testing.T) {
	w := newWorld()
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good := w.birch.Recipient().String()
	if len(good) != 1959 {
		t.Errorf("a recipient has %d characters", len(good))
	}
	for _, s := range []string{
		"", x.Recipient().String(), strings.ToUpper(good), good + " ", good[:len(good)-1], "age1pq1", good[:100] + "b" + good[101:],
	} {
		if r, err := ParseRecipient(s); err == nil {
			t.Errorf("%.20q… was taken as %.20q…", s, r)
		} else if len(s) > 60 && strings.Contains(err.Error(), s[:60]) {
			t.Errorf("the error repeats what was read: %v", err)
		}
		if _, err := ParseSealingKey(s); err == nil {
			t.Errorf("%.20q… was taken as a key", s)
		}
	}
	if r, err := ParseRecipient(good); err != nil || r.ID() != w.birch.Recipient().ID() || r.String() != good {
		t.Errorf("%v", err)
	}
	if k, err := ParseSealingKey(w.birch.Secret()); err != nil || k.Recipient().ID() != w.birch.Recipient().ID() {
		t.Errorf("%v", err)
	}
	if _, err := ParseSealingKey(strings.ToLower(w.birch.Secret())); err == nil {
		t.Error("a lower-case identity was taken")
	}
}

func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

// flipBase64 changes one character of the header to another of the alphabet.
func flipBase64(b []byte, i int) []byte {
	b = bytes.Clone(b)
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return b
}

// notCanonical sets one of the bits that the last character of the file key must leave at zero.
func notCanonical(t *testing.T, envelope []byte) []byte {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(profileIntro) + b64Len(encSize) + 1 + b64Len(wrappedSize) - 1
	b := bytes.Clone(envelope)
	b[last] = alphabet[strings.IndexByte(alphabet, b[last])|1]
	if bytes.Equal(b, envelope) {
		t.Fatal("nothing changed")
	}
	return b
}

func armored(t *testing.T, envelope []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	if _, err := w.Write(envelope); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func hugeScrypt() []byte {
	head := "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n" + strings.Repeat("A", 43) + "\n--- " + strings.Repeat("A", 43) + "\n"
	return append([]byte(head), make([]byte, 20_000)...)
}

func nested(t *testing.T, w world, depth int) []byte {
	t.Helper()
	b := []byte("the innermost")
	for range depth {
		b = mustSealBytes(t, b, w.birch.Recipient().r)
	}
	return b
}
