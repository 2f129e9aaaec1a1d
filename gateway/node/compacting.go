package node

import (
	"context"
	"path/filepath"
	"time"

	"valise.example/store"
)

// CompactRecord writes the record of a home that no node runs anew without its free pages, in which
// what was removed still stands, and overwrites the old file. A node has its record open, so this is
// done while it does not run: HOME_IN_USE else. docs/protocol.md §9.3
func (h *Home) CompactRecord(ctx context.Context, now func() time.Time) (store.Compacted, error) {
	return store.Compact(ctx, filepath.Join(h.dir, recordFile), store.Config{
		RecordKey: h.keys.record, Realm: h.config.Realm, Now: now,
	})
}
