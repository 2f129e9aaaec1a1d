package api

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

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
