package node

import (
	"errors"

	"valise.example/directory"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// ReasonOf finds the typed reason of an error from any room that a node joins;
// REASON_UNSPECIFIED where it has none. docs/protocol.md §10
func ReasonOf(err error) valisev1.Reason {
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		return e.Reason
	}
	if e, ok := errors.AsType[*directory.Refusal](err); ok {
		return e.Reason
	}
	if e, ok := errors.AsType[*seal.Refusal](err); ok {
		return e.Reason
	}
	if e, ok := errors.AsType[interface {
		error
		Reason() valisev1.Reason
	}](err); ok {
		return e.Reason()
	}
	if errors.Is(err, seal.ErrUnsafePermissions) {
		return valisev1.Reason_REASON_UNSAFE_PERMISSIONS
	}
	if errors.Is(err, seal.ErrWrongRealm) {
		return valisev1.Reason_REASON_WRONG_REALM
	}
	return store.ReasonOf(err)
}

// reasonText is what of an error may stand in a log: its typed reason, or that it has none.
// The text itself could hold what a peer or an officer wrote.
func reasonText(err error) string { return ReasonOf(err).String() }
