package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"

	bolt "go.etcd.io/bbolt"

	"valise.example/proto/ident"
)

// What the tests of package store_test see of the inside.
const (
	BucketMeta  = bucketMeta
	BucketKeys  = bucketKeys
	BucketItems = bucketItems
	BucketTree  = bucketTree
	BucketTable = bucketTable
	BucketRows  = bucketRows
	VerifyChunk = verifyChunk
	QueueLength = queueLength
	BatchLength = batchLength
)

var (
	KeyHead     = keyHead
	KeyFormat   = keyFormat
	NumberKey   = numberKey
	CheckHere   = checkFile
	ParseRowKey = parseRowKey
	RowKey      = rowKey
)

// Peek reads the meta pages.
func Peek(path string) (clean, whole bool, err error) {
	o, err := peek(path)
	return o.clean, o.whole, err
}

// VerifyHere does in this process what VerifyFile lets a child do.
func VerifyHere(path string, cfg Config) (Report, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return Report{}, err
	}
	return verifyClosed(path, cfg, VerifyConfig{})
}

// LimitFile makes every commit that needs a larger file fail.
func LimitFile(s *Store, bytes int) { s.db.MaxSize = bytes }

// Commits is the id of the last durable commit.
func Commits(s *Store) int64 { return s.durable.Load() }

// OnLanded sets what runs between a commit's return and its being known as durable.
func OnLanded(s *Store, f func()) { s.landed = f }

// ForgetChild makes the process look as if main did not call MaybeCheckChild.
func ForgetChild() (restore func()) {
	before := childReady.Swap(false)
	return func() { childReady.Store(before) }
}

// ParseSealed takes a sealed value apart and puts it together again.
func ParseSealed(b []byte) ([]byte, error) {
	v, err := parseSealed(b)
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint32([]byte{v.form}, v.key)
	return append(append(out, v.nonce...), v.ciphertext...), nil
}

// Prune puts a tombstone in the place of an item, as a later pruning job will.
func Prune(s *Store, number uint64) error {
	keys := s.keys.Load()
	return s.db.Update(func(tx *bolt.Tx) error {
		s.durable.Store(int64(tx.ID()))
		b := tx.Bucket([]byte{bucketItems})
		_, leaf, err := keys.openItem(number, b.Get(numberKey(number)))
		if err != nil {
			return err
		}
		plain := binary.BigEndian.AppendUint32(nil, uint32(leaf.Type))
		plain = binary.BigEndian.AppendUint64(plain, uint64(leaf.Recorded))
		plain = append(append(plain, leaf.Digest[:]...), leaf.Stored[:]...)
		sealed, err := keys.sealValue(rand.Reader, formTombstone, keys.last, bucketItems, numberKey(number), plain)
		return errors.Join(err, b.Put(numberKey(number), itemRow(number, sealed)))
	})
}

// ReplaceItem seals other content under an item's number with the right keys, as a thief of
// the record key could.
func ReplaceItem(s *Store, number uint64, change func(plain []byte) []byte) error {
	keys := s.keys.Load()
	return s.db.Update(func(tx *bolt.Tx) error {
		s.durable.Store(int64(tx.ID()))
		b := tx.Bucket([]byte{bucketItems})
		_, sealed, _ := parseItemRow(b.Get(numberKey(number)))
		plain, err := keys.openPlain(bucketItems, numberKey(number), sealed)
		if err != nil {
			return err
		}
		sealed, err = keys.sealValue(rand.Reader, formValue, keys.last, bucketItems, numberKey(number), change(plain))
		return errors.Join(err, b.Put(numberKey(number), itemRow(number, sealed)))
	})
}

// OpensElsewhere seals a value and reports whether it opens with the same keys where realm,
// bucket or key is another.
func OpensElsewhere(s *Store, realm ident.Realm, bucket byte, key []byte) bool {
	keys := *s.keys.Load()
	sealed, err := keys.sealValue(rand.Reader, formValue, rootKeyNumber, bucketTable, []byte("here"), []byte("value"))
	if err != nil {
		return false
	}
	keys.realm = realm
	_, err = keys.openPlain(bucket, key, sealed)
	return err == nil
}

// itemRow is a row of an item as sealItem makes it.
func itemRow(number uint64, sealed []byte) []byte { return append(numberKey(number), sealed...) }

// Waiting is how many callers of Update wait in the queue.
func Waiting(s *Store) int { return len(s.queue) }
