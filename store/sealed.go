package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// A sealed value is: form (1 byte) ‖ data key number (uint32BE) ‖ nonce (24) ‖ ciphertext and
// tag. XChaCha20-Poly1305, because its 192-bit nonce can be drawn at random for ever without
// counting, also after a restored backup or a cloned machine; AES-GCM's 96 bits cannot.
const (
	sealedHeader   = 1 + 4
	sealedOverhead = sealedHeader + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// Forms of a sealed value; the form is authenticated with it.
const (
	formValue     = 1
	formTombstone = 2
)

// rootKeyNumber names the key that comes from the record key itself: it seals the meta rows
// and wraps the data keys. Data keys count from 1.
const rootKeyNumber = 0

// errSealed is the one answer to a value that does not open, so that it says nothing more.
var errSealed = errors.New("a sealed value does not open")

// sealedValue is a sealed value taken apart, nothing of it checked beyond its form.
type sealedValue struct {
	form       byte
	key        uint32
	header     []byte
	nonce      []byte
	ciphertext []byte
}

func parseSealed(b []byte) (sealedValue, error) {
	if len(b) < sealedOverhead {
		return sealedValue{}, errSealed
	}
	v := sealedValue{
		form:       b[0],
		key:        binary.BigEndian.Uint32(b[1:sealedHeader]),
		header:     b[:sealedHeader],
		nonce:      b[sealedHeader : sealedHeader+chacha20poly1305.NonceSizeX],
		ciphertext: b[sealedHeader+chacha20poly1305.NonceSizeX:],
	}
	if v.form != formValue && v.form != formTombstone {
		return sealedValue{}, errSealed
	}
	return v, nil
}

// sealValue seals plain for one place in the file: realm, bucket and key are authenticated
// with it, so that it opens nowhere else.
func (k *keyring) sealValue(random io.Reader, form byte, number uint32, bucket byte, key, plain []byte) ([]byte, error) {
	return k.sealAfter(nil, random, form, number, bucket, key, plain)
}

// sealAfter is sealValue with something in the clear before the sealed value, in one piece of
// memory: a value may be a quarter of a megabyte.
func (k *keyring) sealAfter(before []byte, random io.Reader, form byte, number uint32, bucket byte, key, plain []byte) ([]byte, error) {
	aead, ok := k.aead(number)
	if !ok {
		return nil, fmt.Errorf("store: no data key %d", number)
	}
	out := make([]byte, len(before)+sealedHeader+chacha20poly1305.NonceSizeX, len(before)+sealedOverhead+len(plain))
	header := out[copy(out, before):][:sealedHeader]
	header[0] = form
	binary.BigEndian.PutUint32(header[1:], number)
	nonce := out[len(before)+sealedHeader:]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("store: no randomness, nothing was stored: %w", err)
	}
	return aead.Seal(out, nonce, plain, k.place(header, bucket, key)), nil
}

// openValue opens what sealValue sealed for the same place.
func (k *keyring) openValue(bucket byte, key, stored []byte) (form byte, plain []byte, err error) {
	v, err := parseSealed(stored)
	if err != nil {
		return 0, nil, err
	}
	aead, ok := k.aead(v.key)
	if !ok {
		return 0, nil, errSealed
	}
	plain, err = aead.Open([]byte{}, v.nonce, v.ciphertext, k.place(v.header, bucket, key))
	if err != nil {
		return 0, nil, errSealed
	}
	return v.form, plain, nil
}

// openPlain is openValue for the places where only a plain value may stand.
func (k *keyring) openPlain(bucket byte, key, stored []byte) ([]byte, error) {
	form, plain, err := k.openValue(bucket, key, stored)
	if err == nil && form != formValue {
		return nil, errSealed
	}
	return plain, err
}

// place is the additional data of a sealed value. The key on disk is a keyed hash of table
// and key (names.go), so this binds both and Verify can check a row without knowing them.
func (k *keyring) place(header []byte, bucket byte, key []byte) []byte {
	out := make([]byte, 0, len(placeTag)+len(header)+2+len(k.realm)+1+len(key))
	out = append(out, placeTag...)
	out = append(out, header...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(k.realm)))
	out = append(out, k.realm...)
	out = append(out, bucket)
	return append(out, key...)
}

const placeTag = "valise/v1/store\x00"
