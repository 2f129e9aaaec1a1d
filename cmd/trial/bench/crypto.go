package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"

	"filippo.io/age"
	"filippo.io/mldsa"
)

// keys are one end's keys of suite 1 and its peer's public ones. The reference calls the
// libraries directly: what package seal adds to them is part of what is measured.
type keys struct {
	ed   ed25519.PrivateKey
	pq   *mldsa.PrivateKey
	age  *age.HybridIdentity
	peer publicKeys
}

type publicKeys struct {
	ed  ed25519.PublicKey
	pq  *mldsa.PublicKey
	age *age.HybridRecipient
}

const (
	envelopeSize  = 16 << 10 // plaintext of an envelope, docs/protocol.md §4.4
	signatureSize = ed25519.SignatureSize + mldsa.MLDSA65SignatureSize
)

func newKeys() (k keys, err error) {
	if _, k.ed, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return k, err
	}
	if k.pq, err = mldsa.GenerateKey(mldsa.MLDSA65()); err != nil {
		return k, err
	}
	k.age, err = age.GenerateHybridIdentity()
	return k, err
}

func (k keys) public() publicKeys {
	return publicKeys{ed: ed25519.PublicKey(k.ed[ed25519.SeedSize:]), pq: k.pq.PublicKey(), age: k.age.Recipient()}
}

// sign puts both signatures over the digest behind the content.
func (k keys) sign(content []byte) ([]byte, error) {
	digest := sha256.Sum256(content)
	pq, err := k.pq.SignDeterministic(digest[:], nil)
	if err != nil {
		return nil, err
	}
	signed := make([]byte, 0, len(content)+signatureSize)
	signed = append(append(signed, content...), ed25519.Sign(k.ed, digest[:])...)
	return append(signed, pq...), nil
}

// seal pads to one envelope and encrypts to the peer.
func (k keys) seal(signed []byte) ([]byte, error) {
	plain := make([]byte, envelopeSize)
	if len(signed) > len(plain)-4 {
		return nil, errors.New("bench: the reference knows one size of envelope")
	}
	binary.BigEndian.PutUint32(plain, uint32(len(signed)))
	copy(plain[4:], signed)
	out := bytes.NewBuffer(make([]byte, 0, envelopeSize+4096))
	w, err := age.Encrypt(out, k.peer.age)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var errNotGenuine = errors.New("bench: an envelope of the reference does not verify")

// open decrypts and checks both signatures.
func (k keys) open(envelope []byte) (content, signed []byte, err error) {
	r, err := age.Decrypt(bytes.NewReader(envelope), k.age)
	if err != nil {
		return nil, nil, err
	}
	plain := make([]byte, envelopeSize)
	if _, err := io.ReadFull(r, plain); err != nil {
		return nil, nil, err
	}
	n := binary.BigEndian.Uint32(plain)
	if n < signatureSize || n > envelopeSize-4 {
		return nil, nil, errNotGenuine
	}
	signed = plain[4 : 4+n]
	content = signed[:n-signatureSize]
	digest := sha256.Sum256(content)
	sig := signed[n-signatureSize:]
	if !ed25519.Verify(k.peer.ed, digest[:], sig[:ed25519.SignatureSize]) {
		return nil, nil, errNotGenuine
	}
	return content, signed, mldsa.Verify(k.peer.pq, digest[:], sig[ed25519.SignatureSize:], nil)
}
