package node

import (
	"log/slog"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// sealingWarningsAt are how long before the end of the last sealing key that we hold of a peer people are
// told. A peer in contact has told of a younger one every week: fourteen days before that end nothing was
// heard of it for a month. docs/protocol.md §8.4
var sealingWarningsAt = []time.Duration{14 * 24 * time.Hour, 3 * 24 * time.Hour, 0}

// sealingEnd is when the last sealing key that we hold of a POC ends: after that nothing can be sealed
// to it.
type sealingEnd struct {
	peer  ident.Address
	until time.Time
}

// sealingEnding lists the POCs that ours may write to and whose last sealing key ends soon or has ended,
// or was never known, in the order of the directory.
func (n *Node) sealingEnding(snapshot *directory.Snapshot) (ending []sealingEnd) {
	now, seen := n.now(), map[ident.Address]bool{}
	for _, ours := range n.config.Addresses() {
		for _, peer := range n.desks(ours) {
			poc, err := snapshot.Lookup(peer)
			if err != nil || seen[peer] {
				continue
			}
			seen[peer] = true
			if until := poc.SealingUntil(); until.Sub(now) <= sealingWarningsAt[0] {
				ending = append(ending, sealingEnd{peer, until})
			}
		}
	}
	return ending
}

// sealingWarnings says whom nothing can be sealed to soon, and what both sides do about it. While one of
// them still has a live key of the other, its next word mends it; once neither has, only a directory
// file does. docs/protocol.md §8.4
func (n *Node) sealingWarnings(snapshot *directory.Snapshot) (out []*valisev1.StandingWarning) {
	var soon, ended []*valisev1.WarningName
	for _, e := range n.sealingEnding(snapshot) {
		name := dated(e.peer.String(), e.until)
		if e.until.After(n.now()) {
			soon = append(soon, name)
			continue
		}
		ended = append(ended, name)
	}
	if len(soon) > 0 {
		out = append(out, warn(valisev1.Warning_WARNING_PEERS_SEALING_KEYS_END, withNames("peers", soon)))
	}
	if len(ended) > 0 {
		out = append(out, warn(valisev1.Warning_WARNING_PEERS_SEALING_KEYS_ENDED, withNames("peers", ended)))
	}
	return out
}

// warnOfSealingKeys writes to the log, 14 and 3 days before it and at its end, that the sealing keys of a
// peer end; once each. The log names nobody: node status does. docs/protocol.md §8.4
func (n *Node) warnOfSealingKeys() {
	told := map[ident.Address]int{}
	for _, e := range n.sealingEnding(n.book.Snapshot()) {
		left, level := e.until.Sub(n.now()), 0
		for i, at := range sealingWarningsAt {
			if left <= at {
				level = i + 1
			}
		}
		if told[e.peer] = level; level > n.warnedOf[e.peer] {
			n.log.Warn("the sealing keys that are held of a peer end soon or have ended; valise node status names it",
				slog.Int("days", int(sealingWarningsAt[level-1]/(24*time.Hour))))
		}
	}
	n.warnedOf = told
}
