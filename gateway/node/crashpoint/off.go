//go:build !faults

package crashpoint

// Enabled reports whether the program was built with the tag "faults".
const Enabled = false

// Hit does nothing without the tag "faults".
func Hit(string) {}

// Err does nothing without the tag "faults".
func Err(string) error { return nil }
