package store

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	valisev1 "valise.example/proto/valise/v1"
)

// snapshot reads one state of the file and opens what it reads.
type snapshot struct {
	tx   *bolt.Tx
	keys *keyring
	head head
}

func isDamage(err error) bool {
	_, ok := errors.AsType[*Damaged](err)
	return ok
}

func (s *snapshot) item(number uint64) (*valisev1.Item, error) {
	item, leaf, err := s.itemAndLeaf(number)
	if err == nil && item == nil {
		return nil, &Pruned{Leaf: leaf}
	}
	return item, err
}

// itemAndLeaf reads an item; item is nil where it was pruned.
func (s *snapshot) itemAndLeaf(number uint64) (*valisev1.Item, Leaf, error) {
	b, err := bucketOf(s.tx, bucketItems)
	if err != nil {
		return nil, Leaf{}, err
	}
	row := b.Get(numberKey(number))
	if row == nil {
		return nil, Leaf{}, &Damaged{What: fmt.Sprintf("item %d is missing", number)}
	}
	item, leaf, err := s.keys.openItem(number, row)
	if err != nil {
		return nil, Leaf{}, &Damaged{What: fmt.Sprintf("item %d", number), Err: err}
	}
	return item, leaf, nil
}

func (s *snapshot) get(key name) ([]byte, error) {
	b, err := bucketOf(s.tx, bucketTable)
	if err != nil {
		return nil, err
	}
	sealed := b.Get(key[:])
	if sealed == nil {
		return nil, nil
	}
	plain, err := s.keys.openPlain(bucketTable, key[:], sealed)
	if err != nil {
		return nil, &Damaged{What: "a row of a table", Err: err}
	}
	return plain, nil
}

// rows walks one group. visit gets a function that opens the value.
func (s *snapshot) rows(group name, from uint64, descending bool, visit func(uint64, func() ([]byte, error)) (bool, error)) error {
	b, err := bucketOf(s.tx, bucketRows)
	if err != nil {
		return err
	}
	c := b.Cursor()
	key, sealed := seekRow(c, group, from, descending)
	for ; bytes.HasPrefix(key, group[:]); key, sealed = step(c, descending) {
		_, n, ok := parseRowKey(key)
		if !ok {
			return &Damaged{What: "the key of a row"}
		}
		more, err := visit(n, func() ([]byte, error) {
			plain, err := s.keys.openPlain(bucketRows, key, sealed)
			if err != nil {
				return nil, &Damaged{What: "a row of a table", Err: err}
			}
			return plain, nil
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// seekRow finds the first row of the walk: at from, or the next one in its direction.
func seekRow(c *bolt.Cursor, group name, from uint64, descending bool) (key, sealed []byte) {
	key, sealed = c.Seek(rowKey(group, from))
	if !descending {
		return key, sealed
	}
	if key == nil {
		return c.Last()
	}
	if !bytes.Equal(key, rowKey(group, from)) {
		return c.Prev()
	}
	return key, sealed
}

func step(c *bolt.Cursor, descending bool) (key, sealed []byte) {
	if descending {
		return c.Prev()
	}
	return c.Next()
}

// storedHashes reads tree hashes from the file.
func storedHashes(b *bolt.Bucket) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return readHashes(indexes, func(index int64) (tlog.Hash, bool) {
			return asHash(b.Get(numberKey(uint64(index))))
		})
	})
}

func asHash(b []byte) (tlog.Hash, bool) {
	if len(b) != tlog.HashSize {
		return tlog.Hash{}, false
	}
	return tlog.Hash(b), true
}

// proofReader gives the stored tree if it covers size items.
func (s *snapshot) proofReader(size uint64) (tlog.HashReader, error) {
	if size > s.head.size || size > math.MaxInt64 {
		return nil, fmt.Errorf("%w: the tree has %d items, not %d", ErrInvalid, s.head.size, size)
	}
	b, err := bucketOf(s.tx, bucketTree)
	if err != nil {
		return nil, err
	}
	return storedHashes(b), nil
}
