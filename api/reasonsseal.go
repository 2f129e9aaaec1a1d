package api

import (
	"google.golang.org/grpc/codes"

	valisev1 "valise.example/proto/valise/v1"
)

// sealMeanings are the rows of what an envelope or a message was refused for, in the order of
// opening. docs/protocol.md §4.4, §10
var sealMeanings = map[valisev1.Reason]meaning{
	valisev1.Reason_REASON_ENVELOPE_SIZE:      {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_ENVELOPE_PROFILE:   {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_CANNOT_DECRYPT:     {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_ENVELOPE_DAMAGED:   {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_PADDING:            {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_FRAME:              {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_UNKNOWN_SUITE:      {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_UNKNOWN_KEY:        {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_REVOKED_KEY:        {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_WRONG_SIGNER:       {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_WIRE_FORM:          {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_PROTOCOL_VERSION:   {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_NOT_FOR_US:         {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_HEADER:             {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_SEQUENCE:           {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_CHAIN:              {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_THREAD:             {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_UNSUPPORTED:        {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_PAYLOAD:            {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_DUPLICATE:          {codes.AlreadyExists, exitRefused},
	valisev1.Reason_REASON_QUOTA:              {codes.ResourceExhausted, exitWaiting},
	valisev1.Reason_REASON_TOO_LARGE:          {codes.InvalidArgument, exitUsage},
	valisev1.Reason_REASON_ATTACHMENT_EARLY:   {codes.ResourceExhausted, exitWaiting},
	valisev1.Reason_REASON_ATTACHMENT_DAMAGED: {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_EPOCH:              {codes.DataLoss, exitIntegrity},
}

// directoryMeanings are the rows of what a directory file was refused for.
// docs/protocol.md §8.3, §10
var directoryMeanings = map[valisev1.Reason]meaning{
	valisev1.Reason_REASON_QUORUM:        {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_STALE:         {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_FAST_FORWARD:  {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_SHARED_KEY:    {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_TOMBSTONE:     {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_MIXED:         {codes.DataLoss, exitIntegrity},
	valisev1.Reason_REASON_CALL_BACK_DUE: {codes.FailedPrecondition, exitKey},
	valisev1.Reason_REASON_VALIDITY:      {codes.FailedPrecondition, exitRefused},
	valisev1.Reason_REASON_PART_MISSING:  {codes.Unavailable, exitIntegrity},
	valisev1.Reason_REASON_PART_DAMAGED:  {codes.DataLoss, exitIntegrity},
}
