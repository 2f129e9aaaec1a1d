package node

import (
	"bytes"
	"fmt"
)

// quotaText is the table [quota] as written; what is missing has its default.
type quotaText struct {
	Envelopes          *uint64 `toml:"envelopes"`
	EnvelopesPerSecond *uint64 `toml:"envelopes_per_second"`
	Bytes              *uint64 `toml:"bytes"`
	BytesPerSecond     *uint64 `toml:"bytes_per_second"`
	ItemsPerDay        *uint64 `toml:"items_per_day"`
	BytesPerDay        *uint64 `toml:"bytes_per_day"`
}

// quotaFloor is the least that a quota may be: one message with all its parts must be able to
// come, or what waits at a peer would wait for ever.
var quotaFloor = Quota{
	Envelopes: 323, EnvelopesPerSecond: 1, Bytes: 64 << 20, BytesPerSecond: 64 << 10,
	ItemsPerDay: 1, BytesPerDay: 1 << 20,
}

// fields joins what is written, what it means and what it may be, in the order of the table.
func (t *quotaText) fields(q *Quota) []quotaField {
	return []quotaField{
		{"envelopes", &t.Envelopes, &q.Envelopes, quotaFloor.Envelopes},
		{"envelopes_per_second", &t.EnvelopesPerSecond, &q.EnvelopesPerSecond, quotaFloor.EnvelopesPerSecond},
		{"bytes", &t.Bytes, &q.Bytes, quotaFloor.Bytes},
		{"bytes_per_second", &t.BytesPerSecond, &q.BytesPerSecond, quotaFloor.BytesPerSecond},
		{"items_per_day", &t.ItemsPerDay, &q.ItemsPerDay, quotaFloor.ItemsPerDay},
		{"bytes_per_day", &t.BytesPerDay, &q.BytesPerDay, quotaFloor.BytesPerDay},
	}
}

type quotaField struct {
	name  string
	text  **uint64
	value *uint64
	least uint64
}

// quotaMost keeps sums of times and rates far from the end of a number.
const quotaMost = 1 << 50

func (t *quotaText) read(c *Config) error {
	q := DefaultQuota()
	for _, f := range t.fields(&q) {
		if *f.text == nil {
			continue
		}
		if *f.value = **f.text; *f.value < f.least || *f.value > quotaMost {
			return &ConfigError{Detail: fmt.Sprintf("quota.%s must be between %d and %d", f.name, f.least, uint64(quotaMost))}
		}
	}
	c.Quota = q
	return nil
}

// format writes what differs from the defaults, or the whole table.
func (q Quota) format(b *bytes.Buffer, whole bool) {
	usual := DefaultQuota()
	if q == (Quota{}) {
		q = usual
	}
	if q == usual && !whole {
		return
	}
	fmt.Fprintf(b, "\n# what one point of contact of a peer may send\n[quota]\n")
	var text quotaText
	before := text.fields(&usual)
	for i, f := range text.fields(&q) {
		if whole || *f.value != *before[i].value {
			fmt.Fprintf(b, "%s = %d\n", f.name, *f.value)
		}
	}
}
