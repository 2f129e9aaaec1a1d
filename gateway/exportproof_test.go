package gateway

import (
	"bytes"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const proofForm = valisev1.ExportForm_EXPORT_FORM_PROOF

// threeAtOnce is a world in which one receipt of XB covers three inquiries of XA.
func threeAtOnce(t *testing.T) (w *world, xa, xb *home, messages []string) {
	w = newWorld(t)
	xa, xb = w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	for range 3 {
		messages = append(messages, xa.inquire(xbTech, "x").GetMessage())
	}
	w.settle()
	xb.setLink(true)
	w.converge()
	return w, xa, xb, messages
}

// A proof shows who sent what to whom by its digest, and none of its body; the receipt's mark is reached
// by the headers between, which are given only where asked for. docs/protocol.md §9.4
func TestProofLeadsFromTheMessageToItsReceipt(t *testing.T) {
	_, xa, xb, messages := threeAtOnce(t)
	for _, links := range []bool{false, true} {
		pieces := xa.mustExport(&valisev1.ExportRecordRequest{Form: proofForm, Messages: messages[:1], Links: links})
		p := pieces[1].GetProof()
		item := xa.store.items[p.GetLeaf().GetNumber()]
		signed, err := seal.ParseSigned(item.GetSigned())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.GetHeader(), signed.Content.Header) || p.GetLeaf().GetType() != item.GetType() || p.GetLeaf().GetRecorded() != item.GetRecorded().AsTime().UnixNano() {
			t.Errorf("the proof is of %v, want item %v", p.GetLeaf(), item)
		}
		if p.GetKey() == nil || p.GetHeadKey() == nil || len(p.GetHead().GetSignatures()) != 1 || p.GetReceipt().GetKey() == nil {
			t.Errorf("a part of the proof is missing: %v", p)
		}
		got := len(p.GetReceipt().GetLinks())
		if links && got != 2 || !links && got != 0 {
			t.Errorf("%d links, asked for: %v", got, links)
		}
		if pieces[1].GetItem() != nil {
			t.Error("a proof brings its payload")
		}
	}
	last := xa.mustExport(&valisev1.ExportRecordRequest{Form: proofForm, Messages: messages[2:], Links: true})[1].GetProof()
	if last.GetReceipt() == nil || len(last.GetReceipt().GetLinks()) != 0 {
		t.Errorf("the receipt names the message itself, and yet %d links lead to it", len(last.GetReceipt().GetLinks()))
	}
	theirs := xb.mustExport(&valisev1.ExportRecordRequest{Form: proofForm, Messages: messages[:1]})[1].GetProof()
	if theirs.GetReceipt() != nil || theirs.GetLeaf().GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED {
		t.Errorf("the addressee's proof is %v", theirs)
	}
}

// A header that leads to a mark tells of another message: to a third party it needs its own consent.
// A-11 s2
func TestLinksOfAProofNeedConsentToo(t *testing.T) {
	w, xa, xb, messages := threeAtOnce(t)
	thread := xa.replyTo(messages[0], &valisev1.ConsentRequest{ThirdParty: cert, Messages: [][]byte{xa.digestOf(messages[0])}}).GetThread()
	w.converge()
	xb.reply(thread, &valisev1.ConsentDecision{Consents: true})
	w.converge()
	r := &valisev1.ExportRecordRequest{Form: proofForm, ThirdParty: cert, Messages: messages[:1]}
	xa.mustExport(r)
	r.Links = true
	xa.noConsent(t, r, messages[1], "none was asked")
}
