package valisev1

import "google.golang.org/protobuf/proto"

// NewPayload returns an empty payload of the type that kind's number alone decides; ok is
// false for a kind this version does not know. docs/protocol.md §5.1
func NewPayload(kind Kind) (payload proto.Message, ok bool) {
	switch kind {
	case Kind_KIND_INQUIRY:
		return new(Inquiry), true
	case Kind_KIND_ACKNOWLEDGEMENT:
		return new(Acknowledgement), true
	case Kind_KIND_HOLDING_REPLY:
		return new(HoldingReply), true
	case Kind_KIND_REVISED_ESTIMATE:
		return new(RevisedEstimate), true
	case Kind_KIND_RESPONSE:
		return new(Response), true
	case Kind_KIND_CHANNEL_PROPOSAL:
		return new(ChannelProposal), true
	case Kind_KIND_CHANNEL_ANSWER:
		return new(ChannelAnswer), true
	case Kind_KIND_AGENCY_NOMINATION:
		return new(AgencyNomination), true
	case Kind_KIND_CLARIFICATION_REQUEST:
		return new(ClarificationRequest), true
	case Kind_KIND_SUPPLEMENT:
		return new(Supplement), true
	case Kind_KIND_CORRECTION:
		return new(Correction), true
	case Kind_KIND_RETRACTION:
		return new(Retraction), true
	case Kind_KIND_REFERRAL:
		return new(Referral), true
	case Kind_KIND_VOLUNTARY_NOTICE:
		return new(VoluntaryNotice), true
	case Kind_KIND_CONSENT_REQUEST:
		return new(ConsentRequest), true
	case Kind_KIND_CONSENT_DECISION:
		return new(ConsentDecision), true
	case Kind_KIND_CONSENT_WITHDRAWAL:
		return new(ConsentWithdrawal), true
	case Kind_KIND_CLOSURE:
		return new(Closure), true
	case Kind_KIND_REOPEN:
		return new(Reopen), true
	case Kind_KIND_PING:
		return new(Ping), true
	case Kind_KIND_PING_REPLY:
		return new(PingReply), true
	case Kind_KIND_TRANSPARENCY_SHARE:
		return new(TransparencyShare), true
	case Kind_KIND_TERM_VIEW:
		return new(TermView), true
	}
	return newMachinePayload(kind)
}

func newMachinePayload(kind Kind) (proto.Message, bool) {
	switch kind {
	case Kind_KIND_RECEIPT_BATCH:
		return new(ReceiptBatch), true
	case Kind_KIND_KEY_NOTICE:
		return new(KeyNotice), true
	case Kind_KIND_VOID:
		return new(Void), true
	case Kind_KIND_RETURN:
		return new(Return), true
	case Kind_KIND_CANNOT_OPEN:
		return new(CannotOpen), true
	case Kind_KIND_ATTACHMENT_PART:
		return new(AttachmentPart), true
	case Kind_KIND_EXERCISE_CONTROL:
		return new(ExerciseControl), true
	case Kind_KIND_EXERCISE_INJECT:
		return new(ExerciseInject), true
	case Kind_KIND_EXERCISE_OBSERVATION:
		return new(ExerciseObservation), true
	}
	return nil, false
}

// KindOf is the inverse of NewPayload; KIND_UNSPECIFIED for any other message.
// docs/protocol.md §5.1
func KindOf(payload proto.Message) Kind {
	if payload == nil {
		return Kind_KIND_UNSPECIFIED
	}
	want := payload.ProtoReflect().Descriptor().FullName()
	for number := range Kind_name {
		if p, ok := NewPayload(Kind(number)); ok && p.ProtoReflect().Descriptor().FullName() == want {
			return Kind(number)
		}
	}
	return Kind_KIND_UNSPECIFIED
}

// IsSequenced reports whether messages of kind take a number on a channel. Receipts, key
// notices and hints do not. docs/protocol.md §7.1
func IsSequenced(kind Kind) bool {
	switch kind {
	case Kind_KIND_RECEIPT_BATCH, Kind_KIND_KEY_NOTICE, Kind_KIND_CANNOT_OPEN:
		return false
	}
	return true
}

// IsHuman reports whether kind passes between States' officers (1–99). docs/protocol.md §5.1
func IsHuman(kind Kind) bool { return kind >= 1 && kind <= 99 }
