package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// Release gives number, signature and item to every held message whose time has come. One that may
// not leave any more becomes a draft that says why; one that cannot be released stops only what
// follows it in its thread, and is tried again in five minutes.
// It also does some of what restores ask for: openings, Returns, messages sent again.
// docs/protocol.md §7.4, §7.6, P3
func (g *Gateway) Release(ctx context.Context, now time.Time) error {
	const op = "release"
	var failed error
	for _, h := range g.takeHeld(now) {
		err := g.update(ctx, op, func(w *work) error {
			return w.releaseHeld(h.row)
		})
		if err != nil {
			failed = errors.Join(failed, err)
		}
	}
	if err := g.afterRestore(ctx, now); err != nil {
		failed = errors.Join(failed, err)
	}
	return failed
}

func (w *work) releaseHeld(ordinal uint64) error {
	row, err := w.heldRow(ordinal)
	if err != nil {
		return err
	}
	if row == nil {
		w.after.unhold = append(w.after.unhold, ordinal)
		return nil
	}
	th, found, err := w.thread(ident.ThreadID(row.GetThread()))
	if err != nil {
		return err
	}
	if !found {
		return damaged("a held message has no thread")
	}
	behind, err := w.afterHeld(th, row, ordinal)
	if err != nil || behind {
		return err
	}
	w.after.unhold = append(w.after.unhold, ordinal)
	why, err := w.mayLeave(th, row)
	if err != nil {
		return err
	}
	if why != nil {
		return w.stop(th, row, ordinal, why)
	}
	return w.release(th, row, ordinal)
}

// takeHeld lists what is due, in the order of writing, and keeps it from coming again at once.
func (g *Gateway) takeHeld(now time.Time) []heldRow {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []heldRow
	g.held.rebase(now)
	for i, h := range g.held {
		if !h.due.After(now) {
			out = append(out, h)
			g.held[i].due, g.held[i].since = now.Add(lastRetry), now
		}
	}
	slices.SortFunc(out, func(a, b heldRow) int { return compare(a.row, b.row) })
	return out
}

// heldRow reads a row that is still held; nil when it was withdrawn meanwhile.
func (w *work) heldRow(ordinal uint64) (*valisev1.Outgoing, error) {
	b, err := w.row(tableOutbox, nil, ordinal)
	if err != nil || b == nil {
		return nil, err
	}
	row := new(valisev1.Outgoing)
	if err := unmarshalOwn(b, row); err != nil || row.GetStage() != valisev1.Stage_STAGE_HELD {
		return nil, err
	}
	return row, nil
}

// release numbers, signs and records a message, and puts it on its way: the point from which it
// has a place that nothing else can take. docs/protocol.md §7.1
func (w *work) release(th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64) error {
	row.Epoch = uint64(w.epochs.present())
	c, err := rowChannel(row)
	if err != nil {
		return err
	}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return err
	}
	header, err := w.headerFor(th, row, c, ch)
	if err != nil {
		return err
	}
	content, err := w.content(header, row.GetPayload())
	if err != nil {
		return err
	}
	sign, err := w.signLater(header.From, content)
	if err != nil {
		return err
	}
	d := content.Digest()
	if row.Item, err = w.appendSigned(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_SENT, Thread: th.GetId(), Digest: d[:],
		Kind: row.GetKind(), Officer: row.GetOfficer(), Role: row.GetRole(),
	}, content, sign); err != nil {
		return err
	}
	if err := w.takeNumber(c, ch, header, row, d); err != nil {
		return err
	}
	if err := w.announce(row, d); err != nil {
		return err
	}
	row.Digest, row.Stage = d[:], valisev1.Stage_STAGE_RELEASED
	if err := w.released(th, row, header, ordinal); err != nil {
		return err
	}
	row.Payload, row.Slot = nil, noSlot
	if err := w.grantNow(c, row, ordinal); err != nil {
		return err
	}
	row.Reason = w.deliveryReason(row)
	return w.saveRow(ordinal, row)
}

// headerFor says where the message stands on its channel and in its thread.
func (w *work) headerFor(th *valisev1.Thread, row *valisev1.Outgoing, c channel, ch *valisev1.OutboundChannel) (seal.Header, error) {
	h := seal.Header{
		MinorVersion: seal.MinorVersion, Realm: w.g.cfg.Realm, Kind: row.GetKind(), From: c.from, To: c.to,
		Lane: c.lane, Epoch: c.epoch, Thread: ident.ThreadID(th.GetId()),
		MessageID: ident.MessageID(row.GetMessageId()), Created: w.now.UTC(),
		DirectoryNumber: w.dir.Number(), DirectoryHash: w.dir.Hash(),
	}
	h.Sequence, h.Previous = assignNumber(ch)
	h.InReplyTo, _ = ident.DigestFrom(row.GetInReplyTo())
	h.LastSeen, _ = ident.DigestFrom(th.GetLastSeen())
	if ident.Epoch(th.GetSentEpoch()) != c.epoch {
		th.SentEpoch, th.SentSequence = uint64(c.epoch), 0
	}
	h.ThreadSequence = th.GetSentSequence() + 1
	if h.Sequence > 1 {
		return h, nil
	}
	var err error
	h.Opening, err = w.opening(c)
	return h, err
}

// sign makes the Content, once, and signs it with the POC's key. docs/protocol.md §4.2
func (w *work) sign(h seal.Header, payload []byte) (seal.Signed, error) {
	content, err := w.content(h, payload)
	if err != nil {
		return seal.Signed{}, err
	}
	return w.signContent(h.From, content)
}

// content is what a message says, from here on for ever. docs/protocol.md §4.1
func (w *work) content(h seal.Header, payload []byte) (seal.Content, error) {
	var nonce [seal.NonceSize]byte
	if err := w.g.fill(nonce[:]); err != nil {
		return seal.Content{}, err
	}
	content, err := seal.NewContent(h, nonce, payload)
	if err != nil {
		return seal.Content{}, fromSeal(err, "the message cannot be written")
	}
	return content, nil
}

func (w *work) signContent(from ident.Address, content seal.Content) (seal.Signed, error) {
	key, err := w.signingKey(from)
	if err != nil {
		return seal.Signed{}, err
	}
	signed, err := seal.SignContent(w.g.cfg.Realm, key, content)
	if err != nil {
		return seal.Signed{}, fromSeal(err, "the message cannot be signed")
	}
	return signed, nil
}

// signLater takes the key now, so that what is left to do needs nothing that may be missing.
func (w *work) signLater(from ident.Address, content seal.Content) (func() ([]byte, error), error) {
	key, err := w.signingKey(from)
	if err != nil {
		return nil, err
	}
	realm := w.g.cfg.Realm
	return func() ([]byte, error) {
		signed, err := seal.SignContent(realm, key, content)
		if err != nil {
			return nil, fromSeal(err, "the message cannot be signed")
		}
		return signed.Marshal(), nil
	}, nil
}

func (w *work) signingKey(from ident.Address) (*seal.SigningKey, error) {
	key, err := w.g.cfg.Signers.SigningKey(from)
	if err != nil {
		return nil, &Error{Reason: valisev1.Reason_REASON_INTERNAL, Err: err, Detail: "the signing key of this POC is not here, so nothing is sent"}
	}
	return key, nil
}

// takeNumber binds the number to the message for ever. docs/protocol.md §7.1
func (w *work) takeNumber(c channel, ch *valisev1.OutboundChannel, h seal.Header, row *valisev1.Outgoing, d ident.Digest) error {
	row.Sequence = h.Sequence
	value := append(append([]byte{}, d[:]...), row.GetMessageId()...)
	if err := w.tx.PutRow(tableOutNumber, c.key(), h.Sequence, value); err != nil {
		return err
	}
	return w.save(tableOutChannel, c.key(), numberUsed(ch, d))
}

// released lets the thread and the indexes follow a release.
func (w *work) released(th *valisev1.Thread, row *valisev1.Outgoing, h seal.Header, ordinal uint64) error {
	d, _ := ident.DigestFrom(row.GetDigest())
	if err := w.save(tableFacts, d[:], &valisev1.DeliveryFact{
		Digest: d[:], Delivery: valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE,
	}); err != nil {
		return err
	}
	th.SentSequence = h.ThreadSequence
	m, known := valisev1.NewPayload(row.GetKind())
	if !known {
		return damaged("a message of ours is of no known kind")
	}
	if err := unmarshalOwn(row.GetPayload(), m); err != nil {
		return err
	}
	if err := w.indexConsent(row.GetItem(), m); err != nil {
		return err
	}
	// The item is not read again: that would wait for its signature.
	e, err := w.event(h, m, d[:], true)
	if err != nil {
		return err
	}
	become(th, applyMessage(th, e))
	th.Changed = timestamppb.New(w.now)
	if err := w.saveThread(th); err != nil {
		return err
	}
	from, _, err := rowAddresses(row)
	if err != nil {
		return err
	}
	return w.savePlace(from, rowPlace(row, ordinal))
}

// void fills the number of a message that never left with a Void that stands for it: number,
// thread sequence and chain go on. docs/protocol.md §7.3
func (w *work) void(row *valisev1.Outgoing, ordinal uint64) error {
	item, err := w.tx.Item(row.GetItem())
	if err != nil {
		return err
	}
	h, _, err := readItem(item)
	if err != nil {
		return err
	}
	d, _ := ident.DigestFrom(row.GetDigest())
	h.Kind, h.Created, h.InReplyTo = valisev1.Kind_KIND_VOID, w.now.UTC(), ident.Digest{}
	// Its own id: under the old one it would look like the same message with another content.
	if err := w.g.fill(h.MessageID[:]); err != nil {
		return err
	}
	h.DirectoryNumber, h.DirectoryHash = w.dir.Number(), w.dir.Hash()
	payload, err := proto.Marshal(&valisev1.Void{Digest: d[:]})
	if err != nil {
		return err
	}
	signed, err := w.sign(h, payload)
	if err != nil {
		return err
	}
	own := signed.Content.Digest()
	row.Item, err = w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_SENT, Thread: row.GetThread(), Digest: own[:], Signed: signed.Marshal(),
		Kind: valisev1.Kind_KIND_VOID,
	})
	if err != nil {
		return err
	}
	row.Kind, row.Signed = valisev1.Kind_KIND_VOID, nil
	return w.saveRow(ordinal, row)
}
