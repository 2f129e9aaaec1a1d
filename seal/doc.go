// Package seal closes and opens what passes between two States. docs/protocol.md §4
//
// Three layers, from the inside:
//
//   - Content is made once and never changed: exact header bytes and exact body bytes. Its
//     Digest is what chains, receipts and evidence name.
//   - Signed is Content with the two signatures of suite 1, Ed25519 and ML-DSA-65, both of
//     which must verify. It is signed again when a key ends, and stays the same message.
//   - The envelope is Signed, padded to one of three sizes, in one binary age file with exactly
//     one hybrid post-quantum stanza. It is made anew whenever the peer's sealing key changes.
//
// Opener.Open undoes them in a fixed order and shows nothing before the end. Whatever it does
// not accept comes back as a *Refusal with the step that refused and a Reason of the contract.
//
// What this package must never do: re-marshal what was signed, take the realm or the purpose of
// a signature from the message, hand out plaintext that is not authenticated to its end, put
// text of a peer into an error, or import another package of this module but the contract.
//
// Signing is deterministic: one key, one input, one signature in any implementation. Sealing
// takes its randomness from crypto/rand, because age leaves no other way. Secrets stay in
// memory until the garbage collector reuses it; Go cannot promise more.
//
// # On disk
//
// One key a file, mode 0600, written once. A sealing key is an age identity file:
//
//	# valise sealing key
//	# realm: operational
//	# key id: <SHA-256 of the recipient string, 64 hexadecimal digits>
//	AGE-SECRET-KEY-PQ-1…
//
// so that age -d opens an envelope with it. A signing key has the same form:
//
//	# valise signing key
//	# realm: operational
//	# key id: <key id, 64 hexadecimal digits>
//	VALISE-SIGNING-KEY-1-<Ed25519 seed and ML-DSA-65 seed, 128 hexadecimal digits>
//
// Any other secret of a home, a record key or the seed of a relay connection, has that form too
// under "# valise secret: <kind>", with the secret in hexadecimal digits; its key id is a hash
// that finds a changed digit.
//
// With a passphrase the same text stands in a binary age file with one scrypt stanza. A record key
// may stand in one for other recipients, such as tokens.
package seal
