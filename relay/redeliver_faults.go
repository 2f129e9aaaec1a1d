//go:build faults

package relay

import "time"

// Both are short in a trial, which kills a node with mail in its hands thousands of times and
// waits for the mail each time. A slow commit then means a duplicate more, which is harmless.
const (
	redeliverAfter = 300 * time.Millisecond
	againAfter     = 100 * time.Millisecond
)
