// Package campaign makes the report of communication checks that were asked for together: for
// each point of contact whether a person answered, in time or later, that the entry is right or needs
// change, and by which contact detail; where no answer is recorded, the contacts with the State's
// authorities and how they ended; and its earlier checks. It is HTML without scripts, links or anything
// from elsewhere, or plain text; either is whole by itself and can be printed.
//
// The report is made of what the operator's API shows to the officer who asks. Its order is that of
// addresses, and its figures are of all who were asked.
//
// # What this package must never do
//
// Measure a State: no figure, order or word says who was quicker or how often. Speak of silence as a
// fault. Obey anything that a peer wrote: characters that steer a screen are shown as U+FFFD. Send
// anything, record anything, read a clock or a file. Nothing is on disk.
package campaign
