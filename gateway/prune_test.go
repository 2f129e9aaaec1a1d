package gateway

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// secret stands in everything that people write in these tests.
const secret = "heron over the marsh"

// keepFor lets homes keep closed threads for a day.
func keepFor(w *world, states ...ident.State) {
	for _, s := range states {
		w.homes[s].keep = 24 * time.Hour
		w.homes[s].start()
	}
}

func (h *home) tryPrune(a Actor, r *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error) {
	return h.g.Prune(context.Background(), a, r)
}

func (h *home) prune() *valisev1.PruneRecordResponse {
	h.w.t.Helper()
	out, err := h.tryPrune(keeper, &valisev1.PruneRecordRequest{Confirm: string(h.state)})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

// spoken is a thread of XA with XB, with a file, notes and a logged call, that XA has closed.
func spoken(t *testing.T, w *world) string {
	t.Helper()
	xa, xb := w.homes["XA"], w.homes["XB"]
	q := inquiry(secret)
	q.Narrative, q.NominatedAgency = secret, &valisev1.Agency{Name: secret}
	q.Attachments = []*valisev1.Attachment{xa.bring(officer, secret, bytes.Repeat([]byte(secret), 20_000))}
	sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q})
	if err != nil {
		t.Fatal(err)
	}
	w.converge()
	id := sent.GetThread()
	xb.reply(id, &valisev1.Acknowledgement{})
	xb.reply(id, &valisev1.HoldingReply{Text: secret, Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: secret}}})
	w.converge()
	xa.note(officer, &valisev1.AddNoteRequest{Thread: id, Text: secret})
	_, err = xa.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{
		Thread: id, Contact: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: secret, Note: secret, Peer: xbTech.String(), At: timestamppb.New(w.now)},
	})
	if err != nil {
		t.Fatal(err)
	}
	xa.reply(id, &valisev1.Closure{})
	w.converge()
	return id
}

// says reports where anything that people wrote is left at a home.
func (h *home) says(text string) (where []string) {
	for _, item := range h.store.items {
		if b, err := proto.Marshal(item); err != nil || bytes.Contains(b, []byte(text)) {
			where = append(where, fmt.Sprint(item.GetType()))
		}
	}
	for key, value := range h.store.keys {
		if strings.Contains(key, text) || bytes.Contains(value, []byte(text)) {
			where = append(where, key)
		}
	}
	for group, rows := range h.store.rows {
		for _, value := range rows.values {
			if bytes.Contains(value, []byte(text)) {
				where = append(where, group)
			}
		}
	}
	return where
}

// Nothing that anybody wrote in a thread is left of it in any item or table, and all else stays.
// docs/protocol.md §9.3
func TestAThreadIsRemovedWhole(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa := w.homes["XA"]
	id := spoken(t, w)
	open := xa.inquire(xbTech, "still open").GetThread()
	w.converge()
	items := len(xa.store.items)
	w.pass(48 * time.Hour)
	if len(xa.says(secret)) == 0 {
		t.Fatal("the secret was nowhere")
	}
	counted, err := xa.tryPrune(keeper, &valisev1.PruneRecordRequest{DryRun: true})
	if err != nil || len(xa.store.items) != items || len(xa.says(secret)) == 0 {
		t.Fatalf("counting changed something: %v", err)
	}
	out := xa.prune()
	if where := xa.says(secret); len(where) > 0 {
		t.Errorf("what was said is left in %q", where)
	}
	fact := out.GetPruned()
	if fact.GetThreads() != 1 || fact.GetItems() < 8 || out.GetReclaimable() < 400_000 || !proto.Equal(fact, counted.GetPruned()) {
		t.Errorf("removed %v, counted %v", out, counted)
	}
	told := xa.store.items[out.GetItem()]
	if told.GetType() != valisev1.ItemType_ITEM_TYPE_PRUNE || !proto.Equal(told.GetPrune(), fact) || told.GetOfficer() != keeper.Name {
		t.Errorf("the record tells of it by %v", told)
	}
	for _, again := range []bool{false, true} {
		if again {
			xa.start()
		}
		v := xa.thread(id)
		if v.GetThread().GetPruned() == nil || v.GetThread().GetTitle() != "" || len(v.GetMessages()) != 0 ||
			v.GetThread().GetState() != stateClosedByUs || v.GetThread().GetPeer() != xbTech.String() {
			t.Errorf("the thread reads as %v", v)
		}
		if v := xa.thread(open); v.GetThread().GetTitle() != "still open" || len(v.GetMessages()) != 1 {
			t.Errorf("the other thread reads as %v", v)
		}
	}
	if next := xa.prune(); next.GetItem() != 0 || next.GetPruned().GetItems() != 0 {
		t.Errorf("the next act removes %v", next)
	}
	if len(w.homes["XB"].says(secret)) == 0 {
		t.Error("the peer lost what is its own")
	}
	assertPromises(t, w)
}

// What the rule keeps stays. docs/protocol.md §9.3
func TestWhatTheRuleKeeps(t *testing.T) {
	for name, c := range map[string]struct {
		late time.Duration
		act  func(w *world, xa, xb *home, id string)
	}{
		"open":               {48 * time.Hour, func(*world, *home, *home, string) {}},
		"closed by the peer": {48 * time.Hour, func(_ *world, _, xb *home, id string) { xb.reply(id, &valisev1.Closure{}) }},
		"too young":          {23 * time.Hour, func(_ *world, xa, _ *home, id string) { xa.reply(id, &valisev1.Closure{}) }},
		"opened again": {48 * time.Hour, func(w *world, xa, xb *home, id string) {
			xa.reply(id, &valisev1.Closure{})
			w.converge()
			xb.reply(id, &valisev1.Reopen{})
		}},
		"waits to leave": {48 * time.Hour, func(_ *world, xa, _ *home, id string) {
			xa.setLink(false)
			xa.reply(id, &valisev1.Closure{})
		}},
		"a draft waits": {48 * time.Hour, func(w *world, xa, _ *home, id string) {
			xa.reply(id, &valisev1.Closure{})
			w.converge()
			_, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
				Thread: id, Payload: payloadOf(&valisev1.Supplement{Narrative: "later"}), Options: &valisev1.SendOptions{Draft: true},
			})
			if err != nil {
				w.t.Fatal(err)
			}
		}},
		"a consent holds": {48 * time.Hour, func(w *world, xa, xb *home, id string) {
			asked := &valisev1.ConsentRequest{
				Messages: [][]byte{xb.digestOfMessage(w.t.(*testing.T), id, xb.thread(id).GetMessages()[0].GetMessage())}, ThirdParty: cert, Purpose: "to help",
			}
			r := xb.reply(id, asked)
			w.converge()
			xa.reply(id, &valisev1.ConsentDecision{Request: xa.digestOfMessage(w.t.(*testing.T), id, r.GetMessage()), Consents: true})
			xa.reply(id, &valisev1.Closure{})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			keepFor(w, "XA")
			xa, xb := w.homes["XA"], w.homes["XB"]
			id := xa.inquire(xbTech, secret).GetThread()
			w.converge()
			c.act(w, xa, xb, id)
			if name != "waits to leave" {
				w.converge()
			}
			w.now = w.now.Add(c.late)
			before := len(xa.says(secret))
			if out := xa.prune(); out.GetPruned().GetThreads() != 0 || out.GetPruned().GetItems() != 0 || len(xa.says(secret)) != before {
				t.Errorf("removed %v", out)
			}
			if xa.thread(id).GetThread().GetTitle() != secret {
				t.Error("the thread is not what it was")
			}
		})
	}
}

func TestWhoMayPruneAndWhen(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	late := timestamppb.New(w.now.Add(-time.Hour))
	reason := func(a Actor, r *valisev1.PruneRecordRequest) valisev1.Reason {
		_, err := xa.tryPrune(a, r)
		return reasonOf(err)
	}
	if got := reason(keeper, &valisev1.PruneRecordRequest{Confirm: "XA"}); got != valisev1.Reason_REASON_RETENTION {
		t.Errorf("without a rule: %v", got)
	}
	keepFor(w, "XA")
	for name, c := range map[string]struct {
		a    Actor
		r    *valisev1.PruneRecordRequest
		want valisev1.Reason
	}{
		"no record keeper":      {officer, &valisev1.PruneRecordRequest{Confirm: "XA"}, valisev1.Reason_REASON_NOT_PERMITTED},
		"an administrator":      {nodeAdmin, &valisev1.PruneRecordRequest{Confirm: "XA"}, valisev1.Reason_REASON_NOT_PERMITTED},
		"unconfirmed":           {keeper, &valisev1.PruneRecordRequest{}, valisev1.Reason_REASON_BAD_REQUEST},
		"another State's code":  {keeper, &valisev1.PruneRecordRequest{Confirm: "XB"}, valisev1.Reason_REASON_BAD_REQUEST},
		"younger than the rule": {keeper, &valisev1.PruneRecordRequest{Confirm: "XA", Before: late}, valisev1.Reason_REASON_RETENTION},
		"counting alone":        {keeper, &valisev1.PruneRecordRequest{DryRun: true}, valisev1.Reason_REASON_UNSPECIFIED},
	} {
		if got := reason(c.a, c.r); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// An act that is asked for twice is done once, also where nothing is left to do for it. P2
func TestPruneIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa := w.homes["XA"]
	spoken(t, w)
	w.pass(48 * time.Hour)
	r := &valisev1.PruneRecordRequest{Confirm: "XA", RequestId: "once"}
	first, err := xa.tryPrune(keeper, r)
	if err != nil {
		t.Fatal(err)
	}
	items := len(xa.store.items)
	second, err := xa.tryPrune(keeper, r)
	if err != nil || !proto.Equal(first, second) || len(xa.store.items) != items {
		t.Errorf("asked again: %v, want %v: %v", second, first, err)
	}
	other := &valisev1.PruneRecordRequest{Confirm: "XA", RequestId: "once", Before: timestamppb.New(start)}
	if _, err := xa.tryPrune(keeper, other); reasonOf(err) != valisev1.Reason_REASON_REQUEST_ID_CONFLICT {
		t.Errorf("another body: %v", err)
	}
}

// What was removed is still known for what it is, in every way in which it is looked for.
func TestWhatWasRemovedIsStillKnown(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XB")
	xa, xb := w.homes["XA"], w.homes["XB"]
	id := xa.inquire(xbTech, secret).GetThread()
	w.converge()
	var signed []byte
	for _, item := range xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED) {
		if item.GetKind() == valisev1.Kind_KIND_INQUIRY {
			signed = item.GetSigned()
		}
	}
	number := xb.thread(id).GetMessages()[0].GetItem()
	xb.reply(id, &valisev1.Closure{})
	w.converge()
	w.pass(48 * time.Hour)
	if out := xb.prune(); out.GetPruned().GetThreads() != 1 {
		t.Fatalf("removed %v", out)
	}
	items := len(xb.store.items)
	if e := xb.mustTake(signed); e.Reason != valisev1.Reason_REASON_DUPLICATE || len(xb.store.items) != items {
		t.Errorf("the message that comes again is %v", e.Reason)
	}
	if _, err := xb.g.Item(context.Background(), keeper, &valisev1.GetItemRequest{Item: number}); reasonOf(err) != valisev1.Reason_REASON_PRUNED {
		t.Errorf("the item reads as %v", err)
	}
	if _, shown, err := xb.g.Event(context.Background(), officer, number); shown || err != nil {
		t.Errorf("a listener hears of it: %v, %v", shown, err)
	}
	bound := keeper
	for _, c := range []struct {
		tracks []ident.Track
		sees   bool
	}{{nil, true}, {[]ident.Track{ident.Technical}, true}, {[]ident.Track{ident.Diplomatic}, false}} {
		bound.Tracks = c.tracks
		seen := false
		list, err := xb.g.Items(context.Background(), bound, &valisev1.ListItemsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list.GetItems() {
			if v.GetItem().GetNumber() == number {
				seen = v.GetPruned() && v.GetThread() == id && v.GetDigest() != "" && v.GetItem().GetRecorded() != nil
			}
		}
		if seen != c.sees {
			t.Errorf("on %v the leaf is seen: %v", c.tracks, seen)
		}
	}
}
