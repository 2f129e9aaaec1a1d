// Package control is the pages of those who conduct an exercise: one for control, one for evaluators, one for
// observers. They are clients of the door of control, and stand behind the same guard as the desk: this machine
// alone, a link that works once, no script, each act once.
//
// # What this package must never do
//
// Show what a message says: the door of control has no such thing. Let an observer change anything but stop play, as
// everybody may; change anything on a GET; carry anything to or from the operational realm; lose what was typed into a
// form that is refused.
//
// # On disk
//
// Nothing.
package control
