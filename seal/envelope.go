package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"

	valisev1 "valise.example/proto/valise/v1"
)

// The age profile: one binary file whose header is exactly one hybrid stanza. Its parts have
// fixed lengths, so every byte of the header has one place. docs/protocol.md §4.4
const (
	stanzaType    = "mlkem768x25519"
	profileIntro  = "age-encryption.org/v1\n-> " + stanzaType + " "
	profileFooter = "\n--- "

	encSize     = 1088 + 32 // ML-KEM-768 ciphertext and X25519 share
	wrappedSize = 16 + 16   // file key and tag
	macSize     = 32
	nonceSize   = 16
	chunkSize   = 64 * 1024
	tagSize     = 16
)

const frameHead = 4

// The sizes of an envelope's plaintext, for every kind. docs/protocol.md §4.4
var plaintextSizes = [...]int{16 << 10, 64 << 10, 256 << 10}

// ageHeaderSize is the length of the only header that the profile allows.
var ageHeaderSize = len(profileIntro) + b64Len(encSize) + 1 + b64Len(wrappedSize) +
	len(profileFooter) + b64Len(macSize) + 1

// MaxEnvelope is the length of the largest envelope in bytes: 263,851.
var MaxEnvelope = ageHeaderSize + nonceSize + plaintextSizes[2] + plaintextSizes[2]/chunkSize*tagSize

func b64Len(n int) int { return base64.RawStdEncoding.EncodedLen(n) }

// Close pads signed to the smallest size that holds it and seals it to one recipient. Every call
// makes another envelope of the same message. A piece of the directory is closed in the same way.
// docs/protocol.md §4.4, §8.6
func Close(signed []byte, to Recipient) (envelope []byte, err error) {
	if to.IsZero() {
		return nil, errors.New("seal: without a recipient nothing is sealed")
	}
	plaintext, err := pad(signed)
	if err != nil {
		return nil, err
	}
	return sealBytes(plaintext, to.r)
}

func sealBytes(plaintext []byte, to ...age.Recipient) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, ageHeaderSize+nonceSize+len(plaintext)+(len(plaintext)/chunkSize+1)*tagSize))
	w, err := age.Encrypt(out, to...)
	if err != nil {
		return nil, fmt.Errorf("seal: nothing was sealed: %w", err)
	}
	if _, err := w.Write(plaintext); err != nil {
		return nil, fmt.Errorf("seal: nothing was sealed: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: nothing was sealed: %w", err)
	}
	return out.Bytes(), nil
}

// pad makes the envelope's plaintext: length, Signed, zeros. docs/protocol.md §4.4
func pad(signed []byte) ([]byte, error) {
	size, ok := plaintextSizeFor(len(signed))
	if !ok || len(signed) == 0 {
		return nil, refuse(StepFrame, valisev1.Reason_REASON_TOO_LARGE, "signed of %d bytes fits no envelope", len(signed))
	}
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, uint32(len(signed)))
	copy(b[frameHead:], signed)
	return b, nil
}

func plaintextSizeFor(signed int) (int, bool) {
	for _, size := range plaintextSizes {
		if signed <= size-frameHead {
			return size, true
		}
	}
	return 0, false
}

// unpad undoes pad and takes no other form. docs/protocol.md §4.4
func unpad(plaintext []byte) (signed []byte, err error) {
	if !slices.Contains(plaintextSizes[:], len(plaintext)) {
		return nil, refuse(StepPadding, valisev1.Reason_REASON_PADDING, "plaintext of %d bytes", len(plaintext))
	}
	n := uint64(binary.BigEndian.Uint32(plaintext))
	if n == 0 || n > uint64(len(plaintext)-frameHead) {
		return nil, refuse(StepFrame, valisev1.Reason_REASON_FRAME, "a length of %d in a plaintext of %d bytes", n, len(plaintext))
	}
	if size, _ := plaintextSizeFor(int(n)); size != len(plaintext) {
		return nil, refuse(StepPadding, valisev1.Reason_REASON_PADDING, "%d bytes in a larger size than they need", n)
	}
	signed = plaintext[frameHead : frameHead+n]
	if !isZero(plaintext[frameHead+n:]) {
		return nil, refuse(StepPadding, valisev1.Reason_REASON_PADDING, "the padding is not zero")
	}
	return signed, nil
}

func checkSize(envelope []byte) error {
	if len(envelope) == 0 || len(envelope) > MaxEnvelope {
		return refuse(StepSize, valisev1.Reason_REASON_ENVELOPE_SIZE, "an envelope of %d bytes", len(envelope))
	}
	return nil
}

// checkProfile looks at the raw header before any key is used: age itself opens files with other
// and with several stanzas. docs/protocol.md §4.4
func checkProfile(envelope []byte) error {
	if len(envelope) < ageHeaderSize {
		return offProfile("the header is cut short")
	}
	rest := envelope[:ageHeaderSize]
	for _, part := range []struct {
		literal string
		base64  int
		what    string
	}{
		{profileIntro, encSize, "encapsulated key"},
		{"\n", wrappedSize, "file key"},
		{profileFooter, macSize, "authenticator"},
	} {
		if !bytes.HasPrefix(rest, []byte(part.literal)) {
			return offProfile("the line before the " + part.what + " is not the profile's")
		}
		rest = rest[len(part.literal):]
		text := rest[:b64Len(part.base64)]
		decoded, err := base64.RawStdEncoding.Strict().AppendDecode(nil, text)
		if err != nil || len(decoded) != part.base64 {
			return offProfile("the " + part.what + " is not canonical base64")
		}
		rest = rest[len(text):]
	}
	if string(rest) != "\n" {
		return offProfile("the header goes on")
	}
	return nil
}

func offProfile(what string) error {
	return refuse(StepProfile, valisev1.Reason_REASON_ENVELOPE_PROFILE, "%s", what)
}

// oneStanza stands between age and our keys and sees every stanza of the file: one hybrid one, or
// none of our keys is tried. docs/protocol.md §4.4
type oneStanza struct {
	keys   []HeldKey
	opened *HeldKey
}

var errProfile = errors.New("not exactly one mlkem768x25519 stanza")

func (o *oneStanza) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanzaType {
		return nil, errProfile
	}
	for i := range o.keys {
		if o.keys[i].Key.IsZero() {
			continue
		}
		fileKey, err := o.keys[i].Key.id.Unwrap(stanzas)
		if errors.Is(err, age.ErrIncorrectIdentity) {
			continue
		}
		if err != nil {
			return nil, err
		}
		o.opened = &o.keys[i]
		return fileKey, nil
	}
	return nil, age.ErrIncorrectIdentity
}

// decrypt reads to the very end into a bounded buffer, because age gives plaintext before the end
// is authenticated. docs/protocol.md §4.4
func decrypt(envelope []byte, keys []HeldKey) (plaintext []byte, by HeldKey, err error) {
	id := &oneStanza{keys: keys}
	r, err := age.Decrypt(bytes.NewReader(envelope), id)
	switch {
	case errors.Is(err, errProfile):
		return nil, HeldKey{}, offProfile(errProfile.Error())
	case err != nil && id.opened == nil:
		return nil, HeldKey{}, refuse(StepDecrypt, valisev1.Reason_REASON_CANNOT_DECRYPT, "no sealing key of ours opens it")
	case err != nil:
		return nil, HeldKey{}, damaged()
	}
	limit := plaintextSizes[2] + 1
	buf := new(bytes.Buffer)
	buf.Grow(min(len(envelope), limit) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(r, int64(limit))); err != nil {
		return nil, HeldKey{}, damaged()
	}
	return buf.Bytes(), *id.opened, nil
}

func damaged() error {
	return refuse(StepDecrypt, valisev1.Reason_REASON_ENVELOPE_DAMAGED, "it does not authenticate to its end")
}
