package node

import (
	"bytes"
	"fmt"
	"net/netip"
)

// Health is where monitors ask whether the node lives, is ready, and how it does; its zero value is
// nowhere.
type Health struct {
	Listen netip.AddrPort
	// Beyond lets Listen be reached from other machines. What is answered names no State, person or
	// thread, yet tells how much a State writes, and when.
	Beyond bool
}

// healthText is the table [health] as written.
type healthText struct {
	Listen string `toml:"listen"`
	Beyond bool   `toml:"beyond_this_machine"`
}

// read takes an address of this machine alone, unless another is asked for in so many words: there
// is no log-in to it. docs/protocol.md §12.3
func (t healthText) read(c *Config) error {
	if t.Listen == "" {
		return nil
	}
	at, err := netip.ParseAddrPort(t.Listen)
	if err != nil || at.Port() == 0 {
		return &ConfigError{key: "health.listen", Detail: "health.listen must be an address with its port, such as 127.0.0.1:42480 or [::1]:42480"}
	}
	if !at.Addr().IsLoopback() && !t.Beyond {
		return &ConfigError{key: "health.listen", Detail: "health.listen is reached from other machines, and nobody logs in there: say beyond_this_machine = true where that is wanted"}
	}
	c.Health = Health{Listen: at, Beyond: t.Beyond}
	return nil
}

// format writes the table where there is an address, or whole.
func (h Health) format(b *bytes.Buffer, whole bool) {
	if !h.Listen.IsValid() && !whole {
		return
	}
	listen := ""
	if h.Listen.IsValid() {
		listen = h.Listen.String()
	}
	fmt.Fprintf(b, "\n# where monitors ask for /livez, /readyz and /metrics; empty: nowhere\n[health]\nlisten = %q\nbeyond_this_machine = %t\n", listen, h.Beyond)
}
