package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// Limits of an export. P7
const (
	// mostExported is how many items a named export may hold; the whole record has no limit.
	mostExported = 1 << 20
	// mostForThird is how many messages may go to a third party at once.
	mostForThird = 4096
)

// Export takes items out of the record: for the State's own archive or, with a consent of the other
// State for each message, for a third party. It is recorded before send gets its first piece, and
// asked for again by its request id it gives the same and is recorded no second time; a consent that
// has ended meanwhile stops that too. Memory does not grow with what is handed out. The error is an
// *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS, BAD_REQUEST, NO_CONSENT or HANDLING with what is
// missing, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN; or what send said. A-11 s2
func (g *Gateway) Export(ctx context.Context, a Actor, r *valisev1.ExportRecordRequest, send func(*valisev1.ExportRecordResponse) error) error {
	const op = "export"
	role, err := a.as(mayExport)
	if err != nil {
		return asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return asError(op, err, 0)
	}
	if f := r.GetForm(); f <= valisev1.ExportForm_EXPORT_FORM_UNSPECIFIED || f > valisev1.ExportForm_EXPORT_FORM_PROOF {
		return asError(op, refuse(valisev1.Reason_REASON_BAD_REQUEST, "an export has one of the forms of the contract"), 0)
	}
	if len(r.GetThirdParty()) > maxThirdParty || !isText(r.GetThirdParty()) {
		return asError(op, refuse(valisev1.Reason_REASON_BAD_TEXT, "the name of the third party is too long, or holds control characters"), 0)
	}
	if r.GetForm() == valisev1.ExportForm_EXPORT_FORM_PROOF && (g.cfg.Head == nil || g.cfg.Prove == nil) {
		return asError(op, refuse(valisev1.Reason_REASON_BAD_CONFIG, "this node has no tree over its record, so that nothing can be proven"), 0)
	}
	x := &export{g: g, ctx: ctx, actor: a, role: roleName(role), request: r}
	if err := g.view(ctx, op, func(w *work) error { return x.plan(w, req) }); err != nil {
		return err
	}
	if err := g.update(ctx, op, func(w *work) error { return x.record(w, req) }); err != nil {
		return err
	}
	return asError(op, x.handOut(send), valisev1.Reason_REASON_INTERNAL)
}

// maxThirdParty is how many bytes the name of a third party may have; a ConsentRequest holds no more.
const maxThirdParty = 400

// export is one export under way.
type export struct {
	g       *Gateway
	ctx     context.Context //nolint:containedctx // of one call, that lives no longer
	actor   Actor
	role    string
	request *valisev1.ExportRecordRequest

	chosen selection
	// messages are the messages between officers in it, all of them unless there are many; of the
	// State's whole record they are not gathered.
	messages []exported
	many     bool
	ours     []ident.Address // POCs of ours that the items belong to
	consents []*ledgerLine   // what allows it, each once
	alone    map[uint64]bool // items that were named one by one
	leftOut  []string        // messages about consents that need none because they stay here
	head     *valisev1.ExportHead
}

// exported is a message between officers that an export holds.
type exported struct {
	item   uint64
	thread ident.ThreadID
	d      ident.Digest
	id     ident.MessageID
}

func (x *export) toThird() bool { return x.request.GetThirdParty() != "" }

func (x *export) form(f valisev1.ExportForm) bool { return x.request.GetForm() == f }

// plan finds what is asked for and whether it may go. It writes nothing, so that reading a long
// record holds up nobody.
func (x *export) plan(w *work, req request) error {
	x.head = new(valisev1.ExportHead)
	before, err := w.answered(req, x.head)
	if err != nil {
		return err
	}
	end := w.tx.Items()
	if before {
		end = x.head.GetItem()
	}
	if err := x.choose(w, end); err != nil {
		return err
	}
	if before && x.head.GetItems() != x.chosen.count {
		return refuse(valisev1.Reason_REASON_PRUNED, "some of what this request took out is not there any more")
	}
	return x.allow(w)
}

// record puts the export into the record. What allows it is asked again: it may have ended since.
func (x *export) record(w *work, req request) error {
	if err := x.allow(w); err != nil {
		return err
	}
	return w.once(req, x.head, func() error {
		fact := &valisev1.ExportFact{
			Form: x.request.GetForm(), ThirdParty: x.request.GetThirdParty(), Items: x.chosen.count,
		}
		for _, m := range x.messages {
			if !x.many {
				fact.Messages = append(fact.Messages, digestOf(m.d))
			}
		}
		for _, l := range x.consents {
			fact.Consents = append(fact.Consents, digestOf(l.standing.decided.d))
		}
		n, err := w.append(&valisev1.Item{
			Type: valisev1.ItemType_ITEM_TYPE_EXPORT, Officer: x.actor.Name, Role: x.role, Export: fact,
		})
		if err != nil {
			return err
		}
		x.head.Item, x.head.Items, x.head.At = n, x.chosen.count, timestamppb.New(w.now)
		return nil
	})
}

// handOut sends the head and then piece after piece, each read by itself.
func (x *export) handOut(send func(*valisev1.ExportRecordResponse) error) error {
	size, heads, err := x.signHeads()
	if err != nil {
		return err
	}
	if err := x.describe(); err != nil {
		return err
	}
	if err := send(&valisev1.ExportRecordResponse{Head: x.head}); err != nil {
		return err
	}
	return x.chosen.each(func(n uint64) error {
		piece, err := x.piece(n, size, heads)
		if err != nil || piece == nil {
			return err
		}
		return send(piece)
	})
}

// describe fills in who takes out what for whom, and what allows it. A third party reads of our
// officers what a peer reads of them. A-9 s4
func (x *export) describe() error {
	x.head.Realm, x.head.State = string(x.g.cfg.Realm), x.g.cfg.Ours[0].State.String()
	x.head.Officer, x.head.ThirdParty, x.head.LeftOut = x.actor.Name, x.request.GetThirdParty(), x.leftOut
	if x.toThird() {
		x.head.Officer = x.actor.ShownAs
	}
	return x.g.view(x.ctx, "export", func(w *work) error {
		x.head.Consents = nil
		for _, l := range x.consents {
			v, err := w.consentView(l)
			if err != nil {
				return err
			}
			x.head.Consents = append(x.head.Consents, v)
		}
		return nil
	})
}

// signHeads signs the head that the record has now as each POC of ours that the items belong to; the
// export's own item lies under it. Without a tree there is none. docs/protocol.md §9.2
func (x *export) signHeads() (size uint64, heads map[ident.Address]*valisev1.SignedObject, err error) {
	if x.g.cfg.Head == nil {
		return 0, nil, nil
	}
	size, root, err := x.g.cfg.Head(x.ctx)
	if err != nil {
		return 0, nil, err
	}
	heads = map[ident.Address]*valisev1.SignedObject{}
	for _, a := range x.ours {
		if heads[a], err = x.signHead(a, size, root); err != nil {
			return 0, nil, err
		}
		x.head.Heads = append(x.head.Heads, heads[a])
	}
	return size, heads, nil
}

// signHead signs the head of the record as one POC of ours. docs/protocol.md §9.2
func (x *export) signHead(a ident.Address, size uint64, root [32]byte) (*valisev1.SignedObject, error) {
	key, err := x.g.cfg.Signers.SigningKey(a)
	if err != nil {
		return nil, &Error{Reason: valisev1.Reason_REASON_INTERNAL, Err: err, Detail: "there is no signing key for this POC, so nothing is proven"}
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(&valisev1.TreeHead{
		Realm: string(x.g.cfg.Realm), Size: size, Root: root[:], At: timestamppb.New(x.g.cfg.Now()), Address: a.String(),
	})
	if err != nil {
		return nil, err
	}
	return seal.SignObject(x.g.cfg.Realm, seal.PurposeTreeHead, b, key)
}
