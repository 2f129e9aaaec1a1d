package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const sealingWarning = 30 * 24 * time.Hour // how long before its end a sealing key is warned of

// statusReader tells how the node does. No content and no name of an officer passes here.
type statusReader struct{ node *Node }

// Status is the node's health in numbers and sentences.
func (r statusReader) Status(ctx context.Context) (*valisev1.GetStatusResponse, error) {
	out, err := r.status(ctx)
	if out != nil {
		speak(out, r.node.now())
	}
	return out, err
}

func (r statusReader) status(ctx context.Context) (*valisev1.GetStatusResponse, error) {
	n := r.node
	snapshot := n.book.Snapshot()
	link := n.mail.currentLink()
	out := &valisev1.GetStatusResponse{
		State:           n.config.State.String(),
		Realm:           n.config.Realm.String(),
		NotAccepting:    n.accepting(),
		Link:            &valisev1.Link{Up: link.Up, Standing: ofLink(link.Warnings)},
		DirectoryNumber: snapshot.Number(),
		DirectoryStale:  snapshot.Number() > 0 && snapshot.Stale(n.now()),
		Now:             timestamppb.New(n.now()),
		Epoch:           n.Gateway().Epoch().String(),
		RecordFormat:    store.Format,
	}
	if !link.Since.IsZero() {
		out.Link.Since = timestamppb.New(link.Since)
	}
	for _, a := range n.config.Addresses() {
		out.Addresses = append(out.Addresses, a.String())
	}
	out.RelayedDirectory = n.relayed.status()
	out.Ready = out.NotAccepting == valisev1.Reason_REASON_UNSPECIFIED
	if out.GetReady() && n.space() != gateway.SpaceFree {
		out.NotAccepting = valisev1.Reason_REASON_DISK_FULL
	}
	out.Standing = slices.Concat(r.warnings(snapshot), ofLink(link.Warnings), n.signingWarnings(snapshot), n.sealingWarnings(snapshot), n.reviewWarnings(snapshot))
	out.Items = recordReader{n}.Items(ctx)
	if !out.GetReady() {
		out.Standing = append(out.Standing, warn(valisev1.Warning_WARNING_RECORD_REOPENS))
		return out, nil
	}
	officers, err := n.people.List(ctx)
	if err != nil {
		return nil, err
	}
	out.Standing = append(out.Standing, newcomers(officers, n.now())...)
	standing, err := n.Gateway().Standing(ctx)
	if err != nil {
		return nil, err
	}
	if standing.GetStopped() {
		out.SendingStopped = standing.GetStoppedAt()
	}
	out.Standing = append(out.Standing, standingWarnings(standing, n.now())...)
	if since, err := n.Gateway().CheckDue(ctx); err != nil {
		return nil, err
	} else if !since.IsZero() {
		out.Standing = append(out.Standing, warn(valisev1.Warning_WARNING_CHECK_DUE, withDay("day", since)))
	}
	return out, errors.Join(r.waiting(ctx, out), r.upkeep(ctx, out), r.keys(ctx, out), r.trust(ctx, out))
}

func (r statusReader) waiting(ctx context.Context, out *valisev1.GetStatusResponse) (err error) {
	if out.Outbox, err = r.node.Gateway().Outbox(ctx); err != nil {
		return err
	}
	if out.Quarantine, err = r.node.Gateway().Quarantine(ctx); err != nil {
		return err
	}
	if out.Gaps, err = r.node.Gateway().Gaps(ctx); err != nil {
		return err
	}
	out.Attention, err = r.node.Gateway().Attention(ctx)
	if ways := out.GetAttention().GetFailing(); len(ways) > 0 {
		out.Standing = append(out.Standing, warn(valisev1.Warning_WARNING_CALLS_FAIL, withNames("ways", undated(ways))))
	}
	return err
}

func (r statusReader) warnings(snapshot *directory.Snapshot) []*valisev1.StandingWarning {
	var out []*valisev1.StandingWarning
	if snapshot.Number() == 0 {
		out = append(out, warn(valisev1.Warning_WARNING_NO_DIRECTORY))
	} else if snapshot.Stale(r.node.now()) {
		out = append(out, warn(valisev1.Warning_WARNING_DIRECTORY_STALE))
	}
	if ends := r.node.home.sealingEnds(r.node.now()); ends.Sub(r.node.now()) < sealingWarning {
		out = append(out, warn(valisev1.Warning_WARNING_SEALING_KEY_ENDS, withDay("day", ends)))
	}
	out = append(out, r.node.spaceWarnings()...)
	if r.node.mail.customs.flooded(r.node.now()) {
		out = append(out, warn(valisev1.Warning_WARNING_PEER_OVER_QUOTA))
	}
	return append(out, relayedWarnings(r.node.relayed.status(), snapshot.Number())...)
}

// recordReader fills api.RecordReader.
type recordReader struct{ node *Node }

// VerifyRecord checks the whole record while the node runs.
func (r recordReader) VerifyRecord(ctx context.Context, heads []*valisev1.KnownHead) (*valisev1.VerifyRecordResponse, error) {
	return r.node.VerifyRecord(ctx, heads...)
}

// GetHead is size and root of the tree.
func (r recordReader) GetHead(ctx context.Context) (*valisev1.GetHeadResponse, error) {
	head, err := record(r).Head(ctx)
	if err != nil {
		return nil, err
	}
	return &valisev1.GetHeadResponse{Size: head.Size, Root: fmt.Sprintf("%x", head.Root), At: timestamppb.New(r.node.now())}, nil
}

// Items is the number of items in the record; while the record is closed for a moment, as many as
// were seen last.
func (r recordReader) Items(ctx context.Context) uint64 {
	head, err := record(r).Head(ctx)
	if err != nil {
		return r.node.items.Load()
	}
	for seen := r.node.items.Load(); head.Size > seen; seen = r.node.items.Load() {
		if r.node.items.CompareAndSwap(seen, head.Size) {
			break
		}
	}
	return head.Size
}

// directoryKeeper fills api.DirectoryKeeper.
type directoryKeeper struct{ node *Node }

// Current is the directory in force.
func (k directoryKeeper) Current() *directory.Snapshot { return k.node.book.Snapshot() }

// Import takes a bundle file into force and wakes what waited for it. The first import decides
// whom this node trusts, so it is done on the folder, with the managers' fingerprints at hand,
// and never over the socket.
func (k directoryKeeper) Import(ctx context.Context, bundle []byte) (*valisev1.ImportDirectoryResponse, error) {
	changes, err := k.node.book.Import(bundle, directory.ImportOptions{Confirm: refuseFirst})
	if err != nil {
		k.node.watchRefused(ctx, bundle)
		return nil, err
	}
	k.node.directoryChanged(ctx)
	return &valisev1.ImportDirectoryResponse{Number: k.node.book.Snapshot().Number(), Changes: changes.Lines()}, nil
}

func refuseFirst(directory.ManagerInfo) error {
	return &Fault{Why: valisev1.Reason_REASON_NEEDS_YES, Detail: "the first directory is imported on the home folder, with the managers' fingerprints confirmed"}
}
