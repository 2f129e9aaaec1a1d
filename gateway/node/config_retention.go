package node

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

// Retention is what the State says of how long it keeps what; its zero value keeps everything for
// ever. docs/protocol.md §9.3
type Retention struct {
	// ClosedThreads is for how long a thread that our side closed keeps its contents at least.
	ClosedThreads time.Duration
}

// retentionText is the table [retention] as written; nil where there is none.
type retentionText struct {
	ClosedThreads *string `toml:"closed_threads"`
}

const (
	day = 24 * time.Hour
	// shortestRetention keeps a slip of the pen from naming what was closed yesterday; an exercise
	// is over in hours.
	shortestRetention = 30 * day
	longestRetention  = 36500 * day
)

// read takes whole days ("1095d"), or in an exercise any time that Go writes ("36h"). An empty text
// keeps everything, and a table that says nothing is a slip.
func (t *retentionText) read(c *Config) error {
	if t == nil || t.ClosedThreads != nil && *t.ClosedThreads == "" {
		return nil
	}
	if t.ClosedThreads == nil {
		t.ClosedThreads = new(string)
	}
	least := shortestRetention
	if c.Realm != ident.Operational {
		least = time.Second
	}
	keep, err := parseRetention(*t.ClosedThreads)
	if err != nil || keep < least || keep > longestRetention {
		return &ConfigError{key: "retention.closed_threads", Detail: fmt.Sprintf(
			"[retention] needs closed_threads in days, such as \"1095d\": at least 30d in the operational realm, at most %dd", longestRetention/day)}
	}
	c.Retention.ClosedThreads = keep
	return nil
}

func parseRetention(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * day, err
	}
	return time.ParseDuration(text)
}

// format writes the table where there is a rule, or whole.
func (r Retention) format(b *bytes.Buffer, whole bool) {
	if r.ClosedThreads == 0 && !whole {
		return
	}
	text := ""
	switch keep := r.ClosedThreads; {
	case keep == 0:
	case keep%day == 0:
		text = fmt.Sprintf("%dd", keep/day)
	default:
		text = keep.String()
	}
	fmt.Fprintf(b, "\n# for how long a thread keeps its contents after our side closed it; empty: for ever\n[retention]\nclosed_threads = %s\n", tomlkey.Quote(text))
}
