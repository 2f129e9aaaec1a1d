// Package console is the desk: a web page for officers, in six languages, for whoever answers for a State
// and is no technician. It is a client of the operator's door like any other and can do nothing that the
// door does not let its officer do. Everything works without script; the browser is sent nothing but
// HTML, one style sheet and two icons, from this process.
//
// One process serves one officer of one node, on 127.0.0.1. A link that works once begins the session;
// idleness ends it. What an officer was writing stays in memory when the session ends, and is there again
// after the next link.
//
// # What this package must never do
//
// Reach a node but through its calls; listen beyond this machine; send the browser anywhere else; change
// anything on a GET; show what a peer wrote as anything but text; tell the peer what was read; say in a
// log who, with whom or what about.
//
// # On disk
//
// Nothing. Templates and style sheet are built into the program; what is being written is in memory.
package console
