package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Leaf is what an item's leaf in the tree is computed over: that it exists, when and of which
// message, without its content. docs/protocol.md §9.1
type Leaf struct {
	// Number of the item.
	Number uint64
	// Type of the item.
	Type valisev1.ItemType
	// Recorded is our clock, in nanoseconds since 1970 UTC.
	Recorded int64
	// Digest of the message, zero where there is none.
	Digest ident.Digest
	// Stored is the SHA-256 of the sealed row as it stands, or stood before pruning, on disk.
	Stored [32]byte
}

// Hash is the RFC 6962 leaf hash. docs/protocol.md §9.1
func (l Leaf) Hash() [32]byte {
	b := make([]byte, 0, len(leafTag)+8+4+8+32+32)
	b = append(b, leafTag...)
	b = binary.BigEndian.AppendUint64(b, l.Number)
	b = binary.BigEndian.AppendUint32(b, uint32(l.Type))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Recorded))
	b = append(b, l.Digest[:]...)
	b = append(b, l.Stored[:]...)
	return tlog.RecordHash(b)
}

const leafTag = "valise/v1/leaf\x00"

// over gives the leaf with the row that is stored for it.
func (l Leaf) over(row []byte) Leaf {
	l.Stored = sha256.Sum256(row)
	return l
}

// LeafOf gives the leaf of an item that is stored as row.
func LeafOf(item *valisev1.Item, row []byte) (Leaf, error) {
	recorded, err := unixNanos(item.GetRecorded())
	if err != nil {
		return Leaf{}, err
	}
	digest, err := digestOf(item)
	if err != nil {
		return Leaf{}, err
	}
	return Leaf{
		Number: item.GetNumber(), Type: item.GetType(), Recorded: recorded,
		Digest: digest, Stored: sha256.Sum256(row),
	}, nil
}

// pending is an item that has its number and waits for the commit.
type pending struct {
	leaf  Leaf
	plain []byte
	later *unsigned // what plain will be; nil where it is
	// content says that it is sealed by the key of its month.
	content bool
}

// bytes gives the item's bytes, signed by now.
func (p pending) bytes() ([]byte, error) {
	if p.later == nil {
		return p.plain, nil
	}
	return p.later.bytes()
}

// newPending checks an item and freezes its bytes under its number. It is not cloned: an item may
// hold a part of a file. One that is refused is as it was.
func newPending(number uint64, frozen *valisev1.Item, now func() time.Time) (p pending, err error) {
	before, recorded := frozen.GetNumber(), frozen.GetRecorded()
	defer func() {
		if err != nil {
			frozen.Number, frozen.Recorded = before, recorded
		}
	}()
	frozen.Number = number
	if frozen.Recorded == nil {
		frozen.Recorded = timestamppb.New(now())
	}
	if frozen.Type == valisev1.ItemType_ITEM_TYPE_UNSPECIFIED {
		return pending{}, fmt.Errorf("%w: an item without a type", ErrInvalid)
	}
	if n := len(frozen.Thread); n != 0 && n != len(ident.ThreadID{}) {
		return pending{}, fmt.Errorf("%w: an item with a thread of %d bytes", ErrInvalid, n)
	}
	leaf, err := LeafOf(frozen, nil)
	if err != nil {
		return pending{}, err
	}
	plain, err := proto.Marshal(frozen)
	if err != nil {
		return pending{}, fmt.Errorf("%w: an item that cannot be marshalled", ErrInvalid)
	}
	if len(plain) > MaxValue {
		return pending{}, fmt.Errorf("%w: an item of %d bytes, the limit is %d", ErrTooLarge, len(plain), MaxValue)
	}
	return pending{leaf: leaf, plain: plain, content: holdsContent(frozen)}, nil
}

func (p pending) timestamp() *timestamppb.Timestamp {
	return timestamppb.New(time.Unix(0, p.leaf.Recorded))
}

func digestOf(item *valisev1.Item) (ident.Digest, error) {
	b := item.GetDigest()
	if len(b) == 0 {
		return ident.Digest{}, nil
	}
	d, ok := ident.DigestFrom(b)
	if !ok {
		return d, fmt.Errorf("%w: an item with a digest of %d bytes", ErrInvalid, len(b))
	}
	return d, nil
}

// unixNanos refuses what an int64 of nanoseconds cannot hold: years before 1678 and after 2262.
func unixNanos(t *timestamppb.Timestamp) (int64, error) {
	const limit = math.MaxInt64/int64(time.Second) - 1
	if err := t.CheckValid(); err != nil || t.Seconds > limit || t.Seconds < -limit {
		return 0, fmt.Errorf("%w: an item recorded at no possible time", ErrInvalid)
	}
	return t.Seconds*int64(time.Second) + int64(t.Nanos), nil
}

// sealItem makes an item's row: its number (uint64BE) ‖ sealed value. The number stands in the
// clear beside the sealed value so that Verify can tell a moved item from a changed one.
func (k *keyring) sealItem(random io.Reader, form byte, keyNumber uint32, number uint64, plain []byte) ([]byte, error) {
	key := numberKey(number)
	return k.sealAfter(key, random, form, keyNumber, bucketItems, key, plain)
}

// parseItemRow is the inverse of itemRow.
func parseItemRow(row []byte) (number uint64, sealed []byte, ok bool) {
	if len(row) < 8+sealedOverhead {
		return 0, nil, false
	}
	return binary.BigEndian.Uint64(row), row[8:], true
}

// openItem opens the row that stands at a number. item is nil where a tombstone stands.
func (k *keyring) openItem(number uint64, row []byte) (item *valisev1.Item, leaf Leaf, err error) {
	written, sealed, ok := parseItemRow(row)
	if !ok || written != number {
		return nil, Leaf{}, errSealed
	}
	form, plain, err := k.openValue(bucketItems, numberKey(number), sealed)
	if err != nil {
		return nil, Leaf{}, err
	}
	if form == formTombstone {
		leaf, ok = parseTombstone(number, plain)
		if !ok {
			return nil, Leaf{}, errSealed
		}
		return nil, leaf, nil
	}
	item = new(valisev1.Item)
	if err := proto.Unmarshal(plain, item); err != nil || item.Number != number {
		return nil, Leaf{}, errSealed
	}
	leaf, err = LeafOf(item, row)
	return item, leaf, err
}

// tombstoneSize: item type (uint32BE) ‖ recorded (int64BE) ‖ D (32) ‖ SHA-256 of the row that
// stood here (32).
const tombstoneSize = 4 + 8 + 32 + 32

// parseTombstone reads what is left of a pruned item: everything that its leaf was computed
// over, so that the tree still verifies. A-11 s3
func parseTombstone(number uint64, b []byte) (Leaf, bool) {
	if len(b) != tombstoneSize {
		return Leaf{}, false
	}
	return Leaf{
		Number:   number,
		Type:     valisev1.ItemType(binary.BigEndian.Uint32(b)),
		Recorded: int64(binary.BigEndian.Uint64(b[4:])),
		Digest:   ident.Digest(b[12:44]),
		Stored:   [32]byte(b[44:]),
	}, true
}
