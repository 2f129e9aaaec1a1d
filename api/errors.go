package api

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"valise.example/api/draft"
	"valise.example/directory"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// domain stands in every ErrorInfo, so that a Reason is never taken for another list's.
const domain = "valise.example"

const reasonPrefix = "REASON_"

// maxDetail is how many bytes of detail an error carries; headers of a call are bounded.
const maxDetail = 1000

// Error is a refusal as a caller of the API sees it. docs/protocol.md §10
type Error struct {
	// Reason is from the closed list; REASON_INTERNAL when the other end knows one that this
	// version does not.
	Reason valisev1.Reason
	// Exit is the exit code, 1 to 9.
	Exit int
	// Message is one or two English sentences for people, without a full stop.
	Message string
	// Detail is the part of Message that belongs to this very case; may be empty. A catalog
	// puts its own sentence for Reason before it.
	Detail string
	// Hint says what to do next; may be empty.
	Hint string
	// Field is the key or field that is meant; may be empty.
	Field string
	// At is a date that belongs to the reason, such as when a State left; else zero.
	At time.Time

	cause error
}

// RetryAfter says after how long the same call may be answered otherwise; ok is false where asking
// again changes nothing.
func (e *Error) RetryAfter() (after time.Duration, ok bool) {
	after = explainRetry(e.Reason)
	return after, after > 0
}

// Error is Message.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause where the refusal was made in this process.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus lets a refusal pass through gRPC with its Reason and, for programs that know nothing
// of reasons, with what google.rpc has for every API: which field is meant, and when asking again
// makes sense. docs/protocol.md §10
func (e *Error) GRPCStatus() *status.Status {
	s := status.New(Code(e.Reason), e.Message)
	with, err := s.WithDetails(e.details()...)
	if err != nil {
		return s
	}
	return with
}

func (e *Error) details() []protoadapt.MessageV1 {
	all := []protoadapt.MessageV1{e.info()}
	if e.Field != "" {
		all = append(all, &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: e.Field, Description: e.Message, Reason: strings.TrimPrefix(e.Reason.String(), reasonPrefix)},
		}})
	}
	if after, ok := e.RetryAfter(); ok {
		all = append(all, &errdetails.RetryInfo{RetryDelay: durationpb.New(after)})
	}
	return all
}

func (e *Error) info() *errdetails.ErrorInfo {
	info := &errdetails.ErrorInfo{
		Reason:   strings.TrimPrefix(e.Reason.String(), reasonPrefix),
		Domain:   domain,
		Metadata: map[string]string{"exit": strconv.Itoa(e.Exit)},
	}
	for key, value := range map[string]string{"hint": e.Hint, "detail": e.Detail, "field": e.Field} {
		if value != "" {
			info.Metadata[key] = value
		}
	}
	if !e.At.IsZero() {
		info.Metadata["at"] = e.At.UTC().Format(time.RFC3339)
	}
	return info
}

// refusal makes an Error from the table; detail may be empty, and is left out where it says
// nothing that the table does not say already.
func refusal(reason valisev1.Reason, detail string) *Error {
	detail = bounded(detail)
	if repeats(detail, Sentence(reason)+" "+Hint(reason)) {
		detail = ""
	}
	e := &Error{Reason: reason, Exit: Exit(reason), Message: Sentence(reason), Hint: Hint(reason), Detail: detail}
	if detail != "" {
		e.Message += ": " + detail
	}
	return e
}

// repeats reports whether detail has no word that said does not have: a person would read the
// same sentence twice. Numbers, dates and names are words of their own, so a detail that has one
// stays.
func repeats(detail, said string) bool {
	known := map[string]bool{"one": true, "poc": true}
	for _, word := range wordsOf(said) {
		known[word] = true
	}
	words := wordsOf(detail)
	for _, word := range words {
		if !known[word] {
			return false
		}
	}
	return len(words) > 0
}

// wordsOf are the words of an English sentence in lower case, without the s of a plural or verb.
func wordsOf(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.TrimSuffix(word, "s")
	}
	return words
}

func refuseField(field, detail string) *Error {
	e := refusal(valisev1.Reason_REASON_BAD_REQUEST, field+" "+detail)
	e.Field = field
	return e
}

// bounded cuts a detail to what a header can carry, as valid UTF-8.
func bounded(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "") + "…"
	}
	return s
}

// Status turns any error of a room behind the door into one with a Reason that can be sent;
// nil stays nil. What has no Reason is told as REASON_INTERNAL without its text: nobody has
// checked that a caller may read it. docs/protocol.md §10
func Status(err error) error {
	if err == nil {
		return nil
	}
	return asError(err)
}

func asError(err error) *Error {
	e := typed(err)
	e.cause = err
	return e
}

func typed(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		out := *e
		return &out
	}
	if e, ok := errors.AsType[*draft.Error](err); ok {
		out := refusal(e.Reason, e.Error())
		out.Field = e.Key
		return out
	}
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		return fromGateway(e)
	}
	if e, ok := errors.AsType[*directory.Refusal](err); ok {
		return refusal(e.Reason, strings.TrimPrefix(e.Error(), "directory: "))
	}
	if e, ok := errors.AsType[reasoned](err); ok {
		if hidden(e.Reason()) {
			return refusal(e.Reason(), "")
		}
		return refusal(e.Reason(), ownWords(e))
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return refusal(valisev1.Reason_REASON_TIMED_OUT, "")
	}
	return refusal(valisev1.Reason_REASON_INTERNAL, "")
}

// reasoned is an error of another room that names its Reason.
type reasoned interface {
	error
	Reason() valisev1.Reason
}

func fromGateway(e *gateway.Error) *Error {
	interrupted := errors.Is(e, context.DeadlineExceeded) || errors.Is(e, context.Canceled)
	if interrupted && hidden(e.Reason) {
		return refusal(valisev1.Reason_REASON_TIMED_OUT, "")
	}
	detail := e.Detail
	if !e.At.IsZero() {
		detail = strings.TrimSpace(detail + " (" + e.At.UTC().Format(time.DateOnly) + ")")
	}
	out := refusal(e.Reason, detail)
	out.At, out.Field = e.At, e.Field
	return out
}

// hidden reports whether nothing but the sentence of r is told: its causes are for the log.
func hidden(r valisev1.Reason) bool {
	return r == valisev1.Reason_REASON_INTERNAL || r == valisev1.Reason_REASON_STORAGE_UNKNOWN ||
		r == valisev1.Reason_REASON_UNSPECIFIED
}

// ownWords is what e says itself, without the text of what it wraps and without the name of its
// package: a cause was not written for callers.
func ownWords(e error) string {
	text := e.Error()
	if cause := errors.Unwrap(e); cause != nil {
		text = strings.TrimSuffix(strings.TrimSuffix(text, cause.Error()), ": ")
	}
	if name, rest, ok := strings.Cut(text, ": "); ok && !strings.Contains(name, " ") {
		return rest
	}
	return text
}

// FromStatus reads an error of a call, or of Dial, back into what a caller acts on; ok is false
// for nil and for errors that have nothing to do with a call. docs/protocol.md §10
func FromStatus(err error) (e *Error, ok bool) {
	if err == nil {
		return nil, false
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e, true
	}
	s, ok := status.FromError(err)
	if !ok {
		return nil, false
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == domain {
			return fromInfo(s, info), true
		}
	}
	return fromCode(s), true
}

func fromInfo(s *status.Status, info *errdetails.ErrorInfo) *Error {
	meta := info.GetMetadata()
	e := &Error{Message: s.Message(), Detail: meta["detail"], Hint: meta["hint"], Field: meta["field"]}
	e.At, _ = time.Parse(time.RFC3339, meta["at"])
	number, known := valisev1.Reason_value[reasonPrefix+info.GetReason()]
	if known {
		e.Reason = valisev1.Reason(number)
		e.Exit = Exit(e.Reason)
		return e
	}
	// A newer node knows more reasons; its exit code still holds.
	e.Reason = valisev1.Reason_REASON_INTERNAL
	e.Exit = exitFailed
	if n, err := strconv.Atoi(meta["exit"]); err == nil && n > exitDone && n <= exitSecond {
		e.Exit = n
	}
	return e
}

// fromCode reads an error that gRPC itself made: no handler saw the call.
func fromCode(s *status.Status) *Error {
	switch s.Code() {
	case codes.Unavailable:
		return refusal(valisev1.Reason_REASON_NODE_UNREACHABLE, "")
	case codes.DeadlineExceeded, codes.Canceled:
		return refusal(valisev1.Reason_REASON_TIMED_OUT, "")
	case codes.Unimplemented:
		return refusal(valisev1.Reason_REASON_UNIMPLEMENTED, "the node is older than this command, or its realm has no such service")
	case codes.ResourceExhausted:
		return refusal(valisev1.Reason_REASON_BAD_REQUEST, "it is larger than the node takes or this command reads")
	case codes.Unauthenticated, codes.PermissionDenied:
		return refusal(valisev1.Reason_REASON_NOT_PERMITTED, "")
	case codes.InvalidArgument:
		return refusal(valisev1.Reason_REASON_BAD_REQUEST, "")
	}
	return refusal(valisev1.Reason_REASON_INTERNAL, "")
}
