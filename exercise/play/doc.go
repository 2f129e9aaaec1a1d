// Package play is the engine of an exercise: it plays a scenario on exercise time, writes down what happens, and
// plays a recording again.
//
// # What it is
//
// A [Play] is a pure machine. [New] begins it; [Play.Next] says when the next thing happens, [Play.Advance] lets it
// happen; [Play.Act] and [Play.Command] put in what people do; [Play.Finish] decides what ENDEX left open. All of it
// comes out as lines of a recording. The files can be read in this order: queue.go (what comes before what), draw.go
// (chance from a seed), inject.go and trigger.go (the story), seat.go (what a simulated seat does), expect.go (what
// becomes of an expectation), jump.go, control.go, finish.go.
//
// A [Stage] carries out what simulated seats do. [Run] plays in lockstep on any stage and brings the same lines on
// each; [DryRun] has the [Model], where everything succeeds at once. A [Clock] tells the exercise time of a live run
// to whoever drives one. [Rehearse] plays many seeds. [Writer] and [Read] know the file, [Verify] plays it again and
// [Recover] goes on with one that a crash cut short.
//
// # What it must never do
//
// It has no wall clock, no randomness but the seed's, no floating point, and lets no order of a map and no goroutine
// decide anything: the same scenario, seed and acts of people give the same bytes on every machine (only Rehearse
// has goroutines, one run each). A recording names ids of the scenario and exercise time, never a message's
// content, a digest of one, a key, a port, a folder, a person or wall time. The rules are in docs/exercises.md.
//
// # What is on disk
//
// Nothing by itself. A recording is JSON Lines, each line with the SHA-256 of the one before it
// (docs/exercises.md §7).
package play
