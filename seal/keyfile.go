package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"valise.example/proto/ident"
)

// Errors of key files. docs/protocol.md §8.2
var (
	// ErrPassphraseNeeded: the file is protected and no passphrase was given.
	ErrPassphraseNeeded = errors.New("the key file needs its passphrase")
	// ErrWrongPassphrase: the passphrase does not open the file.
	ErrWrongPassphrase = errors.New("the passphrase does not open the key file")
	// ErrUnsafePermissions: others may read or write the file, it belongs to another user, or it is
	// a link or no regular file.
	ErrUnsafePermissions = errors.New("the key file is not this user's alone")
	// ErrWrongRealm: the key belongs to another realm.
	ErrWrongRealm = errors.New("the key belongs to another realm")
	// ErrKeyFile: the file holds no key of the kind asked for, or was changed.
	ErrKeyFile = errors.New("this is no such key file, or it was changed")
)

const (
	maxKeyFile        = 64 << 10
	signingKeyTitle   = "# valise signing key"
	sealingKeyTitle   = "# valise sealing key"
	realmComment      = "# realm: "
	keyIDComment      = "# key id: "
	signingKeyPrefix  = "VALISE-SIGNING-KEY-1-"
	ageIntro          = "age-encryption.org/"
	maxScryptFactor   = 20
	keyFilePermission = 0o600
)

// WriteSigningKey writes a new file at path, mode 0600; one that exists is never overwritten. A
// nil passphrase writes it plain.
func WriteSigningKey(path string, realm ident.Realm, key *SigningKey, passphrase []byte) error {
	if key == nil {
		return errors.New("seal: there is no key to write")
	}
	secret := signingKeyPrefix + strings.ToUpper(hex.EncodeToString(key.seed[:]))
	return writeKeyFile(path, signingKeyTitle, realm, key.Public().ID(realm), secret, passphrase)
}

// ReadSigningKey reads what WriteSigningKey wrote. Errors wrap one of the errors above or an error
// of the file system.
func ReadSigningKey(path string, realm ident.Realm, passphrase []byte) (*SigningKey, error) {
	id, secret, err := readKeyFile(path, signingKeyTitle, realm, passphrase)
	if err != nil {
		return nil, err
	}
	digits, ok := strings.CutPrefix(secret, signingKeyPrefix)
	var seed [seedSize]byte
	if !ok || len(digits) != hex.EncodedLen(seedSize) || digits != strings.ToUpper(digits) {
		return nil, keyFileError(path, ErrKeyFile)
	}
	if _, err := hex.Decode(seed[:], []byte(digits)); err != nil {
		return nil, keyFileError(path, ErrKeyFile)
	}
	key, err := signingKeyFromSeed(seed)
	if err != nil || key.Public().ID(realm) != id {
		return nil, keyFileError(path, ErrKeyFile)
	}
	return key, nil
}

// WriteSealingKey writes a new age identity file at path, mode 0600; one that exists is never
// overwritten. A nil passphrase writes it plain.
func WriteSealingKey(path string, realm ident.Realm, key SealingKey, passphrase []byte) error {
	if key.IsZero() {
		return errors.New("seal: there is no key to write")
	}
	return writeKeyFile(path, sealingKeyTitle, realm, key.Recipient().ID(), key.Secret(), passphrase)
}

// ReadSealingKey reads what WriteSealingKey wrote. Errors wrap one of the errors above or an error
// of the file system.
func ReadSealingKey(path string, realm ident.Realm, passphrase []byte) (SealingKey, error) {
	id, secret, err := readKeyFile(path, sealingKeyTitle, realm, passphrase)
	if err != nil {
		return SealingKey{}, err
	}
	key, err := ParseSealingKey(secret)
	if err != nil || key.Recipient().ID() != id {
		return SealingKey{}, keyFileError(path, ErrKeyFile)
	}
	return key, nil
}

func writeKeyFile(path, title string, realm ident.Realm, id [32]byte, secret string, passphrase []byte) error {
	text, err := keyFileText(title, realm, id, secret)
	if err != nil {
		return err
	}
	if passphrase != nil {
		r, err := age.NewScryptRecipient(string(passphrase))
		if err != nil {
			return errors.New("seal: an empty passphrase protects nothing")
		}
		r.SetWorkFactor(PassphraseWork)
		if text, err = sealBytes(text, r); err != nil {
			return err
		}
	}
	return createKeyFile(path, text)
}

// keyFileText is a key file before it is protected.
func keyFileText(title string, realm ident.Realm, id [32]byte, secret string) ([]byte, error) {
	if _, err := ident.ParseRealm(string(realm)); err != nil {
		return nil, fmt.Errorf("seal: a key file needs a realm: %w", ErrWrongRealm)
	}
	return fmt.Appendf(nil, "%s\n%s%s\n%s%x\n%s\n", title, realmComment, realm, keyIDComment, id, secret), nil
}

// createKeyFile leaves a whole file or none: it is written once and synced with its folder.
func createKeyFile(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, keyFilePermission)
	if err != nil {
		return fmt.Errorf("seal: the key is not written: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("seal: the key is not written: %w", errors.Join(err, os.Remove(path)))
		}
	}()
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func readKeyFile(path, title string, realm ident.Realm, passphrase []byte) (id ident.KeyID, secret string, err error) {
	text, err := readPrivate(path)
	if err != nil {
		return ident.KeyID{}, "", err
	}
	if bytes.HasPrefix(text, []byte(ageIntro)) {
		if text, err = unlock(text, passphrase); err != nil {
			return ident.KeyID{}, "", keyFileError(path, err)
		}
	}
	id, secret, err = parseKeyText(text, title, realm)
	if err != nil {
		return ident.KeyID{}, "", keyFileError(path, err)
	}
	return id, secret, nil
}

// readPrivate opens path without following a link and judges the file it then holds, so nothing
// can change between the look and the reading.
func readPrivate(path string) ([]byte, error) {
	f, err := openNoFollow(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("seal: %w", err)
		}
		return nil, keyFileError(path, ErrUnsafePermissions)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 || !ownedByUs(info) {
		return nil, keyFileError(path, ErrUnsafePermissions)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if len(text) > maxKeyFile {
		return nil, keyFileError(path, ErrKeyFile)
	}
	return text, nil
}

func unlock(text, passphrase []byte) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, ErrPassphraseNeeded
	}
	id, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return nil, ErrPassphraseNeeded
	}
	id.SetMaxWorkFactor(maxScryptFactor)
	r, err := age.Decrypt(bytes.NewReader(text), id)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, ErrWrongPassphrase
	}
	if err != nil {
		return nil, ErrKeyFile
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxKeyFile))
	if err != nil {
		return nil, ErrKeyFile
	}
	return plain, nil
}

// parseKeyText takes the four lines as they are written and nothing else: title, realm, key id,
// secret.
func parseKeyText(text []byte, title string, realm ident.Realm) (ident.KeyID, string, error) {
	lines := strings.Split(string(text), "\n")
	if len(lines) != 5 || lines[0] != title || lines[4] != "" {
		return ident.KeyID{}, "", ErrKeyFile
	}
	named, ok := strings.CutPrefix(lines[1], realmComment)
	if !ok {
		return ident.KeyID{}, "", ErrKeyFile
	}
	if named != string(realm) {
		return ident.KeyID{}, "", ErrWrongRealm
	}
	digits, ok := strings.CutPrefix(lines[2], keyIDComment)
	if !ok {
		return ident.KeyID{}, "", ErrKeyFile
	}
	id, err := ident.ParseKeyID(digits)
	if err != nil {
		return ident.KeyID{}, "", ErrKeyFile
	}
	return id, lines[3], nil
}

func keyFileError(path string, err error) error {
	return fmt.Errorf("seal: %s: %w", filepath.Base(path), err)
}
