package console

import (
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	valisev1 "valise.example/proto/valise/v1"
)

// door is the node as its officer may use it: these calls are all that a page can do.
type door struct {
	inquiry   valisev1.InquiryServiceClient
	record    valisev1.RecordServiceClient
	directory valisev1.DirectoryServiceClient
	node      valisev1.NodeServiceClient
	officers  valisev1.OfficerServiceClient
	exercise  valisev1.ExerciseServiceClient // of a node around which an exercise is conducted
}

func newDoor(conn grpc.ClientConnInterface) door {
	return door{
		inquiry:   valisev1.NewInquiryServiceClient(conn),
		record:    valisev1.NewRecordServiceClient(conn),
		directory: valisev1.NewDirectoryServiceClient(conn),
		node:      valisev1.NewNodeServiceClient(conn),
		officers:  valisev1.NewOfficerServiceClient(conn),
		exercise:  valisev1.NewExerciseServiceClient(conn),
	}
}

// refusal is what a page says of a call that was not answered: a Reason, and in English what the node
// says beyond it.
type refusal struct {
	reason valisev1.Reason
	detail string // of this very case; may be empty
	field  string // of the request, in the words of the contract; may be empty
}

func (r *refusal) Error() string { return "console: refused: " + r.reason.String() }

// refuse is a refusal of the page itself.
func refuse(reason valisev1.Reason) error { return &refusal{reason: reason} }

const errorDomain = "valise.example"

// refusalIn is what the detail says that every refusal of a node has. docs/protocol.md §10
func refusalIn(info *errdetails.ErrorInfo) *refusal {
	reason, known := valisev1.Reason_value["REASON_"+info.GetReason()]
	if !known {
		reason = int32(valisev1.Reason_REASON_INTERNAL)
	}
	return &refusal{reason: valisev1.Reason(reason), detail: info.GetMetadata()["detail"]}
}

// refusalOf reads any error of a call. One without a Reason was made on the way: nobody answered.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	s, ok := status.FromError(err)
	if !ok {
		return &refusal{reason: valisev1.Reason_REASON_INTERNAL}
	}
	var r *refusal
	var field string
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == errorDomain && r == nil {
				r = refusalIn(d)
			}
		case *errdetails.BadRequest:
			for _, violation := range d.GetFieldViolations() {
				field = violation.GetField()
			}
		}
	}
	if r != nil {
		r.field = field
		return r
	}
	switch s.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return &refusal{reason: valisev1.Reason_REASON_NODE_UNREACHABLE}
	case codes.ResourceExhausted:
		return &refusal{reason: valisev1.Reason_REASON_TOO_LARGE}
	}
	return &refusal{reason: valisev1.Reason_REASON_INTERNAL}
}
