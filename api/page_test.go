package api

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

func TestPagesOverTheDoor(t *testing.T) {
	w := newWorld(t)
	write(t, w, 7)
	c := w.inquiries(t, duty)
	var seen []string
	request := &valisev1.ListThreadsRequest{PageSize: 3, Peer: "XB"}
	pages := 0
	for {
		out, err := c.ListThreads(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, th := range out.GetThreads() {
			seen = append(seen, th.GetThread())
		}
		if out.GetNextPageToken() == "" {
			break
		}
		request.PageToken = out.GetNextPageToken()
		if pages == 1 {
			other := proto.CloneOf(request)
			other.Peer = "XB/technical"
			_, err = c.ListThreads(t.Context(), other)
			wantReason(t, err, bad)
			_, err = valisev1.NewRecordServiceClient(w.call(t, roleToken(keeps))).ListItems(t.Context(), &valisev1.ListItemsRequest{PageToken: request.PageToken})
			wantReason(t, err, bad)
		}
		// The size of a page may change between two pages.
		request.PageSize = 2
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 7 || pages != 3 {
		t.Errorf("%d pages tell %d threads", pages, len(seen))
	}
	items := valisev1.NewRecordServiceClient(w.call(t, roleToken(keeps)))
	var numbers []uint64
	for token := ""; ; {
		out, err := items.ListItems(t.Context(), &valisev1.ListItemsRequest{PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range out.GetItems() {
			numbers = append(numbers, item.GetItem().GetNumber())
		}
		if token = out.GetNextPageToken(); token == "" {
			break
		}
	}
	for i, n := range numbers {
		if uint64(i) != n {
			t.Fatalf("the items are %v", numbers)
		}
	}
	if uint64(len(numbers)) != w.record.Items(t.Context()) {
		t.Errorf("%d items of %d", len(numbers), w.record.Items(t.Context()))
	}
}

// TestItemsAreFilteredOverTheDoor: the filters reach the record, and a token goes on with the same ones alone.
func TestItemsAreFilteredOverTheDoor(t *testing.T) {
	w := newWorld(t)
	write(t, w, 3)
	items := valisev1.NewRecordServiceClient(w.call(t, roleToken(keeps)))
	sent := &valisev1.ListItemsRequest{
		Types: []valisev1.ItemType{valisev1.ItemType_ITEM_TYPE_SENT}, Kinds: []valisev1.Kind{valisev1.Kind_KIND_INQUIRY},
		Since: timestamppb.New(start.AddDate(-1, 0, 0)), Until: timestamppb.New(start.AddDate(1, 0, 0)), PageSize: 2,
	}
	first := must(items.ListItems(t.Context(), sent))
	if len(first.GetItems()) != 2 || first.GetNextPageToken() == "" {
		t.Fatalf("the first page is %v", first)
	}
	for name, change := range map[string]func(*valisev1.ListItemsRequest){
		"since": func(r *valisev1.ListItemsRequest) { r.Since = nil },
		"until": func(r *valisev1.ListItemsRequest) { r.Until = nil },
		"kinds": func(r *valisev1.ListItemsRequest) { r.Kinds = nil },
		"types": func(r *valisev1.ListItemsRequest) { r.Types = nil },
	} {
		other := proto.CloneOf(sent)
		other.PageToken = first.GetNextPageToken()
		change(other)
		if _, err := items.ListItems(t.Context(), other); err == nil {
			t.Errorf("a token goes on with another %s", name)
		} else {
			wantReason(t, err, bad)
		}
	}
	sent.PageToken = first.GetNextPageToken()
	if rest := must(items.ListItems(t.Context(), sent)); len(rest.GetItems()) != 1 || rest.GetNextPageToken() != "" {
		t.Errorf("the rest is %v", rest)
	}
	sent.PageToken = ""
	for name, change := range map[string]func(*valisev1.ListItemsRequest){
		"since": func(r *valisev1.ListItemsRequest) { r.Since = timestamppb.New(start.AddDate(0, 6, 0)) },
		"until": func(r *valisev1.ListItemsRequest) { r.Until = timestamppb.New(start.AddDate(0, -6, 0)) },
		"kinds": func(r *valisev1.ListItemsRequest) { r.Kinds[0] = valisev1.Kind_KIND_REOPEN },
		"types": func(r *valisev1.ListItemsRequest) { r.Types[0] = valisev1.ItemType_ITEM_TYPE_NOTE },
	} {
		other := proto.CloneOf(sent)
		change(other)
		if none := must(items.ListItems(t.Context(), other)); len(none.GetItems()) != 0 {
			t.Errorf("%s filters nothing: %v", name, none)
		}
	}
}

func TestPageSize(t *testing.T) {
	for in, want := range map[int32]int32{0: 100, 1: 1, 500: 500, 501: 500, 1 << 30: 500} {
		if got, err := pageSize(&valisev1.ListThreadsRequest{PageSize: in}); err != nil || got != want {
			t.Errorf("%d became %d, %v", in, got, err)
		}
	}
}

// FuzzPageToken asserts that only what sealPage made is opened, that it opens to what was
// sealed, and that there is one form of it.
func FuzzPageToken(f *testing.F) {
	filter := &valisev1.ListThreadsRequest{Peer: "XB"}
	good, err := sealPage("threads", filter, "42")
	if err != nil {
		f.Fatal(err)
	}
	for _, token := range []string{"", good, good + "A", good[:len(good)-1], strings.ToUpper(good), " " + good, "AQAA", "!", strings.Repeat("A", 4000)} {
		f.Add(token)
	}
	f.Add(base64.RawURLEncoding.EncodeToString(make([]byte, 14)))
	f.Fuzz(func(t *testing.T, token string) {
		place, err := openPage("threads", filter, token)
		if err != nil {
			wantReason(t, err, bad)
		} else if again, err := sealPage("threads", filter, place); err != nil || again != token {
			t.Fatalf("%q opened as %q, which seals as %q", token, place, again)
		}
		if len(token) > maxPlace {
			return
		}
		made, err := sealPage("items", filter, token)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := openPage("items", filter, made); err != nil || back != token {
			t.Fatalf("%q came back as %q, %v", token, back, err)
		}
		if _, err := openPage("threads", filter, made); token != "" && err == nil {
			t.Fatal("a token of another list was taken")
		}
		if _, err := openPage("items", &valisev1.ListThreadsRequest{}, made); token != "" && err == nil {
			t.Fatal("a token of other filters was taken")
		}
	})
}
