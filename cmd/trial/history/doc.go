// Command history judges a history file of a trial: `go run ./cmd/trial/history FILE`, or `-` for
// the standard input. It prints every rule that the history does not bear out, with its line, and
// last `N passed, 0 failed`. It ends with 0 when all held, 1 when not, 2 when the file is no
// history.
//
// It must never change a file, and judges with package history alone, which knows no code of a
// node.
package main
