// Package sim is several nodes in one goroutine, on one seed: the real core, the real signed bytes
// and the rules of the real record, over disks, a relay, clocks and a directory that fail in every
// way that docs/reliability.md names. One number decides everything that happens; the same number
// gives the same history, byte for byte.
//
// A run has two parts. First everything is done at once: officers write, nodes post and fetch,
// and whatever the seed has chosen of crashes, broken commits, lost, doubled, late and forged
// mail, relays that forget or lie, clocks that jump or stand still, keys that are revoked, and,
// where it is asked for, nodes restored from backups, files, quotas and full disks, or crowds of
// messages that no window holds. Then all of it heals, and everything must
// come to rest: package history judges what was promised against what is there, and Run adds what
// only the inside can see.
//
// The package must never read a clock, take randomness that is not the seed's, or start a
// goroutine. It keeps nothing on disk, but for a folder that one directory is imported through.
//
// Most seeds run with keyed hashes for signatures (build tag simsuite of package seal, which no
// other build contains) and without age; some hundred with the real suite and real envelopes.
package sim
