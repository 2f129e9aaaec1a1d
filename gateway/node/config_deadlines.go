package node

import "bytes"

// Deadlines are this State's own rules for its officers; the zero value has none, and no peer learns of
// one. docs/protocol.md §12.7
type Deadlines struct{}

// deadlinesText is the table [deadlines] as written; it has no keys.
type deadlinesText struct{}

func (deadlinesText) read(*Config) error { return nil }

// format writes what differs from the defaults, or the whole table.
func (Deadlines) format(*bytes.Buffer, bool) {}
