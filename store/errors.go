package store

import (
	"errors"

	valisev1 "valise.example/proto/valise/v1"
)

// These errors come from Create, Open, OpenReadOnly and VerifyFile.
var (
	// ErrExists says that Create found something at the path.
	ErrExists = errors.New("store: something stands at this path already, nothing was changed")
	// ErrNoStore says that nothing stands at the path.
	ErrNoStore = errors.New("store: no record stands at this path")
	// ErrInUse says that another process, or another Store of this one, holds the file.
	ErrInUse = errors.New("store: another process holds this record")
	// ErrUnsafe says that others may read or write the file or its folder.
	ErrUnsafe = errors.New("store: others can reach this record, the file must be 0600 and its folder 0700")
	// ErrWrongKey says that the record key is another one than the record was made with.
	ErrWrongKey = errors.New("store: the record key does not fit this record, nothing was changed")
	// ErrWrongRealm says that the record belongs to another realm. docs/protocol.md §2.2
	ErrWrongRealm = errors.New("store: this record belongs to another realm, nothing was changed")
	// ErrLater says that the record has a later form than this program reads.
	ErrLater = errors.New("store: the record was written by a later version, nothing was changed")
	// ErrFormat says that the file is no record.
	ErrFormat = errors.New("store: the file is no record that this program can read")
	// ErrUnchecked says that the file should have been checked first and was not: no process could be
	// started for it, or it was ended before it had an answer. Nothing is known of the file.
	ErrUnchecked = errors.New("store: the record could not be checked, and nothing is known of it")
	// ErrNoChild says that the file must be checked by a child process and that main does not
	// call MaybeCheckChild.
	ErrNoChild = errors.New("store: the record must be checked first, and this program does not call store.MaybeCheckChild")
)

// These errors come from transactions and from the methods of an open Store.
var (
	// ErrNotFound says that no item has this number.
	ErrNotFound = errors.New("store: no such item")
	// ErrPruned says that the item's content was removed on purpose; its leaf stays. A-11 s3
	ErrPruned = errors.New("store: the content of this item was pruned")
	// ErrReadOnly says that a View, or a Store from OpenReadOnly, was asked to write.
	ErrReadOnly = errors.New("store: nothing can be written here")
	// ErrTxDone says that a Tx was used after its function returned.
	ErrTxDone = errors.New("store: the transaction has ended")
	// ErrInvalid says that a table, key or item is not well formed.
	ErrInvalid = errors.New("store: not well formed")
	// ErrTooLarge says that a key, a value, an item or a whole transaction is over its limit.
	ErrTooLarge = errors.New("store: too large")
	// ErrClosed says that the Store was closed.
	ErrClosed = errors.New("store: the record is closed")
	// ErrStopped says that an earlier storage error stopped the Store until it is opened again.
	ErrStopped = errors.New("store: the record stopped after an error and must be opened again")
	// ErrNotStarted wraps the context's error where waiting ended before the function ran, so
	// that nothing of it is stored.
	ErrNotStarted = errors.New("store: gave up waiting, nothing was stored")
)

// Unknown says that a commit gave an error, and a commit that gives an error may still have
// taken place. The Store refuses everything until it is opened again; then the caller's
// idempotency key decides. Never retry as new. docs/protocol.md §9.1
type Unknown struct {
	// Err is what the storage said.
	Err error
}

func (u *Unknown) Error() string {
	return "store: the outcome is unknown until the record is opened again: " + u.Err.Error()
}

// Unwrap gives what the storage said.
func (u *Unknown) Unwrap() error { return u.Err }

// Damaged says that the file, or a value in it, is not what was written. VerifyFile names what.
type Damaged struct {
	// What is damaged, without content.
	What string
	// Err is the cause, or nil.
	Err error
}

func (d *Damaged) Error() string {
	if d.Err == nil {
		return "store: the record is damaged: " + d.What
	}
	return "store: the record is damaged: " + d.What + ": " + d.Err.Error()
}

// Unwrap gives the cause.
func (d *Damaged) Unwrap() error { return d.Err }

// Panicked says that a function given to Update or View panicked. Nothing of it is stored and
// the Store lives on. Error does not show Value, which may hold content.
type Panicked struct {
	// Value is what the function panicked with.
	Value any
	// Stack is where.
	Stack []byte
}

func (p *Panicked) Error() string {
	return "store: the transaction's function panicked, nothing of it was stored"
}

// ReasonOf gives the reason that an error of this package stands for, REASON_UNSPECIFIED for
// nil and REASON_INTERNAL for what it does not know. docs/protocol.md §10
func ReasonOf(err error) valisev1.Reason {
	if err == nil {
		return valisev1.Reason_REASON_UNSPECIFIED
	}
	if _, ok := errors.AsType[*Unknown](err); ok {
		return valisev1.Reason_REASON_STORAGE_UNKNOWN
	}
	if _, ok := errors.AsType[*Damaged](err); ok {
		return valisev1.Reason_REASON_RECORD_DAMAGED
	}
	for _, known := range reasons {
		if errors.Is(err, known.err) {
			return known.reason
		}
	}
	return valisev1.Reason_REASON_INTERNAL
}

var reasons = []struct {
	err    error
	reason valisev1.Reason
}{
	{ErrExists, valisev1.Reason_REASON_ALREADY_EXISTS},
	{ErrNoStore, valisev1.Reason_REASON_NOT_FOUND},
	{ErrInUse, valisev1.Reason_REASON_HOME_IN_USE},
	{ErrUnsafe, valisev1.Reason_REASON_UNSAFE_PERMISSIONS},
	{ErrWrongKey, valisev1.Reason_REASON_KEY_CHANGED},
	{ErrWrongRealm, valisev1.Reason_REASON_WRONG_REALM},
	{ErrFormat, valisev1.Reason_REASON_RECORD_DAMAGED},
	{ErrUnchecked, valisev1.Reason_REASON_NOT_CHECKED},
	{ErrLater, valisev1.Reason_REASON_LATER_VERSION},
	{ErrNotFound, valisev1.Reason_REASON_NOT_FOUND},
	{ErrPruned, valisev1.Reason_REASON_PRUNED},
	{ErrInvalid, valisev1.Reason_REASON_BAD_REQUEST},
	{ErrTooLarge, valisev1.Reason_REASON_TOO_LARGE},
	{ErrClosed, valisev1.Reason_REASON_NOT_ACCEPTING},
	{ErrStopped, valisev1.Reason_REASON_NOT_ACCEPTING},
	{ErrNotStarted, valisev1.Reason_REASON_TIMED_OUT},
}
