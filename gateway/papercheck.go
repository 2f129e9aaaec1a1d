package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// threadPage is what the record had of one thread when it had so many items.
type threadPage struct {
	thread  ident.ThreadID
	size    uint64
	numbers []uint64
}

// pageDigest is P of a page, and the root under it. docs/protocol.md §9.6
func (g *Gateway) pageDigest(ctx context.Context, p threadPage) (digest ident.Digest, root [32]byte, err error) {
	root, leaves, err := g.cfg.Leaves(ctx, p.size, p.numbers)
	if err != nil {
		return ident.Digest{}, root, err
	}
	b := []byte("valise/v1/paper\x00")
	for _, s := range []string{string(g.cfg.Realm), g.cfg.Ours[0].State.String()} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	b = append(appendNumber(append(b, p.thread[:]...), p.size), root[:]...)
	b = appendNumber(b, uint64(len(leaves)))
	for i, leaf := range leaves {
		b = append(appendNumber(b, p.numbers[i]), leaf[:]...)
	}
	return sha256.Sum256(b), root, nil
}

// CheckPaper says what the digest on a printed page stands for. A record that does not lead to it is an
// answer and no error. The error is BAD_REQUEST where it is mistyped, NOT_FOUND where the page is of
// another record or of a track that is not the actor's, or NOT_PERMITTED. docs/protocol.md §9.6
func (g *Gateway) CheckPaper(ctx context.Context, a Actor, r *valisev1.CheckPaperRequest) (*valisev1.CheckPaperResponse, error) {
	const op = "check paper"
	if err := g.mayPaper(a); err != nil {
		return nil, asError(op, err, 0)
	}
	page, d, err := ident.ParsePaper(r.GetDigest())
	if err != nil {
		return nil, asError(op, refuse(valisev1.Reason_REASON_BAD_REQUEST, "row %d of the digest is mistyped", ident.MistypedRow(err)), 0)
	}
	if page != nil {
		out, err := g.checkPage(ctx, a, *page)
		return out, asError(op, err, valisev1.Reason_REASON_INTERNAL)
	}
	out, err := g.checkMessage(ctx, a, d)
	return out, asError(op, err, valisev1.Reason_REASON_INTERNAL)
}

func noSuchPaper() error {
	return refuse(valisev1.Reason_REASON_NOT_FOUND, "this record has nothing that the digest stands for")
}

// checkPage looks for the thread of which the record had what the page stands for.
func (g *Gateway) checkPage(ctx context.Context, a Actor, typed ident.Page) (*valisev1.CheckPaperResponse, error) {
	if typed.Record != g.recordTag() {
		return nil, noSuchPaper()
	}
	out := &valisev1.CheckPaperResponse{Page: true, Head: &valisev1.KnownHead{Size: typed.Size}}
	var may []threadPage
	err := g.view(ctx, "check paper", func(w *work) (err error) {
		if may, out.Reason = nil, valisev1.Reason_REASON_RECORD_TREE_BROKEN; typed.Size > w.tx.Items() {
			out.Reason = valisev1.Reason_REASON_RECORD_TRUNCATED
			return nil
		}
		may, err = w.pagesOf(typed)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range may {
		digest, root, err := g.pageDigest(ctx, p)
		if err != nil {
			return nil, err
		}
		if digest == typed.Digest {
			out.Head.Root = ident.Digest(root).String()
			return out, g.found(ctx, a, p, out)
		}
	}
	return out, nil
}

// pagesOf are the pages that could be meant: those of threads whose id begins as the page says.
func (w *work) pagesOf(typed ident.Page) (list []threadPage, err error) {
	err = w.tx.Rows(tableThreadOrder, nil, 0, false, func(_ uint64, value []byte) (bool, error) {
		t, ok := ident.ThreadIDFrom(value)
		if !ok || t[0] != typed.Thread {
			return true, nil
		}
		list = append(list, threadPage{thread: t, size: typed.Size})
		return true, nil
	})
	for i := range list {
		if err == nil {
			err = list[i].collect(w)
		}
	}
	return list, err
}

// found says what of the record a page stands for, to whom may read it.
func (g *Gateway) found(ctx context.Context, a Actor, p threadPage, out *valisev1.CheckPaperResponse) error {
	return g.view(ctx, "check paper", func(w *work) error {
		th, found, err := w.thread(p.thread)
		if err != nil {
			return err
		}
		if !found || !a.sees(th) || len(p.numbers) == 0 {
			return noSuchPaper()
		}
		now := threadPage{thread: p.thread, size: w.tx.Items()}
		if err := now.collect(w); err != nil {
			return err
		}
		if out.Items, err = w.paperItems(p.numbers); err != nil {
			return err
		}
		out.Matches, out.Reason = true, valisev1.Reason_REASON_UNSPECIFIED
		out.Thread, out.Peer, out.Covered = p.thread.String(), th.GetPeer(), uint64(len(p.numbers))
		out.Since = uint64(len(now.numbers) - len(p.numbers))
		out.HeadRecorded, err = w.recordedAt(p.size - 1)
		return err
	})
}

func (w *work) recordedAt(number uint64) (*timestamppb.Timestamp, error) {
	last, _, err := w.leaf(number)
	return last.GetRecorded(), err
}

// checkMessage says in which thread a message of the record is, and that the tree of now has it.
func (g *Gateway) checkMessage(ctx context.Context, a Actor, d ident.Digest) (*valisev1.CheckPaperResponse, error) {
	out := new(valisev1.CheckPaperResponse)
	var number, size uint64
	err := g.view(ctx, "check paper", func(w *work) error {
		p, found, err := w.placeAt(tableDigest, d[:])
		if err != nil {
			return err
		}
		th, known, err := w.thread(p.thread)
		if err != nil {
			return err
		}
		if !found || !known || !a.sees(th) {
			return noSuchPaper()
		}
		item, gone, err := w.leaf(p.item)
		if err != nil {
			return err
		}
		out.Thread, out.Peer, out.Items = p.thread.String(), th.GetPeer(), []*valisev1.PaperItem{w.paperItem(item, gone)}
		number, size = p.item, w.tx.Items()
		out.HeadRecorded, err = w.recordedAt(size - 1)
		return err
	})
	if err != nil {
		return nil, err
	}
	root, _, err := g.cfg.Leaves(ctx, size, []uint64{number})
	if err != nil {
		return nil, err
	}
	out.Matches, out.Head = true, &valisev1.KnownHead{Size: size, Root: ident.Digest(root).String()}
	return out, nil
}
