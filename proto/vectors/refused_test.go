package vectors_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// Reasons, as the index names them.
const (
	envelopeSize    = "REASON_ENVELOPE_SIZE"
	envelopeProfile = "REASON_ENVELOPE_PROFILE"
	cannotDecrypt   = "REASON_CANNOT_DECRYPT"
	envelopeDamaged = "REASON_ENVELOPE_DAMAGED"
	padding         = "REASON_PADDING"
	frame           = "REASON_FRAME"
	unknownSuite    = "REASON_UNKNOWN_SUITE"
	unknownKey      = "REASON_UNKNOWN_KEY"
	revokedKey      = "REASON_REVOKED_KEY"
	wrongSigner     = "REASON_WRONG_SIGNER"
	badSignature    = "REASON_BAD_SIGNATURE"
	notForUs        = "REASON_NOT_FOR_US"
)

// unlabelled hides a recipient's labels, so that age mixes what it otherwise refuses to mix.
type unlabelled struct{ age.Recipient }

func (u unlabelled) Wrap(fileKey []byte) ([]*age.Stanza, error) { return u.Recipient.Wrap(fileKey) }

// grease is one stanza of a type that nobody knows.
type grease struct{}

func (grease) Wrap([]byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: "grease-1", Args: []string{"x"}, Body: []byte("y")}}, nil
}

func (m *maker) recipient(t *testing.T, name string) age.Recipient {
	t.Helper()
	r, err := age.ParseHybridRecipient(m.sealing[name].Recipient().String())
	must(t, err)
	return r
}

func ageFile(t *testing.T, plaintext []byte, to ...age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	must(t, err)
	_, err = w.Write(plaintext)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

func framed(size int, length uint32, signed []byte) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, length)
	copy(b[4:], signed)
	return b
}

func honestFrame(signed []byte) []byte { return framed(16<<10, uint32(len(signed)), signed) }

// raw adds an envelope that is made by hand.
func (m *maker) raw(t *testing.T, name, expect, reason, note, digest string, envelope func(*testing.T) []byte) {
	t.Helper()
	seeded(t, name, func(t *testing.T) {
		b := envelope(t)
		m.add(t, vectors.Message{
			Name: name, Layer: "envelope", File: "envelopes/" + name + ".age", Size: len(b),
			Expect: expect, Reason: reason, Note: note, Digest: digest,
		}, b)
	})
}

// honest is the Signed inside every envelope whose outside is wrong.
func (m *maker) honest(t *testing.T) []byte {
	t.Helper()
	return m.sign(t, "alder-technical", inquiry(), marshal(t, m.payloadOf(t, valisev1.Kind_KIND_INQUIRY)))
}

func (m *maker) refusedEnvelopes(t *testing.T) {
	signed := m.honest(t)
	plaintext := honestFrame(signed)
	birch, cedar := m.recipient(t, "birch-technical"), m.recipient(t, "cedar")
	x25519, err := age.ParseX25519Recipient("age1cy0su9fwf3gf9mw868g5yut09p6nytfmmnktexz2ya5uqg9vl9sss4euqm")
	must(t, err)
	passphrase, err := age.NewScryptRecipient(passphrase)
	must(t, err)
	passphrase.SetWorkFactor(1)
	whole := func(t *testing.T) []byte { return ageFile(t, plaintext, birch) }
	edit := func(f func([]byte) []byte) func(*testing.T) []byte {
		return func(t *testing.T) []byte { return f(whole(t)) }
	}
	sealed := func(to ...age.Recipient) func(*testing.T) []byte {
		return func(t *testing.T) []byte { return ageFile(t, plaintext, to...) }
	}
	const header = 1627
	for _, c := range []struct {
		name, expect, reason, note string
		envelope                   func(*testing.T) []byte
	}{
		{"empty", "size", envelopeSize, "no bytes", func(*testing.T) []byte { return nil }},
		{"over-the-largest", "size", envelopeSize, "263,852 zeros", func(*testing.T) []byte { return make([]byte, 263_852) }},
		{"two-hybrid-stanzas", "profile", envelopeProfile, "age opens it", sealed(birch, cedar)},
		{"hybrid-and-grease", "profile", envelopeProfile, "age opens it", sealed(unlabelled{birch}, grease{})},
		{"grease-and-hybrid", "profile", envelopeProfile, "age opens it", sealed(grease{}, unlabelled{birch})},
		{"hybrid-and-scrypt", "profile", envelopeProfile, "age opens it", sealed(unlabelled{birch}, unlabelled{passphrase})},
		{"hybrid-and-x25519", "profile", envelopeProfile, "age opens it", sealed(unlabelled{birch}, unlabelled{x25519})},
		{"x25519-only", "profile", envelopeProfile, "no post-quantum stanza", sealed(x25519)},
		{"scrypt-only", "profile", envelopeProfile, "a passphrase", sealed(passphrase)},
		{"armored", "profile", envelopeProfile, "PEM armor", edit(func(b []byte) []byte { return armored(t, b) })},
		{"crlf", "profile", envelopeProfile, "CR LF in the header", edit(func(b []byte) []byte {
			return append(bytes.ReplaceAll(b[:header], []byte("\n"), []byte("\r\n")), b[header:]...)
		})},
		{"age-v2", "profile", envelopeProfile, "another version of age", edit(func(b []byte) []byte { return bytes.Replace(b, []byte("/v1\n"), []byte("/v2\n"), 1) })},
		{"base64-not-canonical", "profile", envelopeProfile, "a bit that must be zero in the last character of the file key", edit(notCanonical)},
		{"header-cut", "profile", envelopeProfile, "1,626 bytes", edit(func(b []byte) []byte { return b[:header-1] })},
		{"sealed-to-another", "decrypt", cannotDecrypt, "sealed to Cedar", sealed(cedar)},
		{"file-key-changed", "decrypt", cannotDecrypt, "a character of the wrapped file key", edit(func(b []byte) []byte { return letter(b, header-80) })},
		{"mlkem-changed", "decrypt", cannotDecrypt, "a character of the ML-KEM ciphertext", edit(func(b []byte) []byte { return letter(b, 200) })},
		{"x25519-changed", "decrypt", cannotDecrypt, "a character of the X25519 share", edit(func(b []byte) []byte { return letter(b, header-110) })},
		{"mac-changed", "decrypt", envelopeDamaged, "a character of the header's MAC", edit(func(b []byte) []byte { return letter(b, header-20) })},
		{"header-alone", "decrypt", envelopeDamaged, "nothing follows the header", edit(func(b []byte) []byte { return b[:header] })},
		{"nonce-changed", "decrypt", envelopeDamaged, "first byte after the header", edit(func(b []byte) []byte { return flip(b, header) })},
		{"last-byte-changed", "decrypt", envelopeDamaged, "in the tag of the last chunk", edit(func(b []byte) []byte { return flip(b, len(b)-1) })},
		{"a-byte-more", "decrypt", envelopeDamaged, "after the last chunk", edit(func(b []byte) []byte { return append(b, 0) })},
		{"last-chunk-gone", "decrypt", envelopeDamaged, "64 KiB of plaintext and no last chunk", func(t *testing.T) []byte {
			return ageFile(t, make([]byte, 64<<10+1), birch)[:header+16+64<<10+16]
		}},
	} {
		m.raw(t, c.name, c.expect, c.reason, c.note, "", c.envelope)
	}
}

// refusedPlaintexts are sealed in order; what is inside is not.
func (m *maker) refusedPlaintexts(t *testing.T) {
	signed := m.honest(t)
	birch := m.recipient(t, "birch-technical")
	s, err := seal.ParseSigned(signed)
	must(t, err)
	digest := s.Content.Digest().String()
	n := uint32(len(signed))
	for _, c := range []struct {
		name, expect, reason, note string
		plaintext                  []byte
	}{
		{"plaintext-empty", "padding", padding, "no bytes", nil},
		{"plaintext-short", "padding", padding, "16,383 bytes", honestFrame(signed)[:16<<10-1]},
		{"plaintext-32-kib", "padding", padding, "none of the three sizes", framed(32<<10, n, signed)},
		{"plaintext-too-large", "padding", padding, "64 KiB for what fits in 16", framed(64<<10, n, signed)},
		{"tail-not-zero", "padding", padding, "the last byte is 1", flip(honestFrame(signed), 16<<10-1)},
		{"tail-begins-not-zero", "padding", padding, "the first byte after signed is 1", flip(honestFrame(signed), 4+len(signed))},
		{"length-zero", "frame", frame, "a length of 0", framed(16<<10, 0, nil)},
		{"length-beyond", "frame", frame, "a length of 16,381", framed(16<<10, 16<<10-3, signed)},
		{"length-of-4-gib", "frame", frame, "a length of 2^32-1", framed(16<<10, 1<<32-1, signed)},
		{"length-short", "frame", frame, "one byte of signed left out of the length", framed(16<<10, n-1, signed[:n-1])},
		{"length-long", "frame", frame, "one zero more counted in", framed(16<<10, n+1, signed)},
		{"age-inside-age", "frame", frame, "the frame holds another envelope", framed(64<<10, 18_043, bytes.Repeat([]byte("age-encryption.org/v1\n"), 821)[:18_043])},
	} {
		m.raw(t, c.name, c.expect, c.reason, c.note, "", func(t *testing.T) []byte { return ageFile(t, c.plaintext, birch) })
	}
	m.envelope(t, "sealed-to-the-other-track", "addressee", notForUs, "for XB/technical, sealed to the key of XB/diplomatic", "birch-diplomatic", signed)
	forwarded := inquiry()
	forwarded.To = cedarTechnical
	m.envelope(t, "forwarded", "addressee", notForUs, "Alder's words to Cedar, sealed again to Birch", "birch-technical", m.sign(t, "alder-technical", forwarded, nil))
	m.raw(t, "inside-not-signed", "signature", badSignature, "sealed in order, the last bit of ML-DSA-65 changed", digest, func(t *testing.T) []byte {
		return ageFile(t, honestFrame(flip(signed, len(signed)-1)), birch)
	})
}

func (m *maker) refusedSigned(t *testing.T) {
	signed := m.honest(t)
	s, err := seal.ParseSigned(signed)
	must(t, err)
	change := func(f func(*seal.Signed)) []byte { c := s; f(&c); return c.Marshal() }
	other, err := seal.ParseSigned(m.sign(t, "alder-technical", headerOf(valisev1.Kind_KIND_CLOSURE), nil))
	must(t, err)
	header, payload := s.Content.Header, s.Content.Body
	elsewhere := inquiry()
	elsewhere.Realm = otherRealm
	for _, c := range []struct {
		name, expect, reason, note string
		signed                     []byte
	}{
		{"signed-cut", "frame", frame, "the last byte is missing", signed[:len(signed)-1]},
		{"signed-unknown-field", "frame", frame, "field 7 after the last", join(signed, varint(7, 1))},
		{"signed-field-twice", "frame", frame, "the ML-DSA-65 signature twice", join(signed, field(6, s.MLDSA65))},
		{"signed-suite-over-long", "frame", frame, "suite 1 in two bytes", join([]byte{8, 0x81, 0}, signed[2:])},
		{"signed-fields-turned", "frame", frame, "body before header", join(varint(1, 1), field(2, s.KeyID[:]), field(4, s.Content.Body), field(3, header), field(5, s.Ed25519), field(6, s.MLDSA65))},
		{"signed-short-body", "frame", frame, "31 random bytes", change(func(s *seal.Signed) { s.Content.Body = s.Content.Body[:31] })},
		{"signed-no-ed25519", "frame", frame, "an Ed25519 signature of no bytes", change(func(s *seal.Signed) { s.Ed25519 = nil })},
		{"signed-suite-0", "frame", unknownSuite, "suite 0", change(func(s *seal.Signed) { s.Suite = 0 })},
		{"signed-suite-2", "frame", unknownSuite, "suite 2", change(func(s *seal.Signed) { s.Suite = 2 })},
		{"key-of-nobody", "key", unknownKey, "no directory holds it", m.signBytes(t, "nobody", header, payload)},
		{"key-revoked", "key", revokedKey, "revoked", m.signBytes(t, "alder-technical-revoked", header, payload)},
		{"key-of-the-other-track", "key", wrongSigner, "XA/diplomatic signs for XA/technical", m.signBytes(t, "alder-diplomatic", header, payload)},
		{"key-of-another-state", "key", wrongSigner, "XC/technical signs for XA/technical", m.signBytes(t, "cedar-technical", header, payload)},
		{"key-id-of-another", "key", wrongSigner, "Alder's signatures under Cedar's key id", change(func(s *seal.Signed) { s.KeyID = m.signing["cedar-technical"].Public().ID(realm) })},
		{"other-realm", "key", unknownKey, "signed in another realm: another key id", m.signFor(t, otherRealm, seal.PurposeContent, "alder-technical", m.header(t, elsewhere), payload)},
		{"ed25519-changed", "signature", badSignature, "one bit", change(func(s *seal.Signed) { s.Ed25519 = flip(s.Ed25519, 5) })},
		{"mldsa65-changed", "signature", badSignature, "one bit", change(func(s *seal.Signed) { s.MLDSA65 = flip(s.MLDSA65, 5) })},
		{"ed25519-of-another-message", "signature", badSignature, "ML-DSA-65 verifies", change(func(s *seal.Signed) { s.Ed25519 = other.Ed25519 })},
		{"mldsa65-of-another-message", "signature", badSignature, "Ed25519 verifies", change(func(s *seal.Signed) { s.MLDSA65 = other.MLDSA65 })},
		{"body-changed", "signature", badSignature, "one bit of the payload", change(func(s *seal.Signed) { s.Content.Body = flip(s.Content.Body, 40) })},
		{"nonce-of-body-changed", "signature", badSignature, "one bit of the random bytes", change(func(s *seal.Signed) { s.Content.Body = flip(s.Content.Body, 0) })},
		{"header-changed", "signature", badSignature, "one bit of the message id", change(func(s *seal.Signed) {
			s.Content.Header = flip(header, bytes.Index(header, sum("message id")[:16]))
		})},
	} {
		m.signed(t, c.name, c.expect, c.reason, c.note, c.signed)
	}
	for _, purpose := range seal.Purposes()[1:] {
		m.signed(t, "purpose-"+string(purpose), "signature", badSignature, "signed for the purpose "+string(purpose),
			m.signFor(t, realm, purpose, "alder-technical", header, payload))
	}
	m.signed(t, "realm-of-the-message", "header", "REASON_WRONG_REALM", "signed in ours, the header names another", m.signBytes(t, "alder-technical", m.header(t, elsewhere), payload))
	// Signature input with another realm under the right key id.
	sig, err := seal.Sign(otherRealm, seal.PurposeContent, s.Content.Digest(), m.signing["alder-technical"])
	must(t, err)
	m.signed(t, "realm-of-the-signature", "signature", badSignature, "another realm in the signature input", change(func(s *seal.Signed) {
		s.Ed25519, s.MLDSA65 = sig.GetEd25519(), sig.GetMldsa65()
	}))
}

func (m *maker) keyIDOf(name string) ident.KeyID { return m.signing[name].Public().ID(realm) }

func flip(b []byte, i int) []byte { b = bytes.Clone(b); b[i] ^= 1; return b }

// letter changes one base64 character to another.
func letter(b []byte, i int) []byte {
	b = bytes.Clone(b)
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return b
}

// notCanonical sets a bit that the last character of the wrapped file key must leave at zero.
func notCanonical(b []byte) []byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b = bytes.Clone(b)
	last := bytes.Index(b, []byte("\n--- ")) - 1
	b[last] = alphabet[strings.IndexByte(alphabet, b[last])|1]
	return b
}

func armored(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	_, err := w.Write(b)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}
