package main

import (
	"errors"
	"strings"

	"valise.example/api/draft"
	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

// reasonOf reads the typed reason that every room gives with its refusals, and what of the
// error is fit to be shown. docs/protocol.md §10
func reasonOf(err error) (reason valisev1.Reason, message string, ok bool) {
	if e, ok := errors.AsType[*draft.Error](err); ok {
		return e.Reason, e.Error(), true
	}
	if e, ok := errors.AsType[*scenario.Error](err); ok {
		return valisev1.Reason_REASON_BAD_DRAFT, e.Error(), true
	}
	if e, ok := errors.AsType[*play.Flaw](err); ok {
		return valisev1.Reason_REASON_RECORD_DAMAGED, e.Error(), true
	}
	if e, ok := errors.AsType[*play.Difference](err); ok {
		return valisev1.Reason_REASON_RECORD_DAMAGED, e.Error(), true
	}
	if e, ok := errors.AsType[*lab.Error](err); ok {
		return e.Reason, e.Detail, true
	}
	if e, ok := errors.AsType[*directory.Refusal](err); ok {
		return e.Reason, strings.TrimPrefix(e.Error(), "directory: "), true
	}
	if e, ok := errors.AsType[*node.Fault](err); ok {
		return e.Why, e.Detail, true
	}
	for _, known := range plainErrors {
		if errors.Is(err, known.err) {
			return known.reason, err.Error(), true
		}
	}
	reason = node.ReasonOf(err)
	if reason == valisev1.Reason_REASON_UNSPECIFIED || reason == valisev1.Reason_REASON_INTERNAL {
		return 0, "", false
	}
	return reason, err.Error(), true
}

// hintOf is a hint that fits what an error is about better than that of its reason; empty: none does.
func hintOf(err error) string {
	if e, ok := errors.AsType[*directory.Refusal](err); ok && e.Reason == valisev1.Reason_REASON_BAD_DRAFT {
		return draftHints[e.Object]
	}
	if e, ok := errors.AsType[*scenario.Error](err); ok {
		return e.Hint
	}
	return ""
}

// draftHints are for the files that the directory reads from people.
var draftHints = map[string]string{
	"entry.toml": "valise directory entry edit walks through every key and shows what is wrong; docs/entries.md lists them",
	"transcript": "valise key ceremony --script says what is asked; docs/ceremony.md lists the keys of the file of people",
}

// plainErrors are those of rooms that return sentinels.
var plainErrors = []struct {
	err    error
	reason valisev1.Reason
}{
	{seal.ErrUnsafePermissions, valisev1.Reason_REASON_UNSAFE_PERMISSIONS},
	{seal.ErrWrongRealm, valisev1.Reason_REASON_WRONG_REALM},
	{seal.ErrPassphraseNeeded, valisev1.Reason_REASON_BAD_REQUEST},
	{seal.ErrWrongPassphrase, valisev1.Reason_REASON_BAD_REQUEST},
	{seal.ErrKeyFile, valisev1.Reason_REASON_BAD_CONFIG},
	{play.ErrEngine, valisev1.Reason_REASON_LATER_VERSION},
	{play.ErrScenario, valisev1.Reason_REASON_BAD_REQUEST},
	{relay.ErrHomeExists, valisev1.Reason_REASON_ALREADY_EXISTS},
	{relay.ErrBusy, valisev1.Reason_REASON_HOME_IN_USE},
	{relay.ErrConfig, valisev1.Reason_REASON_BAD_CONFIG},
	{relay.ErrUnsafe, valisev1.Reason_REASON_UNSAFE_PERMISSIONS},
}
