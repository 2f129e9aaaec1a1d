package node

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// sealingEvery is how often a POC gets a new sealing key. docs/protocol.md §8.4
	sealingEvery = 7 * 24 * time.Hour
	// keyLook is how often it is looked whether a key is to be made or destroyed, and how much of the
	// running time a crash can leave uncounted.
	keyLook = time.Hour
)

// keepKeys makes and destroys keys, and counts time, until ctx ends.
func (n *Node) keepKeys(ctx context.Context) {
	tick := time.NewTicker(keyLook)
	defer tick.Stop()
	for n.awaitRecord(ctx) {
		if err := n.LookAfterKeys(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("the keys were not looked after; that is tried again", slog.String("reason", reasonText(err)))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// LookAfterKeys does once what a node that runs does every hour: it counts time, makes the sealing keys
// that are due and destroys those that nothing can need any more. docs/protocol.md §8.4, §8.5
func (n *Node) LookAfterKeys(ctx context.Context) error {
	n.keyWork.Lock()
	defer n.keyWork.Unlock()
	if err := eraseLeftovers(n.home.keysDir()); err != nil {
		return err
	}
	if err := n.noteTime(ctx); err != nil {
		return err
	}
	n.warnOfSigningKeys()
	n.warnOfSealingKeys()
	n.warnOfReview()
	for _, a := range n.config.Addresses() {
		current, ok := n.home.keys.currentSealing(a.Track, n.now())
		if age := n.now().Sub(current.made); ok && age >= 0 && age < sealingEvery {
			continue
		}
		if _, err := n.home.nextSealing(ctx, record{n}, a, "", n.now()); err != nil {
			return err
		}
		if err := n.home.announce(ctx, record{n}, n.book, a, n.now()); err != nil {
			return err
		}
		n.mail.wake.Ring()
		n.changes.Ring()
	}
	return n.destroyEnded(ctx)
}

// nextSealing makes another sealing key for a POC and tells it in the record. The key is durable, and
// opens mail, before anything public names it. docs/protocol.md §8.4
func (h *Home) nextSealing(ctx context.Context, r records, a ident.Address, by string, now time.Time) (sealingKey, error) {
	made, err := makeSealingKey(h.keysDir(), h.config.Realm, a.Track, h.keys.passphrase, now)
	if err != nil {
		return sealingKey{}, err
	}
	h.keys.addSealing(a.Track, made)
	item := &valisev1.Item{
		Recorded: timestamppb.New(now), Officer: by,
		Note: fmt.Sprintf("new sealing key %s for %s", made.id(), a),
	}
	_, err = noteUpkeep(ctx, r, item, func(u *valisev1.Upkeep) {
		if u.KeyRanSeconds == nil {
			u.KeyRanSeconds = map[string]uint64{}
		}
		u.KeyRanSeconds[made.id().String()] = u.GetRanSeconds()
	})
	return made, err
}

// destroyEnded destroys every sealing key that nothing can need any more, and goes on with those that
// the record tells of already.
func (n *Node) destroyEnded(ctx context.Context) error {
	now := n.now()
	var ended []ident.Address
	for _, a := range n.config.Addresses() {
		keys := n.home.keys.sealingOf(a.Track)
		if slices.ContainsFunc(keys, func(k sealingKey) bool { return !now.Before(k.ends()) }) {
			ended = append(ended, a)
		}
	}
	if len(ended) == 0 {
		return nil
	}
	e, err := n.evidence(ctx)
	if err != nil {
		return err
	}
	for _, a := range ended {
		current, _ := n.home.keys.currentSealing(a.Track, now)
		for _, k := range n.home.keys.sealingOf(a.Track) {
			told := slices.Contains(e.upkeep.GetDestroyed(), k.id().String())
			if !told && e.waitsFor(k, current, now) != valisev1.KeyWait_KEY_WAIT_UNSPECIFIED {
				continue
			}
			if err := n.destroySealing(ctx, a, k, e, told); err != nil {
				return err
			}
		}
	}
	return nil
}

// destroySealing tells in the record that a key is destroyed, and why that is right, and destroys it.
// What a crash leaves of it after that goes at the next start.
func (n *Node) destroySealing(ctx context.Context, a ident.Address, k sealingKey, e evidence, told bool) error {
	if !told {
		item := &valisev1.Item{
			Recorded: timestamppb.New(n.now()),
			Note: fmt.Sprintf("sealing key %s of %s, made %s, is destroyed: 45 days have passed by our clock, and %s",
				k.id(), a, k.made.Format(time.RFC3339), e.grounds(k)),
		}
		if _, err := noteUpkeep(ctx, record{n}, item, func(u *valisev1.Upkeep) {
			u.Destroyed = append(u.GetDestroyed(), k.id().String())
		}); err != nil {
			return err
		}
	}
	crashpoint.Hit("K3a")
	n.home.keys.dropSealing(a.Track, k)
	n.changes.Ring()
	return destroyKey(n.home.keysDir(), filepath.Base(sealingFile(a.Track, k.made)))
}

func (e evidence) grounds(k sealingKey) string {
	if others := e.others(k.ends()); others >= enoughOthers {
		return fmt.Sprintf("by dates that %d others signed", others)
	}
	return fmt.Sprintf("nodes of this home have run for %d hours since", int(e.ran(k.id())/time.Hour))
}
