//go:build !faults

package relay

import "github.com/nats-io/nats-server/v2/server"

// unsynced: a relay of ours always syncs before it answers; a trial has a build that does not,
// which it must find out (synced_faults.go). docs/protocol.md §7.8
func unsynced(*server.Options) {}
