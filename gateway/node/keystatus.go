package node

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// signingWarnings are how long before the end of a signing key people are told. docs/protocol.md §8.5
var signingWarningsAt = []time.Duration{30 * 24 * time.Hour, 14 * 24 * time.Hour, 3 * 24 * time.Hour, 0}

// keys lists the keys of the node, sealing keys first, newest first within each POC, and what the
// destruction of each waits for.
func (r statusReader) keys(ctx context.Context, out *valisev1.GetStatusResponse) error {
	n := r.node
	e, err := n.evidence(ctx)
	if err != nil {
		return err
	}
	now := n.now()
	for _, a := range n.config.Addresses() {
		current, _ := n.home.keys.currentSealing(a.Track, now)
		for _, k := range n.home.keys.sealingOf(a.Track) {
			out.Keys = append(out.Keys, sealingStatus(a, k, current, e, now))
		}
	}
	for _, a := range n.config.Addresses() {
		for _, k := range slices.Backward(n.home.keys.signingOf(a.Track)) {
			out.Keys = append(out.Keys, n.signingStatus(a, k))
		}
	}
	return nil
}

func sealingStatus(a ident.Address, k, current sealingKey, e evidence, now time.Time) *valisev1.KeyStatus {
	return &valisev1.KeyStatus{
		Address: a.String(), Use: valisev1.KeyUse_KEY_USE_SEALING, KeyId: k.id().String(),
		From: timestamppb.New(k.made), Until: timestamppb.New(k.ends()), Current: k.id() == current.id(),
		WaitsFor: e.waitsFor(k, current, now), RanHours: uint64(e.ran(k.id()) / time.Hour), DatesOf: uint32(e.others(k.ends())),
	}
}

func (n *Node) signingStatus(a ident.Address, k signingKey) *valisev1.KeyStatus {
	id := k.key.Public().ID(n.config.Realm)
	out := &valisev1.KeyStatus{Address: a.String(), Use: valisev1.KeyUse_KEY_USE_SIGNING, KeyId: id.String()}
	if current, err := (signers{n}).SigningKey(a); err == nil {
		out.Current = current.Public().ID(n.config.Realm) == id
	}
	if s, known := n.book.Snapshot().Speaker(id); known {
		out.From, out.Until = timestamppb.New(s.ValidFrom), timestamppb.New(s.ValidUntil)
		if !s.RevokedSince.IsZero() {
			out.RevokedSince = timestamppb.New(s.RevokedSince)
		}
	}
	return out
}

// signingWarnings tells of POCs, ours and others', whose last signing key ends soon or has ended.
// docs/protocol.md §8.5
func (n *Node) signingWarnings(snapshot *directory.Snapshot) (out []*valisev1.StandingWarning) {
	var others []*valisev1.WarningName
	for _, state := range snapshot.States() {
		for _, x := range snapshot.SigningEnds(state) {
			left, address := x.Until.Sub(n.now()), x.Address.String()
			switch {
			case left > signingWarningsAt[0]:
			case state != n.config.State:
				others = append(others, dated(address, x.Until))
			case left > 0:
				out = append(out, warn(valisev1.Warning_WARNING_SIGNING_KEY_ENDS, withName("address", address), withDay("day", x.Until)))
			default:
				out = append(out, warn(valisev1.Warning_WARNING_SIGNING_KEY_ENDED, withName("address", address), withDay("day", x.Until)))
			}
		}
	}
	if len(others) > 0 {
		out = append(out, warn(valisev1.Warning_WARNING_PEERS_SIGNING_KEYS_END, withNames("peers", others)))
	}
	return out
}

// warnOfSigningKeys writes to the log, 30, 14 and 3 days before it and at its end, that a signing key
// of ours ends; once each. docs/protocol.md §8.5
func (n *Node) warnOfSigningKeys() {
	level := 0
	for _, x := range n.book.Snapshot().SigningEnds(n.config.State) {
		left := x.Until.Sub(n.now())
		for i, at := range signingWarningsAt {
			if left <= at {
				level = max(level, i+1)
			}
		}
	}
	if level > n.warned {
		n.log.Warn("a signing key of ours ends soon or has ended, and there is no later one", slog.Int("days", int(signingWarningsAt[level-1]/(24*time.Hour))))
	}
	n.warned = level
}
