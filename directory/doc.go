// Package directory knows which States take part, which points of contact they have, and
// which keys speak for them. Nothing in it is a matter of opinion: every fact is signed, by
// the State's own root (entries), by a quorum of managers (the list, the manager sets) or by
// the key of a point of contact (key bundles), and every signed fact has a number that only
// rises.
//
// # What it is
//
// A [Book] is the directory as one node holds it. [Book.Import] takes a directory file,
// checks all of it against what is held, writes it, and only then swaps the [Snapshot] that
// everything else reads. An import that breaks one rule changes nothing: the previous list
// stays in force, and the [Refusal] names the reason.
//
// A [Registry] is the manager's side: it admits States and relays, lets them leave, and
// publishes directory files and the relay's roster. It keeps a Book of its own and imports
// each list there before the file is written, so the manager obeys the rules of every node.
//
// Where several managers must sign, each has a Registry on a machine of their own, and a
// proposal goes as a file from one to the next: [Registry.Propose], [Registry.Sign] and
// [Registry.Take].
//
// A [StateFolder] is the State's side: the facts of A-7a as TOML, turned into an entry that
// the root signs.
//
// # What it must never do
//
// It never holds anything that States exchange: no incident, no thread, no message (A-7b).
// It never goes back to a lower number, never lets a manager change a State's keys unseen,
// never stops reception because a date has passed, and never logs or names a State to the
// relay: the roster has mailboxes, tokens and connection keys only. It reads no clock; where
// a date matters the caller passes the time.
//
// # What is on disk
//
// Every file is written beside its place, synced, renamed, and the folder synced after it.
//
//	book/
//	  current.toml      what is in force: hashes of the list and the 64 before it, manager
//	                    sets, entries and bundles, roots that a State said are not its own, when and by
//	                    which officer a State was called to compare its root, and the highest
//	                    bundle number seen of each address;
//	                    written last, so it is the commit
//	  objects/<sha256>  one SignedObject a file, named by the hash of its object bytes
//	  lock              taken while one process changes the folder
//
//	registry/
//	  registry.toml     realm, reading key of the directory objects on the relay, who has
//	                    left and which roots were confirmed since the last list, and the
//	                    quorum that is expected while there is no set yet
//	  manager.key       signing key of a manager, where it is kept with the folder
//	  manager.card      what introduces that manager to others, where there are several
//	  manager-set       the newest set that is agreed on, signed as its number asks
//	  signed.toml       which lists and sets this manager's key has signed with others;
//	                    written before a signature leaves
//	  list.proposal, manager-set.proposal
//	                    what this manager proposed last
//	  admitted/         <STATE>.export and <hash of name>.card as they were admitted
//	  book/             what has been published, as a Book
//	  directory.import  the latest directory file
//	  relay.roster      the latest roster
//	  relay.objects     the latest directory in sealed objects, for relays
//
//	state/
//	  entry.toml        the facts of A-7a, edited by people
//	  entry.signed      the latest entry, signed by the root
//	  keys.toml         public keys and their dates
//	  root.key, root-<n>.key, <track>-<n>.key
//	  ceremony-<n>.toml, ceremony-<n>.signed
//	                    who made or changed a root, and the same bytes with its signature
package directory
