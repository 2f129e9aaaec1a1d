// Package store keeps the confidential record of a node and its small state tables, the outbox
// among them, in one bbolt file: every value sealed, every item a leaf of an RFC 6962 tree.
// A-11 s3, docs/protocol.md §9.1
//
// # What it promises
//
// When Update returns nil, what its function wrote is on disk: items, table rows, tree leaves
// and head in one commit (P4). When it returns *Unknown, nobody can know before the next Open,
// and until then the Store refuses everything (P6). A View never shows what a power failure
// could still take back. Verify names every item that was changed, dropped, moved or cut off
// the end, and says when anything else in the file is not what was written (P5). Memory, queue
// and batches are bounded (P7).
//
// Many callers of Update share one commit: a single goroutine, the committer, takes whatever
// waits as soon as the last commit has ended. Each function runs on its caller's goroutine over
// a layer of its own, so one that fails or panics leaves no trace and harms no other. What a
// function wants signed (AppendSigned) is signed when all of the batch have run, by their callers
// side by side, and before the commit: the functions themselves run one after the other.
//
// # What it must never do
//
// Show content, or the names of tables and keys, to whoever has the file without the record
// key. Retry a commit. Read a file of doubtful structure in the process of the node: that is a
// child's work (MaybeCheckChild, which main must call first). Write anything in a log that
// tells of States, threads, persons or paths.
//
// It does not hide how many items and rows there are, how long each is, nor how many months
// have passed. It does not erase: an old value stays in free pages until the file is compacted;
// without its month's key it is unreadable there. Who has the record key and the file can
// rewrite all of it, which a head known from elsewhere shows (VerifyConfig.Heads).
//
// # What is on disk
//
// One file, permission 0600, in a folder of permission 0700. All numbers are big-endian. While
// a Store is open bbolt's free list is not written (a commit would cost more the more free
// pages there are); Close writes it, so a file whose last meta page names no free list was not
// closed in order. The first commit of each Open, which is empty, sets that mark.
//
//	bucket  key                              value
//	m       "f"                              format row, in the clear
//	m       "h"                              head, sealed by the root key
//	k       number of a data key, uint64     wrapped data key, sealed by the root key
//	i       number of an item, uint64        the number again, uint64 ‖ sealed item
//	h       index of a tree hash, uint64     hash, 32 bytes (index: tlog.StoredHashIndex)
//	t       name of table and key            sealed value
//	r       name of table and group ‖ n, uint64   sealed value
//
// Format row: "valise record 1\n" ‖ salt (32) ‖ check of the record key (16) ‖ check of the
// realm (16) ‖ first 8 bytes of the SHA-256 of what precedes. The number is Format; a row of a later
// form begins with its number and ends with its sum in the same way.
//
// Keys: HKDF-SHA256 over the record key and the salt, with the info "valise/v1/store/" ‖ use ‖
// 0 ‖ realm for the uses "root", "names" and "sums"; "valise/v1/store/check" for the check of
// the key and "valise/v1/store/realm" ‖ 0 ‖ realm for that of the realm.
//
// Name: the first 16 bytes of HMAC-SHA256 under the names key over bucket (1) ‖ length of the
// table's name (uint16) ‖ table ‖ key or group.
//
// Sealed value: form (1: value, 2: tombstone) ‖ data key number (uint32; 0 is the root key) ‖
// nonce (24 random bytes) ‖ XChaCha20-Poly1305 ciphertext and tag. Additional data:
// "valise/v1/store" ‖ 0 ‖ form ‖ data key number ‖ length of the realm (uint16) ‖ realm ‖
// bucket (1) ‖ key as on disk. So a value opens only in its own realm, record, table and place.
//
// Wrapped data key: month (uint32: years × 12 + month from 0) ‖ key (32). Table rows, and items
// that belong to a thread or that a person or a peer wrote, are sealed by the key of the month in
// which they are stored; items that tell of the record itself by the root key. Forget seals the
// table rows that still stand under a month's key anew and takes the key out of the file: what else
// was ever sealed by it cannot be read without a copy of that key.
//
// Item: the bytes of a valise.v1.Item. A tombstone stands where an item's content was pruned:
// item type (uint32) ‖ recorded (int64 nanoseconds) ‖ D (32) ‖ SHA-256 of the row that stood
// here, which is all that its leaf was computed over. It is sealed by the root key.
//
// Leaf: RFC 6962 leaf hash of "valise/v1/leaf" ‖ 0 ‖ number (uint64) ‖ item type (uint32) ‖
// recorded (int64 nanoseconds) ‖ D (32, zeros if none) ‖ SHA-256 of the item's row.
//
// Head: size (uint64) ‖ root (32) ‖ count of the rows in t and r (uint64) ‖ their sum (32: four
// uint64, the least first): the sum modulo 2^256 of HMAC-SHA256, read least byte first, under
// the sums key over bucket (1) ‖ length of the key (1) ‖ key ‖ SHA-256 of the sealed value. The
// sum shows a table row that was dropped or put back to an older value.
package store
