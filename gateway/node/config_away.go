package node

import "bytes"

// Away is who is called when nobody is at the desk; the zero value calls nobody. docs/protocol.md §12.7
type Away struct{}

// awayText is the table [away] as written; it has no keys.
type awayText struct{}

func (awayText) read(*Config) error { return nil }

// format writes what differs from the defaults, or the whole table.
func (Away) format(*bytes.Buffer, bool) {}
