package gateway

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// OwnEntry records what became of our own entry in the list, as the node saw it: what is new is raised,
// and what is over by itself ends. docs/protocol.md §8.5
func (g *Gateway) OwnEntry(ctx context.Context, faults []*valisev1.TrustFact) error {
	var news []*valisev1.TrustFact
	var over []question
	look := func(w *work) (err error) {
		news, over, err = w.compareOwn(faults)
		return err
	}
	if err := g.view(ctx, "own entry", look); err != nil || len(news)+len(over) == 0 {
		return err
	}
	return g.update(ctx, "own entry", func(w *work) error {
		if err := look(w); err != nil {
			return err
		}
		for _, f := range news {
			if err := w.tx.Put(tableTold, ownKey(f), []byte{1}); err != nil {
				return err
			}
		}
		return w.noteRoots(news, over)
	})
}

// ownKey is what was told once: of a bundle its number too, so that what a person has looked into does not
// hide a later theft.
func ownKey(f *valisev1.TrustFact) []byte {
	key := slices.Concat([]byte(f.GetFault().String()+"\x00"+f.GetPeer()+"\x00"), f.GetRootOffered(), f.GetListTheirs())
	if f.GetFault() == valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE {
		key = appendNumber(key, f.GetEntryNumber())
	}
	return key
}

// sameMatter reports whether a question that waits is about what is seen now: of bundles that lead a POC's
// mail elsewhere one at a time is enough, however many are signed.
func sameMatter(q, f *valisev1.TrustFact) bool {
	other := valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE
	return proto.Equal(q, f) || q.GetFault() == other && f.GetFault() == other && q.GetPeer() == f.GetPeer()
}

// forAPerson: a bundle that this node did not make is not over because the node has made another, and
// neither is what a quorum signed because the next list is right.
func forAPerson(f *valisev1.TrustFact) bool {
	return f.GetFault() == valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE || f.GetFault() == valisev1.OwnFault_OWN_FAULT_ROLLED_BACK
}

// compareOwn holds what is seen now against what waits, and what a person has looked into.
func (w *work) compareOwn(faults []*valisev1.TrustFact) (news []*valisev1.TrustFact, over []question, err error) {
	known, err := w.questions()
	if err != nil {
		return nil, nil, err
	}
	for _, f := range faults {
		f.Event, f.State = valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY, w.g.cfg.Ours[0].State.String()
		told := false
		for _, q := range known {
			told = told || sameMatter(q.fact, f)
		}
		if forAPerson(f) {
			b, err := w.tx.Get(tableTold, ownKey(f))
			if err != nil {
				return nil, nil, err
			}
			told = told || b != nil
		}
		if !told {
			news = append(news, f)
		}
	}
	for _, q := range known {
		if q.fact.GetEvent() != valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY || forAPerson(q.fact) {
			continue
		}
		still := false
		for _, f := range faults {
			still = still || proto.Equal(q.fact, f)
		}
		if !still {
			over = append(over, q)
		}
	}
	return news, over, nil
}
