//go:build !faults

package store

// neverSync: what is committed is synced, always; a trial has a build that does not, which it
// must find out (sound_faults.go).
func neverSync() bool { return false }

// selfIsChild: a doubtful file is never read in this process.
func selfIsChild() bool { return false }
