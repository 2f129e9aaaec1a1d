package api

import (
	"google.golang.org/grpc/codes"

	valisev1 "valise.example/proto/valise/v1"
)

// sealMeanings are the rows of what an envelope or a message was refused for, in the order of
// opening. docs/protocol.md §4.4, §10
var sealMeanings = map[valisev1.Reason]meaning{
	valisev1.Reason_REASON_ENVELOPE_SIZE:      {codes.DataLoss, exitIntegrity, "the envelope is empty or too large", ""},
	valisev1.Reason_REASON_ENVELOPE_PROFILE:   {codes.DataLoss, exitIntegrity, "the envelope is not sealed the one way that is allowed", "the sender's software does not keep to the protocol"},
	valisev1.Reason_REASON_CANNOT_DECRYPT:     {codes.DataLoss, exitIntegrity, "no sealing key of this node opens the envelope", "the sender seals again once it has the present key"},
	valisev1.Reason_REASON_ENVELOPE_DAMAGED:   {codes.DataLoss, exitIntegrity, "the envelope was damaged on its way", "the sender sends it again by itself"},
	valisev1.Reason_REASON_PADDING:            {codes.DataLoss, exitIntegrity, "the envelope does not have one of the three sizes", "the sender's software does not keep to the protocol"},
	valisev1.Reason_REASON_FRAME:              {codes.DataLoss, exitIntegrity, "what is in the envelope cannot be read", "the sender's software does not keep to the protocol"},
	valisev1.Reason_REASON_UNKNOWN_SUITE:      {codes.DataLoss, exitIntegrity, "it is signed with a suite that this version does not know", ""},
	valisev1.Reason_REASON_UNKNOWN_KEY:        {codes.DataLoss, exitIntegrity, "nobody in the directory has the key it is signed with", "import a newer directory"},
	valisev1.Reason_REASON_REVOKED_KEY:        {codes.DataLoss, exitIntegrity, "the key it is signed with was revoked before it came", "the sender signs again what still waits"},
	valisev1.Reason_REASON_WRONG_SIGNER:       {codes.DataLoss, exitIntegrity, "the key it is signed with speaks for another point of contact", ""},
	valisev1.Reason_REASON_WIRE_FORM:          {codes.DataLoss, exitIntegrity, "its bytes are such as no honest encoder makes", "the sender's software does not keep to the protocol"},
	valisev1.Reason_REASON_PROTOCOL_VERSION:   {codes.FailedPrecondition, exitRefused, "it speaks another version of the protocol", "one side must update"},
	valisev1.Reason_REASON_NOT_FOR_US:         {codes.DataLoss, exitIntegrity, "it is addressed to another State or track", ""},
	valisev1.Reason_REASON_HEADER:             {codes.DataLoss, exitIntegrity, "its header contradicts itself", ""},
	valisev1.Reason_REASON_SEQUENCE:           {codes.DataLoss, exitIntegrity, "its number is outside the window of its channel", ""},
	valisev1.Reason_REASON_CHAIN:              {codes.DataLoss, exitIntegrity, "it does not fit what came before it on its channel", "call the other side: one of the two records was set back"},
	valisev1.Reason_REASON_THREAD:             {codes.DataLoss, exitIntegrity, "its thread belongs to others or to the other track", ""},
	valisev1.Reason_REASON_UNSUPPORTED:        {codes.FailedPrecondition, exitRefused, "the receiving node does not know this kind of message", "say it in words, or wait until the other side updates"},
	valisev1.Reason_REASON_PAYLOAD:            {codes.FailedPrecondition, exitRefused, "what it says breaks a rule of the contract", ""},
	valisev1.Reason_REASON_DUPLICATE:          {codes.AlreadyExists, exitRefused, "it is recorded already", "nothing to do"},
	valisev1.Reason_REASON_QUOTA:              {codes.ResourceExhausted, exitWaiting, "too much came from one side at once; it is sent again later", "nothing to do"},
	valisev1.Reason_REASON_TOO_LARGE:          {codes.InvalidArgument, exitUsage, "it is larger than one message may be", "shorten it, or send it in several messages"},
	valisev1.Reason_REASON_ATTACHMENT_EARLY:   {codes.ResourceExhausted, exitWaiting, "parts of an attachment came before their message; they are sent again", "nothing to do"},
	valisev1.Reason_REASON_ATTACHMENT_DAMAGED: {codes.DataLoss, exitIntegrity, "all parts of an attachment came, and together they are another file than its message names", "ask the other side for the file in another message"},
	valisev1.Reason_REASON_EPOCH:              {codes.DataLoss, exitIntegrity, "the other node breaks the rules of its own epoch", "call the other side: its node may have been set back or copied"},
}

// directoryMeanings are the rows of what a directory file was refused for.
// docs/protocol.md §8.3, §10
var directoryMeanings = map[valisev1.Reason]meaning{
	valisev1.Reason_REASON_QUORUM:        {codes.DataLoss, exitIntegrity, "not enough managers have signed the directory", "ask the directory manager for a signed one"},
	valisev1.Reason_REASON_STALE:         {codes.FailedPrecondition, exitRefused, "the directory is past its date", "ask the directory manager for a new one; receiving goes on"},
	valisev1.Reason_REASON_FAST_FORWARD:  {codes.FailedPrecondition, exitRefused, "the number of the directory is implausibly far ahead", "call the directory manager"},
	valisev1.Reason_REASON_SHARED_KEY:    {codes.FailedPrecondition, exitRefused, "two States have one key, mailbox or token", "call the directory manager"},
	valisev1.Reason_REASON_TOMBSTONE:     {codes.FailedPrecondition, exitRefused, "a State that was removed comes back with an old number", "call the directory manager"},
	valisev1.Reason_REASON_MIXED:         {codes.DataLoss, exitIntegrity, "the parts of the directory are of different versions", "ask the directory manager for a whole one"},
	valisev1.Reason_REASON_CALL_BACK_DUE: {codes.FailedPrecondition, exitKey, "it is held until an officer has called its sender's State back about its root", "valise node status names the numbers to call; then valise directory confirm"},
	valisev1.Reason_REASON_VALIDITY:      {codes.FailedPrecondition, exitRefused, "something is valid until before it begins", "ask whoever made it for a new one"},
	valisev1.Reason_REASON_PART_MISSING:  {codes.Unavailable, exitIntegrity, "the relay lacks a part of the directory that it announces", "ask the directory manager for the directory file"},
	valisev1.Reason_REASON_PART_DAMAGED:  {codes.DataLoss, exitIntegrity, "a part of the directory at the relay is not the one that is announced", "ask the directory manager for the directory file"},
}
