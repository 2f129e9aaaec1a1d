package ident

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Digest is the SHA-256 that names a message's Content: chains, receipts, deduplication and
// evidence use it. The zero Digest means "none". docs/protocol.md §4.1
type Digest [32]byte

// ThreadID is 128 random bits, the same on both sides. docs/protocol.md §5.2
type ThreadID [16]byte

// MessageID is 128 random bits; it survives re-sealing, re-signing and re-making in a new
// epoch. docs/protocol.md §4.1
type MessageID [16]byte

// KeyID is the SHA-256 over realm, suite and both public keys. docs/protocol.md §4.2
type KeyID [32]byte

// Epoch is 64 random bits, new for every life of a node. docs/protocol.md §7.6
type Epoch uint64

// ParseDigest reads 64 lower-case hexadecimal digits.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	return d, parseHex(d[:], s, "digest")
}

// ParseThreadID reads 32 lower-case hexadecimal digits.
func ParseThreadID(s string) (ThreadID, error) {
	var t ThreadID
	return t, parseHex(t[:], s, "thread id")
}

// ParseMessageID reads 32 lower-case hexadecimal digits.
func ParseMessageID(s string) (MessageID, error) {
	var m MessageID
	return m, parseHex(m[:], s, "message id")
}

// ParseKeyID reads 64 lower-case hexadecimal digits.
func ParseKeyID(s string) (KeyID, error) {
	var k KeyID
	return k, parseHex(k[:], s, "key id")
}

// ParseEpoch reads 16 lower-case hexadecimal digits.
func ParseEpoch(s string) (Epoch, error) {
	if len(s) != 16 || s != strings.ToLower(s) {
		return 0, fmt.Errorf("ident: %.40q is no epoch: want 16 lower-case hexadecimal digits", s)
	}
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("ident: %.40q is no epoch: want 16 lower-case hexadecimal digits", s)
	}
	return Epoch(n), nil
}

// DigestFrom copies exactly 32 bytes; ok is false for any other length.
func DigestFrom(b []byte) (d Digest, ok bool) { return d, copyExact(d[:], b) }

// ThreadIDFrom copies exactly 16 bytes; ok is false for any other length.
func ThreadIDFrom(b []byte) (t ThreadID, ok bool) { return t, copyExact(t[:], b) }

// MessageIDFrom copies exactly 16 bytes; ok is false for any other length.
func MessageIDFrom(b []byte) (m MessageID, ok bool) { return m, copyExact(m[:], b) }

// KeyIDFrom copies exactly 32 bytes; ok is false for any other length.
func KeyIDFrom(b []byte) (k KeyID, ok bool) { return k, copyExact(k[:], b) }

func (d Digest) String() string    { return hex.EncodeToString(d[:]) }
func (t ThreadID) String() string  { return hex.EncodeToString(t[:]) }
func (m MessageID) String() string { return hex.EncodeToString(m[:]) }
func (k KeyID) String() string     { return hex.EncodeToString(k[:]) }
func (e Epoch) String() string     { return fmt.Sprintf("%016x", uint64(e)) }

// IsZero reports whether there is none.
func (d Digest) IsZero() bool { return d == Digest{} }

// IsZero reports whether there is none.
func (t ThreadID) IsZero() bool { return t == ThreadID{} }

// IsZero reports whether there is none.
func (m MessageID) IsZero() bool { return m == MessageID{} }

// IsZero reports whether there is none.
func (k KeyID) IsZero() bool { return k == KeyID{} }

// Fingerprint is the key id as sixteen groups of five digits, to be read aloud by telephone:
// each group is two bytes in decimal, so it is the same in every script. docs/protocol.md §4.2
func (k KeyID) Fingerprint() string {
	groups := make([]string, 0, len(k)/2)
	for i := 0; i < len(k); i += 2 {
		groups = append(groups, fmt.Sprintf("%05d", int(k[i])<<8|int(k[i+1])))
	}
	return strings.Join(groups, " ")
}

// ParseFingerprint reads what Fingerprint prints; any run of white space parts the groups.
func ParseFingerprint(s string) (KeyID, error) {
	var k KeyID
	groups := strings.Fields(s)
	if len(groups) != len(k)/2 {
		return KeyID{}, fmt.Errorf("ident: a fingerprint has %d groups of five digits, this has %d", len(k)/2, len(groups))
	}
	for i, g := range groups {
		n, err := strconv.ParseUint(g, 10, 16)
		if err != nil || len(g) != 5 {
			return KeyID{}, fmt.Errorf("ident: fingerprint group %d is not five digits up to 65535", i+1)
		}
		k[2*i], k[2*i+1] = byte(n>>8), byte(n)
	}
	return k, nil
}

func parseHex(dst []byte, s, what string) error {
	if len(s) != 2*len(dst) || s != strings.ToLower(s) {
		return fmt.Errorf("ident: %.40q is no %s: want %d lower-case hexadecimal digits", s, what, 2*len(dst))
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		clear(dst)
		return fmt.Errorf("ident: %.40q is no %s: want %d lower-case hexadecimal digits", s, what, 2*len(dst))
	}
	return nil
}

func copyExact(dst, src []byte) bool { return len(dst) == len(src) && copy(dst, src) == len(src) }
