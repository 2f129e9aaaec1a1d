// Package history is what a trial wrote down of several nodes, and the judge of it. A history is
// JSON lines, one Event a line, in the order in which one observer saw them: who asked to send
// what, what was answered, what stands in which record, which receipts were issued and what they
// cleared, which disks went back to an older copy, what each side shows in the end.
//
// The rules are those of docs/reliability.md "The history checker". They are linear in the length of the history and
// know nothing of the gateway: they look at what was promised and at what is there. The same judge
// serves the simulation, where a history is exact to the step, and trials with processes, where
// records are read at the end.
//
// The package must never import code of ours, and must never excuse what it cannot explain: an
// excuse needs an event of the history, such as a disk that went back.
//
// It keeps nothing on disk; a history file is written by the trial that makes it.
package history
