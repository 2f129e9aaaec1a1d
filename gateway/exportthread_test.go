package gateway

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// A thread goes to a third party with what was consented to. What was said about the consents came
// later, and no consent names it: it stays here, and the officer is told. All else needs its consent
// as before. A-11 s2
func TestAThreadGoesWithoutWhatWasSaidAboutConsents(t *testing.T) {
	w, xa, xb, sent := consentWorld(t)
	said := xa.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "more"})
	w.converge()
	request := xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert, Messages: [][]byte{xb.digestOf(sent.GetMessage()), xb.digestOf(said.GetMessage())}})
	w.converge()
	decision := xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	thread := &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert, Threads: []string{sent.GetThread()}, RequestId: "one"}
	check := func(pieces []*valisev1.ExportRecordResponse, want, left []string) {
		t.Helper()
		var got []string
		for _, p := range pieces[1:] {
			got = append(got, p.GetItem().GetItem().GetMessage())
		}
		head := pieces[0].GetHead()
		if !slices.Equal(got, want) || head.GetItems() != uint64(len(want)) || !slices.Equal(head.GetLeftOut(), left) {
			t.Errorf("the third party gets %v, and %v stay here; want %v and %v", got, head.GetLeftOut(), want, left)
		}
	}
	both, about := []string{sent.GetMessage(), said.GetMessage()}, []string{request.GetMessage(), decision.GetMessage()}
	check(xb.mustExport(thread), both, about)
	check(xb.mustExport(thread), both, about) // the same request is the same export
	if own := xb.mustExport(&valisev1.ExportRecordRequest{Form: archive, Threads: []string{sent.GetThread()}}); len(own[0].GetHead().GetLeftOut()) != 0 {
		t.Error("our own archive is without what was said about consents")
	}

	// Asked for by itself it is a message as any other: refused without a consent, and it goes with one.
	alone := forCert(request.GetMessage())
	xb.noConsent(t, alone, request.GetMessage(), "none was asked")
	item := xb.itemNumber(t, request.GetMessage())
	xb.noConsent(t, &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert, Threads: []string{sent.GetThread()}, Items: []uint64{item}}, request.GetMessage(), "none was asked")
	again := xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert, Messages: [][]byte{xb.digestOf(request.GetMessage())}})
	w.converge()
	second := xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true, Request: xa.digestOf(again.GetMessage())})
	w.converge()
	xb.mustExport(alone)
	thread.RequestId = "two"
	check(xb.mustExport(thread), append(slices.Clone(both), request.GetMessage()), []string{decision.GetMessage(), again.GetMessage(), second.GetMessage()})

	// One message without a consent, and none of the thread goes.
	late := xa.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "even more"})
	w.converge()
	thread.RequestId = "three"
	xb.noConsent(t, thread, late.GetMessage(), "none was asked")
}

// itemNumber is the item of a message.
func (h *home) itemNumber(t *testing.T, message string) (n uint64) {
	t.Helper()
	err := h.g.view(context.Background(), "test", func(w *work) error {
		p, err := w.findMessage(keeper, message)
		n = p.item
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// betweenStore lets something happen before the next change of a store.
type betweenStore struct {
	Store
	before func()
}

func (s *betweenStore) Update(ctx context.Context, fn func(Tx) error) error {
	if before := s.before; before != nil {
		s.before = nil
		before()
	}
	return s.Store.Update(ctx, fn)
}

// A consent that ends after an export was planned and before it is recorded stops it: nothing is
// handed out, and nothing tells of an export. A-11 s2
func TestAConsentEndsBetweenPlanAndRecord(t *testing.T) {
	for name, ends := range map[string]proto.Message{"withdrawn": &valisev1.ConsentWithdrawal{}, "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			w, xa, xb, said := agreed(t, &valisev1.Supplement{Narrative: "x"})
			happened := false
			xb.g.cfg.Store = &betweenStore{xb.g.cfg.Store, func() {
				happened = true
				if ends != nil {
					xa.reply(said.GetThread(), ends)
					w.settle()
				}
			}}
			pieces, err := xb.export(keeper, forCert(said.GetMessage()))
			exports := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_EXPORT))
			switch {
			case !happened:
				t.Fatal("the export was recorded by no change of the store; the test tells nothing")
			case ends == nil && (err != nil || len(pieces) != 2 || exports != 1):
				t.Errorf("while the consent holds: %v, %d pieces, %d exports", err, len(pieces), exports)
			case ends != nil && (reasonOf(err) != valisev1.Reason_REASON_NO_CONSENT || len(pieces) != 0 || exports != 0):
				t.Errorf("after it has ended: %v, %d pieces, %d exports", err, len(pieces), exports)
			}
		})
	}
}

// forgetful is a directory that has lost one key.
type forgetful struct {
	Directory
	lost ident.KeyID
}

func (f forgetful) HistoricalSpeaker(id ident.KeyID) (seal.Speaker, bool) {
	if id == f.lost {
		return seal.Speaker{}, false
	}
	return f.Directory.HistoricalSpeaker(id)
}

func (f forgetful) Speaker(id ident.KeyID) (seal.Speaker, bool) {
	if id == f.lost {
		return seal.Speaker{}, false
	}
	return f.Directory.Speaker(id)
}

// A message whose key is not at hand is named, and the proofs of all others are there: in the whole
// record and in one thread. docs/protocol.md §9.4
func TestAProofWithoutItsKeyIsNamedAndTheRestGoesOn(t *testing.T) {
	w, _, xb, sent := consentWorld(t)
	xb.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "ours"})
	w.converge()
	signed, err := seal.ParseSigned(xb.store.items[xb.itemNumber(t, sent.GetMessage())].GetSigned())
	if err != nil {
		t.Fatal(err)
	}
	xb.g.cfg.Directory = func() Directory { return forgetful{xb.dir, signed.KeyID} }
	for _, r := range []*valisev1.ExportRecordRequest{
		{Form: proofForm}, {Form: proofForm, Threads: []string{sent.GetThread()}}, {Form: proofForm, Messages: []string{sent.GetMessage()}},
	} {
		pieces := xb.mustExport(r)
		if len(r.GetMessages()) > 0 && len(pieces) != 2 || len(r.GetMessages()) == 0 && len(pieces) != 3 || pieces[0].GetHead().GetItems() != uint64(len(pieces)-1) {
			t.Fatalf("%d pieces, and the head tells of %d", len(pieces), pieces[0].GetHead().GetItems())
		}
		if u := pieces[1].GetUnproven(); pieces[1].GetProof() != nil || u.GetItem() != xb.itemNumber(t, sent.GetMessage()) || u.GetReason() != valisev1.Reason_REASON_UNKNOWN_KEY {
			t.Errorf("what cannot be proven is told as %v", pieces[1])
		}
		if len(pieces) == 3 && (pieces[2].GetProof() == nil || pieces[2].GetUnproven() != nil) {
			t.Errorf("what can be proven is told as %v", pieces[2])
		}
	}
}
