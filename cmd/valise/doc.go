// Command valise is the one binary of the project: a node, a relay, a directory and what
// officers type.
//
// # What it is
//
// It declares commands, reads flags, files and secrets, opens the doors of the other rooms and
// turns what they answer into lines, JSON objects and exit codes. One file holds one command;
// newXCommand declares it and runX does it. [Main] runs the program without touching the
// process, so that the test scripts in testdata run the real thing.
//
// # The contract
//
// Scripts and other people's tools rely on the verbs, the keys of the JSON objects and the exit
// codes (docs/cli.md and the help texts): they are added to and never changed.
//
// # What it must never do
//
// Take words or names as arguments in operation: arguments stand in the process list of the
// machine. Take a secret as an argument or from the environment, in any realm. Write content to
// a log. Decide anything about a message: what is allowed is the gateway's business, and every
// refusal comes from the one list of reasons (docs/protocol.md §10).
//
// # What is on disk
//
// Nothing of its own, but the temporary folder of `valise demo`, which it removes.
package main
