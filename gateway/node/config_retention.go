package node

import "bytes"

// Retention says for how long what is kept; the zero value keeps everything. docs/protocol.md §9.3
type Retention struct{}

// retentionText is the table [retention] as written; it has no keys.
type retentionText struct{}

func (retentionText) read(*Config) error { return nil }

// format writes what differs from the defaults, or the whole table.
func (Retention) format(*bytes.Buffer, bool) {}
