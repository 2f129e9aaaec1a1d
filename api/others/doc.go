// Package others reads what bodies beside the directory keep of points of contact: regional directories,
// and those of CERTs. An officer's command reads a CSV file of such a body by a mapping that says
// which column holds what, the node keeps it, and whoever looks a State up sees it beside the State's
// entry: with where it is from, with a warning where it names others than the entry (A-12b), and with
// the way that both States have through a body to which both belong (A-12a).
//
// Nobody signed any of it. It is for people, and the sender chooses.
//
// # What this package must never do
//
// Give a key, an address or a way that a machine takes: no room below the operator's door can import it,
// so that neither procedures nor directory nor relay know that it exists. Correct what the file says, or
// take half of a file. Send anything, read a clock, or repeat in an error what a cell holds.
//
// # On disk
//
// In the folder others of a home, one file for each directory, 0600:
//
//	ID.contacts   "valise other 1 ", the SHA-256 of the rest in hexadecimal digits, a line feed;
//	              then an OtherDirectory, as the node completed it
//
// The node writes and removes them; this package reads.
package others
