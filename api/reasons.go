package api

import (
	"google.golang.org/grpc/codes"

	valisev1 "valise.example/proto/valise/v1"
)

// nodeMeanings are the rows of what a node or its officers meet; with sealMeanings and
// directoryMeanings they have one row for every Reason of the contract. docs/protocol.md §10
//
// Reasons of the seal end with 7, an integrity failure, with these exceptions: another protocol
// version, an unknown kind, a payload against the contract and what is recorded already are
// refusals by rule (4); a quota waits (5); content over the limit is the officer's own (2).
// Reasons of the directory end with 7 where signatures or parts do not fit together, else with 4.
var nodeMeanings = map[valisev1.Reason]meaning{
	valisev1.Reason_REASON_UNSPECIFIED: {codes.Unknown, exitFailed},

	valisev1.Reason_REASON_INTERNAL:         {codes.Internal, exitFailed},
	valisev1.Reason_REASON_STORAGE_UNKNOWN:  {codes.Unavailable, exitFailed},
	valisev1.Reason_REASON_NOT_ACCEPTING:    {codes.Unavailable, exitFailed},
	valisev1.Reason_REASON_NOT_CHECKED:      {codes.Unavailable, exitFailed},
	valisev1.Reason_REASON_NODE_UNREACHABLE: {codes.Unavailable, exitFailed},
	valisev1.Reason_REASON_DISK_FULL:        {codes.ResourceExhausted, exitFailed},

	valisev1.Reason_REASON_BAD_REQUEST:    {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_BAD_DRAFT:      {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_BAD_CONFIG:     {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_NEEDS_YES:      {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_BAD_TEXT:       {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_BAD_ATTACHMENT: {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_BAD_IMPORT:     {codes.InvalidArgument, exitUsage},

	valisev1.Reason_REASON_NOT_FOUND: {codes.NotFound, exitNotFound},
	valisev1.Reason_REASON_AMBIGUOUS: {codes.NotFound, exitNotFound},
	valisev1.Reason_REASON_PRUNED:    {codes.NotFound, exitNotFound},

	valisev1.Reason_REASON_NOT_PERMITTED:        {codes.PermissionDenied, exitRefused},
	valisev1.Reason_REASON_WRONG_TRACK:          {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_WRONG_REALM:          {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_NOT_IN_THIS_STATE:    {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_STATE_LEFT:           {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_NO_CONSENT:           {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_HANDLING:             {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_UNSAFE_PERMISSIONS:   {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_UNIMPLEMENTED:        {codes.Unimplemented, exitRefused},
	valisev1.Reason_REASON_TEXT_ON_COMMAND_LINE: {codes.InvalidArgument, exitRefused},
	valisev1.Reason_REASON_REQUEST_ID_CONFLICT:  {codes.AlreadyExists, exitRefused},
	valisev1.Reason_REASON_HOME_IN_USE:          {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_ALREADY_EXISTS:       {codes.AlreadyExists, exitRefused},
	valisev1.Reason_REASON_ROLLBACK:             {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_UNSAFE_LISTEN:        {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_ALREADY_LEFT:         {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_RETENTION:            {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_LATER_VERSION:        {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_NOT_AT_THIS_POINT:    {codes.FailedPrecondition, exitRefused},

	valisev1.Reason_REASON_RELAY_DOWN:      {codes.Unavailable, exitWaiting},
	valisev1.Reason_REASON_NO_SEALING_KEY:  {codes.Unavailable, exitWaiting},
	valisev1.Reason_REASON_MAILBOX_FULL:    {codes.ResourceExhausted, exitWaiting},
	valisev1.Reason_REASON_PEER_BUSY:       {codes.Unavailable, exitWaiting},
	valisev1.Reason_REASON_RELAY_REFUSED:   {codes.Unavailable, exitWaiting},
	valisev1.Reason_REASON_SENDING_STOPPED: {codes.FailedPrecondition, exitWaiting},
	valisev1.Reason_REASON_UNDO_HOLD:       {codes.Unavailable, exitWaiting},

	valisev1.Reason_REASON_TIMED_OUT: {codes.DeadlineExceeded, exitTimedOut},

	valisev1.Reason_REASON_RECORD_DAMAGED:      {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_BAD_SIGNATURE:       {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_EQUIVOCATION:        {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_RECORD_ITEM_MISSING: {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_RECORD_ITEM_CHANGED: {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_RECORD_ITEM_MOVED:   {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_RECORD_TRUNCATED:    {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_RECORD_TREE_BROKEN:  {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_BAD_PROOF:           {codes.DataLoss, exitIntegrity},

	valisev1.Reason_REASON_KEY_CHANGED: {codes.FailedPrecondition, exitKey},

	valisev1.Reason_REASON_NEEDS_SECOND_PERSON: {codes.FailedPrecondition, exitSecond},
}
