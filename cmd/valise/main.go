package main

import (
	"os"

	"valise.example/store"
)

func main() {
	// The store checks a record after an unclean close in a child process of its own; the
	// child is this same program.
	store.MaybeCheckChild()
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
