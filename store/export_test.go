package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"

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

// Keys lists the data keys that the file has, and how many rows of tables stand under each.
func Keys(s *Store) (rows map[uint32]int, err error) {
	rows = map[uint32]int{}
	err = s.db.View(func(tx *bolt.Tx) error {
		snap := &snapshot{tx: tx, keys: s.keys.Load()}
		under, err := snap.rowsUnder()
		if err != nil {
			return err
		}
		return tx.Bucket([]byte{bucketKeys}).ForEach(func(key, _ []byte) error {
			n, _ := parseNumberKey(key)
			rows[uint32(n)] = under[uint32(n)]
			return nil
		})
	})
	return rows, err
}

// OpensWithRootKey reports whether a row of an item that stood in the file once opens with all that
// the record key leads to in the file as it is now.
func OpensWithRootKey(path string, cfg Config, number uint64, row []byte) (bool, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer db.Close()
	opens := false
	err = db.View(func(tx *bolt.Tx) error {
		keys, err := readKeys(tx, cfg.RecordKey, cfg.Realm)
		if err != nil {
			return err
		}
		_, _, err = keys.openItem(number, row)
		opens = err == nil
		return nil
	})
	return opens, err
}

// ResealAtOnce is how many rows one commit seals anew.
const ResealAtOnce = resealAtOnce

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

// CompactSteps are the moments at which a test ends a compaction.
var CompactSteps = []string{stepCopied, stepVerified, stepMoved, stepDurable}

// CompactStepwise is Compact that tells of its steps.
func CompactStepwise(path string, cfg Config, reached func(step string)) (Compacted, error) {
	return compact(context.Background(), path, cfg, reached)
}

// ReplaceWhileOpening opens the file at path while it is replaced, between the open and the look
// whether it still stands there.
func ReplaceWhileOpening(path string, replace func() error) error {
	db, err := openBolt(path, false)
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := replace(); err != nil {
		return err
	}
	return stillAt(path, f)
}
