package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	bolt "go.etcd.io/bbolt"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

// receipts says how the reference receipts.
type receipts int

const (
	each       receipts = iota // one receipt a message
	cumulative                 // one receipt for all that is recorded when it is made
)

// payloadSize is the text of a message in bytes, of every way alike.
const payloadSize = 2048

// reference is the straight line: sign, seal, commit, publish, open, commit, receipt, open,
// commit, and nothing else. Its two ends share nothing but the relay.
type reference struct {
	a, b  *end
	kind  receipts
	naive bool // every commit alone, one message at a time at each end
	part  *parts

	mu      sync.Mutex
	waiting map[uint64]chan struct{}
	next    uint64
	one     sync.Mutex // naive: who sends now
}

// end is one of the two sides: its keys, its file and its line to the relay.
type end struct {
	keys  keys
	db    *bolt.DB
	group *group
	line  *line
}

var bucketNames = [][]byte{[]byte("outbox"), []byte("record"), []byte("receipt")}

// newReference uses the mailboxes and log-ins of a lab whose relay runs and whose nodes do not.
func newReference(ctx context.Context, l *lab.Lab, kind receipts, naive bool) (*reference, error) {
	r := &reference{kind: kind, naive: naive, waiting: map[uint64]chan struct{}{}, part: newParts(ctx)}
	var err error
	if r.a, err = newEnd(l, "XA"); err == nil {
		r.b, err = newEnd(l, "XB")
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.a.keys.peer, r.b.keys.peer = r.b.keys.public(), r.a.keys.public()
	for _, track := range []ident.Track{ident.Technical, ident.Diplomatic} {
		arrived, told := r.arrivals(), r.receiptsIn()
		r.part.run(func(ctx context.Context) error { return r.b.line.receive(ctx, track, r.width(), arrived) })
		r.part.run(func(ctx context.Context) error { return r.a.line.receive(ctx, track, r.width(), told) })
	}
	return r, nil
}

// width is how many envelopes an end works on at once.
func (r *reference) width() int {
	if r.naive {
		return 1
	}
	return 64
}

func newEnd(l *lab.Lab, state ident.State) (*end, error) {
	line, err := dialLine(l, state)
	if err != nil {
		return nil, err
	}
	e := &end{line: line}
	if e.keys, err = newKeys(); err != nil {
		return nil, errors.Join(err, e.close())
	}
	// The same file, folder and options as the product's record.
	options := &bolt.Options{NoFreelistSync: true, FreelistType: bolt.FreelistMapType, InitialMmapSize: 256 << 20}
	if e.db, err = bolt.Open(filepath.Join(l.Home(state), "reference.db"), 0o600, options); err != nil {
		return nil, errors.Join(err, e.close())
	}
	e.db.AllocSize = 4 << 20
	e.group = newGroup(e.db)
	return e, e.db.Update(func(tx *bolt.Tx) error {
		for _, name := range bucketNames {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *end) close() error {
	e.line.close()
	if e.group != nil {
		e.group.close()
	}
	if e.db == nil {
		return nil
	}
	path := e.db.Path()
	return errors.Join(e.db.Close(), os.Remove(path))
}

func (r *reference) close() error {
	err := r.part.stop()
	for _, e := range []*end{r.a, r.b} {
		if e != nil {
			err = errors.Join(err, e.close())
		}
	}
	return err
}

// commit writes the parts of one step: together in a group, or, naive, each alone.
func (r *reference) commit(e *end, steps ...func(*bolt.Tx) error) error {
	if !r.naive {
		return e.group.do(func(tx *bolt.Tx) error {
			for _, step := range steps {
				if err := step(tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, step := range steps {
		if err := e.db.Update(step); err != nil {
			return err
		}
	}
	return nil
}

// exchange sends one message and returns when its receipt is durable.
func (r *reference) exchange(ctx context.Context, sender int) error {
	n, done := r.expect()
	content := make([]byte, 8+payloadSize)
	binary.BigEndian.PutUint64(content, n)
	if _, err := rand.Read(content[8:]); err != nil {
		return err
	}
	if err := r.send(ctx, n, sender, content); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-r.part.ended():
		return fmt.Errorf("bench: the reference ended: %w", r.part.stop())
	}
}

func (r *reference) send(ctx context.Context, n uint64, sender int, content []byte) error {
	if r.naive {
		r.one.Lock()
		defer r.one.Unlock()
	}
	signed, err := r.a.keys.sign(content)
	if err != nil {
		return err
	}
	if err := r.commit(r.a, put("outbox", n, signed), put("record", n, signed)); err != nil {
		return err
	}
	envelope, err := r.a.keys.seal(signed)
	if err != nil {
		return err
	}
	return r.a.line.publish(ctx, trackOf(sender), sender%256, envelope)
}

func (r *reference) expect() (uint64, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	done := make(chan struct{})
	r.waiting[r.next] = done
	return r.next, done
}

// arrivals opens, verifies and records messages at B; the receipt is made after the commit.
func (r *reference) arrivals() func(context.Context, ident.Track, int, []byte) error {
	due := make(chan uint64, 1024)
	var once sync.Once
	return func(ctx context.Context, track ident.Track, slot int, envelope []byte) error {
		content, signed, err := r.b.keys.open(envelope)
		if err != nil {
			return err
		}
		n := binary.BigEndian.Uint64(content)
		if err := r.commit(r.b, put("record", n, signed), put("receipt", n, nil)); err != nil {
			return err
		}
		if r.kind == each {
			return r.receipt(ctx, track, slot, []uint64{n})
		}
		once.Do(func() { r.part.run(func(ctx context.Context) error { return r.gather(ctx, track, due) }) })
		due <- n
		return nil
	}
}

// gather makes one receipt for everything recorded since the last one.
func (r *reference) gather(ctx context.Context, track ident.Track, due <-chan uint64) error {
	for slot := 0; ; slot++ {
		var list []uint64
		select {
		case n := <-due:
			list = append(list, n)
		case <-ctx.Done():
			return nil
		}
		for more := true; more && len(list) < 256; {
			select {
			case n := <-due:
				list = append(list, n)
			default:
				more = false
			}
		}
		if err := r.receipt(ctx, track, slot%256, list); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (r *reference) receipt(ctx context.Context, track ident.Track, slot int, list []uint64) error {
	var content []byte
	for _, n := range list {
		content = binary.BigEndian.AppendUint64(content, n)
	}
	signed, err := r.b.keys.sign(content)
	if err != nil {
		return err
	}
	envelope, err := r.b.keys.seal(signed)
	if err != nil {
		return err
	}
	return r.b.line.publish(ctx, track, slot, envelope)
}

// receiptsIn opens and verifies receipts at A and clears the outbox.
func (r *reference) receiptsIn() func(context.Context, ident.Track, int, []byte) error {
	return func(_ context.Context, _ ident.Track, _ int, envelope []byte) error {
		content, signed, err := r.a.keys.open(envelope)
		if err != nil {
			return err
		}
		err = r.commit(r.a, func(tx *bolt.Tx) error {
			for b := content; len(b) >= 8; b = b[8:] {
				if err := tx.Bucket([]byte("outbox")).Delete(b[:8]); err != nil {
					return err
				}
			}
			return tx.Bucket([]byte("receipt")).Put(content[:8], signed)
		})
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for b := content; len(b) >= 8; b = b[8:] {
			n := binary.BigEndian.Uint64(b)
			if done := r.waiting[n]; done != nil {
				close(done)
				delete(r.waiting, n)
			}
		}
		return nil
	}
}

func put(bucket string, n uint64, value []byte) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).Put(binary.BigEndian.AppendUint64(nil, n), value)
	}
}

// trackOf spreads senders over both POCs of a State, as a State's officers are.
func trackOf(sender int) ident.Track {
	if sender%2 == 1 {
		return ident.Diplomatic
	}
	return ident.Technical
}
