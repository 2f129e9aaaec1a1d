package node

import (
	"fmt"

	valisev1 "valise.example/proto/valise/v1"
)

// Fault is a refusal of this package with its typed reason; Detail is fit to be shown.
type Fault struct {
	Why    valisev1.Reason
	Detail string
	Err    error
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return "node: " + f.Detail + ": " + f.Err.Error()
	}
	return "node: " + f.Detail
}

func (f *Fault) Unwrap() error { return f.Err }

// Reason is why.
func (f *Fault) Reason() valisev1.Reason { return f.Why }

func unsafePermissions(name string) error {
	return &Fault{
		Why:    valisev1.Reason_REASON_UNSAFE_PERMISSIONS,
		Detail: fmt.Sprintf("%s can be read or changed by others, so its content cannot be trusted", name),
	}
}
