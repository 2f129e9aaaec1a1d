package gateway

import valisev1 "valise.example/proto/valise/v1"

// reserved answers an act that the contract has and this version does not carry out; who may not do
// it learns that first. docs/protocol.md §11
func reserved(op string, a Actor, roles []valisev1.Role) error {
	if _, err := a.as(roles); err != nil {
		return asError(op, err, 0)
	}
	return &Error{Op: op, Reason: valisev1.Reason_REASON_UNIMPLEMENTED}
}
