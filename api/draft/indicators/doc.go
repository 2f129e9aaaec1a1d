// Package indicators fills an inquiry from a file that another tool wrote: a MISP event, or a
// bundle of STIX 2.1. It takes what an officer would otherwise copy by hand (title, reference,
// times with their zone, sectors, labels, how many indicators there are) and names the file as
// an attachment with its type. I-2
//
// What such a file says of who is behind an incident is left where it is (A-10 s5), and so are
// indicators and descriptions: the file itself goes along, whole. What the file does not say
// is absent in the draft. Labels only become stricter than the default, never more open; an
// officer who may share more changes the draft by hand (A-11 s2).
//
// # What this package must never do
//
// Run in a node, or read what a peer sent: only the command of an officer uses it, on a file of
// their own. Open a file, follow an address in one, or believe it: size, depth and number of
// values are bounded before anything is built, a key that stands twice is refused, and text is
// made safe to show. Nothing is on disk.
package indicators
