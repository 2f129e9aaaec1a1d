package store

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// rowSum is a keyed sum over all rows of the state tables (MSet-Add-Hash of Clarke et al.):
// each row adds HMAC-SHA256(bucket ‖ key ‖ SHA-256 of the sealed value), modulo 2^256. Sealed
// in the head, it shows Verify a row that was dropped or put back to an older value, which no
// AEAD can show. Adding and taking away cost the same at any size of the record.
type rowSum struct {
	count uint64
	limbs [4]uint64
}

func (s *rowSum) add(k *keyring, bucket byte, key, sealed []byte) {
	mac := k.rowMAC(bucket, key, sealed)
	var carry uint64
	for i := range s.limbs {
		s.limbs[i], carry = bits.Add64(s.limbs[i], mac[i], carry)
	}
	s.count++
}

func (s *rowSum) remove(k *keyring, bucket byte, key, sealed []byte) {
	mac := k.rowMAC(bucket, key, sealed)
	var borrow uint64
	for i := range s.limbs {
		s.limbs[i], borrow = bits.Sub64(s.limbs[i], mac[i], borrow)
	}
	s.count--
}

func (k *keyring) rowMAC(bucket byte, key, sealed []byte) (limbs [4]uint64) {
	content := sha256.Sum256(sealed)
	out := k.sumMAC.over([]byte{bucket, byte(len(key))}, key, content[:])
	for i := range limbs {
		limbs[i] = binary.LittleEndian.Uint64(out[8*i:])
	}
	return limbs
}
