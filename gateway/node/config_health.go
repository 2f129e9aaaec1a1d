package node

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"

	"valise.example/proto/tomlkey"
)

// DefaultVerifyEvery is how often a node looks at its whole record where nothing else is written.
const DefaultVerifyEvery = 24 * time.Hour

// leastVerifyEvery and mostVerifyEvery bound it: a look rests nine tenths of its time, so even one
// after the other does no harm, and what is looked at less than once a month is not watched.
const (
	leastVerifyEvery = time.Second
	mostVerifyEvery  = 31 * 24 * time.Hour
)

// Health is where monitors ask whether the node lives, is ready, and how it does, and how often
// it looks at its whole record by itself; its zero value is nowhere, and every DefaultVerifyEvery.
type Health struct {
	Listen netip.AddrPort
	// Beyond lets Listen be reached from other machines. What is answered names no State, person or
	// thread, yet tells how much a State writes, and when.
	Beyond bool
	// VerifyEvery is from one second to 31 days; 0 stands for DefaultVerifyEvery, less than 0 for never.
	VerifyEvery time.Duration
}

// every is how often the node looks at its whole record; 0: never.
func (h Health) every() time.Duration {
	if h.VerifyEvery == 0 {
		return DefaultVerifyEvery
	}
	return max(h.VerifyEvery, 0)
}

// healthText is the table [health] as written.
type healthText struct {
	Listen string `toml:"listen"`
	Beyond bool   `toml:"beyond_this_machine"`

	VerifyEvery string `toml:"verify_every"`
}

// read takes an address of this machine alone, unless another is asked for in so many words: there
// is no log-in to it. docs/protocol.md §12.3
func (t healthText) read(c *Config) error {
	if t.VerifyEvery != "" {
		every, err := time.ParseDuration(t.VerifyEvery)
		if err != nil || every != 0 && (every < leastVerifyEvery || every > mostVerifyEvery) {
			return &ConfigError{key: "health.verify_every", Detail: "health.verify_every must be a time from 1s to 744h, or 0s for never"}
		}
		switch every {
		case 0:
			c.Health.VerifyEvery = -1
		case DefaultVerifyEvery:
		default:
			c.Health.VerifyEvery = every
		}
	}
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
	c.Health.Listen, c.Health.Beyond = at, t.Beyond
	return nil
}

// format writes the table where something differs from its defaults, or whole.
func (h Health) format(b *bytes.Buffer, whole bool) {
	if !h.Listen.IsValid() && h.every() == DefaultVerifyEvery && !whole {
		return
	}
	listen := ""
	if h.Listen.IsValid() {
		listen = h.Listen.String()
	}
	fmt.Fprintf(b, "\n# where monitors ask for /livez, /readyz and /metrics; empty: nowhere\n[health]\nlisten = %s\nbeyond_this_machine = %t\n", tomlkey.Quote(listen), h.Beyond)
	fmt.Fprintf(b, "# how often the node looks at its whole record by itself; 0s: never\nverify_every = %s\n", tomlkey.Quote(h.every().String()))
}
