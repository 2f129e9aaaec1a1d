//go:build !race

package sim

import "testing"

// oneGoroutine marks a test that plays one run after the other, which the race detector does not see.
func oneGoroutine(*testing.T) {}
