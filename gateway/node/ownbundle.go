package node

import (
	"context"
	"slices"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// ownBundle is the bundle of a POC of ours that names its keys of today; signed is nil where the
// directory does not know our State yet.
type ownBundle struct {
	signed *valisev1.SignedObject
	number uint64
}

// newBundle is what the next bundle of a POC of ours is made for: the entry in force, and the highest
// number that is known of it.
type newBundle struct {
	address      ident.Address
	entry, floor uint64
	now          time.Time
}

// announce makes the bundle of a POC of ours that names its newest sealing key, where none does yet:
// whoever reads our book, with or without a link, finds a key as soon as it is made. Where no key of
// ours speaks, as before the entry with it is in force, there is nothing to say yet.
// docs/protocol.md §8.4
func (h *Home) announce(ctx context.Context, r records, book *directory.Book, a ident.Address, now time.Time) error {
	h.bundleWork.Lock()
	defer h.bundleWork.Unlock()
	snapshot := book.Snapshot()
	entry, ok := snapshot.Entry(a.State)
	if !ok {
		return nil
	}
	signed, highest := snapshot.Bundle(a)
	if signed != nil {
		body, err := directory.ParseBundle(h.config.Realm, signed)
		if err != nil {
			return err
		}
		if h.namesKeys(a, body, now) {
			return nil
		}
	}
	_, err := h.newBundle(ctx, r, book, newBundle{a, entry.GetNumber(), highest, now})
	switch ReasonOf(err) {
	case valisev1.Reason_REASON_UNKNOWN_KEY, valisev1.Reason_REASON_REVOKED_KEY:
		return nil // the round of notices says so, once
	}
	return err
}

// newBundle makes another bundle and puts it into our own book, before anybody hears of it. It is
// called with bundleWork held. docs/protocol.md §8.4
func (h *Home) newBundle(ctx context.Context, r records, book *directory.Book, b newBundle) (ownBundle, error) {
	made, err := h.keyBundle(b.address, b.entry, b.floor, book.Snapshot().Speaker, b.now)
	if err != nil {
		return ownBundle{}, err
	}
	body, err := directory.ParseBundle(h.config.Realm, made)
	if err != nil {
		return ownBundle{}, err
	}
	if err := noteAnnounced(ctx, r, b.now, b.address, body.GetNumber()); err != nil {
		return ownBundle{}, err
	}
	_, err = book.LearnBundle(made)
	return ownBundle{made, body.GetNumber()}, err
}

// namesKeys reports whether a bundle leads mail to this home: into its mailbox, and under every key that
// a bundle of now names, also one that begins in a moment. docs/protocol.md §8.4
func (h *Home) namesKeys(a ident.Address, body *valisev1.KeyBundle, now time.Time) bool {
	box, dates := h.keys.boxes[a.Track], h.keys.sealingDates(a.Track, now)
	nkey, err := h.RelayNKey()
	if err != nil || len(dates) == 0 || body.GetMailbox() != box.Mailbox || body.GetSenderToken() != box.Token {
		return false
	}
	named := map[string]bool{}
	for _, k := range body.GetSealingKeys() {
		named[k.GetRecipient()] = true
	}
	for _, k := range dates {
		if !named[k.Recipient.String()] {
			return false
		}
	}
	return slices.Contains(body.GetRelayNkeys(), nkey)
}
