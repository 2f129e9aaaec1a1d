package node

import (
	"fmt"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// standingShown is how long after its beginning an epoch that followed a restore is told in the
// status of a node.
const standingShown = 30 * 24 * time.Hour

// standingWarnings says what this home does not know of its own past, and that it sends nothing
// because a copy of it runs. docs/protocol.md §7.6, P8
func standingWarnings(s *valisev1.Standing, now time.Time) []string {
	var out []string
	if s.GetStopped() {
		out = append(out, fmt.Sprintf("a copy of this node runs: nothing is sent since %s, and mail is still taken in; "+
			"switch the other copy off, and let a node_admin resume sending", instant(s.GetStoppedAt().AsTime())))
	}
	for _, life := range s.GetLives() {
		begun := life.GetBegun().AsTime()
		if now.Sub(begun) > standingShown {
			break
		}
		why := "this home was restored"
		if life.GetProven() {
			why = "this record had gone back, as a signature of our own shows that a peer gave back"
		}
		came := "nothing of ours has come back from peers yet"
		if n := life.GetRecovered(); n > 0 {
			came = fmt.Sprintf("%d messages of ours came back from peers, the newest of %s", n, instant(life.GetRecoveredUntil().AsTime()))
		}
		out = append(out, fmt.Sprintf("%s: what happened between %s and %s is unknown here but for what peers have; %s",
			why, instant(life.GetKnownUntil().AsTime()), instant(begun), came))
	}
	return out
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
