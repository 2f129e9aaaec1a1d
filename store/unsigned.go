package store

import (
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// unsigned is an item that has everything but its Signed. A signature takes longer than all else
// that a function does, and the functions of a batch run one after the other: so it is made when
// they have all run, by as many callers at once as there are processors.
type unsigned struct {
	once  sync.Once
	item  *valisev1.Item
	size  int
	sign  func() ([]byte, error)
	plain []byte
	err   error
}

// newUnsigned is newPending for an item that is not signed yet. size is what it will have at most.
func newUnsigned(number uint64, item *valisev1.Item, now func() time.Time, size int, sign func() ([]byte, error)) (pending, int, error) {
	p, err := newPending(number, item, now)
	if err != nil {
		return pending{}, 0, err
	}
	if size < 0 || len(p.plain)+size > MaxValue {
		return pending{}, 0, fmt.Errorf("%w: an item of %d bytes and %d signed ones, the limit is %d", ErrTooLarge, len(p.plain), size, MaxValue)
	}
	p.later = &unsigned{item: proto.CloneOf(item), size: size, sign: sign, err: errAbandoned}
	p.plain = nil
	return p, proto.Size(item) + size, nil
}

// bytes signs the item, or waits for whoever does.
func (u *unsigned) bytes() ([]byte, error) {
	u.once.Do(func() { u.err = contained(u.finish) })
	return u.plain, u.err
}

func (u *unsigned) finish() (err error) {
	if u.item.Signed, err = u.sign(); err != nil {
		return err
	}
	if len(u.item.Signed) > u.size {
		return fmt.Errorf("%w: %d signed bytes, %d were announced", ErrTooLarge, len(u.item.Signed), u.size)
	}
	u.plain, err = proto.Marshal(u.item)
	u.item = nil
	return err
}

// sign does a function's part of the signing, on its caller's goroutine: when all of the batch
// have run, for until then the next one waits for this processor. An error is met again where the
// item is written. The committer itself signs what nobody has begun.
func (t *txn) sign() {
	for _, p := range t.own.items {
		if p.later != nil {
			<-t.gathered
			_, _ = p.bytes()
		}
	}
}
