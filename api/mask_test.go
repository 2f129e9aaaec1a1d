package api

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	valisev1 "valise.example/proto/valise/v1"
)

func only(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

// TestAMaskThatNamesNoField is refused, each time with the place of the path that is wrong.
func TestAMaskThatNamesNoField(t *testing.T) {
	for name, mask := range map[string]*fieldmaskpb.FieldMask{
		"unknown":                 only("title"),
		"empty":                   only(""),
		"a dot":                   only("."),
		"beyond a text":           only("item.number.digits"),
		"in a list":               only("item.refusals.at"),
		"as JSON writes it":       only("item.peerReference"),
		"all":                     only("*"),
		"a control":               only("item\x00"),
		"one bad among good ones": only("item", "item.number", "nothing"),
		"too many":                only(make([]string, 65)...),
	} {
		if got, err := readMask(mask, &valisev1.ItemView{}); err == nil {
			t.Errorf("%s: taken as %v", name, got)
		} else {
			wantReason(t, err, bad)
		}
	}
}

// TestMaskedAnswers: what is asked for comes unchanged, all else is absent, at every door to a mask.
func TestMaskedAnswers(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	must(c.SendInquiry(t.Context(), inquiry("Scans")))
	all := must(c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{}))
	id := all.GetThreads()[0].GetThread()

	some := must(c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{ReadMask: only("thread", "peer")}))
	want := &valisev1.ThreadView{Thread: id, Peer: xb.String()}
	if len(some.GetThreads()) != 1 || !proto.Equal(some.GetThreads()[0], want) {
		t.Errorf("a list of ids and peers is %v", some)
	}

	whole := must(c.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: id}))
	part := must(c.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: id, ReadMask: only("thread.title", "thread.peer")}))
	if len(whole.GetMessages()) == 0 || len(whole.GetAdvice()) == 0 {
		t.Fatalf("the whole thread is %v", whole)
	}
	if !proto.Equal(part, &valisev1.GetThreadResponse{Thread: &valisev1.ThreadView{Title: "Scans", Peer: xb.String()}}) {
		t.Errorf("title and peer of a thread are %v", part)
	}
	part = must(c.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: id, ReadMask: only("thread.title", "messages", "thread")}))
	if whole.Advice = nil; !proto.Equal(part, whole) {
		t.Errorf("without advice a thread is %v", part)
	}

	r := valisev1.NewRecordServiceClient(w.call(t, roleToken(keeps)))
	items := must(r.ListItems(t.Context(), &valisev1.ListItemsRequest{ReadMask: only("item.number", "item.type")}))
	for i, v := range items.GetItems() {
		if !proto.Equal(v, &valisev1.ItemView{Item: &valisev1.Item{Number: uint64(i), Type: v.GetItem().GetType()}}) || v.GetItem().GetType() == 0 {
			t.Errorf("number and type of item %d are %v", i, v)
		}
	}
	one := must(r.GetItem(t.Context(), &valisev1.GetItemRequest{Item: 0, ReadMask: only("item.type")}))
	if !proto.Equal(one.GetItem(), &valisev1.ItemView{Item: &valisev1.Item{Type: items.GetItems()[0].GetItem().GetType()}}) {
		t.Errorf("the type of an item is %v", one)
	}
}

// TestAMaskOpensNothing: who may not read gets no part of it either.
func TestAMaskOpensNothing(t *testing.T) {
	w := newWorld(t)
	sent := must(w.inquiries(t, duty).SendInquiry(t.Context(), inquiry("Scans")))
	_, err := w.inquiries(t, admin).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: sent.GetSent().GetThread(), ReadMask: only("thread.state")})
	wantReason(t, err, denied)
}
