//go:build faults

package relay

import "time"

// redeliverAfter is short in a trial, which kills a node with mail in its hands hundreds of times
// and waits for the mail each time. A slow commit then means a duplicate more, which is harmless.
const redeliverAfter = time.Second
