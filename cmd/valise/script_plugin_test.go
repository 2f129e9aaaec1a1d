package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"

	"filippo.io/age"
	"filippo.io/age/plugin"
)

// ageToken is a token in software, as the program age-plugin-vtest: a real plugin, which speaks the protocol
// of age to the node. Its key is its data. Data that begins with p asks for a PIN; what begins with b is
// a token that is broken.
type ageToken struct {
	data []byte
	pin  func() (string, error)
}

func agePlugin() {
	p, err := plugin.New("vtest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	token := func(data []byte) *ageToken {
		return &ageToken{data, func() (string, error) { return p.RequestValue("PIN of the token", true) }}
	}
	p.HandleIdentity(func(data []byte) (age.Identity, error) { return token(data), nil })
	p.HandleIdentityAsRecipient(func(data []byte) (age.Recipient, error) { return token(data), nil })
	p.HandleRecipient(func(data []byte) (age.Recipient, error) { return token(data), nil })
	os.Exit(p.Main())
}

func (k *ageToken) aead() (cipher.AEAD, error) {
	key := sha256.Sum256(k.data)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (k *ageToken) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: "vtest", Body: aead.Seal(nil, make([]byte, aead.NonceSize()), fileKey, nil)}}, nil
}

func (k *ageToken) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if k.data[0] == 'b' {
		return nil, errors.New("the token is broken")
	}
	if k.data[0] == 'p' {
		if pin, err := k.pin(); err != nil || pin != "one two three four" {
			return nil, errors.New("the PIN is wrong")
		}
	}
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	for _, s := range stanzas {
		if s.Type != "vtest" {
			continue
		}
		if fileKey, err := aead.Open(nil, make([]byte, aead.NonceSize()), s.Body, nil); err == nil {
			return fileKey, nil
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// makeToken writes the identity file of a token: maketoken DATA
func makeToken() {
	fmt.Printf("# a token of the tests\n%s\n", plugin.EncodeIdentity("vtest", []byte(os.Args[1])))
	fmt.Fprintln(os.Stderr, plugin.EncodeRecipient("vtest", []byte(os.Args[1])))
}
