package node

import "bytes"

// API is the operator's door over TCP; the zero value is none. docs/protocol.md §12
type API struct{}

// apiText is the table [api] as written; it has no keys.
type apiText struct{}

func (apiText) read(*Config) error { return nil }

// format writes what differs from the defaults, or the whole table.
func (API) format(*bytes.Buffer, bool) {}
