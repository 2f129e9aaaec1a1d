package store

import (
	"crypto/sha256"
	"encoding/binary"
	"io"

	bolt "go.etcd.io/bbolt"

	"valise.example/proto/ident"
)

// Keys of the meta bucket.
var (
	keyFormat = []byte("f")
	keyHead   = []byte("h")
)

// The format row, the only one that is not sealed: formatTag ‖ salt (32) ‖ check of the record
// key (16) ‖ check of the realm (16) ‖ the first 8 bytes of the SHA-256 of all this.
const (
	// Format is the number of the one form of records that this program reads and writes.
	Format = 1

	formatTag  = "valise record 1\n"
	formatSize = len(formatTag) + saltSize + 2*checkSize + formatSum
	formatSum  = 8
)

// head is the sealed head row: size (uint64BE) ‖ root (32) ‖ count of table rows (uint64BE) ‖
// their sum (32). Written with every commit, so that a truncated tail shows.
type head struct {
	size uint64
	root [32]byte
	sum  rowSum
}

const headSize = 8 + 32 + 8 + 32

func (h head) public() Head { return Head{Size: h.size, Root: h.root} }

func (h head) marshal() []byte {
	b := make([]byte, 0, headSize)
	b = binary.BigEndian.AppendUint64(b, h.size)
	b = append(b, h.root[:]...)
	b = binary.BigEndian.AppendUint64(b, h.sum.count)
	for _, limb := range h.sum.limbs {
		b = binary.BigEndian.AppendUint64(b, limb)
	}
	return b
}

func parseHead(b []byte) (h head, ok bool) {
	if len(b) != headSize {
		return head{}, false
	}
	h.size = binary.BigEndian.Uint64(b)
	h.root = [32]byte(b[8:])
	h.sum.count = binary.BigEndian.Uint64(b[40:])
	for i := range h.sum.limbs {
		h.sum.limbs[i] = binary.BigEndian.Uint64(b[48+8*i:])
	}
	// A tree index is an int64 below twice the size.
	return h, h.size < 1<<61
}

func (k *keyring) sealHead(random io.Reader, h head) ([]byte, error) {
	return k.sealValue(random, formValue, rootKeyNumber, bucketMeta, keyHead, h.marshal())
}

// readHead opens the head row.
func readHead(tx *bolt.Tx, k *keyring) (head, error) {
	b, err := bucketOf(tx, bucketMeta)
	if err != nil {
		return head{}, err
	}
	plain, err := k.openPlain(bucketMeta, keyHead, b.Get(keyHead))
	if err != nil {
		return head{}, &Damaged{What: "the head row", Err: err}
	}
	h, ok := parseHead(plain)
	if !ok {
		return head{}, &Damaged{What: "the head row"}
	}
	return h, nil
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
	if len(row) < len(formatTag) || string(row[:len(formatTag)]) != formatTag {
		return nil, ErrFormat
	}
	sum := sha256.Sum256(row[:max(len(row)-formatSum, 0)])
	if len(row) != formatSize || string(row[formatSize-formatSum:]) != string(sum[:formatSum]) {
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

// readKeys opens the format row and every wrapped data key.
func readKeys(tx *bolt.Tx, recordKey [32]byte, realm ident.Realm) (*keyring, error) {
	b := tx.Bucket([]byte{bucketMeta})
	if b == nil {
		return nil, ErrFormat
	}
	keys, err := openFormat(b.Get(keyFormat), recordKey, realm)
	if err != nil {
		return nil, err
	}
	wrapped, err := bucketOf(tx, bucketKeys)
	if err != nil {
		return nil, err
	}
	err = wrapped.ForEach(func(key, value []byte) error {
		next, err := keys.unwrap(key, value)
		if err != nil {
			return &Damaged{What: "a wrapped data key", Err: err}
		}
		keys = next
		return nil
	})
	return keys, err
}

// bucketOf finds a bucket that every record has.
func bucketOf(tx *bolt.Tx, letter byte) (*bolt.Bucket, error) {
	b := tx.Bucket([]byte{letter})
	if b == nil {
		return nil, &Damaged{What: "bucket " + string(rune(letter)) + " is missing"}
	}
	return b, nil
}
