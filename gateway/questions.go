package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/directory"
	"valise.example/proto/ident"
)

// question is something about who speaks for a State that waits for a person.
type question struct {
	item uint64
	fact *valisev1.TrustFact
}

// call stands for a question in the table of what people are called for.
func (q question) call() (callKey, ident.ThreadID) {
	sum := sha256.Sum256([]byte(q.fact.GetEvent().String() + "\x00" + q.fact.GetState() + "\x00" + q.fact.GetPeer()))
	return callKey{tableCalls, string(callUnopened), q.item}, ident.ThreadID(sum[:16])
}

// raise records a question, and has people called for it until it is answered. docs/protocol.md §8.5
func (w *work) raise(fact *valisev1.TrustFact) error {
	item, err := w.append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_TRUST, Trust: fact})
	if err != nil {
		return err
	}
	row := proto.CloneOf(fact)
	row.Split = nil // the item has it
	b, err := proto.Marshal(row)
	if err != nil {
		return err
	}
	if err := w.tx.PutRow(tableQuestions, nil, item, b); err != nil {
		return err
	}
	key, id := question{item, fact}.call()
	return w.listThread(key, id)
}

// settle ends a question; what ended it is an item of its own.
func (w *work) settle(q question) error {
	key, id := q.call()
	if err := w.unlistThread(key, id); err != nil {
		return err
	}
	return w.tx.DeleteRow(tableQuestions, nil, q.item)
}

// eachQuestion gives those that wait, oldest first.
func (w *work) eachQuestion() iter.Seq2[question, error] {
	return func(yield func(question, error) bool) {
		done := false
		err := w.tx.Rows(tableQuestions, nil, 0, false, func(item uint64, value []byte) (bool, error) {
			q := question{item, new(valisev1.TrustFact)}
			if err := unmarshalOwn(bytes.Clone(value), q.fact); err != nil {
				return false, err
			}
			done = !yield(q, nil)
			return !done, nil
		})
		if err != nil && !done {
			yield(question{}, err)
		}
	}
}

func (w *work) questions() (all []question, err error) {
	for q, err := range w.eachQuestion() {
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

// rootsChanged records which roots have come into question, and which no longer are, and takes what was
// held of those. docs/protocol.md §8.5
func (g *Gateway) rootsChanged(ctx context.Context) error {
	var news []*valisev1.TrustFact
	var over []question
	look := func(w *work) (err error) {
		news, over, err = w.compareRoots()
		return err
	}
	if err := g.view(ctx, "roots", look); err != nil {
		return err
	}
	if len(news)+len(over) > 0 {
		if err := g.update(ctx, "roots", func(w *work) error {
			if err := look(w); err != nil {
				return err
			}
			return w.noteRoots(news, over)
		}); err != nil {
			return err
		}
	}
	return g.releaseHeld(ctx)
}

// compareRoots holds what the directory says of roots against what is recorded of them.
func (w *work) compareRoots() (news []*valisev1.TrustFact, over []question, err error) {
	known, err := w.questions()
	if err != nil {
		return nil, nil, err
	}
	for _, c := range w.dir.KeyChanged() {
		if c.Denied || c.State == w.g.cfg.Ours[0].State {
			continue
		}
		fact := rootFact(c)
		before := len(known)
		known = slices.DeleteFunc(known, func(q question) bool { return proto.Equal(q.fact, fact) })
		if len(known) == before {
			news = append(news, fact)
		}
	}
	for _, q := range known {
		if q.fact.GetEvent() == valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION {
			over = append(over, q)
		}
	}
	return news, over, nil
}

func rootFact(c directory.RootChange) *valisev1.TrustFact {
	return &valisev1.TrustFact{
		Event: valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION, State: c.State.String(),
		RootHeld: c.Held[:], RootOffered: c.Offered[:], EntryNumber: c.Number,
	}
}

func (w *work) noteRoots(news []*valisev1.TrustFact, over []question) error {
	for _, q := range over {
		fact := proto.CloneOf(q.fact)
		fact.Event, fact.About = valisev1.TrustEvent_TRUST_EVENT_SETTLED, q.fact.GetEvent()
		if _, err := w.append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_TRUST, Trust: fact}); err != nil {
			return err
		}
		if err := w.settle(q); err != nil {
			return err
		}
	}
	for _, fact := range news {
		if err := w.raise(fact); err != nil {
			return err
		}
	}
	return nil
}

// Questions lists what waits for a person about who speaks for a State, oldest first.
// docs/protocol.md §8.5
func (g *Gateway) Questions(ctx context.Context) ([]*valisev1.TrustQuestion, error) {
	var out []*valisev1.TrustQuestion
	err := g.view(ctx, "questions", func(w *work) error {
		out = nil
		held := map[ident.State]uint32{}
		for h, err := range w.eachHeldMail() {
			if err != nil {
				return err
			}
			held[h.pair.Peer.State]++
		}
		for q, err := range w.eachQuestion() {
			if err != nil {
				return err
			}
			row, err := w.showQuestion(q, held)
			if err != nil {
				return err
			}
			if out = append(out, row); len(out) == maxOutboxRows {
				break
			}
		}
		return nil
	})
	return out, err
}

func (w *work) showQuestion(q question, held map[ident.State]uint32) (*valisev1.TrustQuestion, error) {
	item, err := w.kept(q.item)
	if err != nil {
		return nil, err
	}
	out := &valisev1.TrustQuestion{
		Event: q.fact.GetEvent(), State: q.fact.GetState(), Since: item.GetRecorded(), Item: q.item,
		Held: held[ident.State(q.fact.GetState())],
	}
	if id, ok := ident.KeyIDFrom(q.fact.GetRootHeld()); ok {
		out.RootHeld = id.Fingerprint()
	}
	if id, ok := ident.KeyIDFrom(q.fact.GetRootOffered()); ok {
		out.RootOffered = id.Fingerprint()
	}
	out.ListNumber, out.Peer, out.Fault = q.fact.GetListNumber(), q.fact.GetPeer(), q.fact.GetFault()
	if theirs := q.fact.GetListTheirs(); len(theirs) > 0 {
		out.ListTheirs = hex.EncodeToString(theirs)
	}
	for _, c := range w.dir.KeyChanged() {
		if c.State.String() == q.fact.GetState() && q.fact.GetEvent() == valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION {
			out.Telephones = c.Telephones
		}
	}
	return out, nil
}
