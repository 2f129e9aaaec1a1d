package relay

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nats-io/nkeys"
	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// Files of a relay home.
const (
	configFile  = "relay.toml"
	cardFile    = "relay.card"
	keyFile     = "relay.key"
	certFile    = "relay.crt"
	adminFile   = "relay.admin"
	appliedFile = "roster.applied"
	rosterFile  = "roster"
	storeFolder = "jetstream"
	lockFile    = "relay.lock"
)

// ErrConfig means that relay.toml cannot be read as what it should be.
var ErrConfig = errors.New("relay: the configuration is wrong")

// ErrUnsafe means that others can read a secret of this relay.
var ErrUnsafe = errors.New("relay: a secret may be read by others")

// ErrHomeExists means that the folder already holds a relay.
var ErrHomeExists = errors.New("relay: this folder already holds a relay; nothing was changed")

// InitConfig says what relay to make.
type InitConfig struct {
	Listen  string    // host:port to listen on
	Address string    // host:port that nodes use and the card names; empty means Listen
	Realm   string    // ident.Realm in its canonical form
	Key     string    // file of a TLS key to keep (PEM, PKCS #8, Ed25519 or P-256), empty makes a new one
	Rand    io.Reader // nil means crypto/rand
}

// home is a read relay.toml with the paths that follow from its folder.
type home struct {
	dir     string
	Realm   string `toml:"realm"`
	Listen  string `toml:"listen"`
	Address string `toml:"address"`
	Name    string `toml:"name"`
	Roster  string `toml:"roster"`
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }

// Init makes a relay home in dir, which it creates with mode 0700 if need be: relay.key,
// relay.crt, relay.admin (the relay's own login, 0600), relay.card and, last, relay.toml. It
// returns the card, for the managers to admit. A folder that holds a relay is refused with
// ErrHomeExists. The relay's name follows from its key, so a relay that is made again with the
// key it had is the same relay on the same card. docs/protocol.md §8.6
func Init(dir string, c InitConfig) (*valisev1.RelayCard, error) {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Address == "" {
		c.Address = c.Listen
	}
	if err := checkInit(c); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("relay: make home: %w", err)
	}
	h := &home{dir: dir, Realm: c.Realm, Listen: c.Listen, Address: c.Address}
	if _, err := os.Lstat(h.path(configFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, ErrHomeExists
	}
	keyPEM, err := keptOrNewKey(c)
	if err != nil {
		return nil, err
	}
	return h.create(keyPEM, c.Rand)
}

func checkInit(c InitConfig) error {
	if _, err := ident.ParseRealm(c.Realm); err != nil {
		return fmt.Errorf("relay: init: %w", err)
	}
	for _, a := range []string{c.Listen, c.Address} {
		if err := checkHostPort(a); err != nil {
			return fmt.Errorf("relay: init: %w", err)
		}
	}
	return nil
}

// checkHostPort refuses what would leave its place in the server's configuration text.
func checkHostPort(a string) error {
	host, port, err := net.SplitHostPort(a)
	if err != nil || len(a) > 260 {
		return fmt.Errorf("%.60q is no address: want host:port", a)
	}
	if strings.ContainsAny(host, "\"'\\{}[]#$ \t\r\n") {
		return fmt.Errorf("%.60q is no address: the host has characters no host has", a)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%.60q is no address: want a port from 1 to 65535", a)
	}
	return nil
}

func (h *home) create(keyPEM []byte, random io.Reader) (*valisev1.RelayCard, error) {
	certPEM, pin, err := certificate(keyPEM, random)
	if err != nil {
		return nil, err
	}
	admin, err := nkeys.CreatePairWithRand(nkeys.PrefixByteUser, random)
	if err != nil {
		return nil, fmt.Errorf("relay: make admin key: %w", err)
	}
	seed, err := admin.Seed()
	if err != nil {
		return nil, fmt.Errorf("relay: make admin key: %w", err)
	}
	sum := sha256.Sum256(append([]byte("valise/v1/relay-name\x00"), pin[:]...))
	h.Name = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
	card := &valisev1.RelayCard{Realm: h.Realm, Address: h.Address, TlsKey: pin[:], Name: h.Name}
	cardBytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(card)
	if err != nil {
		return nil, fmt.Errorf("relay: make card: %w", err)
	}
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(h); err != nil {
		return nil, fmt.Errorf("relay: write configuration: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
		mode os.FileMode
	}{
		{keyFile, keyPEM, 0o600}, {certFile, certPEM, 0o644}, {adminFile, seed, 0o600},
		{cardFile, cardBytes, 0o644}, {configFile, text.Bytes(), 0o644},
	} {
		if err := writeFile(h.path(f.name), f.data, f.mode); err != nil {
			return nil, err
		}
	}
	return card, nil
}

// openHome reads relay.toml; a key it does not know is an error with its line.
func openHome(dir string) (*home, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("relay: open home: %w", err)
	}
	h := &home{dir: abs}
	data, err := os.ReadFile(h.path(configFile))
	if err != nil {
		return nil, fmt.Errorf("relay: %s holds no relay: %w", dir, err)
	}
	meta, err := toml.NewDecoder(bytes.NewReader(data)).Decode(h)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, configFile, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("%w: %s line %d: unknown key %.60q", ErrConfig, configFile, tomlkey.Line(data, extra[0]...), extra[0].String())
	}
	if err := checkInit(InitConfig{Realm: h.Realm, Listen: h.Listen, Address: h.Address}); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, configFile, err)
	}
	if !IsName(h.Name) {
		return nil, fmt.Errorf("%w: %s: name is not 26 characters of base32", ErrConfig, configFile)
	}
	return h, nil
}

// rosterPath is where the Roster is looked for: the flag, relay.toml, the home.
func (h *home) rosterPath(flag string) string {
	switch {
	case flag != "":
		return flag
	case filepath.IsAbs(h.Roster):
		return h.Roster
	case h.Roster != "":
		return h.path(h.Roster)
	}
	return h.path(rosterFile)
}

// secret reads a file that nobody else may read.
func secret(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s; chmod 600 it, or make the relay again if they may have", ErrUnsafe, filepath.Base(path))
	}
	return os.ReadFile(path)
}

func keptOrNewKey(c InitConfig) ([]byte, error) {
	if c.Key != "" {
		return secret(c.Key)
	}
	_, key, err := ed25519.GenerateKey(c.Rand)
	if err != nil {
		return nil, fmt.Errorf("relay: make TLS key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("relay: make TLS key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// certificate wraps the key for TLS; nodes look at nothing in it but the key, so it names
// nobody and does not end. The pin is the SHA-256 of the key (SPKI, DER). docs/protocol.md §7.8
func certificate(keyPEM []byte, random io.Reader) (certPEM []byte, pin [32]byte, err error) {
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, pin, errors.New("relay: the TLS key is no PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, pin, errors.New("relay: the TLS key is not in PKCS #8 form")
	}
	var public any
	switch k := parsed.(type) {
	case ed25519.PrivateKey:
		public = k.Public()
	case *ecdsa.PrivateKey:
		if k.Curve != elliptic.P256() {
			return nil, pin, errors.New("relay: the TLS key is neither Ed25519 nor P-256")
		}
		public = k.Public()
	default:
		return nil, pin, errors.New("relay: the TLS key is neither Ed25519 nor P-256")
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "relay"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280: no end
		KeyUsage:     x509.KeyUsageDigitalSignature,
		// For clients too: servers of a cluster show it to each other.
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(random, template, template, public, parsed)
	if err != nil {
		return nil, pin, fmt.Errorf("relay: make certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, pin, fmt.Errorf("relay: make certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), sha256.Sum256(cert.RawSubjectPublicKeyInfo), nil
}

// pin is the SHA-256 of the home's TLS key.
func (h *home) pin() ([]byte, error) {
	cert, err := tls.LoadX509KeyPair(h.path(certFile), h.path(keyFile))
	if err != nil {
		return nil, fmt.Errorf("relay: read TLS key: %w", err)
	}
	parsed, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("relay: read TLS key: %w", err)
	}
	sum := sha256.Sum256(parsed.RawSubjectPublicKeyInfo)
	return sum[:], nil
}

// admin is the relay's own login: the pair in relay.admin.
func (h *home) admin() (nkeys.KeyPair, error) {
	seed, err := secret(h.path(adminFile))
	if err != nil {
		return nil, err
	}
	pair, err := nkeys.FromSeed(bytes.TrimSpace(seed))
	if err != nil {
		return nil, fmt.Errorf("relay: %s holds no nkey seed", adminFile)
	}
	return pair, nil
}

// writeFile writes by temporary file, fsync, rename and fsync of the folder, so that after a
// power failure the old file is there or the new one.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("relay: write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	for _, step := range []func() error{func() error { return f.Chmod(mode) }, f.Sync, f.Close} {
		if e := step(); err == nil {
			err = e
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("relay: write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
