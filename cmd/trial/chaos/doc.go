// Command chaos lets three nodes and a relay, each a process of its own, exchange messages while
// processes are killed, stopped and wiped and the connections between them are cut, delayed and
// corrupted; then it heals all and lets package history judge what is left.
//
//	go run ./cmd/trial/chaos -seed 1 -kills 200 -messages 5000
//
// # What it is
//
// It runs the program that people run (bin/valise) in a lab of its own. Officers ask through the
// nodes' doors, under request ids, and ask again whatever they got no answer to. Nodes reach the
// relay through a proxy that belongs to the trial. Where -relay cluster is given, three
// nats-server processes with the configuration of `valise relay config` take the relay's place.
// The seed decides who is hit when and how; how the processes then interleave is up to the
// machine, so a seed leads to the same faults and not to the same history.
//
// It prints the seed, what it did, every promise that the history does not bear out, and last
// `N passed, 0 failed`. It ends with 0 when all held, 1 when not, 2 on wrong flags.
//
// # What it must never do
//
// End a process that it did not start: it knows processes by their ids alone, and all of them end
// with it, also on SIGINT. Excuse anything: what is not in the history did not happen.
//
// # What is on disk
//
// A folder of its own with the lab, removed at the end, and kept with the logs of all processes
// when something failed. The history is written to -history as it happens.
package main
