package node

import (
	"bytes"
	"fmt"
	"net/netip"

	"valise.example/proto/tomlkey"
)

// Door is where officers reach the node from other machines; its zero value is the socket alone.
type Door struct {
	Listen netip.AddrPort
}

// doorText is the table [door] as written.
type doorText struct {
	Listen string `toml:"listen"`
}

// read takes an address with its port. Every address of the machine must be asked for by name
// (0.0.0.0 or [::]): nobody opens the door to all sides by leaving something out. There is no key
// that takes TLS or the certificate away. docs/protocol.md §12
func (t doorText) read(c *Config) error {
	if t.Listen == "" {
		return nil
	}
	at, err := netip.ParseAddrPort(t.Listen)
	if err != nil || at.Port() == 0 {
		return &ConfigError{key: "door.listen", Detail: "door.listen must be an address with its port, such as 192.0.2.1:42421 or [2001:db8::1]:42421"}
	}
	c.Door.Listen = at
	return nil
}

// format writes the table where there is a door, or whole.
func (d Door) format(b *bytes.Buffer, whole bool) {
	if !d.Listen.IsValid() && !whole {
		return
	}
	listen := ""
	if d.Listen.IsValid() {
		listen = d.Listen.String()
	}
	fmt.Fprintf(b, "\n# address and port at which officers with a certificate reach this node; empty: the socket alone\n[door]\nlisten = %s\n", tomlkey.Quote(listen))
}
