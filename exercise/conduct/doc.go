// Package conduct runs an exercise: relay, nodes and seats in one process, on the clock of the exercise.
//
// # What it is
//
// [Open] makes the folder of an exercise, or finds one again; [Exercise.Run] runs all of it until its context ends.
// What is played is decided by package play alone; what is used is what is practised: real nodes, seals and relay. The
// files can be read in this order: conduct.go (the parts), clock.go (the one clock, which is the nodes' too),
// network.go (relay and nodes, each started again when it ends), stage.go and words.go (simulated seats act through
// the operator's door, as people do), observe.go and facts.go (what is seen of the seats that people have), drive.go
// (what happens when), perform.go (nothing is written before it is done), control.go and serve.go (the commands of
// control), seats.go (what the node of a seat tells of the exercise), stopped.go (a stop that no line tells of), compare.go (whose records agree at ENDEX).
//
// # What it must never do
//
// It takes part in no operation: its realm is an exercise's, its States are invented. It shows control no content: an
// act is its kind, its seats, its thread and which facts the message has, and what an observer reads on the node of
// a seat leaves that function as nothing else. There is no recipient for control. A REAL EVENT stops the clock before
// anything else is done, and carries nothing anywhere. docs/protocol.md §12.6
//
// # What is on disk
//
//	D/
//	  scenario.toml     the file that is played, byte for byte
//	  recording.jsonl   what happened, a line at a time, each on the disk before anybody is told (package play)
//	  clock             exercise time in milliseconds, written five times a second: a crash loses no more than that
//	  real-event        the REAL EVENT that stands before STARTEX or after ENDEX, when no line can tell of it
//	  control.sock      the door of control, mode 0600, for the user who conducts alone
//	  network/          relay, directory and nodes (package exercise/lab)
package conduct
