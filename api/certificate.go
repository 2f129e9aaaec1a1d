package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// DoorName is the one name in every certificate of a door. It says nothing about a State, and a
// caller that insists on a name can ask for it. docs/protocol.md §12
const DoorName = "valise"

// Pin is the SHA-256 of the public key in a certificate (SubjectPublicKeyInfo). At the door it
// stands for the certificate: names, dates and issuers in it mean nothing there.
type Pin [sha256.Size]byte

// String is 64 lower-case hexadecimal digits, as Officer.certificate has them.
func (p Pin) String() string { return hex.EncodeToString(p[:]) }

// PinOf takes the pin of a certificate; the key must be ECDSA on P-256. docs/protocol.md §12
func PinOf(c *x509.Certificate) (Pin, error) {
	if key, ok := c.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		return Pin{}, errOtherAlgorithm
	}
	return sha256.Sum256(c.RawSubjectPublicKeyInfo), nil
}

var errOtherAlgorithm = errors.New("api: the key of the certificate is not ECDSA on P-256, so nobody is known by it")

// PinOfPEM is PinOf for a file that holds one certificate and nothing else. The error is always
// *Error with REASON_BAD_REQUEST.
func PinOfPEM(file []byte) (Pin, error) {
	block, rest := pem.Decode(file)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		return Pin{}, refusal(valisev1.Reason_REASON_BAD_REQUEST, "a certificate file holds one certificate as PEM and nothing else")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Pin{}, refusal(valisev1.Reason_REASON_BAD_REQUEST, "the certificate cannot be read")
	}
	pin, err := PinOf(certificate)
	if err != nil {
		return Pin{}, refusal(valisev1.Reason_REASON_BAD_REQUEST, "the key of a certificate must be ECDSA on P-256")
	}
	return pin, nil
}

// NewDoorKey makes a key for a door or for an officer who comes to one, as PKCS #8 in DER.
func NewDoorKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// NewCertificate makes a certificate that a key of NewDoorKey gives itself, as PEM. It names nobody
// and has no end: the one who pinned it decides for how long it holds.
func NewCertificate(pkcs8 []byte) ([]byte, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errOtherAlgorithm
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: DoorName},
		DNSNames:              []string{DoorName},
		NotBefore:             time.Unix(0, 0),
		NotAfter:              time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280: no end
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// KeyPEM is a key of NewDoorKey in the form that programs of others read.
func KeyPEM(pkcs8 []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}
