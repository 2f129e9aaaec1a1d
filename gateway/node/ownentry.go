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
	n.changes.ring()
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

// questionWarnings are sentences for what waits for a person.
func questionWarnings(questions []*valisev1.TrustQuestion) (out []string) {
	for _, q := range questions {
		switch q.GetEvent() {
		case valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION:
			out = append(out, q.GetState()+" shows another root than the one that is known: nothing new is shown as that State's, and what it sends is held, until an officer has called back; valise directory confirm says what the call brought")
		case valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW:
			out = append(out, q.GetPeer()+" was shown another list of the number that is in force here: call it and the managers; valise directory evidence export writes what shows it")
		case valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY:
			out = append(out, ownFaultWarning[q.GetFault()])
		}
	}
	return out
}

var ownFaultWarning = map[valisev1.OwnFault]string{
	valisev1.OwnFault_OWN_FAULT_OTHER_ROOT:   "the list shows an entry of our own State that our root has not signed: unless our authority has changed the root, call the managers and every State now; the entry before stays in force here, and other nodes hold back what is signed under the new one",
	valisev1.OwnFault_OWN_FAULT_REMOVED:      "the list does not have our own State any more: nobody can write to us, and we to nobody; call the managers",
	valisev1.OwnFault_OWN_FAULT_ROLLED_BACK:  "a quorum of the managers signed a list with an older entry of our own State than the one in force, or another of its number: it is not taken here, but a node that has not seen the newer one takes it, with the keys of before; call the managers and every State, and hand over what valise directory evidence export writes",
	valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE: "a key bundle of ours that leads mail elsewhere was signed with a signing key of ours and not by this node: the key is in other hands, or a second home speaks for the same point of contact",
}
