package sim

import (
	"io"
	"strings"

	"valise.example/seal"
)

// sealingKey makes the same key of the same randomness. age draws keys for itself alone, so that
// what it can read is written: the 32 bytes in Bech32 under the name of its private keys. Batches
// and receipts name sealing keys; were they of another run's, no seed would be the same run again.
func sealingKey(randomness io.Reader) (seal.SealingKey, error) {
	var secret [32]byte
	if _, err := io.ReadFull(randomness, secret[:]); err != nil {
		return seal.SealingKey{}, err
	}
	return seal.ParseSealingKey(strings.ToUpper(bech32("age-secret-key-pq-", secret[:])))
}

// bech32 is the text of bytes under a name, with the checksum of BIP 173 and no limit of length.
func bech32(name string, data []byte) string {
	const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	groups := fives(data)
	sum := polymod(append(append(expanded(name), groups...), make([]byte, 6)...)) ^ 1
	for i := range 6 {
		groups = append(groups, byte(sum>>(5*(5-i)))&31)
	}
	var out strings.Builder
	out.WriteString(name + "1")
	for _, g := range groups {
		out.WriteByte(letters[g])
	}
	return out.String()
}

// fives are bits in groups of five, the last filled up with zeros.
func fives(data []byte) []byte {
	var out []byte
	held, bits := uint32(0), 0
	for _, b := range data {
		held, bits = held<<8|uint32(b), bits+8
		for ; bits >= 5; bits -= 5 {
			out = append(out, byte(held>>(bits-5))&31)
		}
	}
	if bits > 0 {
		out = append(out, byte(held<<(5-bits))&31)
	}
	return out
}

// expanded is the name as the checksum takes it: high bits, a zero, low bits.
func expanded(name string) []byte {
	var high, low []byte
	for _, c := range []byte(name) {
		high, low = append(high, c>>5), append(low, c&31)
	}
	return append(append(high, 0), low...)
}

func polymod(values []byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
