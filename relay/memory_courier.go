package relay

import (
	"context"
	"slices"
	"sync"
	"time"
)

// memoryCourier is one connection key's Courier to a Memory.
type memoryCourier struct {
	relay  *Memory
	nkey   string
	ctx    context.Context
	cancel context.CancelFunc
	active sync.WaitGroup

	// Guarded by relay.mu.
	link     Link
	watchers []func(Link)
	hearers  []func()
	changed  chan struct{}
	closed   bool
}

var _ Courier = (*memoryCourier)(nil)

// may finds the box if this connection is up and its rights cover it by the answer of refused.
// The caller holds relay.mu.
func (c *memoryCourier) may(mailbox string, refused func(rights) error) (*memoryBox, error) {
	switch {
	case c.closed:
		return nil, ErrClosed
	case !c.link.Up:
		return nil, ErrLinkDown
	}
	if err := refused(c.relay.allowed[c.nkey]); err != nil {
		return nil, err
	}
	b := c.relay.boxes[mailbox]
	if b == nil {
		return nil, ErrNoMailbox
	}
	return b, nil
}

func owns(mailbox string) func(rights) error {
	return func(x rights) error {
		if slices.Contains(x.owns, mailbox) {
			return nil
		}
		return ErrRefused
	}
}

// Publish implements Courier.
func (c *memoryCourier) Publish(ctx context.Context, to Address, envelope []byte) (Stored, error) {
	subject, err := to.Subject()
	if err != nil {
		return Stored{}, err
	}
	if err := checkEnvelope(envelope); err != nil {
		return Stored{}, err
	}
	if err := ctx.Err(); err != nil {
		return Stored{}, err
	}
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	b, err := c.may(to.Mailbox, func(x rights) error { return x.mayWrite(pair{to.Mailbox, to.Token}) })
	if err != nil {
		return Stored{}, err
	}
	mail := Mail{Envelope: append([]byte(nil), envelope...), Token: to.Token, Slot: to.Slot}
	return Stored{Sequence: b.store(subject, mail)}, nil
}

// Receive implements Courier.
func (c *memoryCourier) Receive(ctx context.Context, mailbox string, handle func(Mail) error) error {
	return c.ReceiveMany(ctx, mailbox, 1, handle)
}

// ReceiveMany implements Courier.
func (c *memoryCourier) ReceiveMany(ctx context.Context, mailbox string, width int, handle func(Mail) error) error {
	if !IsName(mailbox) || !isWidth(width) {
		return ErrBadAddress
	}
	c.relay.mu.Lock()
	if c.closed {
		c.relay.mu.Unlock()
		return ErrClosed
	}
	c.active.Add(1)
	c.relay.mu.Unlock()
	defer c.active.Done()
	var work sync.WaitGroup
	defer work.Wait()
	gate := make(chan struct{}, width)
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c.ctx.Err() != nil {
			return ErrClosed
		}
		mail, box, ok, wait := c.take(mailbox)
		if !ok {
			wait(ctx)
			continue
		}
		if width == 1 {
			c.hand(mail, box, handle)
			continue
		}
		gate <- struct{}{}
		work.Go(func() {
			defer func() { <-gate }()
			c.hand(mail, box, handle)
		})
	}
}

func (c *memoryCourier) hand(mail Mail, box *memoryBox, handle func(Mail) error) {
	err := handle(mail)
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	if c.link.Up { // else the acknowledgement is lost, and the mail comes again
		box.done(mail.Sequence, err, c.relay.now())
	}
}

// take picks the next mail, or says how to wait for one.
func (c *memoryCourier) take(mailbox string) (mail Mail, box *memoryBox, ok bool, wait func(context.Context)) {
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	changed := c.changed
	var arrived <-chan struct{}
	var due <-chan time.Time
	stop := func() bool { return false }
	b, err := c.may(mailbox, owns(mailbox))
	if err == nil {
		var d time.Duration
		if mail, ok, d = b.next(c.relay.now()); ok {
			return mail, b, true, nil
		}
		arrived = b.arrived
		if d > 0 {
			t := time.NewTimer(d)
			due, stop = t.C, t.Stop
		}
	}
	return Mail{}, nil, false, func(ctx context.Context) {
		defer stop()
		select {
		case <-ctx.Done():
		case <-c.ctx.Done():
		case <-changed:
		case <-arrived:
		case <-due:
		}
	}
}

// Purge implements Courier.
func (c *memoryCourier) Purge(ctx context.Context, mailbox string, upTo uint64) error {
	if !IsName(mailbox) {
		return ErrBadAddress
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	b, err := c.may(mailbox, owns(mailbox))
	if err != nil {
		return err
	}
	upTo = min(upTo, b.ackFloor())
	for subject, n := range b.slots {
		if n <= upTo {
			b.remove(n)
			delete(b.slots, subject)
		}
	}
	return nil
}

// Link implements Courier.
func (c *memoryCourier) Link() Link {
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	return c.link
}

// Watch implements Courier.
func (c *memoryCourier) Watch(f func(Link)) {
	c.relay.telling.Lock()
	defer c.relay.telling.Unlock()
	c.relay.mu.Lock()
	closed, link := c.closed, c.link
	c.watchers = append(c.watchers, f)
	c.relay.mu.Unlock()
	if !closed {
		f(link)
	}
}

// Close implements Courier.
func (c *memoryCourier) Close() error {
	c.relay.mu.Lock()
	c.closed = true
	delete(c.relay.links, c)
	c.relay.mu.Unlock()
	c.cancel()
	c.active.Wait()
	return nil
}
