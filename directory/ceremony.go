package directory

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"
	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Names of the files of a key ceremony.
const (
	// RootKeyFile is the State's root: it belongs offline after the ceremony.
	RootKeyFile = "root.key"
	// KeySheetFile lists the public keys with their dates.
	KeySheetFile = "keys.toml"
)

// MaxSigningKeyLife is how long a signing key speaks when nobody says otherwise: a year.
// docs/protocol.md §8.2
const MaxSigningKeyLife = 365 * 24 * time.Hour

var aboutKeys = subject{object: "keys"}

// CeremonyConfig makes a State's first keys.
type CeremonyConfig struct {
	// Dir takes the key files; it is made if it is not there.
	Dir   string
	Realm ident.Realm
	State ident.State
	// Tracks get one signing key each.
	Tracks []ident.Track
	// RootPassphrase and SigningPassphrase protect the files; nil writes them plain.
	RootPassphrase, SigningPassphrase []byte
	// ValidFrom begins the signing keys' life; ValidFor zero means a year.
	ValidFrom time.Time
	ValidFor  time.Duration
	// Rand must be cryptographically random.
	Rand io.Reader
}

// KeySheet is what a State publishes of its keys, for the entry and for reading aloud.
type KeySheet struct {
	Realm ident.Realm
	State ident.State
	Root  SheetKey
	// NextRoot is zero while none is announced.
	NextRoot SheetKey
	// EarlierRoots signed the entries before, oldest first; their files stay where they are.
	EarlierRoots []SheetKey
	Signing      []SigningSheetKey
}

// SheetKey is one public key and the name of its file in the ceremony's folder.
type SheetKey struct {
	Key  seal.PublicKey
	ID   ident.KeyID
	File string
}

// SigningSheetKey is one signing key. RevokedSince is zero while it is trusted.
type SigningSheetKey struct {
	SheetKey
	Address               ident.Address
	ValidFrom, ValidUntil time.Time
	RevokedSince          time.Time
}

// HoldCeremony makes the root and one signing key a track, each in its own file, and the
// sheet that lists them. A folder that holds a sheet or a root is refused with
// ALREADY_EXISTS: a root is never overwritten. docs/protocol.md §8.1, §8.2
func HoldCeremony(c CeremonyConfig) (KeySheet, error) {
	sheet := KeySheet{Realm: c.Realm, State: c.State}
	if err := CheckCeremony(c); err != nil {
		return KeySheet{}, err
	}
	if err := makeFolder(c.Dir); err != nil {
		return KeySheet{}, err
	}
	life := c.ValidFor
	if life == 0 {
		life = MaxSigningKeyLife
	}
	for i, track := range c.Tracks {
		key, err := c.make(fmt.Sprintf("%s-%d.key", track, 1), c.SigningPassphrase)
		if err != nil {
			return KeySheet{}, err
		}
		sheet.Signing = append(sheet.Signing, SigningSheetKey{
			SheetKey: key, Address: ident.Address{State: c.State, Track: c.Tracks[i]},
			ValidFrom: c.ValidFrom.UTC().Truncate(time.Second), ValidUntil: c.ValidFrom.Add(life).UTC().Truncate(time.Second),
		})
	}
	var err error
	if sheet.Root, err = c.make(RootKeyFile, c.RootPassphrase); err != nil {
		return KeySheet{}, err
	}
	return sheet, WriteKeySheet(c.Dir, sheet)
}

// CheckCeremony says whether HoldCeremony would begin, so that nobody types names and passphrases for
// nothing. The error is a *Refusal: WRONG_REALM, BAD_REQUEST or ALREADY_EXISTS.
func CheckCeremony(c CeremonyConfig) error {
	if _, err := ident.ParseRealm(string(c.Realm)); err != nil {
		return aboutKeys.refuse(valisev1.Reason_REASON_WRONG_REALM, "no keys without a realm: %w", err)
	}
	if _, err := admitted(aboutKeys, c.Realm, string(c.State)); err != nil {
		return err
	}
	seen := map[ident.Track]bool{}
	for _, t := range c.Tracks {
		if _, err := ident.ParseAddress(ident.Address{State: c.State, Track: t}.String()); err != nil || seen[t] {
			return aboutKeys.refuse(valisev1.Reason_REASON_BAD_REQUEST, "each track of the State once")
		}
		seen[t] = true
	}
	for _, name := range []string{KeySheetFile, RootKeyFile} {
		if _, err := os.Lstat(filepath.Join(c.Dir, name)); err == nil {
			return aboutKeys.refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "the folder holds keys already, and a root is never overwritten")
		}
	}
	return nil
}

func (c CeremonyConfig) make(name string, passphrase []byte) (SheetKey, error) {
	key, err := seal.GenerateSigningKey(c.Rand)
	if err != nil {
		return SheetKey{}, err
	}
	if err := seal.WriteSigningKey(filepath.Join(c.Dir, name), c.Realm, key, passphrase); err != nil {
		return SheetKey{}, err
	}
	return SheetKey{Key: key.Public(), ID: key.Public().ID(c.Realm), File: name}, nil
}

// sheetText is keys.toml.
type sheetText struct {
	Realm    string         `toml:"realm"`
	State    string         `toml:"state"`
	Root     keyText        `toml:"root"`
	NextRoot *keyText       `toml:"next_root"`
	Earlier  []keyText      `toml:"earlier_root"`
	Signing  []signingEntry `toml:"signing_key"`
}

type keyText struct {
	File        string `toml:"file"`
	KeyID       string `toml:"key_id"`
	Fingerprint string `toml:"fingerprint"`
	Public      string `toml:"public"`
}

type signingEntry struct {
	Track        string     `toml:"track"`
	ValidFrom    time.Time  `toml:"valid_from"`
	ValidUntil   time.Time  `toml:"valid_until"`
	RevokedSince *time.Time `toml:"revoked_since"`
	keyText
}

// WriteKeySheet writes keys.toml into a folder.
func WriteKeySheet(dir string, s KeySheet) error {
	t := sheetText{Realm: string(s.Realm), State: string(s.State)}
	var err error
	if t.Root, err = textOf(s.Root); err != nil {
		return err
	}
	if !s.NextRoot.Key.IsZero() {
		next, err := textOf(s.NextRoot)
		if err != nil {
			return err
		}
		t.NextRoot = &next
	}
	for _, k := range s.EarlierRoots {
		text, err := textOf(k)
		if err != nil {
			return err
		}
		t.Earlier = append(t.Earlier, text)
	}
	for _, k := range s.Signing {
		line, err := signingLine(k)
		if err != nil {
			return err
		}
		t.Signing = append(t.Signing, line)
	}
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(t); err != nil {
		return storage(err)
	}
	return storage(writeDurably(realDisk{}, filepath.Join(dir, KeySheetFile), b.Bytes()))
}

func signingLine(k SigningSheetKey) (signingEntry, error) {
	text, err := textOf(k.SheetKey)
	line := signingEntry{Track: k.Address.Track.String(), ValidFrom: k.ValidFrom, ValidUntil: k.ValidUntil, keyText: text}
	if !k.RevokedSince.IsZero() {
		line.RevokedSince = &k.RevokedSince
	}
	return line, err
}

func textOf(k SheetKey) (keyText, error) {
	public, err := encode(k.Key.Proto())
	if err != nil {
		return keyText{}, err
	}
	return keyText{File: k.File, KeyID: k.ID.String(), Fingerprint: k.ID.Fingerprint(), Public: base64.StdEncoding.EncodeToString(public)}, nil
}

// ReadKeySheet reads keys.toml strictly; key id and fingerprint must be those of the key.
// The error is a *Refusal: NOT_FOUND, WRONG_REALM, or RECORD_DAMAGED.
func ReadKeySheet(dir string, realm ident.Realm) (KeySheet, error) {
	b, err := readBounded(filepath.Join(dir, KeySheetFile), maxFactsSize)
	if err != nil {
		return KeySheet{}, err
	}
	if b == nil {
		return KeySheet{}, aboutKeys.refuse(valisev1.Reason_REASON_NOT_FOUND, "no key ceremony was held in this folder")
	}
	return parseKeySheet(realm, b)
}

func parseKeySheet(realm ident.Realm, b []byte) (KeySheet, error) {
	var t sheetText
	err := decodeStrict(b, &t)
	if err != nil {
		return KeySheet{}, damaged("%s cannot be read: %w", KeySheetFile, err)
	}
	if err := inRealm(aboutKeys, realm, t.Realm); err != nil {
		return KeySheet{}, err
	}
	s := KeySheet{Realm: realm}
	if s.State, err = admitted(aboutKeys, realm, t.State); err != nil {
		return KeySheet{}, err
	}
	if s.Root, err = t.Root.read(realm); err != nil {
		return KeySheet{}, err
	}
	if t.NextRoot != nil {
		if s.NextRoot, err = t.NextRoot.read(realm); err != nil {
			return KeySheet{}, err
		}
	}
	for _, line := range t.Earlier {
		k, err := line.read(realm)
		if err != nil {
			return KeySheet{}, err
		}
		s.EarlierRoots = append(s.EarlierRoots, k)
	}
	for _, line := range t.Signing {
		k := SigningSheetKey{ValidFrom: line.ValidFrom.UTC(), ValidUntil: line.ValidUntil.UTC()}
		if k.SheetKey, err = line.read(realm); err != nil {
			return KeySheet{}, err
		}
		if k.Address, err = ident.ParseAddress(t.State + "/" + line.Track); err != nil {
			return KeySheet{}, damaged("%s: %w", KeySheetFile, err)
		}
		if line.RevokedSince != nil {
			k.RevokedSince = line.RevokedSince.UTC()
		}
		s.Signing = append(s.Signing, k)
	}
	return s, nil
}

func (t keyText) read(realm ident.Realm) (SheetKey, error) {
	public, err := base64.StdEncoding.Strict().DecodeString(t.Public)
	if err != nil {
		return SheetKey{}, damaged("%s: a key is not base64", KeySheetFile)
	}
	p := &valisev1.PublicKey{}
	if err := proto.Unmarshal(public, p); err != nil {
		return SheetKey{}, damaged("%s: a key cannot be read: %w", KeySheetFile, err)
	}
	key, err := seal.ParsePublicKey(p)
	if err != nil {
		return SheetKey{}, damaged("%s: a key cannot be read: %w", KeySheetFile, err)
	}
	id := key.ID(realm)
	if t.KeyID != id.String() || t.Fingerprint != id.Fingerprint() {
		return SheetKey{}, damaged("%s: a key has another id than stands beside it", KeySheetFile)
	}
	return SheetKey{Key: key, ID: id, File: t.File}, nil
}
