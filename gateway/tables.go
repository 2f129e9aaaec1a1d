package gateway

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Tables of the store; doc.go says what each holds.
const (
	tableMeta          = "meta"
	tableMessage       = "message"
	tableDigest        = "digest"
	tablePrefix        = "prefix"
	tableOutbox        = "outbox"
	tableSlots         = "slots"
	tableOutChannel    = "out-channel"
	tableOutNumber     = "out-number"
	tableOutWindow     = "out-window"
	tableInChannel     = "in-channel"
	tableInNumber      = "in-number"
	tableInEpochs      = "in-epochs"
	tableInUnreadable  = "in-unreadable"
	tablePair          = "pair"
	tablePairs         = "pairs"
	tableBatch         = "batch"
	tableBatchEpochs   = "batch-epochs"
	tableBundle        = "bundle"
	tableFacts         = "facts"
	tableThread        = "thread"
	tableThreadItems   = "thread-items"
	tableThreadOrder   = "thread-order"
	tableThreadOut     = "thread-out"
	tableThreadNext    = "thread-next"
	tableThreadWaiting = "thread-waiting"
	tableThreadLate    = "thread-late"
	tableThreadOrphan  = "thread-orphan"
	tableInLives       = "in-lives"
	tableInReturned    = "in-returned"
	tableAfterLoss     = "after-loss"
	tableLivesBack     = "lives-back"
	tableDuty          = "duty"
	tableBatchItem     = "batch-item"
	tableBatchFloor    = "batch-floor"
	tableBatchMade     = "batch-made"
	tableRecovered     = "thread-returned"
	tableOutOfOrder    = "thread-stray"
	tableReorder       = "thread-reorder"
	tableAwaited       = "awaited"
	tableEarlyAck      = "early-ack"
	tableRequest       = "request"
	tableQuarantine    = "quarantine"
	tableRelay         = "relay"
	tableUploads       = "uploads"
	tableUpload        = "upload"
	tableUploadData    = "upload-data"
	tableUploadUses    = "upload-uses"
	tableAttachment    = "attachment"
	tablePart          = "part"
	tablePartQueue     = "part-queue"
	tablePartAhead     = "part-ahead"
	tablePartEarly     = "part-early"
	tableSpent         = "spent"
	tableNotes         = "notes"
	tableLinkThreads   = "link-threads"
	tableReferred      = "referred"
	tableLive          = "live"
	tableConsent       = "consent"
	tableReceivedFile  = "received-file"
	tablePruned        = "pruned"
	tableCalls         = "calls"
	tableChecks        = "checks"
	tableCampaign      = "campaign"
	tableChecked       = "checked"
	tableContacts      = "contacts"
	tableHeldMail      = "held-mail"
	tableQuestions     = "questions"
	tableTold          = "told"
	tableListClaim     = "list-claim"
	tableOthers        = "others"
)

// highest is where a descending walk begins.
const highest = uint64(math.MaxUint64)

// channel is one direction between two POCs, in one lane and epoch. docs/protocol.md §7.1
type channel struct {
	from, to ident.Address
	lane     uint32
	epoch    ident.Epoch
}

func (c channel) key() []byte {
	b := appendAddress(appendAddress(nil, c.from), c.to)
	b = append(b, byte(c.lane))
	return binary.BigEndian.AppendUint64(b, uint64(c.epoch))
}

func (p Pair) key() []byte { return appendAddress(appendAddress(nil, p.Ours), p.Peer) }

func messageKey(from ident.Address, id ident.MessageID) []byte {
	return append(appendAddress(nil, from), id[:]...)
}

func threadEpochKey(t ident.ThreadID, e ident.Epoch) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(nil), t[:]...), uint64(e))
}

func appendAddress(b []byte, a ident.Address) []byte {
	return append(append(b, a.String()...), 0)
}

// parsePair is the inverse of Pair.key.
func parsePair(b []byte) (p Pair, ok bool) {
	for _, dst := range []*ident.Address{&p.Ours, &p.Peer} {
		n := 0
		for n < len(b) && b[n] != 0 {
			n++
		}
		if n == len(b) {
			return Pair{}, false
		}
		a, err := ident.ParseAddress(string(b[:n]))
		if err != nil {
			return Pair{}, false
		}
		*dst, b = a, b[n+1:]
	}
	return p, len(b) == 0
}

// load reads the message at key into m; false where there is none.
func (w *work) load(table string, key []byte, m proto.Message) (bool, error) {
	b, err := w.tx.Get(table, key)
	if err != nil || b == nil {
		return false, err
	}
	return true, unmarshalOwn(b, m)
}

func (w *work) save(table string, key []byte, m proto.Message) error {
	b, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	return w.tx.Put(table, key, b)
}

// unmarshalOwn reads what this package wrote; anything else is a damaged store.
func unmarshalOwn(b []byte, m proto.Message) error {
	if err := proto.Unmarshal(b, m); err != nil {
		return &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	return nil
}

func damaged(detail string) error {
	return &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Detail: detail}
}

func (w *work) loadNumber(table string, key []byte) (uint64, error) {
	b, err := w.tx.Get(table, key)
	if err != nil || b == nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, damaged("a number in a table has another length")
	}
	return binary.BigEndian.Uint64(b), nil
}

func (w *work) saveNumber(table string, key []byte, n uint64) error {
	return w.tx.Put(table, key, binary.BigEndian.AppendUint64(nil, n))
}

// row reads one numbered row; nil where there is none.
func (w *work) row(table string, group []byte, n uint64) (value []byte, err error) {
	err = w.tx.Rows(table, group, n, false, func(at uint64, v []byte) (bool, error) {
		if at == n {
			value = append([]byte{}, v...)
		}
		return false, nil
	})
	return value, err
}

// firstRow finds the first row from n on; ok is false where there is none.
func (w *work) firstRow(table string, group []byte, n uint64, descending bool) (at uint64, value []byte, ok bool, err error) {
	err = w.tx.Rows(table, group, n, descending, func(number uint64, v []byte) (bool, error) {
		at, value, ok = number, append([]byte{}, v...), true
		return false, nil
	})
	return at, value, ok, err
}

// place says where a message stands. docs/protocol.md §9.1
type place struct {
	ours   bool
	thread ident.ThreadID
	id     ident.MessageID
	digest ident.Digest // zero until released
	item   uint64       // only with a digest
	row    uint64       // ordinal in the outbox and one more; 0: not there
	epoch  ident.Epoch
}

const placeSize = 1 + 16 + 16 + 32 + 8 + 8 + 8

func (p place) marshal() []byte {
	b := make([]byte, 0, placeSize)
	if p.ours {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = append(append(append(b, p.thread[:]...), p.id[:]...), p.digest[:]...)
	b = binary.BigEndian.AppendUint64(b, p.item)
	b = binary.BigEndian.AppendUint64(b, p.row)
	return binary.BigEndian.AppendUint64(b, uint64(p.epoch))
}

func parsePlace(b []byte) (p place, err error) {
	if len(b) != placeSize {
		return place{}, damaged("a place has another length")
	}
	p.ours = b[0] == 1
	copy(p.thread[:], b[1:])
	copy(p.id[:], b[17:])
	copy(p.digest[:], b[33:])
	p.item = binary.BigEndian.Uint64(b[65:])
	p.row = binary.BigEndian.Uint64(b[73:])
	p.epoch = ident.Epoch(binary.BigEndian.Uint64(b[81:]))
	return p, nil
}

func (w *work) placeAt(table string, key []byte) (p place, ok bool, err error) {
	b, err := w.tx.Get(table, key)
	if err != nil || b == nil {
		return place{}, false, err
	}
	p, err = parsePlace(b)
	return p, err == nil, err
}

// digests reads a list of 32-byte digests.
func (w *work) digests(table string, key []byte) ([]ident.Digest, error) {
	b, err := w.tx.Get(table, key)
	if err != nil {
		return nil, err
	}
	var out []ident.Digest
	for ; len(b) >= 32; b = b[32:] {
		d, _ := ident.DigestFrom(b[:32])
		out = append(out, d)
	}
	if len(b) != 0 {
		return nil, damaged("a list of digests has another length")
	}
	return out, nil
}

func (w *work) saveDigests(table string, key []byte, list []ident.Digest) error {
	if len(list) == 0 {
		return w.tx.Delete(table, key)
	}
	var b []byte
	for _, d := range list {
		b = append(b, d[:]...)
	}
	return w.tx.Put(table, key, b)
}

// epochList reads a list of epochs.
func (w *work) epochList(table string, key []byte) ([]ident.Epoch, error) {
	b, err := w.tx.Get(table, key)
	if err != nil {
		return nil, err
	}
	if len(b)%8 != 0 {
		return nil, damaged("a list of epochs has another length")
	}
	var out []ident.Epoch
	for ; len(b) > 0; b = b[8:] {
		out = append(out, ident.Epoch(binary.BigEndian.Uint64(b)))
	}
	return out, nil
}

func (w *work) saveEpochList(table string, key []byte, list []ident.Epoch) error {
	var b []byte
	for _, e := range list {
		b = binary.BigEndian.AppendUint64(b, uint64(e))
	}
	return w.tx.Put(table, key, b)
}

func appendNumber(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func readNumber(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, damaged("a number in a table has another length")
	}
	return binary.BigEndian.Uint64(b), nil
}
