package store

import (
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
