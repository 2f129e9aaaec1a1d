package store

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"valise.example/proto/ident"
)

// keyring is every key of one record. It never changes: with makes a new one, so that readers
// need no lock.
type keyring struct {
	realm   ident.Realm
	nameMAC *keyedMAC
	sumMAC  *keyedMAC
	root    cipher.AEAD
	data    map[uint32]dataKey
	last    uint32
}

// dataKey seals what is stored in one month, so that a month can be made unreadable later by
// forgetting one wrapped key.
type dataKey struct {
	month uint32
	aead  cipher.AEAD
	// forgotten says that the file has it no more. What reads an older state of the file still
	// needs it, so it stays in memory until the record is closed; nothing is sealed by it again.
	forgotten bool
}

const (
	saltSize  = 32
	checkSize = 16
	keySize   = chacha20poly1305.KeySize
)

// deriveKeys makes the keys that come from the record key itself. All but the check are bound
// to the realm, so that a record of one realm has no keys in another. docs/protocol.md §2.2
func deriveKeys(recordKey [32]byte, realm ident.Realm, salt []byte) (*keyring, error) {
	derive := func(use string) ([]byte, error) {
		return hkdf.Key(sha256.New, recordKey[:], salt, "valise/v1/store/"+use+"\x00"+string(realm), keySize)
	}
	root, err := derive("root")
	if err != nil {
		return nil, fmt.Errorf("store: the record key cannot be used: %w", err)
	}
	names, err := derive("names")
	if err != nil {
		return nil, fmt.Errorf("store: the record key cannot be used: %w", err)
	}
	sums, err := derive("sums")
	if err != nil {
		return nil, fmt.Errorf("store: the record key cannot be used: %w", err)
	}
	aead, err := chacha20poly1305.NewX(root)
	if err != nil {
		return nil, fmt.Errorf("store: the record key cannot be used: %w", err)
	}
	return &keyring{realm: realm, nameMAC: newKeyedMAC(names), sumMAC: newKeyedMAC(sums), root: aead, data: map[uint32]dataKey{}}, nil
}

// keyCheck tells the record key from another one without a realm, so that a wrong key and a
// wrong realm get different answers.
func keyCheck(recordKey [32]byte, salt []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, recordKey[:], salt, "valise/v1/store/check", checkSize)
}

// realmCheck commits the file to its realm under the record key.
func realmCheck(recordKey [32]byte, salt []byte, realm ident.Realm) ([]byte, error) {
	return hkdf.Key(sha256.New, recordKey[:], salt, "valise/v1/store/realm\x00"+string(realm), checkSize)
}

func sameCheck(a, b []byte) bool { return hmac.Equal(a, b) }

func (k *keyring) aead(number uint32) (cipher.AEAD, bool) {
	if number == rootKeyNumber {
		return k.root, true
	}
	d, ok := k.data[number]
	return d.aead, ok
}

// month counts calendar months in UTC; what lies before the year 0 counts as its first.
func month(t time.Time) uint32 {
	t = t.UTC()
	return uint32(max(t.Year(), 0))*12 + uint32(t.Month()) - 1
}

// forMonth finds the newest data key of a month.
func (k *keyring) forMonth(m uint32) (number uint32, ok bool) {
	for n, d := range k.data {
		if d.month == m && n > number && !d.forgotten {
			number, ok = n, true
		}
	}
	return number, ok
}

// with adds a data key.
func (k *keyring) with(number uint32, month uint32, key []byte) (*keyring, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	next := *k
	next.data = maps.Clone(k.data)
	next.data[number] = dataKey{month: month, aead: aead}
	next.last = max(k.last, number)
	return &next, nil
}

// forgetting marks data keys that the file has no more. docs/protocol.md §9.3
func (k *keyring) forgetting(numbers []uint32) *keyring {
	next := *k
	next.data = maps.Clone(k.data)
	for _, n := range numbers {
		d := next.data[n]
		d.forgotten = true
		next.data[n] = d
	}
	return &next
}

// newDataKey draws a key for a month and wraps it: month (uint32BE) ‖ key (32), sealed by the
// root key for its place.
func (k *keyring) newDataKey(random io.Reader, m uint32) (next *keyring, number uint32, wrapped []byte, err error) {
	number = k.last + 1
	plain := make([]byte, 4+keySize)
	binary.BigEndian.PutUint32(plain, m)
	if _, err := io.ReadFull(random, plain[4:]); err != nil {
		return nil, 0, nil, fmt.Errorf("store: no randomness, nothing was stored: %w", err)
	}
	wrapped, err = k.sealValue(random, formValue, rootKeyNumber, bucketKeys, numberKey(uint64(number)), plain)
	if err != nil {
		return nil, 0, nil, err
	}
	next, err = k.with(number, m, plain[4:])
	return next, number, wrapped, err
}

// unwrap adds the data key that stands wrapped at key.
func (k *keyring) unwrap(key, wrapped []byte) (*keyring, error) {
	number, ok := parseNumberKey(key)
	if !ok || number == rootKeyNumber || number > 1<<32-1 {
		return nil, errSealed
	}
	plain, err := k.openPlain(bucketKeys, key, wrapped)
	if err != nil {
		return nil, err
	}
	if len(plain) != 4+keySize {
		return nil, errSealed
	}
	return k.with(uint32(number), binary.BigEndian.Uint32(plain), plain[4:])
}
