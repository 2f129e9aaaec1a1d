// Package relaytest is the one conformance suite for everything that carries envelopes: the
// in-memory relay, the embedded server and a nats-server of one's own must all pass it, so that
// whoever builds on one may rely on the others. docs/protocol.md §7.8
//
// It must never make an assertion about elapsed time; it waits for what must come about. It
// keeps nothing on disk; each relay under test has a folder that ends with its test.
package relaytest
