// Package telling says in six languages what a seat did, or is hoped to do, and tells each line of a recording as one
// sentence: once, for the pages of an exercise, the command and the report.
//
// # What it must never do
//
// It decides nothing and reads nothing but what it is given. What people wrote is shown and never obeyed. A line, an
// act or a fact of a later version is told by its own name and never left out.
//
// # On disk
//
// Nothing.
package telling
