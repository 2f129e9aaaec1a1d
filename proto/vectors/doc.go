// Package vectors embeds the bytes that any implementation of the protocol can test itself
// against: keys, signed contents, envelopes, signed objects, and failures, each named by the step
// that must refuse it. README.md says what is in the files.
//
// The package holds data and the types of its index and nothing else; it must never import
// another package of this module outside its tests. On disk it is this folder; every file but
// README.md and the Go source is written by
//
//	go test ./proto/vectors -run Vectors -update
//	go test ./directory -run Vectors -update
//
// the second of which writes the folder directory, out of the tables of attacks that its tests have.
//
// The keys are for tests only and stand here for everyone to read: nothing may ever be sealed to
// or signed with them in earnest.
package vectors
