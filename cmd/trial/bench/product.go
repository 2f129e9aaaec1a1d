package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"valise.example/exercise/lab"
	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// product is two real nodes and the lab's real relay in this process. Messages are submitted to
// the node's core, behind the operator's door, and their receipts are seen as a Watch sees them:
// by the items of the record.
type product struct {
	net  *lab.Lab
	part *parts
	xa   *running
	xb   *running

	mu      sync.Mutex
	reached map[string]chan struct{} // message id → its receipt is durable
	cursor  uint64
}

// running is a node that runs until it is stopped.
type running struct {
	node *node.Node
	part *parts
}

var officer = gateway.Actor{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}}

// newProduct starts XA and, if both, XB on a lab whose relay runs.
func newProduct(ctx context.Context, l *lab.Lab, both bool) (*product, error) {
	p := &product{net: l, part: newParts(ctx), reached: map[string]chan struct{}{}}
	var err error
	if p.xa, err = p.start("XA"); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if err := p.watch(); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if both {
		err = p.startPeer()
	}
	return p, err
}

func (p *product) startPeer() (err error) {
	p.xb, err = p.start("XB")
	return err
}

func (p *product) start(s ident.State) (*running, error) {
	return startNode(p.net, s)
}

func startNode(l *lab.Lab, s ident.State) (*running, error) {
	n, err := node.Open(l.Home(s), node.OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		return nil, err
	}
	r := &running{node: n, part: newParts(context.Background())}
	ready := make(chan struct{})
	r.part.run(func(ctx context.Context) error {
		return n.Run(ctx, func(string) { close(ready) })
	})
	select {
	case <-ready:
		return r, nil
	case <-r.part.ended():
		return nil, errors.Join(r.stop(), errors.New("bench: a node ended before it was ready"))
	}
}

func (r *running) stop() error {
	if r == nil {
		return nil
	}
	return errors.Join(r.part.stop(), r.node.Close())
}

func (p *product) close() error {
	return errors.Join(p.part.stop(), p.xa.stop(), p.xb.stop())
}

// submit returns when a message of a new thread is durable in XA's outbox.
func (p *product) submit(ctx context.Context, sender int) (string, error) {
	sent, err := p.xa.node.Gateway().Inquire(ctx, officer, inquiryFrom(sender))
	return sent.GetMessage(), err
}

// exchange sends one message and returns when its receipt is durable.
func (p *product) exchange(ctx context.Context, sender int) error {
	id, err := p.submit(ctx, sender)
	if err != nil {
		return err
	}
	return p.awaitReceipt(ctx, id)
}

func (p *product) awaitReceipt(ctx context.Context, id string) error {
	select {
	case <-p.signal(id):
	case <-ctx.Done():
		return ctx.Err()
	case <-p.xa.part.ended():
		return fmt.Errorf("bench: a node ended: %w", p.xa.part.stop())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.reached, id)
	return nil
}

// signal may be asked for by whoever comes first: the sender or the watch.
func (p *product) signal(id string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.reached[id]
	if s == nil {
		s = make(chan struct{})
		p.reached[id] = s
	}
	return s
}

// watch follows XA's record from its present end.
func (p *product) watch() error {
	if err := p.toTheEnd(); err != nil {
		return err
	}
	rings, done := p.xa.node.Changes()
	p.part.run(func(ctx context.Context) error {
		defer done()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-rings:
			}
			if _, err := p.look(ctx, func(id string) { close(p.signal(id)) }); err != nil {
				return err
			}
		}
	})
	return nil
}

// look reads the items that are new.
func (p *product) look(ctx context.Context, reached func(id string)) (items uint64, err error) {
	for ; ; p.cursor++ {
		event, _, err := p.xa.node.Gateway().Event(ctx, gateway.Actor{}, p.cursor)
		if node.ReasonOf(err) == valisev1.Reason_REASON_NOT_FOUND {
			return p.cursor, nil
		}
		if err != nil {
			return p.cursor, err
		}
		if reached != nil && event.GetType() == valisev1.ItemType_ITEM_TYPE_DELIVERY && event.GetDelivery() == valisev1.Delivery_DELIVERY_REACHED {
			reached(event.GetMessage())
		}
	}
}

// toTheEnd finds the present end of the record without reading it.
func (p *product) toTheEnd() error {
	there := func(item uint64) (bool, error) {
		_, _, err := p.xa.node.Gateway().Event(context.Background(), gateway.Actor{}, item)
		if node.ReasonOf(err) == valisev1.Reason_REASON_NOT_FOUND {
			return false, nil
		}
		return err == nil, err
	}
	low, high := uint64(0), uint64(1)<<40 // an item at low is there or low is 0; none at high
	for low < high {
		middle := low + (high-low)/2
		ok, err := there(middle)
		if err != nil {
			return err
		}
		if ok {
			low = middle + 1
		} else {
			high = middle
		}
	}
	p.cursor = low
	return nil
}
