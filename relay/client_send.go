package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// answerTimeout is how long a relay may take to say that it stored an envelope.
const answerTimeout = 15 * time.Second

// Numbers of JetStream's error catalogue.
const (
	codeMessageTooLarge = 10054
)

// Publish implements Courier.
func (x *client) Publish(ctx context.Context, to Address, envelope []byte) (Stored, error) {
	subject, err := to.Subject()
	if err != nil {
		return Stored{}, err
	}
	if err := checkEnvelope(envelope); err != nil {
		return Stored{}, err
	}
	answer, err := x.request(ctx, subject, envelope)
	if err != nil {
		return Stored{}, err
	}
	return readStored(answer, to.Mailbox)
}

// request is ask where only the answer's bytes count.
func (x *client) request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	answer, err := x.ask(ctx, subject, data)
	if err != nil {
		return nil, err
	}
	return answer.Data, nil
}

// ask sends one message without any header and waits for the answer in our own inbox.
func (x *client) ask(ctx context.Context, subject string, data []byte) (*nats.Msg, error) {
	nc, _ := x.current()
	if x.ctx.Err() != nil {
		return nil, ErrClosed
	}
	if nc == nil {
		return nil, ErrLinkDown
	}
	inner, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	inner, refuse := context.WithCancelCause(inner)
	defer refuse(nil)
	defer x.expect(subject, refuse)()
	answer, err := nc.RequestMsgWithContext(inner, &nats.Msg{Subject: subject, Data: data})
	if err == nil {
		return answer, nil
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(context.Cause(inner), ErrRefused):
		return nil, ErrRefused
	case x.ctx.Err() != nil:
		return nil, ErrClosed
	case errors.Is(err, nats.ErrNoResponders):
		return nil, ErrNoMailbox
	case errors.Is(err, nats.ErrMaxPayload):
		return nil, ErrTooLarge
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return nil, ErrNoAnswer
	}
	return nil, fmt.Errorf("%w: connection lost while waiting", ErrLinkDown)
}

// expect lets onError end the wait for subject; the result takes that back.
func (x *client) expect(subject string, refuse context.CancelCauseFunc) func() {
	w := &waiter{subject, refuse}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.waiting[w] = struct{}{}
	return func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.waiting, w)
	}
}

// waiter is a request whose answer is not here yet.
type waiter struct {
	subject string
	refuse  context.CancelCauseFunc
}

// readStored believes an answer only if it speaks of the mailbox that was written to. Its text
// goes nowhere. docs/protocol.md §7.8
func readStored(answer []byte, mailbox string) (Stored, error) {
	var a struct {
		Stream   string `json:"stream"`
		Sequence uint64 `json:"seq"`
		Error    *struct {
			Number int `json:"err_code"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return Stored{}, ErrBadAnswer
	}
	if a.Error != nil {
		if a.Error.Number == codeMessageTooLarge {
			return Stored{}, ErrTooLarge
		}
		return Stored{}, fmt.Errorf("%w (server error %d)", ErrFailed, a.Error.Number)
	}
	if a.Stream != streamName(mailbox) || a.Sequence == 0 {
		return Stored{}, ErrBadAnswer
	}
	return Stored{Sequence: a.Sequence}, nil
}

// Purge implements Courier.
func (x *client) Purge(ctx context.Context, mailbox string, upTo uint64) error {
	if !IsName(mailbox) {
		return ErrBadAddress
	}
	answer, err := x.request(ctx, infoSubject(mailbox), nil)
	if err != nil {
		return err
	}
	floor, err := readFloor(answer, mailbox)
	if err != nil {
		return err
	}
	// docs/protocol.md §7.8: never beyond what was acknowledged
	if upTo = min(upTo, floor); upTo == 0 {
		return nil
	}
	order, err := json.Marshal(struct {
		Sequence uint64 `json:"seq"`
	}{upTo + 1}) // the server purges what lies below
	if err != nil {
		return fmt.Errorf("relay: purge: %w", err)
	}
	answer, err = x.request(ctx, purgeSubject(mailbox), order)
	if err != nil {
		return err
	}
	var a struct {
		Success bool `json:"success"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || !a.Success {
		return ErrFailed
	}
	return nil
}

func readFloor(answer []byte, mailbox string) (uint64, error) {
	var a struct {
		Stream   string `json:"stream_name"`
		Name     string `json:"name"`
		AckFloor struct {
			Sequence uint64 `json:"stream_seq"`
		} `json:"ack_floor"`
		Error *struct{} `json:"error"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return 0, ErrBadAnswer
	}
	if a.Error != nil {
		return 0, ErrNoMailbox
	}
	if a.Stream != streamName(mailbox) || a.Name != consumerName {
		return 0, ErrBadAnswer
	}
	return a.AckFloor.Sequence, nil
}
