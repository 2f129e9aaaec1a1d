package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"valise.example/proto/ident"
)

// ErrNotOpened says that whoever was to open a key file did not; the cause says why.
var ErrNotOpened = errors.New("the key file was not opened")

// WriteSecretFor writes what WriteSecret writes, for age recipients in the place of a passphrase: a
// token, or anything else that an age plugin reaches.
func WriteSecretFor(path string, realm ident.Realm, kind string, secret []byte, to ...age.Recipient) error {
	if len(to) == 0 {
		return errors.New("seal: a secret is written for somebody")
	}
	text, err := keyFileText(secretTitle+kind, realm, secretID(realm, kind, secret), hex.EncodeToString(secret))
	if err != nil {
		return err
	}
	if text, err = sealBytes(text, to...); err != nil {
		return err
	}
	return createKeyFile(path, text)
}

// ReadSecretWith reads what WriteSecretFor wrote, with an identity of age. Errors wrap ErrNotOpened or one
// of the errors of key files, or an error of the file system.
func ReadSecretWith(path string, realm ident.Realm, kind string, identity age.Identity) ([]byte, error) {
	text, err := readPrivate(path)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(text), identity)
	if err != nil {
		return nil, keyFileError(path, fmt.Errorf("%w: %w", ErrNotOpened, err))
	}
	if text, err = io.ReadAll(io.LimitReader(r, maxKeyFile)); err != nil {
		return nil, keyFileError(path, ErrKeyFile)
	}
	id, digits, err := parseKeyText(text, secretTitle+kind, realm)
	if err != nil {
		return nil, keyFileError(path, err)
	}
	return parseSecret(path, realm, kind, id, digits)
}

func parseSecret(path string, realm ident.Realm, kind string, id ident.KeyID, text string) ([]byte, error) {
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) == 0 || text != strings.ToLower(text) || secretID(realm, kind, secret) != id {
		return nil, keyFileError(filepath.Base(path), ErrKeyFile)
	}
	return secret, nil
}
