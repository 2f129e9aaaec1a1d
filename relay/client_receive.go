package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// maxPull is how many bytes of mail one request may bring.
const maxPull = 8 << 20

var (
	errSilent   = errors.New("relay: no mail and no sign of life")
	errNoMail   = errors.New("relay: the mailbox cannot be read now")
	errConnGone = errors.New("relay: connection ended")
)

// Receive implements Courier.
func (x *client) Receive(ctx context.Context, mailbox string, handle func(Mail) error) error {
	return x.ReceiveMany(ctx, mailbox, 1, handle)
}

// isWidth: below 1 nothing would be handed over, and above MaxWidth nothing more comes at once.
func isWidth(width int) bool { return width >= 1 && width <= MaxWidth }

// ReceiveMany implements Courier.
//
// It speaks the pull protocol itself: client libraries tell a status from mail by headers, and
// headers are a sender's. Here mail is what carries the acknowledgement subject of our own
// consumer, and nothing else is. docs/protocol.md §7.8
func (x *client) ReceiveMany(ctx context.Context, mailbox string, width int, handle func(Mail) error) error {
	if !IsName(mailbox) || !isWidth(width) {
		return ErrBadAddress
	}
	x.mu.Lock()
	if x.closed {
		x.mu.Unlock()
		return ErrClosed
	}
	x.running.Add(1)
	x.mu.Unlock()
	defer x.running.Done()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(x.ctx, cancel)()
	for attempt := 0; inner.Err() == nil; attempt++ {
		nc, changed := x.current()
		if nc == nil {
			select {
			case <-inner.Done():
			case <-changed:
			}
			attempt = -1
			continue
		}
		r := &receiver{nc: nc, changed: changed, mailbox: mailbox, handle: handle, gate: make(chan struct{}, width)}
		if err := r.run(inner); r.heard {
			attempt = 0
		} else if inner.Err() == nil {
			x.log.Debug("mailbox is bound again", slog.Bool("silent", errors.Is(err, errSilent)))
		}
		limit := min(100*time.Millisecond<<min(max(attempt, 0), 8), 10*time.Second)
		sleep(inner, limit/2+rand.N(limit/2)) //nolint:gosec // jitter guards nothing
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrClosed
}

// receiver is one binding of a mailbox on one connection.
type receiver struct {
	nc      *nats.Conn
	changed <-chan struct{} // closed when nc is no longer the connection
	mailbox string
	handle  func(Mail) error
	gate    chan struct{}  // one place for each handle that runs
	work    sync.WaitGroup // those handles
	broke   atomic.Bool    // an outcome could not be told to the relay
	came    chan *nats.Msg
	inbox   string // reply subject of the request under way
	heard   bool   // the relay served this binding at least once
}

// run asks for mail until something is wrong with the connection or the mailbox.
func (r *receiver) run(ctx context.Context) error {
	inbox := r.nc.NewInbox()
	// A channel takes every message as it is. A full one drops, and what was dropped comes again.
	r.came = make(chan *nats.Msg, 2*pullBatch)
	sub, err := r.nc.ChanSubscribe(inbox+".*", r.came)
	if err != nil {
		return errConnGone
	}
	defer r.giveBack(sub)
	defer r.work.Wait() // before that: no mail of this binding is with a handle when the next begins
	order, err := json.Marshal(map[string]int64{
		"batch": pullBatch, "max_bytes": maxPull,
		"expires": int64(pullExpires), "idle_heartbeat": int64(pullHeartbeat),
	})
	if err != nil {
		return fmt.Errorf("relay: receive: %w", err)
	}
	for n := 0; ; n++ {
		// Each request has a reply subject of its own: what the server still says of the last one
		// is not taken for an answer to this one.
		r.inbox = inbox + "." + strconv.Itoa(n)
		if err := r.nc.PublishRequest(nextSubject(r.mailbox), r.inbox, order); err != nil {
			return errConnGone
		}
		if err := r.serve(ctx); err != nil {
			return err
		}
	}
}

// giveBack ends the binding and returns what came for it and was not handed over, so that it
// comes again at once and not only when its time is over.
func (r *receiver) giveBack(sub *nats.Subscription) {
	// The server's answer to the flush stands behind the last mail it sent for this binding. When
	// either fails the connection is gone, and the binding with it.
	if sub.Drain() == nil {
		_ = r.nc.FlushTimeout(time.Second)
	}
	for {
		select {
		case msg := <-r.came:
			if _, isMail := r.parseAck(msg.Reply); isMail {
				_ = r.nc.Publish(msg.Reply, []byte("-NAK")) // else it comes when its time is over
			}
		default:
			return
		}
	}
}

// serve takes what one request brings. nil means that the request is used up.
func (r *receiver) serve(ctx context.Context) error {
	for got := 0; got < pullBatch; {
		msg, err := r.next(ctx)
		if err != nil {
			return err
		}
		ack, isMail := r.parseAck(msg.Reply)
		if isMail {
			r.heard = true
			got++
			if err := r.start(ctx, msg, ack); err != nil {
				return err
			}
			continue
		}
		switch r.status(msg) {
		case goesOn:
		case usedUp:
			r.heard = true
			return nil
		case broken:
			return errNoMail
		}
	}
	return nil
}

func (r *receiver) next(ctx context.Context) (*nats.Msg, error) {
	silence := time.NewTimer(2*pullHeartbeat + pullHeartbeat/2)
	defer silence.Stop()
	select {
	case msg := <-r.came:
		return msg, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.changed:
		return nil, errConnGone
	case <-silence.C:
		return nil, errSilent
	}
}

type pullStatus int

const (
	goesOn pullStatus = iota
	usedUp
	broken
)

// status reads a message of the server about the request; only the server can send one, as it
// comes on our own inbox and carries no acknowledgement subject. Anything else is passed over.
func (r *receiver) status(msg *nats.Msg) pullStatus {
	if msg.Subject != r.inbox || len(msg.Data) > 0 {
		return goesOn
	}
	switch msg.Header.Get("Status") {
	case "404", "408":
		return usedUp
	case "409":
		if d := msg.Header.Get("Description"); strings.Contains(d, "MaxBytes") || strings.Contains(d, "Batch Completed") {
			return usedUp
		}
		return broken
	case "400", "503":
		return broken
	}
	return goesOn
}

// start lets a handle begin when there is a place for it.
func (r *receiver) start(ctx context.Context, msg *nats.Msg, ack ackInfo) error {
	select {
	case r.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if cap(r.gate) == 1 {
		defer func() { <-r.gate }()
		return r.take(ctx, msg, ack)
	}
	r.work.Go(func() {
		defer func() { <-r.gate }()
		if err := r.take(ctx, msg, ack); err != nil {
			r.broke.Store(true)
		}
	})
	if r.broke.Load() {
		return errConnGone
	}
	return nil
}

// take hands one mail over and tells the relay the outcome. An acknowledgement that is lost
// brings the mail again, no more.
func (r *receiver) take(ctx context.Context, msg *nats.Msg, ack ackInfo) error {
	from, err := ParseSubject(msg.Subject)
	if err != nil || from.Mailbox != r.mailbox {
		// The server changed the subject: whoever sent it has no receipt and sends it again.
		return r.nc.Publish(msg.Reply, []byte("+ACK"))
	}
	err = r.handle(Mail{Envelope: msg.Data, Token: from.Token, Slot: from.Slot, Sequence: ack.sequence})
	if ctx.Err() != nil && err != nil {
		return ctx.Err()
	}
	answer := []byte("+ACK")
	if err != nil {
		delay := min(againAfter<<min(ack.delivered-1, 6), time.Minute)
		answer = fmt.Appendf(nil, `-NAK {"delay":%d}`, int64(delay))
	}
	if err := r.nc.Publish(msg.Reply, answer); err != nil {
		return errConnGone
	}
	return nil
}

type ackInfo struct {
	delivered uint64 // how often it came, from 1
	sequence  uint64
}

// parseAck reads the acknowledgement subject:
// $JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<consumer sequence>.<time>.<pending>
func (r *receiver) parseAck(reply string) (ackInfo, bool) {
	rest, ok := strings.CutPrefix(reply, ackPrefix(r.mailbox))
	if !ok {
		return ackInfo{}, false
	}
	words := strings.Split(rest, ".")
	if len(words) < 5 {
		return ackInfo{}, false
	}
	delivered, errD := strconv.ParseUint(words[0], 10, 64)
	sequence, errS := strconv.ParseUint(words[1], 10, 64)
	if errD != nil || errS != nil || delivered == 0 || sequence == 0 {
		return ackInfo{}, false
	}
	return ackInfo{delivered, sequence}, true
}
