package seal

import (
	"bytes"
	"crypto/sha256"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

const (
	// NonceSize is the number of random bytes before the payload in a body. They keep a guessed
	// body from being tested against D. docs/protocol.md §4.1
	NonceSize = 32
	// MaxContent is the limit of header and body together, in bytes. docs/protocol.md §4.1
	MaxContent = 250_000
	// MaxReturnContent is the limit for KIND_RETURN alone: the Signed of a message of MaxContent
	// bytes fits, and the envelope of 256 KiB holds it. docs/protocol.md §7.6
	MaxReturnContent = 258_000
)

// Content is what a State says: made once, never changed, never marshalled again.
// docs/protocol.md §4.1
type Content struct {
	// Header is the exact header bytes.
	Header []byte
	// Body is NonceSize random bytes and then the exact payload bytes.
	Body []byte
}

// NewContent makes Content of a header and the payload bytes of its kind. The nonce must be
// random and used once. A payload that the peer's wire scan would refuse is refused here, and so
// is one over the limit. The error is a *Refusal.
func NewContent(h Header, nonce [NonceSize]byte, payload []byte) (Content, error) {
	header, err := h.Marshal()
	if err != nil {
		return Content{}, err
	}
	body := make([]byte, 0, NonceSize+len(payload))
	body = append(append(body, nonce[:]...), payload...)
	c := Content{Header: header, Body: body}
	if c.size() > maxContentOf(h.Kind) {
		return Content{}, tooLarge(c.size(), maxContentOf(h.Kind))
	}
	if _, _, err := readPayload(h.Kind, h.MinorVersion, payload); err != nil {
		return Content{}, err
	}
	return c, nil
}

// Digest is D, by which everything else names this message. docs/protocol.md §4.1
func (c Content) Digest() ident.Digest { return ContentDigest(c.Header, sha256.Sum256(c.Body)) }

// Payload returns the bytes after the nonce; nil when the body is shorter than one. It shares
// memory with Body.
func (c Content) Payload() []byte {
	if len(c.Body) < NonceSize {
		return nil
	}
	return c.Body[NonceSize:]
}

// Equal reports whether both byte strings are the same.
func (c Content) Equal(other Content) bool {
	return bytes.Equal(c.Header, other.Header) && bytes.Equal(c.Body, other.Body)
}

func (c Content) size() int { return len(c.Header) + len(c.Body) }

func maxContentOf(kind valisev1.Kind) int {
	if kind == valisev1.Kind_KIND_RETURN {
		return MaxReturnContent
	}
	return MaxContent
}

func tooLarge(size, limit int) error {
	return refuse(StepFrame, valisev1.Reason_REASON_TOO_LARGE, "content of %d bytes, the limit is %d", size, limit)
}
