package gateway

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const splitView = valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW

// shown lets a home have been shown another list of the number that all have.
func (h *home) shown(hash [32]byte) {
	h.dir.hash = &hash
	h.dir.lists = map[uint64][32]byte{h.dir.Number(): hash}
}

// TestASplitViewIsToldToBoth: after one message, the receiver by its header, the sender by that of the
// receipt; once, however much follows, and until a person has looked into it. docs/protocol.md §8.3
func TestASplitViewIsToldToBoth(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xa, nobodyQuiet)
	xb.shown([32]byte{5})
	sent := xa.inquire(xbTech, "odd traffic")
	w.settle()
	if m := xb.thread(sent.GetThread()).GetMessages()[0]; !slices.Contains(m.GetMarks(), valisev1.Mark_MARK_SPLIT_VIEW) {
		t.Errorf("marks %v", m.GetMarks())
	}
	xa.wantCalls("two lists of one number", "first")
	for range 3 {
		xb.inquire(xaTech, "more")
		xa.inquire(xbTech, "more")
		w.settle()
	}
	for h, peer := range map[*home]string{xa: xbTech.String(), xb: xaTech.String()} {
		h.start()
		list := h.questions()
		if len(list) != 1 || list[0].GetEvent() != splitView || list[0].GetPeer() != peer || list[0].GetListNumber() != 1 {
			t.Fatalf("%s is told %v", h.state, list)
		}
		out, err := h.g.Evidence(context.Background(), officer, &valisev1.GetEvidenceRequest{Item: list[0].GetItem()})
		if err != nil {
			t.Fatal(err)
		}
		e := out.GetEvidence()
		b, err := proto.Marshal(e)
		header, headerErr := seal.ParseHeader(e.GetHeader())
		if err != nil || headerErr != nil || bytes.Contains(b, []byte("odd traffic")) || header.From.String() != peer || e.GetList() == nil {
			t.Errorf("evidence %v, %v, %v", e, err, headerErr)
		}
		wantReason(t, h, valisev1.Reason_REASON_BAD_REQUEST, func() error {
			_, err := h.g.SettleQuestion(context.Background(), officer, &valisev1.SettleQuestionRequest{Item: list[0].GetItem()})
			return err
		})
		if _, err := h.g.SettleQuestion(context.Background(), officer, &valisev1.SettleQuestionRequest{Item: list[0].GetItem(), Note: "the managers were called"}); err != nil {
			t.Fatal(err)
		}
		if len(h.questions()) != 0 {
			t.Error("it still waits")
		}
	}
	xa.inquire(xbTech, "and on")
	w.settle()
	if len(xa.questions())+len(xb.questions()) != 0 {
		t.Error("what a person has looked into is asked again by the next message")
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error {
		_, err := xa.g.Evidence(context.Background(), officer, &valisev1.GetEvidenceRequest{Item: 1 << 40})
		return err
	})
}

// TestAListThatIsNotHereYet: a peer may have a newer one. It is compared when ours of that number comes,
// over a restart too.
func TestAListThatIsNotHereYet(t *testing.T) {
	for name, c := range map[string]struct {
		ours [32]byte
		want int
	}{"the same": {[32]byte{9}, 0}, "another": {[32]byte{8}, 1}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			xa, f := w.homes["XA"], newForger(t)
			f.from, f.to = xbTech, xaTech
			h := f.header(valisev1.Kind_KIND_INQUIRY, 1, 1)
			h.DirectoryNumber, h.DirectoryHash = 2, [32]byte{9}
			xa.mustTake(f.sign(h, f.inquiryPayload()))
			if list := xa.questions(); len(list) != 0 {
				t.Fatalf("judged before ours is here: %v", list)
			}
			xa.dir.lists = map[uint64][32]byte{2: c.ours}
			xa.start()
			if list := xa.questions(); len(list) != c.want {
				t.Fatalf("once it is here: %v", list)
			}
			if xa.rowsIn(tableListClaim) != 0 {
				t.Error("it is still compared")
			}
		})
	}
}

// TestOurOwnEntry: what became of it is told to the desk until it is right again; a bundle that this node
// did not make is told once, and until a person has looked into it.
func TestOurOwnEntry(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.callsOf(xa, nobodyQuiet)
	removed := func() *valisev1.TrustFact { return &valisev1.TrustFact{Fault: valisev1.OwnFault_OWN_FAULT_REMOVED} }
	bundle := func(number uint64) *valisev1.TrustFact {
		return &valisev1.TrustFact{Fault: valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE, Peer: xaTech.String(), EntryNumber: number}
	}
	see := func(faults ...*valisev1.TrustFact) []*valisev1.TrustQuestion {
		if err := xa.g.OwnEntry(context.Background(), faults); err != nil {
			t.Fatal(err)
		}
		return xa.questions()
	}
	for i := range uint64(2) {
		if list := see(removed(), bundle(6+i)); len(list) != 2 || list[0].GetState() != "XA" {
			t.Fatalf("questions %v", list)
		}
	}
	xa.wantCalls("the list does not have us", "first")
	list := see()
	if len(list) != 1 || list[0].GetFault() != valisev1.OwnFault_OWN_FAULT_OTHER_BUNDLE {
		t.Fatalf("it is right again, and the questions are %v", list)
	}
	if _, err := xa.g.SettleQuestion(context.Background(), officer, &valisev1.SettleQuestionRequest{Item: list[0].GetItem(), Note: "key revoked"}); err != nil {
		t.Fatal(err)
	}
	if list := see(bundle(6)); len(list) != 0 {
		t.Errorf("asked again: %v", list)
	}
	if list := see(bundle(7)); len(list) != 1 {
		t.Errorf("another bundle was signed elsewhere, and the questions are %v", list)
	}
	if list := see(removed()); len(list) != 2 {
		t.Errorf("removed once more, and the questions are %v", list)
	}
}

// TestOurEntryRolledBack: a list that does it is told of once, with the list as evidence, and is not over
// because the next list is right; another list is another matter.
func TestOurEntryRolledBack(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.callsOf(xa, nobodyQuiet)
	back := func(hash byte) *valisev1.TrustFact {
		return &valisev1.TrustFact{
			Fault: valisev1.OwnFault_OWN_FAULT_ROLLED_BACK, EntryNumber: 1, ListNumber: 3, ListTheirs: bytes.Repeat([]byte{hash}, 32),
			Split: &valisev1.SplitEvidence{Realm: string(realm), List: &valisev1.SignedObject{Object: []byte("list 3")}},
		}
	}
	see := func(faults ...*valisev1.TrustFact) []*valisev1.TrustQuestion {
		t.Helper()
		if err := xa.g.OwnEntry(context.Background(), faults); err != nil {
			t.Fatal(err)
		}
		return xa.questions()
	}
	for range 2 {
		see(back(1))
		xa.start()
	}
	list := see()
	if len(list) != 1 || list[0].GetFault() != valisev1.OwnFault_OWN_FAULT_ROLLED_BACK || list[0].GetListNumber() != 3 {
		t.Fatalf("questions %v", list)
	}
	xa.wantCalls("our own entry rolled back", "first")
	out, err := xa.g.Evidence(context.Background(), officer, &valisev1.GetEvidenceRequest{Item: list[0].GetItem()})
	if err != nil || string(out.GetEvidence().GetList().GetObject()) != "list 3" {
		t.Errorf("evidence %v, %v", out, err)
	}
	if _, err := xa.g.SettleQuestion(context.Background(), officer, &valisev1.SettleQuestionRequest{Item: list[0].GetItem(), Note: "the managers were called"}); err != nil {
		t.Fatal(err)
	}
	if list := see(back(1)); len(list) != 0 {
		t.Errorf("asked again: %v", list)
	}
	if list := see(back(2)); len(list) != 1 {
		t.Errorf("another list, and the questions are %v", list)
	}
}

// TestASplitViewIsOneQuestionForAState: a State with two POCs names one list with both; it is told of once,
// and settled once, whether it was compared at once or when our list came.
func TestASplitViewIsOneQuestionForAState(t *testing.T) {
	settled := func(t *testing.T, h *home) {
		t.Helper()
		list := h.questions()
		if len(list) != 1 || list[0].GetEvent() != splitView || list[0].GetState() != "XB" {
			t.Fatalf("questions %v", list)
		}
		if _, err := h.g.SettleQuestion(context.Background(), officer, &valisev1.SettleQuestionRequest{Item: list[0].GetItem(), Note: "looked into"}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a list that is here", func(t *testing.T) {
		w := newWorld(t)
		xa, xb := w.homes["XA"], w.homes["XB"]
		xb.shown([32]byte{5})
		xb.inquire(xaTech, "of the technical desk")
		xb.inquire(xaDip, "of the diplomatic desk")
		w.settle()
		settled(t, xa)
		xb.inquire(xaDip, "once more")
		w.settle()
		if list := xa.questions(); len(list) != 0 {
			t.Errorf("asked again: %v", list)
		}
		xb.shown([32]byte{6})
		xb.inquire(xaTech, "a third list")
		w.settle()
		settled(t, xa)
	})
	t.Run("a list that is not here yet", func(t *testing.T) {
		w := newWorld(t)
		xa := w.homes["XA"]
		for from, to := range map[ident.Address]ident.Address{xbTech: xaTech, xbDip: xaDip} {
			f := newForger(t)
			f.from, f.to = from, to
			h := f.header(valisev1.Kind_KIND_INQUIRY, 1, 1)
			h.DirectoryNumber, h.DirectoryHash = 2, [32]byte{9}
			xa.mustTake(f.sign(h, f.inquiryPayload()))
		}
		xa.dir.lists = map[uint64][32]byte{2: {8}}
		xa.start()
		settled(t, xa)
		if xa.rowsIn(tableListClaim) != 0 {
			t.Error("one of both is still compared")
		}
	})
}
