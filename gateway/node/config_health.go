package node

import "bytes"

// Health is where the state of the node can be asked for from this machine; the zero value is nowhere.
type Health struct{}

// healthText is the table [health] as written; it has no keys.
type healthText struct{}

func (healthText) read(*Config) error { return nil }

// format writes what differs from the defaults, or the whole table.
func (Health) format(*bytes.Buffer, bool) {}
