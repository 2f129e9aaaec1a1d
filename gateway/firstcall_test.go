package gateway

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// firstCall is one that XA's officer made to XB.
func (h *home) firstCall(change func(*valisev1.ConfirmRootRequest)) *valisev1.ConfirmRootRequest {
	root, ok := h.dir.Root("XB")
	if !ok {
		h.w.t.Fatal("XB has no root")
	}
	r := &valisev1.ConfirmRootRequest{
		State: "XB", First: true, Fingerprint: root.Fingerprint(), ReadAloud: "all of it, by them",
		Contact: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: "B. Alder", Detail: "+999 00 111 222"},
	}
	if change != nil {
		change(r)
	}
	return r
}

// TestAFirstCall: it is an item of its own with who was called, nobody is called to the desk for want of it,
// and no message waits for it. docs/protocol.md §8.5
func TestAFirstCall(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.callsOf(xa, nobodyQuiet)
	sent := xa.inquire(xbTech, "before anybody called")
	w.settle()
	if got := xa.thread(sent.GetThread()).GetThread().GetDelivery(); got != valisev1.Delivery_DELIVERY_REACHED || len(xa.questions()) != 0 {
		t.Fatalf("a message to a State that nobody has called: %v, questions %v", got, xa.questions())
	}
	r := xa.firstCall(func(r *valisev1.ConfirmRootRequest) { r.RequestId = "once" })
	out, err := xa.g.ConfirmRoot(context.Background(), nodeAdmin, r)
	if err != nil || out.GetSource() != valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE || !out.GetAt().AsTime().Equal(w.now) || out.GetHeld() != 0 {
		t.Fatalf("%v, %v", out, err)
	}
	xa.start()
	again, err := xa.g.ConfirmRoot(context.Background(), nodeAdmin, proto.CloneOf(r))
	if err != nil || !proto.Equal(out, again) {
		t.Errorf("the same request: %v, %v", again, err)
	}
	all := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_TRUST)
	if len(all) != 1 {
		t.Fatalf("%d items", len(all))
	}
	if f := all[0].GetTrust(); f.GetEvent() != valisev1.TrustEvent_TRUST_EVENT_FIRST_CALL || f.GetState() != "XB" || len(f.GetRootOffered()) != 0 ||
		f.GetContact().GetPerson() != "B. Alder" || f.GetEntryNumber() != 1 || ident.KeyID(f.GetRootHeld()).Fingerprint() != r.GetFingerprint() ||
		all[0].GetOfficer() != nodeAdmin.Name {
		t.Errorf("the call is recorded as %v", all[0])
	}
	xa.wantCalls("a State that nobody has called", "")

	point, ok := xa.dir.RootInForce("XB")
	if !ok || len(point.Telephones) == 0 {
		t.Fatalf("XB's entry names no telephone: %+v", point)
	}
	own, err := xa.g.ConfirmRoot(context.Background(), officer, xa.firstCall(func(r *valisev1.ConfirmRootRequest) { r.Contact.Detail = point.Telephones[0] }))
	if err != nil || own.GetSource() != valisev1.ContactSource_CONTACT_SOURCE_REGISTERED {
		t.Errorf("by the entry's own number: %v, %v", own, err)
	}
}

// TestWhatIsNoFirstCall: the rules of a call-back, about the root in force of another State.
func TestWhatIsNoFirstCall(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	for name, c := range map[string]struct {
		by     Actor
		change func(*valisev1.ConfirmRootRequest)
		want   valisev1.Reason
	}{
		"a drafter":           {drafter, nil, valisev1.Reason_REASON_NOT_PERMITTED},
		"another fingerprint": {officer, func(r *valisev1.ConfirmRootRequest) { r.Fingerprint = ident.KeyID{3}.Fingerprint() }, valisev1.Reason_REASON_KEY_CHANGED},
		"no fingerprint":      {officer, func(r *valisev1.ConfirmRootRequest) { r.Fingerprint = "12345" }, valisev1.Reason_REASON_BAD_REQUEST},
		"not theirs":          {officer, func(r *valisev1.ConfirmRootRequest) { r.NotTheirs = true }, valisev1.Reason_REASON_BAD_REQUEST},
		"a State not there":   {officer, func(r *valisev1.ConfirmRootRequest) { r.State = "XZ" }, valisev1.Reason_REASON_NOT_FOUND},
		"our own State":       {officer, func(r *valisev1.ConfirmRootRequest) { r.State = "XA" }, valisev1.Reason_REASON_BAD_REQUEST},
		"a mail":              {officer, func(r *valisev1.ConfirmRootRequest) { r.Contact.Means = valisev1.ContactMeans_CONTACT_MEANS_EMAIL }, valisev1.Reason_REASON_BAD_REQUEST},
		"they called":         {officer, func(r *valisev1.ConfirmRootRequest) { r.Contact.Inbound = true }, valisev1.Reason_REASON_BAD_REQUEST},
		"nobody answered":     {officer, func(r *valisev1.ConfirmRootRequest) { r.Contact.Person = "" }, valisev1.Reason_REASON_BAD_REQUEST},
		"tomorrow":            {officer, func(r *valisev1.ConfirmRootRequest) { r.Contact.At = timestamppb.New(w.now.Add(24 * time.Hour)) }, valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, xa, c.want, func() error {
				_, err := xa.g.ConfirmRoot(context.Background(), c.by, xa.firstCall(c.change))
				return err
			})
		})
	}
	xa.shows(anotherRoot)
	wantReason(t, xa, valisev1.Reason_REASON_KEY_CHANGED, func() error {
		_, err := xa.g.ConfirmRoot(context.Background(), officer, xa.firstCall(nil))
		return err
	})
	if len(xa.questions()) != 1 {
		t.Error("a first call ended the question about another root")
	}
	if all := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_TRUST); len(all) != 1 {
		t.Errorf("%d items", len(all))
	}
}
