package relay

import (
	"bytes"
	"context"
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// SetObjects lays out the directory's objects as a running relay would: a lower number than those in
// force is refused. docs/protocol.md §8.6
func (m *Memory) SetObjects(o *valisev1.RelayObjects) error {
	if err := CheckObjects(o); err != nil {
		return err
	}
	m.mu.Lock()
	if o.GetNumber() < m.objects.GetNumber() {
		m.mu.Unlock()
		return errObjectsLower
	}
	news := !bytes.Equal(headOf(o), headOf(m.objects))
	m.objects = o
	var hearers []func()
	for c := range m.links {
		if news && c.link.Up {
			hearers = append(hearers, c.hearers...)
		}
	}
	m.mu.Unlock()
	for _, f := range hearers {
		f()
	}
	return nil
}

// Object implements Courier.
func (c *memoryCourier) Object(ctx context.Context, name string) ([]byte, error) {
	if !IsObjectName(name) {
		return nil, ErrBadAddress
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	switch {
	case c.closed:
		return nil, ErrClosed
	case !c.link.Up:
		return nil, ErrLinkDown
	}
	for _, x := range c.relay.objects.GetObjects() {
		if x.GetName() == name {
			return bytes.Clone(x.GetData()), nil
		}
	}
	return nil, ErrNoObject
}

// WatchObjects implements Courier.
func (c *memoryCourier) WatchObjects(f func()) {
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	c.hearers = append(slices.Clip(c.hearers), f)
}
