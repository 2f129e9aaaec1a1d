package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// leaves stand for those of package store: one for each item, of what stays when it is pruned.
func (h *home) leaves(_ context.Context, size uint64, numbers []uint64) (root [32]byte, leaves [][32]byte, err error) {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	leaf := func(n uint64) [32]byte {
		it := h.store.items[n]
		return sha256.Sum256(append(appendNumber(appendNumber([]byte(h.state), n), uint64(it.GetType())), it.GetDigest()...))
	}
	all := []byte{}
	for n := range size {
		one := leaf(n)
		all = append(all, one[:]...)
	}
	for _, n := range numbers {
		leaves = append(leaves, leaf(n))
	}
	return sha256.Sum256(all), leaves, nil
}

func (h *home) paper(thread string) *valisev1.GetPaperResponse {
	h.w.t.Helper()
	out, err := h.g.Paper(context.Background(), officer, &valisev1.GetPaperRequest{Thread: thread})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

// paperRefused fails unless an error has this reason.
func paperRefused(t *testing.T, err error, want valisev1.Reason) {
	t.Helper()
	if e, ok := errors.AsType[*Error](err); !ok || e.Reason != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

func (h *home) checkPaper(a Actor, typed ...string) (*valisev1.CheckPaperResponse, error) {
	return h.g.CheckPaper(context.Background(), a, &valisev1.CheckPaperRequest{Digest: strings.Join(typed, " ")})
}

func (h *home) mustLead(rows []string) *valisev1.CheckPaperResponse {
	h.w.t.Helper()
	out, err := h.checkPaper(officer, rows...)
	if err != nil || !out.GetMatches() {
		h.w.t.Fatalf("the record does not lead to the paper: %v, %v", out, err)
	}
	return out
}

// onPaper is a page of XA with a thread on each of two tracks in its record.
func onPaper(t *testing.T) (w *world, xa, xb *home, thread string, page *valisev1.GetPaperResponse) {
	w = newWorld(t)
	xa, xb = w.homes["XA"], w.homes["XB"]
	for range 3 {
		xa.inquire(xbTech, "another")
	}
	thread = xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xb.reply(thread, &valisev1.Acknowledgement{})
	w.converge()
	return w, xa, xb, thread, xa.paper(thread)
}

// A page says which messages there were when it was printed, whatever is recorded later.
// docs/protocol.md §9.6
func TestAPageStaysWhatItWas(t *testing.T) {
	w, xa, xb, thread, page := onPaper(t)
	if len(page.GetItems()) != 2 || page.GetCovered() < 2 || page.GetHead().GetSize() != uint64(len(xa.store.items)) {
		t.Fatalf("the page has %v", page)
	}
	xb.reply(thread, &valisev1.HoldingReply{Text: "later"})
	w.converge()
	got := xa.mustLead(page.GetRows())
	if got.GetThread() != thread || got.GetPeer() != xbTech.String() || !got.GetPage() || got.GetCovered() != page.GetCovered() || got.GetSince() == 0 ||
		!proto.Equal(got.GetHead(), page.GetHead()) || len(got.GetItems()) != 2 {
		t.Errorf("the page stands for %v", got)
	}
	last := xa.store.items[page.GetHead().GetSize()-1]
	if !got.GetHeadRecorded().AsTime().Equal(last.GetRecorded().AsTime()) {
		t.Errorf("the head is of %v, want %v", got.GetHeadRecorded().AsTime(), last.GetRecorded().AsTime())
	}
	again, err := xa.g.Paper(context.Background(), officer, &valisev1.GetPaperRequest{Thread: thread, Size: page.GetHead().GetSize()})
	if err != nil || again.GetDigest() != page.GetDigest() {
		t.Errorf("as of then the page is %v, %v", again, err)
	}
	if now := xa.paper(thread); now.GetDigest() == page.GetDigest() || len(now.GetItems()) != 3 {
		t.Errorf("as of now the page is %v", now)
	}
}

// Another digest, an item that was changed under it, and a record that is shorter do not lead to the
// page; what is of another record is not there at all. docs/protocol.md §9.6
func TestWhatDoesNotLeadToAPage(t *testing.T) {
	_, xa, xb, thread, page := onPaper(t)
	typed, _, err := ident.ParsePaper(strings.Join(page.GetRows(), ""))
	if err != nil {
		t.Fatal(err)
	}
	forged := func(change func(*ident.Page)) []string {
		p := *typed
		change(&p)
		return p.Rows()
	}
	for name, c := range map[string]struct {
		rows []string
		want valisev1.Reason
	}{
		"another digest": {forged(func(p *ident.Page) { p.Digest[31]++ }), valisev1.Reason_REASON_RECORD_TREE_BROKEN},
		"a size before":  {forged(func(p *ident.Page) { p.Size-- }), valisev1.Reason_REASON_RECORD_TREE_BROKEN},
		"no such thread": {forged(func(p *ident.Page) { p.Thread ^= 0xff }), valisev1.Reason_REASON_RECORD_TREE_BROKEN},
		"beyond the end": {forged(func(p *ident.Page) { p.Size++ }), valisev1.Reason_REASON_RECORD_TRUNCATED},
	} {
		got, err := xa.checkPaper(officer, c.rows...)
		if err != nil || got.GetMatches() || got.GetReason() != c.want || got.GetThread() != "" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err = xb.checkPaper(officer, page.GetRows()...)
	paperRefused(t, err, valisev1.Reason_REASON_NOT_FOUND)
	rows := page.GetRows()
	rows[2] = "0000" + rows[2][4:]
	_, err = xa.checkPaper(officer, rows...)
	paperRefused(t, err, valisev1.Reason_REASON_BAD_REQUEST)
	if !strings.Contains(err.Error(), "row 3") {
		t.Errorf("the slip is told as %v", err)
	}
	page = xa.paper(thread)
	xa.store.items[page.GetItems()[0].GetItem()].Type = valisev1.ItemType_ITEM_TYPE_REFUSED
	if got, err := xa.checkPaper(officer, page.GetRows()...); err != nil || got.GetMatches() {
		t.Errorf("an item was changed, and the answer is %v, %v", got, err)
	}
}

// One message is found by D, with its check groups or without. docs/protocol.md §9.6
func TestAMessageOnPaper(t *testing.T) {
	_, xa, xb, thread, page := onPaper(t)
	for _, h := range []*home{xa, xb} {
		for _, x := range page.GetItems() {
			for _, typed := range [][]string{x.GetRows(), {strings.ToUpper(x.GetDigest())}} {
				if got := h.mustLead(typed); got.GetThread() != thread || got.GetPage() || len(got.GetItems()) != 1 || got.GetItems()[0].GetDigest() != x.GetDigest() {
					t.Errorf("%s: %v stands for %v", h.state, typed, got)
				}
			}
		}
	}
	_, err := xa.checkPaper(officer, ident.Digest{1}.Rows()...)
	paperRefused(t, err, valisev1.Reason_REASON_NOT_FOUND)
}

// Who does not read a thread is told of no page of it, and not that one is wrong. A-9 s2, s4
func TestWhoChecksPaper(t *testing.T) {
	_, xa, _, thread, page := onPaper(t)
	other := Actor{Name: "d", Roles: officer.Roles, Tracks: []ident.Track{ident.Diplomatic}}
	for _, rows := range [][]string{page.GetRows(), page.GetItems()[0].GetRows()} {
		_, err := xa.checkPaper(other, rows...)
		paperRefused(t, err, valisev1.Reason_REASON_NOT_FOUND)
		_, err = xa.checkPaper(nodeAdmin, rows...)
		paperRefused(t, err, valisev1.Reason_REASON_NOT_PERMITTED)
	}
	for a, want := range map[*Actor]valisev1.Reason{&other: valisev1.Reason_REASON_NOT_FOUND, &nodeAdmin: valisev1.Reason_REASON_NOT_PERMITTED} {
		_, err := xa.g.Paper(context.Background(), *a, &valisev1.GetPaperRequest{Thread: thread})
		paperRefused(t, err, want)
	}
	_, err := xa.g.Paper(context.Background(), officer, &valisev1.GetPaperRequest{Thread: thread, Size: 1 << 50})
	paperRefused(t, err, valisev1.Reason_REASON_BAD_REQUEST)
}

// What was removed is proven by its leaf, and said to be gone. docs/protocol.md §9.3, §9.6
func TestPaperAfterPruning(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa := w.homes["XA"]
	thread := spoken(t, w)
	page := xa.paper(thread)
	w.now = w.now.Add(48 * time.Hour)
	xa.prune()
	for _, rows := range [][]string{page.GetRows(), page.GetItems()[0].GetRows()} {
		got := xa.mustLead(rows)
		if got.GetThread() != thread || !got.GetItems()[0].GetPruned() || got.GetItems()[0].GetDigest() != page.GetItems()[0].GetDigest() {
			t.Errorf("after the removal it stands for %v", got)
		}
	}
}
