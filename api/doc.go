// Package api is the operator's door: the gRPC services of one node over a unix socket and, where
// its State wants it, over TCP with certificates on both sides; the officers who may use them, and the one table that turns a Reason into a gRPC code, an exit
// code and a sentence. docs/protocol.md §10
//
// A call passes five stations in the same order: who is calling (the user id that the kernel
// names for the other end of the socket, a certificate, or a token), may this officer call the method (one table
// of roles; for content the gateway asks again), is the request well formed (draft.Check and the
// request's own rules), the act itself, and how its error is told. A caller whom
// no officer's entry names gets nothing but the health service. An officer who only runs the
// node (node_admin) gets no content. A-9 s4
//
// Acts are durable when they return. A caller who hangs up in the middle changes nothing about
// that: the act runs to its end, and the same request id asks what came of it. Watch tells the
// items of the record from a cursor on, so that nothing is missed between two connections. A stream
// ends once its officer is not what they were when it began.
//
// The other half is for callers: Dial reaches a socket however long its path is, DialTCP a node on
// another machine whose certificate is known, FromStatus
// reads an error back, Sentence, Hint and Exit read the table.
//
// # What this package must never do
//
// Send the text of an unforeseen error to a caller, or write what a message says, or a State, a
// person or a thread into a log. Decide what a step of a procedure needs: that is the gateway's.
// Offer reflection or compression. Listen anywhere but on a socket in a folder that nobody else can
// change, and on TCP without TLS 1.3 and a certificate that an officer is known by. Let what happens
// on TCP take a place from the socket. P7
//
// # On disk
//
// One socket, mode 0600, removed when its listener closes. A socket that nobody listens on any
// more is replaced; one that somebody listens on is left alone.
package api
