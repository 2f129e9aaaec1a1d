// Package lab makes and runs whole exercise networks as folders on one machine: a relay, a
// directory with its manager and the States' roots, and one node for each invented State.
//
// # What it is
//
// [New] makes the folders in the same order in which real States would, with the same calls:
// manager, relay, roots, nodes, entries, admission, publication, import. Nothing is simulated.
// [Open] finds a lab again, [Lab.Run] runs all of it in one process, and [Lab.RunRelay] and
// [Lab.RunNode] run its parts alone, as `valise relay run` and `valise node run` do with a
// part's own folder.
//
// # What it must never do
//
// A lab never takes part in operation: its realm is "exercise:lab-" and 128 random bits, its
// States are invented codes, and both are refused by everything operational (docs/protocol.md
// §2.2). It never writes into a folder that holds anything. Its keys are plain files, readable
// by this user only, because a lab is for people who try things out.
//
// # What is on disk
//
//	L/
//	  lab.toml            realm, States, address of the relay
//	  relay/              home of the relay (package relay)
//	  directory/          the manager's registry (package directory)
//	    roots/XA/ …       root of each State: root.key, keys.toml, entry.toml
//	    relay.kept.key    TLS key of the relay, so that a wiped one comes back as itself
//	    relay.roster      the roster, which the relay watches
//	    relay.objects     the directory for running nodes, which the relay watches too
//	    directory.import  the directory file
//	  XA/ XB/ …           homes of the nodes (package gateway/node)
package lab
