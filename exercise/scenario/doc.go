// Package scenario reads the file in which an organiser writes an exercise: who takes part, what happens, and
// what is hoped for.
//
// # What it is
//
// [Parse] reads scenario/v1 strictly into a [Scenario]; what it refuses is an [Error] with its line. [Lint]
// looks at what a reader cannot: whether the story holds together and can be taken for reality by nobody.
// [Schema] is the form as JSON Schema, from the table that Parse reads by. [WriteMSEL] and [ReadMSEL] are the
// list of injects as a spreadsheet. [Bundled] names the scenarios that the program brings along.
//
// # What this package must never do
//
// It knows no node, clock, network or file: bytes come in, data goes out. A scenario holds nothing that is
// executed, includes nothing and names no real State, host or person.
//
// # On disk
//
// Nothing.
package scenario
