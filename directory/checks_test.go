//go:build !race

package directory_test

import "testing"

// oneGoroutine marks a long story that the race detector does not see.
func oneGoroutine(*testing.T) {}
