// Package iodef writes what a thread says of an incident as a document of JSON IODEF (RFC 8727), for
// the tools of a CERT that read it. I-2
//
// Only what was said is written. A fact that is absent has no member of its own, and the reason for
// its absence, where one was given, stands beside as text (A-10b); what has no counterpart in IODEF
// stands in AdditionalData under the key of the draft. Nothing says who is behind an incident
// (A-10 s5). A label keeps its exact words, and what was said in an exercise says so at its beginning
// and its end.
//
// # What this package must never do
//
// Fill in what nobody said, mix what two States said, or leave out the note under a message. It has
// no clock, opens no attachment, and nothing is on disk.
package iodef
