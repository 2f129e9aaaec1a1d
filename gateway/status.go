package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Outbox lists what has no receipt yet, oldest first, at most 1,000 rows: since when, how often it
// went out, and why it waits. Of drafts it lists those that were stopped. It shows no content.
// docs/protocol.md §7.4
func (g *Gateway) Outbox(ctx context.Context) ([]*valisev1.OutboxRow, error) {
	var out []*valisev1.OutboxRow
	err := g.view(ctx, "outbox", func(w *work) error {
		out = nil
		err := w.tx.Rows(tableOutbox, nil, 0, false, func(_ uint64, value []byte) (bool, error) {
			row := new(valisev1.Outgoing)
			if err := unmarshalOwn(value, row); err != nil {
				return false, err
			}
			if row.GetStage() != valisev1.Stage_STAGE_DRAFT || isStopped(row) {
				out = append(out, w.outboxRow(row))
			}
			return len(out) < maxOutboxRows, nil
		})
		if err != nil {
			return err
		}
		out, err = w.unnumberedRows(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// unnumberedRows adds a row for each attachment that has parts without a number: they wait for
// those before them. docs/protocol.md §6
func (w *work) unnumberedRows(out []*valisev1.OutboxRow) ([]*valisev1.OutboxRow, error) {
	err := w.eachPair(func(p Pair) error {
		return w.tx.Rows(tablePartQueue, p.key(), 0, false, func(_ uint64, key []byte) (bool, error) {
			if len(out) >= maxOutboxRows {
				return false, nil
			}
			d, _, err := parseAttachmentKey(key)
			if err != nil {
				return false, err
			}
			of, _, err := w.placeAt(tableDigest, d)
			if err != nil {
				return false, err
			}
			item, err := w.kept(of.item)
			if err != nil || item == nil {
				return err == nil, err
			}
			out = append(out, &valisev1.OutboxRow{
				Message: of.id.String(), To: p.Peer.String(), Since: item.GetRecorded(),
				Kind: valisev1.Kind_KIND_ATTACHMENT_PART, Reason: valisev1.Reason_REASON_MAILBOX_FULL,
			})
			return true, nil
		})
	})
	return out, err
}

// outboxRow names a part by the message that it belongs to: officers know no other id of it.
func (w *work) outboxRow(row *valisev1.Outgoing) *valisev1.OutboxRow {
	out := &valisev1.OutboxRow{
		Message: ident.MessageID(row.GetMessageId()).String(), To: row.GetTo(), Since: row.GetCreated(),
		Attempts: row.GetAttempts(), Kind: row.GetKind(),
	}
	if part := row.GetPart(); part != nil {
		if of, found, err := w.placeAt(tableDigest, part.GetMessage()); err == nil && found {
			out.Message = of.id.String()
		}
	}
	switch row.GetStage() {
	case valisev1.Stage_STAGE_PENDING_CLEARANCE:
		out.Reason = valisev1.Reason_REASON_NEEDS_SECOND_PERSON
	case valisev1.Stage_STAGE_HELD:
		out.Reason = valisev1.Reason_REASON_UNDO_HOLD
	case valisev1.Stage_STAGE_DRAFT:
		out.Reason = row.GetReason()
	default:
		out.Reason = w.waitReason(row)
		out.Attempts = max(out.Attempts, w.g.attempts(row.GetDigest()))
	}
	return out
}

// attempts is how often a message went out, as the schedule knows it.
func (g *Gateway) attempts(digest []byte) uint32 {
	d, _ := ident.DigestFrom(digest)
	g.mu.Lock()
	defer g.mu.Unlock()
	if e := g.schedule.byDigest[d]; e != nil {
		return e.attempts
	}
	return 0
}

// Quarantine lists what could not be attributed or verified, newest first, at most 1,000 rows.
// docs/protocol.md §7.5
func (g *Gateway) Quarantine(ctx context.Context) ([]*valisev1.QuarantineRow, error) {
	var out []*valisev1.QuarantineRow
	err := g.view(ctx, "quarantine", func(w *work) error {
		out = nil
		return w.tx.Rows(tableQuarantine, nil, highest, true, func(n uint64, _ []byte) (bool, error) {
			item, err := w.kept(n)
			if err != nil || item == nil {
				return err == nil, err
			}
			out = append(out, &valisev1.QuarantineRow{Item: n, Recorded: item.GetRecorded(), Reason: item.GetReason()})
			return len(out) < maxOutboxRows, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Gaps lists the channels of peers on which something is recorded beyond a number that has not
// come. docs/protocol.md §7.2
func (g *Gateway) Gaps(ctx context.Context) ([]*valisev1.GapRow, error) {
	var out []*valisev1.GapRow
	err := g.view(ctx, "gaps", func(w *work) error {
		out = nil
		return w.eachPair(func(p Pair) error {
			return w.eachInbound(p, func(c channel, ch *valisev1.InboundChannel) error {
				all, err := w.lives(p, c.lane)
				if err != nil {
					return err
				}
				// What is lost is told once, and is not under way. docs/protocol.md §7.6
				if len(ch.GetHeld()) > 0 && !all.lost(ch) {
					out = append(out, &valisev1.GapRow{
						From: c.from.String(), Mark: ch.GetMark().GetMark(), Held: uint32(len(ch.GetHeld())),
					})
				}
				return nil
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
