//go:build !faults

package relay

import "time"

// redeliverAfter is how long mail may be unacknowledged before it comes again: longer than a
// node's slowest commit, shorter than an officer's patience after a crash.
const redeliverAfter = 30 * time.Second

// againAfter is how long mail that was not taken stays away the first time; then twice as long.
const againAfter = time.Second
