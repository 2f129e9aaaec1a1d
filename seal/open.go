package seal

import (
	"bytes"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Speaker is a signing key and the POC it speaks for. docs/protocol.md §8.2
type Speaker struct {
	Key     PublicKey
	Address ident.Address
	// ValidFrom and ValidUntil are for marks on the screen; opening never compares them.
	ValidFrom, ValidUntil time.Time
	// RevokedSince, when not zero, refuses everything this key signed. docs/protocol.md §8.5
	RevokedSince time.Time
	// Unconfirmed: nobody has confirmed the root of the entry that names the key, so that what it signs
	// is held and is nobody's word yet. docs/protocol.md §8.5
	Unconfirmed bool
}

// Opener opens envelopes for one node. Its functions must be safe for the caller's concurrency;
// the Opener itself keeps nothing.
type Opener struct {
	// Realm is ours. The message's own word never enters a signature input.
	Realm ident.Realm
	// Keys returns every sealing key that still opens, newest first.
	Keys func() []HeldKey
	// Resolve finds who speaks with a signing key; false when nobody does.
	Resolve func(ident.KeyID) (Speaker, bool)
	// Mine reports whether an address is a POC of ours.
	Mine func(ident.Address) bool
}

// Opened is a message that passed every step. docs/protocol.md §4.4
type Opened struct {
	// Bytes is the exact Signed, to be kept.
	Bytes  []byte
	Signed Signed
	Header Header
	Digest ident.Digest
	// Payload is the exact payload bytes; Message is nil when the kind is unknown.
	Payload []byte
	Message proto.Message
	Speaker Speaker
	// UnknownParts: a higher minor version wrote a part that this node cannot read.
	UnknownParts bool
	// OpenedFor is the POC whose sealing key opened it; zero from VerifySigned.
	OpenedFor ident.Address
}

// Open takes an envelope through every step in order and returns nothing before the last. The
// error is always a *Refusal. What follows is the caller's: sequence, thread and payload rules.
// docs/protocol.md §4.4
func (o Opener) Open(envelope []byte) (*Opened, error) {
	var keys []HeldKey
	if o.Keys != nil {
		keys = o.Keys()
	}
	signed, by, err := unseal(envelope, keys)
	if err != nil {
		return nil, err
	}
	// A copy, so that a kept message does not hold the padding in memory.
	opened, err := o.VerifySigned(bytes.Clone(signed))
	if err != nil {
		return nil, err
	}
	return o.addressed(opened, by)
}

// unseal takes the steps from the size to the padding. What it returns shares memory with the
// padding. docs/protocol.md §4.4
func unseal(envelope []byte, keys []HeldKey) (content []byte, by HeldKey, err error) {
	if err := checkSize(envelope); err != nil {
		return nil, HeldKey{}, err
	}
	if err := checkProfile(envelope); err != nil {
		return nil, HeldKey{}, err
	}
	plaintext, by, err := decrypt(envelope, keys)
	if err != nil {
		return nil, HeldKey{}, err
	}
	content, err = unpad(plaintext)
	return content, by, err
}

// VerifySigned takes the steps from the frame to the header's own rules, for Signed that comes
// without an envelope: a Return, the record, an auditor. Whom it is addressed to is not checked,
// and whether a revoked key counts is Resolve's decision. The result shares memory with signed.
// The error is always a *Refusal. docs/protocol.md §4.4
func (o Opener) VerifySigned(signed []byte) (*Opened, error) {
	s, err := ParseSigned(signed)
	if err != nil {
		return nil, err
	}
	out := &Opened{Bytes: signed, Signed: s, Digest: s.Content.Digest(), Payload: s.Content.Payload()}
	if err := o.authenticate(out); err != nil {
		r := asRefusal(err, StepSignature)
		r.Digest = out.Digest
		return nil, r
	}
	if err := o.read(out); err != nil {
		return nil, o.evidence(out, asRefusal(err, StepWire))
	}
	return out, nil
}

// authenticate: the key is known, not revoked and of the right POC, and both signatures verify.
func (o Opener) authenticate(out *Opened) error {
	var speaker Speaker
	ok := false
	if o.Resolve != nil {
		speaker, ok = o.Resolve(out.Signed.KeyID)
	}
	if !ok || speaker.Key.ID(o.Realm) != out.Signed.KeyID {
		return refuse(StepKey, valisev1.Reason_REASON_UNKNOWN_KEY, "nobody speaks with this signing key")
	}
	// docs/protocol.md §8.5
	if !speaker.RevokedSince.IsZero() {
		return refuse(StepKey, valisev1.Reason_REASON_REVOKED_KEY, "the signing key is revoked")
	}
	if from, ok := peekFrom(out.Signed.Content.Header); ok && from != speaker.Address.String() {
		return wrongSigner()
	}
	if err := Verify(o.Realm, PurposeContent, out.Digest, speaker.Key, out.Signed.signature()); err != nil {
		return &Refusal{Step: StepSignature, Reason: valisev1.Reason_REASON_BAD_SIGNATURE, Err: err}
	}
	out.Speaker = speaker
	return nil
}

// read: wire scan of header and payload, then the header's own rules. A header that is in order is
// kept even when the payload is not: it names the channel on which the message is unreadable.
func (o Opener) read(out *Opened) error {
	p, unknownHeader, err := decodeHeader(out.Signed.Content.Header)
	if err != nil {
		return err
	}
	if p.GetFrom() != out.Speaker.Address.String() {
		return wrongSigner()
	}
	message, unknownPayload, payloadErr := readPayload(p.GetKind(), p.GetMinorVersion(), out.Payload)
	h, err := headerFrom(p)
	if err == nil {
		out.Header = h
	}
	if payloadErr != nil {
		return payloadErr
	}
	if err != nil {
		return err
	}
	if h.Realm != o.Realm {
		return refuse(StepHeader, valisev1.Reason_REASON_WRONG_REALM, "the header names another realm than its signature")
	}
	if out.Signed.Content.size() > maxContentOf(h.Kind) {
		return &Refusal{Step: StepHeader, Reason: valisev1.Reason_REASON_TOO_LARGE}
	}
	out.Message, out.UnknownParts = message, unknownHeader || unknownPayload
	return nil
}

// addressed: the POC written to is ours, and it was sealed to that POC's key. A-9 s2
func (o Opener) addressed(out *Opened, by HeldKey) (*Opened, error) {
	out.OpenedFor = by.Address
	if o.Mine == nil || !o.Mine(out.Header.To) {
		return nil, o.evidence(out, &Refusal{Step: StepAddressee, Reason: valisev1.Reason_REASON_NOT_FOR_US})
	}
	if out.Header.To != by.Address {
		return nil, o.evidence(out, &Refusal{Step: StepAddressee, Reason: valisev1.Reason_REASON_NOT_FOR_US})
	}
	return out, nil
}

// evidence fills in what is certain once both signatures verified.
func (o Opener) evidence(out *Opened, r *Refusal) *Refusal {
	r.Digest, r.From, r.Bytes = out.Digest, out.Speaker.Address, out.Bytes
	if !out.Header.MessageID.IsZero() {
		h := out.Header
		r.Header = &h
	}
	return r
}

func wrongSigner() error {
	return refuse(StepKey, valisev1.Reason_REASON_WRONG_SIGNER, "the key speaks for another POC than the header says")
}

// peekFrom finds what the header claims as its sender before anything is verified; it decides
// only whether the signatures are worth checking. A header that cannot be walked is left to the
// wire scan, and the strict reading compares the sender once more. docs/protocol.md §4.4
func peekFrom(header []byte) (from string, ok bool) {
	const fieldFrom = 5
	for len(header) > 0 {
		number, wire, n := protowire.ConsumeTag(header)
		if n < 0 {
			return "", false
		}
		header = header[n:]
		size := protowire.ConsumeFieldValue(number, wire, header)
		if size < 0 {
			return "", false
		}
		if number == fieldFrom && wire == protowire.BytesType {
			b, _ := protowire.ConsumeBytes(header)
			from, ok = string(b), true
		}
		header = header[size:]
	}
	return from, ok
}
