package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// compareLists holds the list that a message names against ours, whatever its kind: a batch tells as
// well as an inquiry. Two lists of one number are evidence that is kept, and people are called. One of
// a number that is not known here yet is remembered, and compared when our list comes.
// docs/protocol.md §8.3
func (g *Gateway) compareLists(ctx context.Context, o *seal.Opened) error {
	h := o.Header
	if h.DirectoryNumber == 0 || o.Speaker.Unconfirmed {
		return nil
	}
	same, decided := g.cfg.Directory().SameList(h.DirectoryNumber, h.DirectoryHash)
	if decided && same || !decided && h.DirectoryNumber < g.cfg.Directory().Number() {
		return nil
	}
	e := g.splitEvidence(o)
	known := false
	if err := g.view(ctx, "directory", func(w *work) (err error) {
		known, err = w.listClaimed(h.From, e, decided)
		return err
	}); err != nil || known {
		return err
	}
	return g.update(ctx, "directory", func(w *work) error {
		if known, err := w.listClaimed(h.From, e, decided); err != nil || known {
			return err
		}
		if decided {
			return w.keepSplit(h.From, h.DirectoryNumber, h.DirectoryHash, e)
		}
		return w.save(tableListClaim, appendAddress(nil, h.From), e)
	})
}

// splitEvidence is what shows to anybody which list a peer named: its header and signatures, without
// what it said. A-7b s2
func (g *Gateway) splitEvidence(o *seal.Opened) *valisev1.SplitEvidence {
	return &valisev1.SplitEvidence{
		Realm: string(g.cfg.Realm), Header: o.Signed.Content.Header, BodyHash: bodyHash(o.Signed.Content),
		Signature: signatureOf(o.Signed), Key: o.Speaker.Key.Proto(),
	}
}

// listClaimed reports whether it is known already that a peer names this list. One that is not decided
// is known by its peer, of which the newest is enough.
func (w *work) listClaimed(from ident.Address, e *valisev1.SplitEvidence, decided bool) (bool, error) {
	h, err := seal.ParseHeader(e.GetHeader())
	if err != nil {
		return false, err
	}
	if decided {
		b, err := w.tx.Get(tableTold, splitKey(from.State, h.DirectoryNumber, h.DirectoryHash))
		return b != nil, err
	}
	before := new(valisev1.SplitEvidence)
	if found, err := w.load(tableListClaim, appendAddress(nil, from), before); err != nil || !found {
		return false, err
	}
	then, err := seal.ParseHeader(before.GetHeader())
	return err == nil && then.DirectoryNumber >= h.DirectoryNumber, err
}

// splitKey is of a State: one home speaks for both of its POCs and holds one directory, and what is
// looked into is the list.
func splitKey(from ident.State, number uint64, hash [32]byte) []byte {
	return append(appendNumber(append([]byte(from), 0), number), hash[:]...)
}

// keepSplit records that a State holds another list of a number that we hold, once for each list. The
// POC that named it first stands for both.
func (w *work) keepSplit(from ident.Address, number uint64, theirs [32]byte, e *valisev1.SplitEvidence) error {
	e = proto.CloneOf(e)
	e.List = w.dir.ListOf(number)
	fact := &valisev1.TrustFact{
		Event: valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW, State: from.State.String(), Peer: from.String(),
		ListNumber: number, ListTheirs: theirs[:], Split: e,
	}
	if err := w.raise(fact); err != nil {
		return err
	}
	return w.tx.Put(tableTold, splitKey(from.State, number, theirs), []byte{1})
}

// listClaim is what a peer named of a list that was not here then.
type listClaim struct {
	from     ident.Address
	header   seal.Header
	evidence *valisev1.SplitEvidence
	split    bool // ours of that number is another
}

// claimsDecided compares what peers named of lists that were not here then. docs/protocol.md §8.3
func (g *Gateway) claimsDecided(ctx context.Context) error {
	var due []listClaim
	look := func(w *work) (err error) {
		due, err = w.decidedClaims()
		return err
	}
	if err := g.view(ctx, "directory", look); err != nil || len(due) == 0 {
		return err
	}
	return g.update(ctx, "directory", func(w *work) error {
		if err := look(w); err != nil {
			return err
		}
		for _, c := range due {
			known, err := w.listClaimed(c.from, c.evidence, true) // the other POC of its State may have named it
			if err != nil {
				return err
			}
			if c.split && !known {
				if err := w.keepSplit(c.from, c.header.DirectoryNumber, c.header.DirectoryHash, c.evidence); err != nil {
					return err
				}
			}
			if err := w.tx.Delete(tableListClaim, appendAddress(nil, c.from)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *work) decidedClaims() (due []listClaim, err error) {
	err = w.eachPair(func(p Pair) error {
		c := listClaim{from: p.Peer, evidence: new(valisev1.SplitEvidence)}
		found, err := w.load(tableListClaim, appendAddress(nil, p.Peer), c.evidence)
		if err != nil || !found {
			return err
		}
		if c.header, err = seal.ParseHeader(c.evidence.GetHeader()); err != nil {
			return err
		}
		same, decided := w.dir.SameList(c.header.DirectoryNumber, c.header.DirectoryHash)
		if !decided && c.header.DirectoryNumber >= w.dir.Number() {
			return nil
		}
		c.split = decided && !same
		due = append(due, c)
		return nil
	})
	return due, err
}

// Evidence gives what shows a split view, by its item: our list as it was signed, and the peer's signed
// word on its own; or the list that rolls our own entry back. The error is an *Error: NOT_PERMITTED, NOT_FOUND or STORAGE_UNKNOWN. docs/protocol.md §8.3
func (g *Gateway) Evidence(ctx context.Context, a Actor, r *valisev1.GetEvidenceRequest) (*valisev1.GetEvidenceResponse, error) {
	const op = "evidence"
	if _, err := a.as(mayConfirm); err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.GetEvidenceResponse)
	err := g.view(ctx, op, func(w *work) error {
		if r.GetItem() >= w.tx.Items() {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, "there is no such item")
		}
		item, err := w.kept(r.GetItem())
		if err != nil {
			return err
		}
		if out.Evidence = item.GetTrust().GetSplit(); out.Evidence == nil {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, "this item has no evidence of a list")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
