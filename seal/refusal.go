package seal

import (
	"errors"
	"fmt"
	"log/slog"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Step names a step of opening, in the order of docs/protocol.md §4.4.
type Step string

// The steps that this package takes, in their order. What follows (sequence, thread and payload
// rules) belongs to the gateway. docs/protocol.md §4.4
const (
	StepSize      Step = "size"      // empty, or over the largest envelope there is
	StepProfile   Step = "profile"   // the age header is exactly one mlkem768x25519 stanza
	StepDecrypt   Step = "decrypt"   // a key of ours opens it and it authenticates to its end
	StepPadding   Step = "padding"   // smallest of three sizes, zeros after the frame
	StepFrame     Step = "frame"     // length, Signed, suite, size of Content
	StepKey       Step = "key"       // signing key known, not revoked, of the POC in from
	StepSignature Step = "signature" // both signatures
	StepWire      Step = "wire"      // protocol version; bytes that an honest encoder makes
	StepHeader    Step = "header"    // realm, fields that agree with each other
	StepAddressee Step = "addressee" // for a POC of ours, sealed to that POC's own key
)

// Refusal says which step did not accept an envelope and why. Its text holds nothing that a peer
// wrote, so it may be logged. docs/protocol.md §4.4
type Refusal struct {
	Step   Step
	Reason valisev1.Reason
	// Digest of the Content; zero before the frame was read.
	Digest ident.Digest
	// From is the POC whose signatures verified; zero before that.
	From ident.Address
	// Header is nil until it passed the wire scan and its own rules.
	Header *Header
	// Bytes is the exact Signed once both signatures verified, else nil. It is evidence.
	Bytes []byte
	// Err says more in words; it may be nil.
	Err error
}

func (r *Refusal) Error() string {
	if r.Err == nil {
		return fmt.Sprintf("seal: refused at step %s: %s", r.Step, r.Reason)
	}
	return fmt.Sprintf("seal: refused at step %s: %s: %v", r.Step, r.Reason, r.Err)
}

func (r *Refusal) Unwrap() error { return r.Err }

// LogValue names step and reason and nothing else.
func (r *Refusal) LogValue() slog.Value {
	return slog.GroupValue(slog.String("step", string(r.Step)), slog.String("reason", r.Reason.String()))
}

func refuse(step Step, reason valisev1.Reason, format string, args ...any) error {
	return &Refusal{Step: step, Reason: reason, Err: fmt.Errorf(format, args...)}
}

// asRefusal turns any error into a *Refusal; what carries none is a defect of this package and
// still refuses.
func asRefusal(err error, step Step) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return &Refusal{Step: step, Reason: valisev1.Reason_REASON_INTERNAL, Err: err}
}
