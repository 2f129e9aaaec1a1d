package node

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"valise.example/api"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const (
	doorKeyFile = "door.key"
	doorSecret  = "door"

	// DoorCertificateFile is the certificate of a node's door over TCP, within its home. It holds
	// nothing secret: whoever comes from another machine knows the node by it.
	DoorCertificateFile = "door.crt"
)

// doorKey reads the key of the door over TCP, and makes it where there is none yet. docs/protocol.md §12
func doorKey(dir string, realm ident.Realm, passphrase []byte) ([]byte, error) {
	path := filepath.Join(dir, keysFolder, doorKeyFile)
	key, err := seal.ReadSecret(path, realm, doorSecret, passphrase)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = api.NewDoorKey(); err != nil {
		return nil, err
	}
	return key, seal.WriteSecret(path, realm, doorSecret, key, passphrase)
}

// doorCertificate reads the certificate that belongs to key, and makes it where it is missing or is
// of another key. Whoever has pinned the key knows the new one as well.
func doorCertificate(dir string, key []byte) (tls.Certificate, error) {
	path := filepath.Join(dir, DoorCertificateFile)
	file, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, err
	}
	if certificate, err := tls.X509KeyPair(file, api.KeyPEM(key)); err == nil && len(certificate.Certificate) == 1 {
		return certificate, nil
	}
	if file, err = api.NewCertificate(key); err != nil {
		return tls.Certificate{}, fmt.Errorf("node: the key of the door cannot be used: %w", err)
	}
	if err := WriteDurably(path, file); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(file, api.KeyPEM(key))
}

// DoorCertificate is the certificate by which others know the door of the node in dir, and its pin.
// NOT_FOUND says that this home has no door over TCP yet.
func DoorCertificate(dir string) (file []byte, pin api.Pin, err error) {
	file, err = os.ReadFile(filepath.Join(dir, DoorCertificateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, pin, &Fault{Why: valisev1.Reason_REASON_NOT_FOUND, Detail: "this node has no door over TCP: give [door] in valise.toml an address, and start it"}
	}
	if err != nil {
		return nil, pin, err
	}
	pin, err = api.PinOfPEM(file)
	return file, pin, err
}

// pinOf is the pin of a certificate that this home made.
func pinOf(c tls.Certificate) (api.Pin, error) {
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return api.Pin{}, err
	}
	return api.PinOf(leaf)
}
