package node

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// keyKeeper fills api.KeyKeeper.
type keyKeeper struct{ node *Node }

var _ api.KeyKeeper = keyKeeper{}

// RotateKeys makes the next keys of every POC while the node runs; mail and peers follow at once.
func (k keyKeeper) RotateKeys(ctx context.Context, by gateway.Actor, r *valisev1.RotateKeysRequest) (*valisev1.RotateKeysResponse, error) {
	n := k.node
	n.keyWork.Lock()
	defer n.keyWork.Unlock()
	made, err := n.home.rotate(ctx, rotation{
		record: record{n}, book: n.book, signing: r.GetSigning(), by: by.Name, now: n.now(), rand: n.rand,
	})
	n.mail.wake.Ring()
	n.changes.Ring()
	return &valisev1.RotateKeysResponse{Keys: made}, err
}

// RotateClosed makes the next keys of every POC of a home that no node runs: signing keys, or sealing
// keys. docs/protocol.md §8.2, §8.4
func (h *Home) RotateClosed(ctx context.Context, r *ClosedRecord, signing bool) ([]*valisev1.KeyStatus, error) {
	book, err := h.Directory()
	if err != nil {
		return nil, err
	}
	return h.rotate(ctx, rotation{record: r.store, book: book, signing: signing, now: r.now(), rand: rand.Reader})
}

// rotation is what the making of the next keys stands on.
type rotation struct {
	record  records
	book    *directory.Book
	signing bool
	by      string
	now     time.Time
	rand    io.Reader
}

func (h *Home) rotate(ctx context.Context, x rotation) (made []*valisev1.KeyStatus, err error) {
	if x.signing {
		if err := h.nothingUnnamed(x.book.Snapshot()); err != nil {
			return nil, err
		}
	}
	for _, a := range h.Addresses() {
		status := &valisev1.KeyStatus{Address: a.String(), Use: valisev1.KeyUse_KEY_USE_SIGNING}
		if x.signing {
			status.KeyId, err = h.nextSigning(ctx, x, a)
		} else {
			err = h.rotateSealing(ctx, x, a, status)
		}
		if err != nil {
			return made, err
		}
		made = append(made, status)
	}
	if x.signing {
		return made, nil
	}
	for _, a := range h.Addresses() {
		if err := h.announce(ctx, x.record, x.book, a, x.now); err != nil {
			return made, err
		}
	}
	return made, nil
}

// rotateSealing makes the next sealing key of a POC and tells of it. It is the one in use unless another was made
// within the same second: then it begins with the next. docs/protocol.md §8.4
func (h *Home) rotateSealing(ctx context.Context, x rotation, a ident.Address, status *valisev1.KeyStatus) error {
	k, err := h.nextSealing(ctx, x.record, a, x.by, x.now)
	if err != nil {
		return err
	}
	current, _ := h.keys.currentSealing(a.Track, x.now)
	status.Use, status.KeyId, status.Current = valisev1.KeyUse_KEY_USE_SEALING, k.id().String(), k.id() == current.id()
	status.From, status.Until = timestamppb.New(k.made), timestamppb.New(k.ends())
	return nil
}

// nothingUnnamed refuses a signing key after one that no entry names yet: that one is the next.
func (h *Home) nothingUnnamed(named *directory.Snapshot) error {
	for _, a := range h.Addresses() {
		keys := h.keys.signingOf(a.Track)
		if _, known := named.HistoricalSpeaker(keys[len(keys)-1].key.Public().ID(h.config.Realm)); !known {
			return &Fault{Why: valisev1.Reason_REASON_NOT_IN_THIS_STATE, Detail: fmt.Sprintf("the newest signing key of %s stands in no entry yet: the State's root signs the entry with it first", a)}
		}
	}
	return nil
}

// nextSigning makes another signing key for a POC and tells it in the record. It signs nothing until
// the State's entry names it. docs/protocol.md §8.2
func (h *Home) nextSigning(ctx context.Context, x rotation, a ident.Address) (id string, err error) {
	keys := h.keys.signingOf(a.Track)
	made, err := makeSigningKey(h.keysDir(), h.config.Realm, a.Track, keys[len(keys)-1].number+1, h.keys.passphrase, x.rand)
	if err != nil {
		return "", err
	}
	h.keys.addSigning(a.Track, made)
	id = made.key.Public().ID(h.config.Realm).String()
	_, err = noteUpkeep(ctx, x.record, &valisev1.Item{
		Recorded: timestamppb.New(x.now), Officer: x.by,
		Note: fmt.Sprintf("new signing key %s for %s; it speaks once the entry names it", id, a),
	}, func(*valisev1.Upkeep) {})
	return id, err
}
