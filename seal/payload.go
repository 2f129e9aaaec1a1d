package seal

import (
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// readPayload scans the payload as the type that the kind's number alone decides and then reads
// it. Of a kind that this version does not know only the outermost form is checked, and message
// is nil. unknown is true when a higher minor version wrote a part that cannot be read.
// docs/protocol.md §4.4
func readPayload(kind valisev1.Kind, minor uint32, payload []byte) (message proto.Message, unknown bool, err error) {
	message, known := valisev1.NewPayload(kind)
	if !known {
		if _, err := ScanWire(payload, nil); err != nil {
			return nil, false, &Refusal{Step: StepWire, Reason: valisev1.Reason_REASON_WIRE_FORM, Err: err}
		}
		return nil, false, nil
	}
	unknown, err = ScanWire(payload, message.ProtoReflect().Descriptor())
	if err != nil {
		return nil, false, &Refusal{Step: StepWire, Reason: valisev1.Reason_REASON_WIRE_FORM, Err: err}
	}
	if unknown && minor <= MinorVersion {
		return nil, false, refuse(StepWire, valisev1.Reason_REASON_WIRE_FORM, "the payload holds what its own version does not have")
	}
	if err := proto.Unmarshal(payload, message); err != nil {
		return nil, false, refuse(StepWire, valisev1.Reason_REASON_WIRE_FORM, "the payload cannot be read")
	}
	return message, unknown, nil
}
