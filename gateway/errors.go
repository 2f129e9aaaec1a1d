package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/directory"
	"valise.example/seal"
)

// Error is every refusal of this package: errors.As finds it. docs/protocol.md §10
type Error struct {
	// Op is the act that was refused, such as "inquire".
	Op string
	// Reason is from the closed list and never unspecified.
	Reason valisev1.Reason
	// Err is the cause, for the operator of the node; it may be nil.
	Err error
	// At is a date that belongs to the reason, such as when a State left; else zero.
	At time.Time
	// Detail is one English sentence that may be shown to the officer. It repeats nothing that
	// a peer wrote.
	Detail string
	// Field is what of the request is meant, as the contract writes it: "contact.person", or within the
	// payload "channel" and "preferred_channels[1].kind"; empty where the whole is.
	Field string
}

// Error is one line for the operator of the node; officers see Detail.
func (e *Error) Error() string {
	s := "gateway: " + e.Op + ": " + e.Reason.String()
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// LogValue names act and reason; neither Detail nor the cause reaches a log.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("op", e.Op), slog.String("reason", e.Reason.String()))
}

// refuse makes an Error; the driver fills in Op.
func refuse(reason valisev1.Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// refuseAt is refuse where one field of the request is meant.
func refuseAt(field string, reason valisev1.Reason, format string, args ...any) *Error {
	e := refuse(reason, format, args...)
	e.Field = field
	return e
}

// asError gives every error its act and a reason. What a transaction returns and is no refusal of
// ours is storage: then the outcome is unknown, and the caller asks again by request id. P6
func asError(op string, err error, unknown valisev1.Reason) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		out := *e
		if out.Op == "" {
			out.Op = op
		}
		return &out
	}
	out := &Error{Op: op, Reason: unknown, Err: err}
	var reasoned interface{ Reason() valisev1.Reason }
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case errors.As(err, &reasoned):
		out.Reason = reasoned.Reason()
	}
	return out
}

// fromSeal turns a refusal of the seal into one of ours: nothing of it is a storage error.
func fromSeal(err error, detail string) error {
	if r, ok := errors.AsType[*seal.Refusal](err); ok {
		return &Error{Reason: r.Reason, Err: err, Detail: detail}
	}
	return &Error{Reason: valisev1.Reason_REASON_INTERNAL, Err: err, Detail: detail}
}

// fromDirectory keeps the directory's reason: not found, left, or a root that nobody confirmed.
func fromDirectory(err error, at time.Time) error {
	if r, ok := errors.AsType[*directory.Refusal](err); ok {
		e := &Error{Reason: r.Reason, Err: err}
		switch r.Reason {
		case valisev1.Reason_REASON_STATE_LEFT:
			e.At = at
			e.Detail = "the State left the directory; its threads stay readable"
		case valisev1.Reason_REASON_KEY_CHANGED:
			e.Detail = "the State came back with another root, which nobody has confirmed yet"
		default:
			e.Detail = "the directory has no such point of contact"
		}
		return e
	}
	return &Error{Reason: valisev1.Reason_REASON_NOT_FOUND, Err: err, Detail: "the directory has no such point of contact"}
}
