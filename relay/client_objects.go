package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
)

// newsPending bounds what waits unread of the relay's news: they only say that there are some.
const newsPending = 4

// objectWanted bounds the answer. Without a bound nats-server takes one from its options, and reads
// them without the lock under which a new Roster replaces them.
var objectWanted = fmt.Appendf(nil, `{"max_bytes":%d}`, maxPayload)

// Object implements Courier.
func (x *client) Object(ctx context.Context, name string) ([]byte, error) {
	if !IsObjectName(name) {
		return nil, ErrBadAddress
	}
	answer, err := x.ask(ctx, objectRequest+name, objectWanted)
	if errors.Is(err, ErrNoMailbox) {
		return nil, ErrNoObject // no stream of objects at all
	}
	if err != nil {
		return nil, err
	}
	switch {
	case len(answer.Data) == 0 && answer.Header.Get("Status") == "404":
		return nil, ErrNoObject
	case len(answer.Data) == 0 || len(answer.Data) > MaxEnvelope:
		return nil, ErrBadAnswer
	}
	return answer.Data, nil
}

// WatchObjects implements Courier.
func (x *client) WatchObjects(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hearers = append(slices.Clip(x.hearers), f)
}

// hear lets the relay say on this connection that there is a new head. What it says is not looked at.
func (x *client) hear(nc *nats.Conn) {
	sub, err := nc.Subscribe(headSubject, func(*nats.Msg) {
		x.mu.Lock()
		hearers := x.hearers
		x.mu.Unlock()
		for _, f := range hearers {
			f()
		}
	})
	if err == nil {
		err = sub.SetPendingLimits(newsPending, newsPending*maxPayload)
	}
	if err != nil {
		x.log.Debug("the relay's news are not heard; they are asked for now and then")
	}
}
