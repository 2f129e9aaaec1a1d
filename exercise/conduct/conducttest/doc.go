// Package conducttest has a small exercise for tests, and runs exercises in them.
//
// # What it is
//
// [Scenario] writes a scenario of two States with the story that a test needs; [Run] opens an exercise, runs it until the
// test ends, and gives its doors: that of control, and those of its nodes.
//
// # What it must never do
//
// It has no stand-ins for real parts: relay, nodes and doors are those of package conduct.
//
// # What is on disk
//
// The folder of the exercise, which the test names.
package conducttest
