package seal

import (
	"crypto/sha256"
	"encoding/hex"

	"valise.example/proto/ident"
)

const secretTitle = "# valise secret: "

// WriteSecret writes key material that is neither a signing nor a sealing key (a record key, the
// seed of a relay connection) in the same form and with the same care. kind is a word that
// ReadSecret must name again, so that one secret is never taken for another.
func WriteSecret(path string, realm ident.Realm, kind string, secret, passphrase []byte) error {
	return writeKeyFile(path, secretTitle+kind, realm, secretID(realm, kind, secret), hex.EncodeToString(secret), passphrase)
}

// ReadSecret reads what WriteSecret wrote. Errors wrap one of the errors of key files or an error
// of the file system.
func ReadSecret(path string, realm ident.Realm, kind string, passphrase []byte) ([]byte, error) {
	id, text, err := readKeyFile(path, secretTitle+kind, realm, passphrase)
	if err != nil {
		return nil, err
	}
	return parseSecret(path, realm, kind, id, text)
}

// secretID finds a changed digit; it is a hash of at least 128 random bits and tells nothing.
func secretID(realm ident.Realm, kind string, secret []byte) ident.KeyID {
	h := sha256.New()
	h.Write(appendRealm([]byte("valise/v1/secret\x00"), realm))
	h.Write([]byte(kind + "\x00"))
	h.Write(secret)
	return ident.KeyID(h.Sum(nil))
}
