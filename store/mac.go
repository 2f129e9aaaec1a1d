package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// keyedMAC is HMAC-SHA256 under one key. Every row of every act needs some: those in the pool have
// their key already worked in, which is half of what a short one costs.
type keyedMAC struct{ pool sync.Pool }

func newKeyedMAC(key []byte) *keyedMAC {
	k := &keyedMAC{}
	k.pool.New = func() any { return hmac.New(sha256.New, key) }
	return k
}

// over is the MAC of the parts, one behind the other.
func (k *keyedMAC) over(parts ...[]byte) (sum [sha256.Size]byte) {
	mac, _ := k.pool.Get().(hash.Hash) // nothing else is ever put there
	mac.Reset()
	for _, p := range parts {
		mac.Write(p)
	}
	mac.Sum(sum[:0])
	k.pool.Put(mac)
	return sum
}
