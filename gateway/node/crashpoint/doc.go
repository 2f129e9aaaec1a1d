// Package crashpoint names the moments of a node's life in which an end of the process is most
// likely to lose something, to do something twice or to tell a lie, and lets a trial end the
// process in exactly that moment.
//
// # What it is
//
// [Points] is the list: a name, the side that passes it and one sentence. Code calls [Hit], or
// [Err] where it can also take an error, with such a name. Built without the tag "faults", as
// everything that is shipped, both are empty and the compiler leaves them out. Built with it:
//
//	VALISE_CRASHPOINT=R5:2:kill,R1:1:error   at the second R5 kill -9; at the first R1 an error
//	VALISE_CRASHPOINT_LOG=FILE               every hit adds a line with its name to FILE
//
// Modes: kill (SIGKILL to itself), exit (no orderly end), pause (SIGSTOP to itself, until
// SIGCONT), error (only where the code can return one). A name, a count or a mode that is not
// known ends the process at its first hit with a line on standard error: a trial that aims at
// nothing must not pass.
//
// # What it must never do
//
// Change anything without the tag. Be called by the core, which is pure: its callers in
// gateway/node stand before and after every one of its transactions. Take the place of the
// trials that stop at every system call (cmd/trial/faults), which need no names.
//
// # What is on disk
//
// Nothing but the file that VALISE_CRASHPOINT_LOG names.
package crashpoint
