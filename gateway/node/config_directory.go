package node

import (
	"bytes"
	"fmt"
)

// Directory is how lists come to this node; its zero value takes them from files and from the relay.
type Directory struct {
	// FilesOnly is set where the State takes no list from a relay. docs/protocol.md §8.6
	FilesOnly bool
}

// directoryText is the table [directory] as written.
type directoryText struct {
	FromRelay *bool `toml:"from_relay"`
}

func (t *directoryText) read(c *Config) {
	c.Directory.FilesOnly = t.FromRelay != nil && !*t.FromRelay
}

// format writes the table where it differs from the default, or whole.
func (d Directory) format(b *bytes.Buffer, whole bool) {
	if d.FilesOnly || whole {
		fmt.Fprintf(b, "\n# false: a new list is taken from files alone, never from the relay\n[directory]\nfrom_relay = %t\n", !d.FilesOnly)
	}
}
