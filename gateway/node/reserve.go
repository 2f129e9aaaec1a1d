package node

import (
	"context"
	"log/slog"
	"time"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// The reserve of the disk: from which share, and at least and at most how many bytes, our own
// officers begin nothing new, and from which on mail of peers is not taken either. The least is
// what commits under way and the receipts after them need; above the most a larger share would
// protect nothing more. docs/protocol.md §7.7
const (
	reserveShare = 10 // per cent
	reserveLeast = 2 << 20
	reserveMost  = 10 << 30
	lastShare    = 3 // per cent
	lastLeast    = 1 << 20
	lastMost     = 3 << 30
)

const diskLook = time.Second // how often the free space is looked at beside every act

// Disk tells how many bytes of the home's file system are free for this user, and how many it has.
type Disk func() (free, total uint64, err error)

// reserveOf is how many bytes are kept of a disk of total bytes.
func reserveOf(total uint64) uint64 {
	return min(max(total/100*reserveShare, reserveLeast), reserveMost)
}

func lastOf(total uint64) uint64 {
	return min(max(total/100*lastShare, lastLeast), lastMost)
}

// space is how much room there is now. A disk that does not say counts as one with room: a full
// one is then found by the commit that fails.
func (n *Node) space() gateway.Space {
	free, total, err := n.disk()
	switch {
	case err != nil || total == 0:
		return gateway.SpaceFree
	case free < lastOf(total):
		return gateway.SpaceLast
	case free < reserveOf(total):
		return gateway.SpaceReserve
	}
	return gateway.SpaceFree
}

// watchDisk tells operators and core when there is more room, or less, than before.
func (n *Node) watchDisk(ctx context.Context) {
	tick := time.NewTicker(diskLook)
	defer tick.Stop()
	before := gateway.SpaceFree
	for {
		now := n.space()
		switch {
		case now > before:
			n.log.Warn("the disk is nearly full", slog.String("effect", spaceEffect[now]))
		case now < before:
			n.log.Info("the disk has room again", slog.String("effect", spaceEffect[now]))
		}
		n.Gateway().LookAtSpace(n.now())
		before = now
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

var spaceEffect = map[gateway.Space]string{
	gateway.SpaceFree:    "everything is taken",
	gateway.SpaceReserve: "our officers cannot send; receiving goes on",
	gateway.SpaceLast:    "mail of peers is not taken, and they are asked to wait; only receipts go on",
}

// spaceWarnings tell the officer how little room there is; nothing while there is enough.
func (n *Node) spaceWarnings() []*valisev1.StandingWarning {
	now := n.space()
	free, total, err := n.disk()
	if now == gateway.SpaceFree || err != nil {
		return nil
	}
	if now == gateway.SpaceLast {
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_DISK_LAST,
			withNumber("free", free>>20), withNumber("total", total>>20), withNumber("reserve", reserveOf(total)>>20))}
	}
	return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_DISK_RESERVE,
		withNumber("free", free>>20), withNumber("total", total>>20), withNumber("reserve", reserveOf(total)>>20))}
}
