package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"
	"time"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

const (
	// relayedLook is how often the relay is asked for its head where it says nothing by itself.
	relayedLook = 5 * time.Minute
	// relayedRest is the least between two looks, however often the relay says that there is news.
	relayedRest = time.Second
	// relayedToldAgain is how long the same refusal is not told in the record again.
	relayedToldAgain = time.Hour
)

// relayed follows the directory that the relay keeps. What comes is taken by the rules of a file, or
// refused: then the list in force stays, and the relay costs no more than a look now and then.
// docs/protocol.md §8.6
type relayed struct {
	node *Node

	mu     sync.Mutex
	view   *valisev1.RelayedDirectory // for a status
	judged judgement
	told   map[valisev1.Reason]time.Time // when a refusal was last put into the record
}

// judgement is what was said of a head while a list was in force: the same again needs no second look.
type judgement struct {
	head, list [32]byte
	number     uint64
	err        error
}

func newRelayed(n *Node) *relayed {
	return &relayed{node: n, view: &valisev1.RelayedDirectory{}, told: map[valisev1.Reason]time.Time{}}
}

// follow looks when the link comes up, when the relay says that there is news, and now and then.
func (r *relayed) follow(ctx context.Context, courier relay.Courier) {
	if r.node.config.Directory.FilesOnly {
		return
	}
	news := make(chan struct{}, 1)
	ring := func() {
		select {
		case news <- struct{}{}:
		default:
		}
	}
	courier.WatchObjects(ring)
	courier.Watch(func(l relay.Link) {
		if l.Up {
			ring()
		}
	})
	w := newLookout()
	for {
		heard, alive := rung(ctx, w.hears(news), w.next)
		if !alive {
			return
		}
		before := r.last().head
		err := r.look(ctx, courier)
		w.after(heard, r.last().head != before, err != nil)
		paused(ctx, relayedRest)
	}
}

// rung waits for news, or until the time is over; alive is false when ctx has ended.
func rung(ctx context.Context, news <-chan struct{}, most time.Duration) (heard, alive bool) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, false
	case <-news:
		heard = true
	case <-timer.C:
	}
	return heard, ctx.Err() == nil
}

// look takes what the relay keeps now, where it is newer. An error means: look again soon. Without a
// link there is nothing to look at, and the link that comes up rings.
func (r *relayed) look(ctx context.Context, courier relay.Courier) error {
	snapshot := r.node.book.Snapshot()
	if snapshot.Number() == 0 {
		return nil // first contact is by file
	}
	object, err := courier.Object(ctx, relay.HeadObject)
	switch {
	case errors.Is(err, relay.ErrNoObject), errors.Is(err, relay.ErrRefused):
		r.conclude(judgement{})
		return nil
	case errors.Is(err, relay.ErrLinkDown), errors.Is(err, relay.ErrClosed):
		return nil
	case err != nil:
		return err
	}
	v := judgement{head: sha256.Sum256(object), list: snapshot.Hash()}
	if before := r.last(); before.head == v.head && before.list == v.list && ReasonOf(before.err) != valisev1.Reason_REASON_PART_MISSING {
		r.conclude(before)
		return before.err
	}
	file, number, err := r.assemble(ctx, courier, snapshot, object)
	if err == nil && file != nil {
		err = r.take(ctx, file)
	}
	if _, refused := errors.AsType[*directory.Refusal](err); err != nil && (!refused || ReasonOf(err) == valisev1.Reason_REASON_STORAGE_UNKNOWN) {
		if ctx.Err() == nil {
			r.node.log.Warn("the directory at the relay could not be looked at; that is tried again", slog.String("reason", reasonText(err)))
		}
		return err
	}
	v.number, v.err, v.list = number, err, r.node.book.Snapshot().Hash()
	if err != nil {
		r.recordRefusal(ctx, v, file)
	} else if file != nil {
		r.recordTaken(ctx, number)
	}
	r.conclude(v)
	return err
}

// assemble gives the directory file that a head announces, nil where there is nothing to take.
func (r *relayed) assemble(ctx context.Context, courier relay.Courier, snapshot *directory.Snapshot, object []byte) (file []byte, number uint64, err error) {
	head, err := r.open(ctx, courier, snapshot, object)
	if err != nil {
		return nil, 0, err
	}
	fetch, err := snapshot.Follows(head)
	if err != nil || !fetch {
		return nil, head.Number, err
	}
	file, err = snapshot.Assemble(head, func(name string) ([]byte, error) { return objectOrNone(ctx, courier, name) })
	return file, head.Number, err
}

// open tries the reading key of the directory in force, and then what lies under our mailboxes for
// those who stay. docs/protocol.md §8.6
func (r *relayed) open(ctx context.Context, courier relay.Courier, snapshot *directory.Snapshot, object []byte) (*directory.Head, error) {
	realm := r.node.config.Realm
	key, _ := snapshot.ReadingKey()
	head, closed := directory.OpenHead(realm, object, key)
	if ReasonOf(closed) != valisev1.Reason_REASON_CANNOT_DECRYPT {
		return head, closed
	}
	for _, a := range r.node.config.Addresses() {
		under, err := objectOrNone(ctx, courier, r.node.home.keys.boxes[a.Track].Mailbox)
		if err != nil {
			return nil, err
		}
		if under == nil {
			continue
		}
		var ours []seal.SealingKey
		for _, k := range r.node.home.keys.sealingOf(a.Track) {
			ours = append(ours, k.key)
		}
		key, err := directory.OpenReadingKey(realm, under, ours...)
		if err != nil {
			continue // the other POC's may open
		}
		if head, err := directory.OpenHead(realm, object, key); err == nil {
			return head, nil
		}
	}
	return nil, closed
}

func objectOrNone(ctx context.Context, courier relay.Courier, name string) ([]byte, error) {
	object, err := courier.Object(ctx, name)
	if errors.Is(err, relay.ErrNoObject) {
		return nil, nil
	}
	return object, err
}

// take imports a directory file by the rules of every other.
func (r *relayed) take(ctx context.Context, file []byte) error {
	_, err := r.node.book.Import(file, directory.ImportOptions{Confirm: refuseFirst})
	if err != nil {
		r.node.watchRefused(ctx, file)
		return err
	}
	r.node.directoryChanged(ctx)
	return nil
}
