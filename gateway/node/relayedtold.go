package node

import (
	"context"
	"fmt"
	"log/slog"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

func (r *relayed) last() judgement {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.judged
}

// evidenceOf is the list of a directory file, where it shows that the managers signed two of one
// number; a relay cannot make that up. docs/protocol.md §8.3
func evidenceOf(v judgement, file []byte) []byte {
	if ReasonOf(v.err) != valisev1.Reason_REASON_EQUIVOCATION {
		return nil
	}
	b := &valisev1.ImportBundle{}
	if err := proto.Unmarshal(file, b); err != nil {
		return nil
	}
	list, err := proto.Marshal(b.GetList())
	if err != nil {
		return nil
	}
	return list
}

// status is what was last seen; nil where lists come from files alone.
func (r *relayed) status() *valisev1.RelayedDirectory {
	if r.node.config.Directory.FilesOnly {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return proto.CloneOf(r.view)
}

// conclude notes what the last look said, for status, and rings where that is news.
func (r *relayed) conclude(v judgement) {
	now, reason := r.node.now(), ReasonOf(v.err)
	r.mu.Lock()
	news := reason != r.view.GetRefused()
	r.judged = v
	r.view.Looked, r.view.Number = timestamppb.New(now), v.number
	if news {
		r.view.Refused, r.view.Since = reason, timestamppb.New(now)
	}
	if reason == valisev1.Reason_REASON_UNSPECIFIED {
		r.view.Since = nil
	}
	r.mu.Unlock()
	if !news {
		return
	}
	if reason != valisev1.Reason_REASON_UNSPECIFIED {
		r.node.log.Warn("the directory at the relay is refused; the list before stays in force", slog.String("reason", reason.String()))
	}
	r.node.changes.Ring()
}

// recordRefusal tells a refusal in the record, each reason at most once an hour: a relay must not be
// able to fill it. P7
func (r *relayed) recordRefusal(ctx context.Context, v judgement, file []byte) {
	now, reason := r.node.now(), ReasonOf(v.err)
	r.mu.Lock()
	since := now.Sub(r.told[reason])
	again := r.told[reason].IsZero() || since >= relayedToldAgain || since < 0
	if again {
		r.told[reason] = now
	}
	r.mu.Unlock()
	if !again {
		return
	}
	r.record(ctx, &valisev1.Item{
		Reason: reason, Evidence: evidenceOf(v, file),
		Note: fmt.Sprintf("what the relay keeps as %s was refused; list %d stays in force", listWord(v.number), r.node.book.Snapshot().Number()),
	})
}

func listWord(number uint64) string {
	if number == 0 {
		return "the directory"
	}
	return fmt.Sprintf("list %d", number)
}

// recordTaken tells that a list came by the relay.
func (r *relayed) recordTaken(ctx context.Context, number uint64) {
	r.mu.Lock()
	r.view.Taken = number
	r.mu.Unlock()
	r.node.log.Info("a new directory list came by the relay", slog.Uint64("number", number))
	r.record(ctx, &valisev1.Item{Note: fmt.Sprintf("list %d came by the relay and is in force", number)})
}

func (r *relayed) record(ctx context.Context, item *valisev1.Item) {
	item.Type, item.Recorded = valisev1.ItemType_ITEM_TYPE_DIRECTORY, timestamppb.New(r.node.now())
	// What is in force already is told, also where the node is just being stopped.
	err := record{r.node}.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		_, err := tx.Append(proto.CloneOf(item))
		return err
	})
	if err != nil {
		r.node.log.Warn("what became of the directory at the relay is not in the record", slog.String("reason", reasonText(err)))
		return
	}
	r.node.changes.Ring()
}

// relayedWarnings say what is to be done about a refusal; nothing where there is none.
func relayedWarnings(v *valisev1.RelayedDirectory, inForce uint64) []*valisev1.StandingWarning {
	switch v.GetRefused() {
	case valisev1.Reason_REASON_UNSPECIFIED:
		return nil
	case valisev1.Reason_REASON_CANNOT_DECRYPT:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_RELAYED_SEALED)}
	case valisev1.Reason_REASON_ROLLBACK:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_RELAYED_OLDER, withNumber("number", v.GetNumber()), withNumber("held", inForce))}
	}
	return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_RELAYED_REFUSED, withReason("reason", v.GetRefused()), withNumber("held", inForce))}
}
