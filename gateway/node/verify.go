package node

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// VerifyRecord checks the record of a home that no node runs: the tree, every item, and every
// signature against the keys known at any time. heads are what is known of it from elsewhere:
// the record must contain each, which finds a rollback of the whole file. A home whose record is
// gone has lost all of it. P5
func (h *Home) VerifyRecord(ctx context.Context, now func() time.Time, heads ...*valisev1.KnownHead) (*valisev1.VerifyRecordResponse, error) {
	book, err := h.Directory()
	if err != nil {
		return nil, err
	}
	known, err := parseHeads(heads)
	if err != nil {
		return nil, err
	}
	report, err := store.VerifyFile(ctx, filepath.Join(h.dir, recordFile), store.Config{
		RecordKey: h.keys.record, Realm: h.config.Realm, Now: now,
	}, store.VerifyConfig{Heads: known, Item: signatureJudge(h.config.Realm, book)})
	if errors.Is(err, store.ErrNoStore) {
		return gone(), nil
	}
	if err != nil {
		return nil, err
	}
	return verdict(report), nil
}

// gone is the verdict on a record that is not there at all.
func gone() *valisev1.VerifyRecordResponse {
	return &valisev1.VerifyRecordResponse{Problems: []*valisev1.RecordProblem{
		{Item: store.None, Leaf: store.None, Reason: valisev1.Reason_REASON_RECORD_TRUNCATED},
	}}
}

func parseHeads(heads []*valisev1.KnownHead) ([]store.Head, error) {
	var out []store.Head
	for _, h := range heads {
		root, err := ident.ParseDigest(h.GetRoot())
		if err != nil {
			return nil, &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "a head has a size and a root of 64 lower-case hexadecimal digits"}
		}
		out = append(out, store.Head{Size: h.GetSize(), Root: root})
	}
	return out, nil
}

// VerifyRecord checks the same while the node has the record open. P5
func (n *Node) VerifyRecord(ctx context.Context, heads ...*valisev1.KnownHead) (*valisev1.VerifyRecordResponse, error) {
	known, err := parseHeads(heads)
	if err != nil {
		return nil, err
	}
	report, err := n.verify(ctx, store.VerifyConfig{Heads: known})
	if err != nil {
		return nil, err
	}
	return verdict(report), nil
}

// verify looks at the whole record of this life, and keeps what that said. Keys are those that are
// known when the first item is looked at: what is recorded later is not looked at.
func (n *Node) verify(ctx context.Context, vc store.VerifyConfig) (store.Report, error) {
	judge := sync.OnceValue(func() func(*valisev1.Item) valisev1.Reason { return signatureJudge(n.config.Realm, n.book) })
	vc.Item = func(item *valisev1.Item) valisev1.Reason { return judge()(item) }
	l := n.life.Load()
	report, err := l.store.Verify(ctx, vc)
	if err != nil {
		return store.Report{}, l.note(err)
	}
	n.noteVerified(ctx, report.OK)
	return report, nil
}

func verdict(report store.Report) *valisev1.VerifyRecordResponse {
	out := &valisev1.VerifyRecordResponse{
		Ok: report.OK, Items: report.Items, TreeSize: report.TreeSize, Root: fmt.Sprintf("%x", report.Root),
	}
	for _, p := range report.Problems {
		out.Problems = append(out.Problems, &valisev1.RecordProblem{Item: p.Item, Leaf: p.Leaf, Reason: p.Reason})
	}
	return out
}

// signatureJudge verifies digest and signatures of every item that carries a Signed. A key that
// was revoked later does not make old items wrong: what was recorded before stays valid.
// docs/protocol.md §8.5
func signatureJudge(realm ident.Realm, book *directory.Book) func(*valisev1.Item) valisev1.Reason {
	snapshot := book.Snapshot()
	opener := seal.Opener{Realm: realm, Resolve: func(id ident.KeyID) (seal.Speaker, bool) {
		speaker, ok := snapshot.HistoricalSpeaker(id)
		speaker.RevokedSince = time.Time{}
		return speaker, ok
	}}
	return func(item *valisev1.Item) valisev1.Reason {
		switch item.GetType() {
		case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
			return judgeSigned(opener, item)
		}
		return valisev1.Reason_REASON_UNSPECIFIED
	}
}

func judgeSigned(opener seal.Opener, item *valisev1.Item) valisev1.Reason {
	signed, err := seal.ParseSigned(item.GetSigned())
	if err != nil {
		return valisev1.Reason_REASON_BAD_SIGNATURE
	}
	if d := signed.Content.Digest(); string(d[:]) != string(item.GetDigest()) {
		return valisev1.Reason_REASON_RECORD_ITEM_CHANGED
	}
	var refusal *seal.Refusal
	if _, err := opener.VerifySigned(item.GetSigned()); errors.As(err, &refusal) {
		return refusal.Reason
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}
