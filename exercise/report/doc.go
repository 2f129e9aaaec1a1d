// Package report makes the after-action report of an exercise from its recording and its scenario: one page of HTML
// that needs nothing else, the same in Markdown, and as JSON and CSV for machines; in six languages (A-13e, B-1c-iii,
// B-4b). What it contains and by which rules it finds strengths and gaps: docs/exercises.md §8.
//
// It is pure: the same recording, scenario, language and reader give the same bytes. All figures are integers. What is
// drawn is computed from what stands in the table beside it.
//
// # What this package must never do
//
// Measure a State against anything but the objectives of this exercise; order States by what they did; name another
// State's results in a report for one of them. Obey what a scenario or a recording says: all of it is text. Read a
// clock or a file, or fetch anything.
//
// # On disk
//
// Nothing. The command writes what this package gives it.
package report
