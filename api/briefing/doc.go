// Package briefing makes one page of a thread for the higher officials of our own State (A-9a s2):
// what was said, by whom and when, how far both procedures have come, what is open, by when, and who
// did what at ours. It is HTML without scripts, links or anything from elsewhere, or plain text;
// either is whole by itself and can be printed.
//
// The page is made of what the operator's API shows to the officer who asks, so it holds nothing
// that this officer may not read. It stays within the State and is no export to a third party, but
// it carries its label, says that it must not be passed on (A-11 s2), and in an exercise says so at
// both ends.
//
// # What this package must never do
//
// Obey anything that a peer wrote: in HTML it is text in a block of its own, in plain text it stands
// behind a bar, and characters that steer a screen or turn the order of others are shown as U+FFFD.
// Send anything, record anything, read a clock or a file. Speak of a State's silence as a fault.
// Nothing is on disk.
package briefing
