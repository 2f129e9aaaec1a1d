package node

import (
	"context"
	"log/slog"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

// watchOwnEntry holds what the list says of our own State against what this home knows, and lets the desk
// hear of what is not as it should be: the managers can change the list, and only our root our entry.
// docs/protocol.md §8.5
func (n *Node) watchOwnEntry(ctx context.Context) {
	if err := n.Gateway().OwnEntry(ctx, n.ownFaults()); err != nil {
		n.log.Error("what the list says of our own State could not be told to the desk", slog.String("reason", reasonText(err)))
	}
}

// watchRefused looks into a directory file that was not taken: where a quorum signed a list with an older
// entry of our own State, whoever does not hold the newer one takes that list. docs/protocol.md §8.5
func (n *Node) watchRefused(ctx context.Context, file []byte) {
	back, is := n.book.Snapshot().RollsBack(file, n.config.State)
	if !is {
		return
	}
	faults := append(n.ownFaults(), &valisev1.TrustFact{
		Fault: valisev1.OwnFault_OWN_FAULT_ROLLED_BACK, EntryNumber: back.EntryNumber, ListNumber: back.Number, ListTheirs: back.Hash[:],
		Split: &valisev1.SplitEvidence{Realm: string(n.config.Realm), List: back.List},
	})
	if err := n.Gateway().OwnEntry(ctx, faults); err != nil {
		n.log.Error("a list that rolls our own entry back could not be told to the desk", slog.String("reason", reasonText(err)))
	}
	n.changes.Ring()
}

func (n *Node) ownFaults() (faults []*valisev1.TrustFact) {
	snapshot, own := n.book.Snapshot(), n.config.State
	for _, k := range snapshot.KeyChanged() {
		if k.State == own && !k.Denied {
			faults = append(faults, &valisev1.TrustFact{
				Fault: valisev1.OwnFault_OWN_FAULT_OTHER_ROOT, RootHeld: k.Held[:], RootOffered: k.Offered[:], EntryNumber: k.Number,
			})
		}
	}
	if _, left := snapshot.Left(own); left {
		faults = append(faults, &valisev1.TrustFact{Fault: valisev1.OwnFault_OWN_FAULT_REMOVED})
	}
	for _, a := range n.config.Addresses() {
		signed, _ := snapshot.Bundle(a)
		body, err := directory.ParseBundle(n.config.Realm, signed)
		if box := n.home.keys.boxes[a.Track]; signed != nil && err == nil && (body.GetMailbox() != box.Mailbox || body.GetSenderToken() != box.Token) {
			faults = append(faults, &valisev1.TrustFact{
				Fault: valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE, Peer: a.String(), EntryNumber: body.GetNumber(),
			})
		}
	}
	return faults
}

// questionWarnings are what waits for a person.
func questionWarnings(questions []*valisev1.TrustQuestion) (out []*valisev1.StandingWarning) {
	for _, q := range questions {
		switch q.GetEvent() {
		case valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION:
			out = append(out, warn(valisev1.Warning_WARNING_ROOT_IN_QUESTION, withName("state", q.GetState())))
		case valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW:
			out = append(out, warn(valisev1.Warning_WARNING_SPLIT_VIEW, withName("peer", q.GetPeer())))
		case valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY:
			out = append(out, ownFaultWarnings(q.GetFault())...)
		}
	}
	return out
}

func ownFaultWarnings(fault valisev1.OwnFault) []*valisev1.StandingWarning {
	switch fault {
	case valisev1.OwnFault_OWN_FAULT_OTHER_ROOT:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_OWN_OTHER_ROOT)}
	case valisev1.OwnFault_OWN_FAULT_REMOVED:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_OWN_REMOVED)}
	case valisev1.OwnFault_OWN_FAULT_ROLLED_BACK:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_OWN_ROLLED_BACK)}
	case valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_OWN_OTHER_BUNDLE)}
	}
	return nil
}
