package api

import (
	"maps"
	"time"

	"google.golang.org/grpc/codes"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// The exit codes of the command line. docs/protocol.md §10
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitNotFound  = 3
	exitRefused   = 4
	exitWaiting   = 5
	exitTimedOut  = 6
	exitIntegrity = 7
	exitKey       = 8
	exitSecond    = 9
)

// meaning is one row of the table: how a Reason is told to machines. What people are told stands in the
// catalogs of api/locale.
type meaning struct {
	code codes.Code
	exit int
}

var meanings = joined(nodeMeanings, sealMeanings, directoryMeanings)

func joined(parts ...map[valisev1.Reason]meaning) map[valisev1.Reason]meaning {
	all := map[valisev1.Reason]meaning{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// explain returns the row of r. A Reason that this version does not know, and none at all, is
// told as INTERNAL: something happened that nobody here can name.
func explain(r valisev1.Reason) meaning {
	if m, ok := meanings[r]; ok && r != valisev1.Reason_REASON_UNSPECIFIED {
		return m
	}
	return meanings[valisev1.Reason_REASON_INTERNAL]
}

// retries says after how long the same call, with the same request id, may be answered otherwise.
// What is durable already (exit 5) is not asked again, and what a rule refuses stays refused.
var retries = map[valisev1.Reason]time.Duration{
	valisev1.Reason_REASON_STORAGE_UNKNOWN:  time.Second,
	valisev1.Reason_REASON_NOT_ACCEPTING:    time.Second,
	valisev1.Reason_REASON_NODE_UNREACHABLE: time.Second,
	valisev1.Reason_REASON_TIMED_OUT:        time.Second,
	valisev1.Reason_REASON_DISK_FULL:        time.Minute,
	valisev1.Reason_REASON_NOT_CHECKED:      time.Minute,
}

// explainRetry is how long to wait before asking again; 0: asking again changes nothing.
func explainRetry(r valisev1.Reason) time.Duration { return retries[r] }

// Code is the gRPC code of r; never OK.
func Code(r valisev1.Reason) codes.Code { return explain(r).code }

// Exit is the exit code of r, 1 to 9: 1 failed, 2 usage, 3 not found, 4 refused by rule or
// realm, 5 durable but nothing can leave now, 6 timed out, 7 integrity or signature failure, 8
// key changed, 9 needs a second person. No reason at all (REASON_UNSPECIFIED) is 0, done.
func Exit(r valisev1.Reason) int {
	if r == valisev1.Reason_REASON_UNSPECIFIED {
		return exitDone
	}
	return explain(r).exit
}

// Sentence is one English sentence for r, lower case and without a full stop; empty for no
// reason at all.
func Sentence(r valisev1.Reason) string { return locale.Of(locale.English).Sentence(r) }

// Hint says in English what can be done about r; empty where nothing general can be said.
func Hint(r valisev1.Reason) string { return locale.Of(locale.English).Hint(r) }
