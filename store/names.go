package store

import "encoding/binary"

// Buckets of the file. Their names say nothing.
const (
	bucketMeta  = 'm'
	bucketKeys  = 'k'
	bucketItems = 'i'
	bucketTree  = 'h'
	bucketTable = 't'
	bucketRows  = 'r'
)

// allBuckets is every bucket that a record has; any other is damage.
var allBuckets = []byte{bucketTree, bucketItems, bucketKeys, bucketMeta, bucketRows, bucketTable}

// nameSize is the length of a name in bytes: 128 bits, so that names do not meet by chance.
const nameSize = 16

// name stands on disk for a table and a key, or for a table and a group. Without the record
// key nobody can tell what it names, nor whether two records name the same.
type name [nameSize]byte

func (k *keyring) tableKey(table string, key []byte) name { return k.name(bucketTable, table, key) }

func (k *keyring) rowGroup(table string, group []byte) name { return k.name(bucketRows, table, group) }

// name is HMAC-SHA256 under the name key, cut to 128 bits. docs/protocol.md §9.1
func (k *keyring) name(bucket byte, table string, key []byte) name {
	sum := k.nameMAC.over([]byte{bucket, byte(len(table) >> 8), byte(len(table))}, []byte(table), key)
	return name(sum[:nameSize])
}

// rowKey is a group's name with the row's number behind it, so that bbolt keeps the order.
func rowKey(group name, n uint64) []byte {
	return binary.BigEndian.AppendUint64(group[:], n)
}

// parseRowKey is the inverse of rowKey; ok is false for what rowKey does not make.
func parseRowKey(b []byte) (group name, n uint64, ok bool) {
	if len(b) != nameSize+8 {
		return name{}, 0, false
	}
	return name(b[:nameSize]), binary.BigEndian.Uint64(b[nameSize:]), true
}

// numberKey is the key of an item, of a tree hash and of a data key: the number itself.
func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// parseNumberKey is the inverse of numberKey.
func parseNumberKey(b []byte) (n uint64, ok bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}
