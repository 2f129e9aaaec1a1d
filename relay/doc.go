// Package relay carries sealed envelopes between nodes over NATS JetStream. It is only a
// courier: it can read nothing, decides nothing, and what it says about an envelope means "on
// its way", never "arrived". docs/protocol.md §7.8
//
// Two sides live here. A node uses a Courier, made by Dial; tests and simulations make one from
// a Memory, which keeps the same rules. A relay is a folder made by Init and run by Run, with
// the server embedded; Config and Apply bring the same rules to a nats-server of one's own.
// Doctor names what is unsafe, Peek shows an operator what lies there: boxes, sizes, bytes.
//
// Whom a relay serves stands in a Roster: mailboxes, tokens and connection keys without the
// name of any State. Each connection key has an account of its own on the server, which imports
// every mailbox and token it may write to, and an allow-list that names every slot; it can reach
// nothing else, not even by naming a reply subject for the server to answer to.
//
// The package must never import seal, store or directory: the code that carries cannot read.
// It logs no subject, no address and no text that a peer sent.
//
// A relay home on disk:
//
//	relay.toml       realm, listen, address, name, roster (optional path)
//	relay.card       RelayCard, for the managers to admit
//	relay.key        TLS key, PEM, 0600; nodes pin it
//	relay.crt        a certificate around that key that names nobody
//	relay.admin      nkey seed of the relay's own login, 0600
//	roster.applied   the Roster in force; no lower number is taken after it
//	jetstream/       the mailboxes, JetStream's own files, synced at every write
//	relay.lock       held by the process that uses the home
package relay
