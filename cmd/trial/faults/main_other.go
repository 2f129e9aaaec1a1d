//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "faults: FUSE, loop devices and their power failures are tried on Linux only")
	os.Exit(2)
}
