//go:build faults

package relay

import (
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// unsynced is the seeded fault VALISE_MUTANT=no-sync: the server's own default, which answers
// first and syncs minutes later.
func unsynced(o *server.Options) {
	if os.Getenv("VALISE_MUTANT") == "no-sync" {
		o.SyncAlways, o.SyncInterval = false, 2*time.Minute
	}
}
