package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"valise.example/proto/ident"
)

// Format is the number of the one form of records that this program reads and writes.
const Format = 1

// The format row, the only one that is not sealed: formatTag ‖ salt (32) ‖ check of the record
// key (16) ‖ check of the realm (16) ‖ the first 8 bytes of the SHA-256 of all this. Whatever a later
// form puts between them, its row begins with such a line and ends with such a sum: that is how a
// record of a later version is told from a damaged one.
const (
	formatWords = "valise record "
	formatSum   = 8
)

var (
	formatTag  = formatWords + strconv.Itoa(Format) + "\n"
	formatSize = len(formatTag) + saltSize + 2*checkSize + formatSum
)

// formatNumber reads whose form a record has, from its format row: ErrFormat where that is no row of
// a record, *Damaged where it is not what was written.
func formatNumber(row []byte) (uint32, error) {
	rest, ok := bytes.CutPrefix(row, []byte(formatWords))
	line, _, ended := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return 0, ErrFormat
	}
	n, err := strconv.ParseUint(string(line), 10, 32)
	sum := sha256.Sum256(row[:max(len(row)-formatSum, 0)])
	if !ended || err != nil || n == 0 || line[0] == '0' || line[0] == '+' || !bytes.HasSuffix(row, sum[:formatSum]) {
		return 0, &Damaged{What: "the format row"}
	}
	return uint32(n), nil
}

// FormatOf reads which form the record at path has, also a later one than Format, without its key and
// without changing it. Errors are those of OpenReadOnly, but for those of the key and for ErrLater.
func FormatOf(path string, now func() time.Time) (number uint32, err error) {
	if err := checkPermissions(path); err != nil {
		return 0, err
	}
	if err := checkUnclean(path, Config{Now: now, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		return 0, err
	}
	db, err := openBolt(path, true)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = contained(func() error {
		return db.View(func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte{bucketMeta})
			if b == nil {
				return ErrFormat
			}
			number, err = formatNumber(b.Get(keyFormat))
			return err
		})
	})
	if _, panicked := errors.AsType[*Panicked](err); panicked {
		err = &Damaged{What: "a page of the file cannot be read"}
	}
	return number, err
}

// newFormat makes the format row and the keys of a new record.
func newFormat(random io.Reader, recordKey [32]byte, realm ident.Realm) ([]byte, *keyring, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, nil, err
	}
	keys, err := deriveKeys(recordKey, realm, salt)
	if err != nil {
		return nil, nil, err
	}
	ofKey, err := keyCheck(recordKey, salt)
	if err != nil {
		return nil, nil, err
	}
	ofRealm, err := realmCheck(recordKey, salt, realm)
	if err != nil {
		return nil, nil, err
	}
	row := append([]byte(formatTag), salt...)
	row = append(row, ofKey...)
	row = append(row, ofRealm...)
	sum := sha256.Sum256(row)
	return append(row, sum[:formatSum]...), keys, nil
}

// openFormat checks a format row against the record key and realm and derives the keys.
func openFormat(row []byte, recordKey [32]byte, realm ident.Realm) (*keyring, error) {
	if number, err := formatNumber(row); err != nil {
		return nil, err
	} else if number > Format {
		return nil, ErrLater
	}
	if len(row) != formatSize {
		return nil, &Damaged{What: "the format row"}
	}
	salt, rest := row[len(formatTag):len(formatTag)+saltSize], row[len(formatTag)+saltSize:]
	ofKey, err := keyCheck(recordKey, salt)
	if err != nil {
		return nil, err
	}
	if !sameCheck(ofKey, rest[:checkSize]) {
		return nil, ErrWrongKey
	}
	ofRealm, err := realmCheck(recordKey, salt, realm)
	if err != nil {
		return nil, err
	}
	if !sameCheck(ofRealm, rest[checkSize:2*checkSize]) {
		return nil, ErrWrongRealm
	}
	return deriveKeys(recordKey, realm, salt)
}
