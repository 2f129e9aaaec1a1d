package directory

import (
	"encoding/base32"
	"encoding/binary"
)

// A public user key of NATS is base32 of a prefix byte, 32 key bytes and a checksum. The form is
// checked here in a few lines, because the library for it belongs to the relay's world and the
// protocol core, which imports this package, must not reach that. docs/protocol.md §7.8
const (
	nkeyUserPrefix = 20 << 3
	nkeySize       = 1 + 32 + 2
)

// isUserNKey reports whether s is a public user key of NATS, "U…", checksum and all.
func isUserNKey(s string) bool {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
	if err != nil || len(raw) != nkeySize || raw[0] != nkeyUserPrefix {
		return false
	}
	body, sum := raw[:nkeySize-2], binary.LittleEndian.Uint16(raw[nkeySize-2:])
	return crc16(body) == sum && base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw) == s
}

// crc16 is CRC-16/XMODEM: polynomial 0x1021, from zero.
func crc16(b []byte) uint16 {
	var sum uint16
	for _, x := range b {
		sum ^= uint16(x) << 8
		for range 8 {
			carry := sum & 0x8000
			sum <<= 1
			if carry != 0 {
				sum ^= 0x1021
			}
		}
	}
	return sum
}
