package seal

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// The protocol version that this package writes and reads. docs/protocol.md §4.1
const (
	MajorVersion uint32 = 1
	// MinorVersion: fields that this version does not know are taken only from a higher one.
	MinorVersion uint32 = 0
)

// MaxNumber is the highest sequence, thread sequence or directory number, so that no sum of two
// overflows. docs/protocol.md §7.1
const MaxNumber uint64 = 1<<63 - 1

const maxMinorVersion = 1000

// Header says who says what kind of thing to whom, and where it stands in order. A zero digest or
// id means "none". docs/protocol.md §4.1
type Header struct {
	// MinorVersion of the sender, 0 to 1000.
	MinorVersion uint32
	Realm        ident.Realm
	// Kind is above 0; one that this version does not know is no fault of the header.
	Kind     valisev1.Kind
	From, To ident.Address
	// Lane is 0 for messages and 1 for attachment parts.
	Lane  uint32
	Epoch ident.Epoch
	// Sequence counts from 1 on the channel, to MaxNumber; 0 for the unsequenced kinds.
	Sequence uint64
	// Previous is the digest before it on the channel; none at sequence 1.
	Previous ident.Digest
	Thread   ident.ThreadID
	// ThreadSequence counts from 1 within thread, sender and epoch.
	ThreadSequence      uint64
	InReplyTo, LastSeen ident.Digest
	MessageID           ident.MessageID
	// Created is the sender's claim, from 1970 to the end of 9998, in UTC.
	Created         time.Time
	DirectoryNumber uint64
	DirectoryHash   [32]byte
	// Opening only with sequence 1; nil for none.
	Opening *valisev1.EpochOpening
}

// Marshal returns the header's bytes, once and for all: they are signed and carried as they are.
// A header that ParseHeader would refuse is refused here.
func (h Header) Marshal() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(h.proto())
	if err != nil {
		return nil, refuse(StepWire, valisev1.Reason_REASON_WIRE_FORM, "the header cannot be written")
	}
	return b, nil
}

// ParseHeader reads header bytes strictly: the wire scan with the protocol version, then every rule
// that its fields must keep among themselves. The error is a *Refusal of step wire or header.
// docs/protocol.md §4.4
func ParseHeader(b []byte) (Header, error) {
	p, _, err := decodeHeader(b)
	if err != nil {
		return Header{}, err
	}
	return headerFrom(p)
}

// decodeHeader scans and decodes; unknown is true when a higher minor version wrote something that
// this one does not have.
func decodeHeader(b []byte) (p *valisev1.Header, unknown bool, err error) {
	p = new(valisev1.Header)
	unknown, err = ScanWire(b, p.ProtoReflect().Descriptor())
	if err != nil {
		return nil, false, &Refusal{Step: StepWire, Reason: valisev1.Reason_REASON_WIRE_FORM, Err: err}
	}
	if err := proto.Unmarshal(b, p); err != nil {
		return nil, false, refuse(StepWire, valisev1.Reason_REASON_WIRE_FORM, "the header cannot be read")
	}
	// Another version may mean anything by its fields, so it is named before them.
	if p.GetVersion() != MajorVersion {
		return nil, false, refuse(StepWire, valisev1.Reason_REASON_PROTOCOL_VERSION, "protocol version %d", p.GetVersion())
	}
	if unknown && p.GetMinorVersion() <= MinorVersion {
		return nil, false, refuse(StepWire, valisev1.Reason_REASON_WIRE_FORM, "the header holds what its own version does not have")
	}
	return p, unknown, nil
}

func (h Header) proto() *valisev1.Header {
	p := &valisev1.Header{
		Version:         MajorVersion,
		MinorVersion:    h.MinorVersion,
		Realm:           string(h.Realm),
		Kind:            h.Kind,
		From:            h.From.String(),
		To:              h.To.String(),
		Lane:            h.Lane,
		Epoch:           uint64(h.Epoch),
		Sequence:        h.Sequence,
		Previous:        digestBytes(h.Previous),
		ThreadSequence:  h.ThreadSequence,
		InReplyTo:       digestBytes(h.InReplyTo),
		LastSeen:        digestBytes(h.LastSeen),
		MessageId:       h.MessageID[:],
		Created:         timestamppb.New(h.Created),
		DirectoryNumber: h.DirectoryNumber,
		DirectoryHash:   digestBytes(h.DirectoryHash),
		Opening:         h.Opening,
	}
	if !h.Thread.IsZero() {
		p.Thread = h.Thread[:]
	}
	return p
}

// headerFrom gives the fields their types and holds them against each other.
func headerFrom(p *valisev1.Header) (Header, error) {
	h := Header{
		MinorVersion:    p.GetMinorVersion(),
		Kind:            p.GetKind(),
		Lane:            p.GetLane(),
		Epoch:           ident.Epoch(p.GetEpoch()),
		Sequence:        p.GetSequence(),
		ThreadSequence:  p.GetThreadSequence(),
		DirectoryNumber: p.GetDirectoryNumber(),
		Opening:         p.GetOpening(),
	}
	var err error
	if h.Realm, err = ident.ParseRealm(p.GetRealm()); err != nil {
		return Header{}, headerFault("realm is none")
	}
	if h.From, err = ident.ParseAddress(p.GetFrom()); err != nil {
		return Header{}, headerFault("from is no address")
	}
	if h.To, err = ident.ParseAddress(p.GetTo()); err != nil {
		return Header{}, headerFault("to is no address")
	}
	// A timestamp that is missing is not one of 1970.
	if p.GetCreated() == nil {
		return Header{}, headerFault("created is missing")
	}
	h.Created = p.GetCreated().AsTime()
	if err := h.readBytes(p); err != nil {
		return Header{}, err
	}
	if err := h.check(); err != nil {
		return Header{}, err
	}
	return h, nil
}

// readBytes copies the fixed-size fields. An all-zero one is refused: absent has one form only.
func (h *Header) readBytes(p *valisev1.Header) error {
	directory := ident.Digest{}
	for _, f := range []struct {
		name string
		dst  []byte
		src  []byte
	}{
		{"previous", h.Previous[:], p.GetPrevious()},
		{"thread", h.Thread[:], p.GetThread()},
		{"in_reply_to", h.InReplyTo[:], p.GetInReplyTo()},
		{"last_seen", h.LastSeen[:], p.GetLastSeen()},
		{"message_id", h.MessageID[:], p.GetMessageId()},
		{"directory_hash", directory[:], p.GetDirectoryHash()},
	} {
		if len(f.src) == 0 {
			continue
		}
		if len(f.src) != len(f.dst) || isZero(f.src) {
			return headerFault("%s is not %d bytes", f.name, len(f.dst))
		}
		copy(f.dst, f.src)
	}
	h.DirectoryHash = directory
	return nil
}

func digestBytes(d ident.Digest) []byte {
	if d.IsZero() {
		return nil
	}
	return d[:]
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func headerFault(format string, args ...any) error {
	return refuse(StepHeader, valisev1.Reason_REASON_HEADER, "%s", fmt.Sprintf(format, args...))
}
