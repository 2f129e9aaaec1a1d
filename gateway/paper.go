package gateway

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// mostOnPaper is how many messages of a page are named one by one. P7
const mostOnPaper = 1000

// Paper is what a printed page of a thread carries; nothing is recorded. The error is NOT_PERMITTED,
// NOT_FOUND, AMBIGUOUS or BAD_REQUEST. docs/protocol.md §9.6
func (g *Gateway) Paper(ctx context.Context, a Actor, r *valisev1.GetPaperRequest) (*valisev1.GetPaperResponse, error) {
	const op = "print"
	if err := g.mayPaper(a); err != nil {
		return nil, asError(op, err, 0)
	}
	out := &valisev1.GetPaperResponse{At: timestamppb.New(g.cfg.Now())}
	page := threadPage{size: r.GetSize()}
	err := g.view(ctx, op, func(w *work) error {
		if page.size == 0 {
			page.size = w.tx.Items()
		}
		if page.size > min(w.tx.Items(), ident.MaxPageSize) {
			return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the record has not so many items")
		}
		th, err := w.findThread(a, r.GetThread())
		if err != nil {
			return err
		}
		page.thread = idOf(th)
		if err := page.collect(w); err != nil {
			return err
		}
		if len(page.numbers) == 0 {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, "the record has nothing of this thread that could be printed")
		}
		out.Items, err = w.paperItems(page.numbers)
		return err
	})
	if err != nil {
		return nil, err
	}
	digest, root, err := g.pageDigest(ctx, page)
	if err != nil {
		return nil, asError(op, err, valisev1.Reason_REASON_INTERNAL)
	}
	out.Thread, out.Digest, out.Covered = page.thread.String(), digest.String(), uint64(len(page.numbers))
	out.Head = &valisev1.KnownHead{Size: page.size, Root: ident.Digest(root).String()}
	out.Rows = ident.Page{
		Size: page.size, Record: g.recordTag(), Thread: page.thread[0], Digest: digest,
	}.Rows()
	return out, nil
}

// mayPaper is who reads threads, at a node with a tree over its record.
func (g *Gateway) mayPaper(a Actor) error {
	if _, err := a.as(mayRead); err != nil {
		return err
	}
	if g.cfg.Leaves == nil {
		return refuse(valisev1.Reason_REASON_BAD_CONFIG, "this node has no tree over its record, so that nothing can be proven")
	}
	return nil
}

func (g *Gateway) recordTag() [2]byte { return ident.RecordTag(g.cfg.Realm, g.cfg.Ours[0].State) }

// collect lists the items of a thread that its page covers: all below its size.
func (p *threadPage) collect(w *work) error {
	p.numbers = nil
	return w.tx.Rows(tableThreadItems, p.thread[:], 0, false, func(n uint64, _ []byte) (bool, error) {
		if n >= p.size {
			return false, nil
		}
		p.numbers = append(p.numbers, n)
		if len(p.numbers) > mostExported {
			return false, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a page covers at most %d items", mostExported)
		}
		return true, nil
	})
}

// paperItems are the messages between officers among some items, each with D as it is printed.
func (w *work) paperItems(numbers []uint64) (list []*valisev1.PaperItem, err error) {
	for _, n := range numbers {
		item, gone, err := w.leaf(n)
		if err != nil {
			return nil, err
		}
		if !isMessageItem(item) || !gone && !isExchanged(item) {
			continue
		}
		if list = append(list, w.paperItem(item, gone)); len(list) == mostOnPaper {
			break
		}
	}
	return list, nil
}

func (w *work) paperItem(item *valisev1.Item, gone bool) *valisev1.PaperItem {
	d, _ := ident.DigestFrom(item.GetDigest())
	return &valisev1.PaperItem{
		Item: item.GetNumber(), Type: item.GetType(), Recorded: item.GetRecorded(), Message: w.messageOf(item),
		Digest: d.String(), Rows: d.Rows(), Pruned: gone,
	}
}
