package api

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"valise.example/api/draft"
	"valise.example/directory"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// TestEveryReasonHasARow walks the enum: a row, a code that is an error, an exit code of the
// contract, one clean sentence that no other reason has.
func TestEveryReasonHasARow(t *testing.T) {
	sentences := map[string]valisev1.Reason{}
	for number := range valisev1.Reason_name {
		r := valisev1.Reason(number)
		m, ok := meanings[r]
		if !ok {
			t.Errorf("%v has no row", r)
			continue
		}
		if m.code == codes.OK || m.exit < exitFailed || m.exit > exitSecond {
			t.Errorf("%v has code %v and exit %d", r, m.code, m.exit)
		}
		if r == valisev1.Reason_REASON_UNSPECIFIED {
			continue // nobody is told of it
		}
		sentence := Sentence(r)
		for _, text := range []string{sentence, Hint(r)} {
			if draft.CheckLine(text) != nil || strings.HasSuffix(text, ".") || len(text) > 160 {
				t.Errorf("%v: %q is not one short line without a full stop", r, text)
			}
		}
		if sentence == "" || sentence[0] >= 'A' && sentence[0] <= 'Z' {
			t.Errorf("%v: the sentence %q does not begin in lower case", r, sentence)
		}
		if other, twice := sentences[sentence]; twice {
			t.Errorf("%v and %v have one sentence", r, other)
		}
		sentences[sentence] = r
	}
	for r := range meanings {
		if _, ok := valisev1.Reason_name[int32(r)]; !ok {
			t.Errorf("there is a row for %d, which the contract does not have", r)
		}
	}
}

// TestExitCodesAreThoseOfTheContract reads the exit codes out of the comments of reason.proto.
func TestExitCodesAreThoseOfTheContract(t *testing.T) {
	contract, err := os.ReadFile("../proto/valise/v1/reason.proto")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s*// Exit (\d): .*\n\s*(REASON_\w+) =`).FindAllStringSubmatch(string(contract), -1)
	if len(found) < 40 {
		t.Fatalf("only %d exit codes found in the contract", len(found))
	}
	for _, f := range found {
		want, _ := strconv.Atoi(f[1])
		r := valisev1.Reason(valisev1.Reason_value[f[2]])
		if Exit(r) != want {
			t.Errorf("%v has exit %d, the contract says %d", r, Exit(r), want)
		}
	}
	for number := range valisev1.Reason_name {
		r := valisev1.Reason(number)
		if e := Exit(r); number >= 100 && (e == exitFailed || e == exitNotFound || e == exitTimedOut) {
			t.Errorf("%v has exit %d", r, e)
		}
	}
	if Exit(valisev1.Reason_REASON_UNSPECIFIED) != 0 || Sentence(valisev1.Reason_REASON_UNSPECIFIED) != "" || Hint(0) != "" {
		t.Error("no reason is told as one")
	}
	if Exit(9999) != exitFailed || Code(9999) != codes.Internal || Sentence(9999) == "" {
		t.Error("a reason of a later version is not told as unforeseen")
	}
}

func TestEveryReasonCrossesTheWire(t *testing.T) {
	for number := range valisev1.Reason_name {
		r := valisev1.Reason(number)
		if r == valisev1.Reason_REASON_UNSPECIFIED {
			continue
		}
		err := Status(&gateway.Error{Op: "test", Reason: r, Detail: "this case", At: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)})
		over := grpcstatus.ErrorProto(grpcstatus.Convert(err).Proto())
		e, ok := FromStatus(over)
		if !ok || e.Reason != r || e.Exit != Exit(r) || e.Hint != Hint(r) || e.At.Year() != 2026 {
			t.Errorf("%v came over as %+v", r, e)
		}
		if !strings.HasPrefix(e.Message, Sentence(r)) || !strings.Contains(e.Message, "this case (2026-02-03)") {
			t.Errorf("%v is told as %q", r, e.Message)
		}
		if grpcstatus.Code(over) != Code(r) {
			t.Errorf("%v has code %v", r, grpcstatus.Code(over))
		}
	}
}

// TestDetailsOfErrors: a program that knows nothing of reasons finds what google.rpc has for every
// API. What a caller can mend by waiting says for how long; nothing else does. docs/protocol.md §10
func TestDetailsOfErrors(t *testing.T) {
	for number := range valisev1.Reason_name {
		e := refusal(valisev1.Reason(number), "this case")
		e.Field = "options.request_id"
		var info *errdetails.ErrorInfo
		var field *errdetails.BadRequest
		var retry *errdetails.RetryInfo
		for _, detail := range grpcstatus.Convert(Status(e)).Details() {
			switch detail := detail.(type) {
			case *errdetails.ErrorInfo:
				info = detail
			case *errdetails.BadRequest:
				field = detail
			case *errdetails.RetryInfo:
				retry = detail
			default:
				t.Errorf("%v has a detail that cannot be read: %v", e.Reason, detail)
			}
		}
		if info.GetDomain() != domain || info.GetReason() == "" || info.GetMetadata()["exit"] == "" {
			t.Errorf("%v is told as %v", e.Reason, info)
		}
		if v := field.GetFieldViolations(); len(v) != 1 || v[0].GetField() != e.Field || v[0].GetReason() != info.GetReason() {
			t.Errorf("%v names the field as %v", e.Reason, field)
		}
		// Unavailable and not durable, or out of time: the same call may be answered otherwise.
		passing := Exit(e.Reason) == exitTimedOut || Exit(e.Reason) == exitFailed && e.Reason != valisev1.Reason_REASON_INTERNAL
		if after := retry.GetRetryDelay().AsDuration(); (after > 0) != passing {
			t.Errorf("%v is said to change after %v", e.Reason, after)
		}
	}
	if details := grpcstatus.Convert(Status(refusal(bad, "no field"))).Details(); len(details) != 1 {
		t.Errorf("without a field the details are %v", details)
	}
}

type fault struct{ cause error }

func (f fault) Error() string           { return "node: the folder is not ours: " + f.cause.Error() }
func (f fault) Unwrap() error           { return f.cause }
func (f fault) Reason() valisev1.Reason { return valisev1.Reason_REASON_UNSAFE_PERMISSIONS }

func TestErrorsOfOtherRooms(t *testing.T) {
	secret := errors.New(canary)
	for _, c := range []struct {
		err    error
		want   valisev1.Reason
		detail string
	}{
		{secret, valisev1.Reason_REASON_INTERNAL, ""},
		{fmt.Errorf("%s: %w", canary, secret), valisev1.Reason_REASON_INTERNAL, ""},
		{&gateway.Error{Reason: valisev1.Reason_REASON_WRONG_TRACK, Err: secret, Detail: "say why"}, valisev1.Reason_REASON_WRONG_TRACK, "say why"},
		{fmt.Errorf("outer: %w", &gateway.Error{Reason: valisev1.Reason_REASON_STORAGE_UNKNOWN, Err: secret}), valisev1.Reason_REASON_STORAGE_UNKNOWN, ""},
		{&gateway.Error{Reason: valisev1.Reason_REASON_STORAGE_UNKNOWN, Err: t.Context().Err()}, valisev1.Reason_REASON_STORAGE_UNKNOWN, ""},
		{&directory.Refusal{Object: "import", Reason: valisev1.Reason_REASON_ROLLBACK, Err: errors.New("older")}, valisev1.Reason_REASON_ROLLBACK, "import"},
		{&draft.Error{Line: 3, Key: "title", Reason: valisev1.Reason_REASON_BAD_TEXT, Detail: "holds a break"}, valisev1.Reason_REASON_BAD_TEXT, "line 3: title: holds a break"},
		{fault{secret}, valisev1.Reason_REASON_UNSAFE_PERMISSIONS, "the folder is not ours"},
		{refuseField("to", "is missing"), valisev1.Reason_REASON_BAD_REQUEST, "to is missing"},
		{os.ErrDeadlineExceeded, valisev1.Reason_REASON_INTERNAL, ""},
	} {
		e, ok := FromStatus(grpcstatus.ErrorProto(grpcstatus.Convert(Status(c.err)).Proto()))
		if !ok || e.Reason != c.want || !strings.HasPrefix(e.Detail, c.detail) || c.detail == "" && e.Detail != "" {
			t.Errorf("%v was told as %+v", c.err, e)
		}
		if strings.Contains(grpcstatus.Convert(Status(c.err)).Proto().String(), canary) {
			t.Errorf("%v leaks its cause", c.err)
		}
	}
	field := &gateway.Error{Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: "it is not said who answered", Field: "contact.person"}
	if e, _ := FromStatus(grpcstatus.ErrorProto(grpcstatus.Convert(Status(field)).Proto())); e.Field != field.Field {
		t.Errorf("the field is told as %q", e.Field)
	}
	if Status(nil) != nil {
		t.Error("no error became one")
	}
	if _, ok := FromStatus(nil); ok {
		t.Error("no error was read as one")
	}
	if _, ok := FromStatus(secret); ok {
		t.Error("an error that has nothing to do with a call was read as one")
	}
}

func TestErrorsThatNoHandlerMade(t *testing.T) {
	for code, want := range map[codes.Code]valisev1.Reason{
		codes.Unavailable: valisev1.Reason_REASON_NODE_UNREACHABLE, codes.DeadlineExceeded: valisev1.Reason_REASON_TIMED_OUT,
		codes.Unimplemented: valisev1.Reason_REASON_UNIMPLEMENTED, codes.ResourceExhausted: valisev1.Reason_REASON_BAD_REQUEST,
		codes.Unauthenticated: valisev1.Reason_REASON_NOT_PERMITTED, codes.InvalidArgument: valisev1.Reason_REASON_BAD_REQUEST,
		codes.Internal: valisev1.Reason_REASON_INTERNAL, codes.Canceled: valisev1.Reason_REASON_TIMED_OUT,
	} {
		if e := wantReason(t, grpcstatus.Error(code, "x"), want); e.Exit != Exit(want) {
			t.Errorf("%v has exit %d", code, e.Exit)
		}
	}
	newer, err := grpcstatus.New(codes.FailedPrecondition, "a new rule").WithDetails(&errdetails.ErrorInfo{Reason: "FROM_A_LATER_VERSION", Domain: domain, Metadata: map[string]string{"exit": "4"}})
	if err != nil {
		t.Fatal(err)
	}
	if e := wantReason(t, newer.Err(), valisev1.Reason_REASON_INTERNAL); e.Exit != 4 || e.Message != "a new rule" {
		t.Errorf("a reason of a later version was read as %+v", e)
	}
	foreign, err := grpcstatus.New(codes.NotFound, "x").WithDetails(&errdetails.ErrorInfo{Reason: "WRONG_TRACK", Domain: "elsewhere.example"})
	if err != nil {
		t.Fatal(err)
	}
	wantReason(t, foreign.Err(), valisev1.Reason_REASON_INTERNAL)
}

// TestNothingIsSaidTwice: what gateway and directory say of a case stays where it adds to the
// sentence of its Reason, and only there.
func TestNothingIsSaidTwice(t *testing.T) {
	for _, c := range []struct {
		reason valisev1.Reason
		detail string
		kept   bool
	}{
		{valisev1.Reason_REASON_REQUEST_ID_CONFLICT, "this request id belongs to another request", false},
		{valisev1.Reason_REASON_WRONG_TRACK, "diplomatic POCs write to diplomatic ones and technical to technical; a Referral can point to the other track", false},
		{valisev1.Reason_REASON_BAD_SIGNATURE, "a signature does not verify", false},
		{valisev1.Reason_REASON_WRONG_TRACK, "say why", true},
		{valisev1.Reason_REASON_BAD_SIGNATURE, "entry XB: a signature does not verify", true},
		{valisev1.Reason_REASON_STATE_LEFT, "this State left the directory on 2026-02-03", true},
		{valisev1.Reason_REASON_NEEDS_SECOND_PERSON, "whoever drafted a message does not clear it", true},
		{valisev1.Reason_REASON_NOT_PERMITTED, "this needs the role clearer", true},
		{valisev1.Reason_REASON_NOT_FOUND, "42", true},
		{valisev1.Reason_REASON_NOT_FOUND, "漢", true},
		{valisev1.Reason_REASON_NOT_FOUND, "", false},
	} {
		e := asError(&gateway.Error{Reason: c.reason, Detail: c.detail})
		want := Sentence(c.reason)
		if c.kept {
			want += ": " + c.detail
		}
		if e.Message != want || (e.Detail != "") != c.kept {
			t.Errorf("%v %q is told as %q, detail %q", c.reason, c.detail, e.Message, e.Detail)
		}
	}
}

func TestDetailsAreBounded(t *testing.T) {
	e := refusal(valisev1.Reason_REASON_BAD_REQUEST, strings.Repeat("é\xff", 10000))
	if len(e.Message) > 2*maxDetail || !strings.Contains(e.Message, "…") {
		t.Errorf("a detail has %d bytes", len(e.Message))
	}
	if err := e.GRPCStatus().Err(); grpcstatus.Code(err) != codes.InvalidArgument {
		t.Error(err)
	}
}
