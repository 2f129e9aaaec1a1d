// Command bench measures how fast the product is, as ratios that are taken in one run on one
// machine: `make bench` (minutes) and `make bench SIZE=full` (much longer). It prints a table and
// writes none; what stands in docs/performance.md was seen and copied by hand.
//
// # What is compared
//
// The product is two real nodes and the real relay in one process, joined by loopback TLS.
// Messages are submitted to the node's core, just behind the operator's door, and a receipt counts
// when the record tells that the message has reached the other side, which is what a Watch waits
// for. Start, memory and attachments are measured on the built program, through its door.
//
// The reference is a straight line through the same steps and nothing else: sign (suite 1), outbox
// commit, seal to a 16 KiB envelope, publish, open and verify, record and receipt commit, signed
// and sealed receipt, open and verify, commit that clears. It calls the libraries directly, has its
// own group committer, the relay of a lab of its own with the same TLS, allow-lists, streams and
// synced writes, and no policy, schema, thread, order, tree or sealing at rest. With many senders
// it makes one receipt for all that is recorded, as the product does; one receipt a message is
// printed beside it. The naive line makes five separate commits a message, each alone, and does one
// thing at a time.
//
// A crowd is many nodes in one process, so that what one more of them takes can be told; the relay
// of each of its labs, and the officers who ask and answer over gRPC, are outside of it.
//
// Mail is signed and encrypted by gpg (ed25519/cv25519), handed to a Postfix of the bench's own on
// loopback over kept connections, and acknowledged the same way.
//
// Things that are compared run in turn, round by round, and the ratio of a round is one figure; the
// table shows the median. Beside it stands how long an fdatasync took. A round in which it took
// more than three times as long as in the best is void and said to be.
//
// # What it must never do
//
// It never judges an absolute time, never touches an installed mail server or key ring, and leaves
// no process and no file behind. It ends what it started by its process id.
package main
