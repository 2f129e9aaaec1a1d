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
	valisev1.Reason_REASON_UNSPECIFIED: {codes.Unknown, exitFailed, "no reason was given", ""},

	valisev1.Reason_REASON_INTERNAL:         {codes.Internal, exitFailed, "something unforeseen happened", "the log of the node says what"},
	valisev1.Reason_REASON_STORAGE_UNKNOWN:  {codes.Unavailable, exitFailed, "the storage gave an error, so nobody knows whether this was recorded", "ask again with the same request id once the node runs again"},
	valisev1.Reason_REASON_NOT_ACCEPTING:    {codes.Unavailable, exitFailed, "the node does not accept anything now", "see valise node status"},
	valisev1.Reason_REASON_NOT_CHECKED:      {codes.Unavailable, exitFailed, "the record could not be checked, and nothing is known of it", "try again when this machine has more time and memory; the record stays as it is"},
	valisev1.Reason_REASON_NODE_UNREACHABLE: {codes.Unavailable, exitFailed, "no node answers here", "start it with valise node run, or name its home with --home"},
	valisev1.Reason_REASON_DISK_FULL:        {codes.ResourceExhausted, exitFailed, "the disk is full up to the reserve that is kept for receipts", "free space on the disk of the home"},

	valisev1.Reason_REASON_BAD_REQUEST:    {codes.InvalidArgument, exitUsage, "the request is not well formed", ""},
	valisev1.Reason_REASON_BAD_DRAFT:      {codes.InvalidArgument, exitUsage, "the draft cannot be used", "valise inquiry template shows every key"},
	valisev1.Reason_REASON_BAD_CONFIG:     {codes.InvalidArgument, exitUsage, "the configuration cannot be used", ""},
	valisev1.Reason_REASON_NEEDS_YES:      {codes.InvalidArgument, exitUsage, "there is no terminal to ask on", "add --yes once the content has been checked"},
	valisev1.Reason_REASON_BAD_TEXT:       {codes.InvalidArgument, exitUsage, "a text is not UTF-8 or holds characters that may not travel", ""},
	valisev1.Reason_REASON_BAD_ATTACHMENT: {codes.InvalidArgument, exitUsage, "an attachment is too large, too many or badly named", "up to 32 files, 64 MiB each and 128 MiB in all, with plain names"},
	valisev1.Reason_REASON_BAD_IMPORT:     {codes.InvalidArgument, exitUsage, "a file of another system cannot be read", "what is taken: a MISP event, a STIX 2.1 bundle, or a CSV by its mapping"},

	valisev1.Reason_REASON_NOT_FOUND: {codes.NotFound, exitNotFound, "this was not found here", ""},
	valisev1.Reason_REASON_AMBIGUOUS: {codes.NotFound, exitNotFound, "this short id fits more than one", "give more of its digits"},
	valisev1.Reason_REASON_PRUNED:    {codes.NotFound, exitNotFound, "the retention rule removed its content; that it was there can still be proven", ""},

	valisev1.Reason_REASON_NOT_PERMITTED:        {codes.PermissionDenied, exitRefused, "this is not among what you may do on this node", "valise officer list shows who may"},
	valisev1.Reason_REASON_WRONG_TRACK:          {codes.FailedPrecondition, exitRefused, "diplomatic writes to diplomatic and technical to technical", "a Referral can point the other side to the other track: valise inquiry refer"},
	valisev1.Reason_REASON_WRONG_REALM:          {codes.FailedPrecondition, exitRefused, "this belongs to another realm", "exercise and operation never mix"},
	valisev1.Reason_REASON_NOT_IN_THIS_STATE:    {codes.FailedPrecondition, exitRefused, "this step does not fit what the thread is now", "valise inquiry show tells what it is"},
	valisev1.Reason_REASON_STATE_LEFT:           {codes.FailedPrecondition, exitRefused, "this State has left the directory; its threads stay readable", ""},
	valisev1.Reason_REASON_NO_CONSENT:           {codes.FailedPrecondition, exitRefused, "there is no consent on record for this", "ask for it: valise consent request T --message M"},
	valisev1.Reason_REASON_HANDLING:             {codes.FailedPrecondition, exitRefused, "the handling label does not allow this", ""},
	valisev1.Reason_REASON_UNSAFE_PERMISSIONS:   {codes.FailedPrecondition, exitRefused, "others can read or change a file or folder that must be private", "take group and others out of its permissions, and check who owns it"},
	valisev1.Reason_REASON_UNIMPLEMENTED:        {codes.Unimplemented, exitRefused, "this is reserved and not built yet", ""},
	valisev1.Reason_REASON_TEXT_ON_COMMAND_LINE: {codes.InvalidArgument, exitRefused, "names and words may not stand on the command line in operation, where others can read it", "give them in a file: --file F, or --file - for standard input"},
	valisev1.Reason_REASON_REQUEST_ID_CONFLICT:  {codes.AlreadyExists, exitRefused, "this request id belongs to another act", "use a new request id for a new act"},
	valisev1.Reason_REASON_HOME_IN_USE:          {codes.FailedPrecondition, exitRefused, "another process runs this home", "end it first; two nodes on one home would contradict each other"},
	valisev1.Reason_REASON_ALREADY_EXISTS:       {codes.AlreadyExists, exitRefused, "this exists already", ""},
	valisev1.Reason_REASON_ROLLBACK:             {codes.FailedPrecondition, exitRefused, "this is older than what is known here", "get the newest from the directory manager"},
	valisev1.Reason_REASON_UNSAFE_LISTEN:        {codes.FailedPrecondition, exitRefused, "listening beyond this machine needs TLS and log-in", ""},
	valisev1.Reason_REASON_ALREADY_LEFT:         {codes.FailedPrecondition, exitRefused, "this has left and cannot be withdrawn", "a Retraction asks the other side to disregard it"},
	valisev1.Reason_REASON_RETENTION:            {codes.FailedPrecondition, exitRefused, "the retention rule keeps it", "see [retention] in valise.toml"},
	valisev1.Reason_REASON_LATER_VERSION:        {codes.FailedPrecondition, exitRefused, "it was written by a later version", "run the version that wrote it, or restore a backup from before the upgrade; valise node upgrade check says more"},

	valisev1.Reason_REASON_RELAY_DOWN:      {codes.Unavailable, exitWaiting, "durable here, waiting to leave: the link to the relay is down", "nothing to do: it leaves when the link is back"},
	valisev1.Reason_REASON_NO_SEALING_KEY:  {codes.Unavailable, exitWaiting, "durable here, waiting to leave: the other side has no live sealing key", "import a newer directory, or call them"},
	valisev1.Reason_REASON_MAILBOX_FULL:    {codes.ResourceExhausted, exitWaiting, "durable here, waiting to leave: the other side's mailbox is full of what it has not signed for", "call them: their node may be down"},
	valisev1.Reason_REASON_PEER_BUSY:       {codes.Unavailable, exitWaiting, "durable here, waiting to leave: the other side asked to wait", "nothing to do: it leaves by itself"},
	valisev1.Reason_REASON_RELAY_REFUSED:   {codes.Unavailable, exitWaiting, "durable here, waiting to leave: the relay does not let this node write to the recipient's mailbox", "ask the manager whether the relay has the newest roster: valise relay doctor"},
	valisev1.Reason_REASON_SENDING_STOPPED: {codes.FailedPrecondition, exitWaiting, "durable here, and nothing leaves: a copy of this node runs", "switch the other copy off, then let a node_admin resume sending"},
	valisev1.Reason_REASON_UNDO_HOLD:       {codes.Unavailable, exitWaiting, "durable here, held back so that it can still be withdrawn", "valise inquiry retract withdraws it"},

	valisev1.Reason_REASON_TIMED_OUT: {codes.DeadlineExceeded, exitTimedOut, "it did not happen in the time given", "what was durable stays so; ask again with the same request id"},

	valisev1.Reason_REASON_RECORD_DAMAGED:      {codes.DataLoss, exitIntegrity, "the record does not verify", "keep this disk as it is and compare with a backup"},
	valisev1.Reason_REASON_BAD_SIGNATURE:       {codes.DataLoss, exitIntegrity, "a signature does not verify", ""},
	valisev1.Reason_REASON_EQUIVOCATION:        {codes.DataLoss, exitIntegrity, "the same number came with other content; both are kept as evidence", "call the other side"},
	valisev1.Reason_REASON_RECORD_ITEM_MISSING: {codes.DataLoss, exitIntegrity, "an item of the record is missing", "keep this disk as it is and compare with a backup"},
	valisev1.Reason_REASON_RECORD_ITEM_CHANGED: {codes.DataLoss, exitIntegrity, "an item of the record was changed", "keep this disk as it is and compare with a backup"},
	valisev1.Reason_REASON_RECORD_ITEM_MOVED:   {codes.DataLoss, exitIntegrity, "an item of the record stands where another belongs", "keep this disk as it is and compare with a backup"},
	valisev1.Reason_REASON_RECORD_TRUNCATED:    {codes.DataLoss, exitIntegrity, "the record is shorter than its head says", "keep this disk as it is and compare with a backup"},
	valisev1.Reason_REASON_RECORD_TREE_BROKEN:  {codes.DataLoss, exitIntegrity, "the tree of the record does not fit its items", "keep this disk as it is and compare with a backup"},
	valisev1.Reason_REASON_BAD_PROOF:           {codes.DataLoss, exitIntegrity, "the proof of an exchange does not hold", "compare it with the one that was handed out"},

	valisev1.Reason_REASON_KEY_CHANGED: {codes.FailedPrecondition, exitKey, "a key differs from the one that was confirmed", "call the other side on a number you know, and compare the fingerprints"},

	valisev1.Reason_REASON_NEEDS_SECOND_PERSON: {codes.FailedPrecondition, exitSecond, "a second person must clear this", "another officer runs valise inquiry clear"},
}
