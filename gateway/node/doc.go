// Package node makes one home folder into a running node. It is the only place where the
// record, the keys, the directory, the relay and the operator's door meet; everything it joins
// knows the others only through small interfaces.
//
// A home on disk, everything 0600 in folders 0700:
//
//	valise.toml              State, realm, tracks, relay, undo time, four-eyes, door (config.go)
//	keys/signing-TRACK.key   signing key of a POC
//	keys/sealing-TRACK-N.key one sealing key a file; N is the Unix second it was made
//	keys/record.key          key of the record; without it the record is noise
//	keys/record.identity     by which age plugin that is opened, if it is
//	keys/relay.key           nkey seed of the connection to the relay; it opens nothing
//	keys/door.key            key of the door over TCP, made at the first start with one (doorkey.go)
//	keys/mailbox-TRACK.toml  mailbox, sender token and last bundle number of a POC
//	door.crt                 certificate of that key; others know the node by it
//	directory/               list, entries and key bundles (package directory)
//	others/ID.contacts       directories of other bodies, for people (package api/others)
//	record.db                record, outbox and officers (package store)
//	valise.sock              the operator's door while the node runs (package api)
//
// A backup is one tar archive, under a passphrase inside an age file: backup.toml, which says whose
// it is and names every file with its size and SHA-256; the files above but sealing keys and socket,
// valise.toml first and record.db last; backup.end, the SHA-256 of backup.toml (archive.go).
//
// The package must never decide what a message means (gateway does), never show content in a
// log line, and never trust the relay's answer for more than "on its way".
package node
