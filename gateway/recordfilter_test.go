package gateway

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// allItems goes through every page, and gives the numbers of the items and how many pages there were.
func (h *home) allItems(a Actor, r *valisev1.ListItemsRequest) (numbers []uint64, pages int) {
	h.w.t.Helper()
	r = proto.CloneOf(r)
	for {
		page, err := h.g.Items(context.Background(), a, r)
		if err != nil {
			h.w.t.Fatal(err)
		}
		pages++
		for _, v := range page.GetItems() {
			numbers = append(numbers, v.GetItem().GetNumber())
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			return numbers, pages
		}
	}
}

// TestItemsByDateTypeAndKind: each filter by itself and together, and none lets an item of the other track through.
func TestItemsByDateTypeAndKind(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	tech, dip := xa.inquire(xbTech, "tech"), xa.inquire(xbDip, "dip")
	w.settle()
	w.now = start.Add(time.Hour)
	xb.reply(tech.GetThread(), &valisev1.Acknowledgement{})
	xb.reply(dip.GetThread(), &valisev1.Acknowledgement{})
	w.settle()
	w.now = start.Add(-time.Hour) // our clock is set back
	xa.reply(tech.GetThread(), &valisev1.Supplement{Narrative: "More."})
	w.settle()
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(start.Add(d)) }
	sent, received := valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED
	for name, c := range map[string]struct {
		r     *valisev1.ListItemsRequest
		wants func(*valisev1.Item) bool
	}{
		"all":     {&valisev1.ListItemsRequest{}, func(*valisev1.Item) bool { return true }},
		"from on": {&valisev1.ListItemsRequest{Since: at(time.Hour)}, func(i *valisev1.Item) bool { return !i.GetRecorded().AsTime().Before(start.Add(time.Hour)) }},
		"until":   {&valisev1.ListItemsRequest{Until: at(time.Hour)}, func(i *valisev1.Item) bool { return i.GetRecorded().AsTime().Before(start.Add(time.Hour)) }},
		"between": {&valisev1.ListItemsRequest{Since: at(-2 * time.Hour), Until: at(-time.Minute)}, func(i *valisev1.Item) bool { return i.GetRecorded().AsTime().Before(start) }},
		"types":   {&valisev1.ListItemsRequest{Types: []valisev1.ItemType{sent, received}}, func(i *valisev1.Item) bool { return i.GetType() == sent || i.GetType() == received }},
		"kinds":   {&valisev1.ListItemsRequest{Kinds: []valisev1.Kind{valisev1.Kind_KIND_ACKNOWLEDGEMENT}}, func(i *valisev1.Item) bool { return i.GetKind() == valisev1.Kind_KIND_ACKNOWLEDGEMENT }},
		"together": {&valisev1.ListItemsRequest{Until: at(time.Minute), Types: []valisev1.ItemType{sent}, Kinds: []valisev1.Kind{valisev1.Kind_KIND_SUPPLEMENT}}, func(i *valisev1.Item) bool {
			return i.GetType() == sent && i.GetKind() == valisev1.Kind_KIND_SUPPLEMENT
		}},
	} {
		for who, a := range map[string]Actor{"both": keeper, "technical": {Name: "t", Roles: keeper.Roles, Tracks: []ident.Track{ident.Technical}}} {
			all, _ := xa.allItems(a, &valisev1.ListItemsRequest{})
			want := slices.DeleteFunc(slices.Clone(all), func(n uint64) bool { return !c.wants(xa.store.items[n]) })
			if len(want) == 0 {
				t.Fatalf("%s: %s asks for nothing", name, who)
			}
			c.r.PageSize = 2
			if got, _ := xa.allItems(a, c.r); !slices.Equal(got, want) {
				t.Errorf("%s: %s get %v, want %v", name, who, got, want)
			}
		}
	}
	thread := &valisev1.ListItemsRequest{Thread: tech.GetThread(), Kinds: []valisev1.Kind{valisev1.Kind_KIND_ACKNOWLEDGEMENT}, Types: []valisev1.ItemType{received}}
	if got, _ := xa.allItems(keeper, thread); len(got) != 1 {
		t.Errorf("of one thread: %v", got)
	}
}

// TestItemsLookNoFurther: one page of a record of ten thousand items opens no more than its share of them, whatever
// is looked for and by whom, and page by page everything is found.
func TestItemsLookNoFurther(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	const many = 10_000
	for n := uint64(len(xa.store.items)); n < many; n++ {
		item := &valisev1.Item{Number: n, Type: valisev1.ItemType_ITEM_TYPE_NODE, Recorded: timestamppb.New(start.Add(time.Duration(n) * time.Minute))}
		if n%4999 == 0 {
			item.Type, item.Note = valisev1.ItemType_ITEM_TYPE_EXPORT, fmt.Sprint(n)
		}
		xa.store.items = append(xa.store.items, item)
	}
	for name, r := range map[string]*valisev1.ListItemsRequest{
		"a type":  {Types: []valisev1.ItemType{valisev1.ItemType_ITEM_TYPE_EXPORT}},
		"a day":   {Since: timestamppb.New(start.Add(9998 * time.Minute)), Until: timestamppb.New(start.Add(9999 * time.Minute))},
		"nothing": {Kinds: []valisev1.Kind{valisev1.Kind_KIND_REOPEN}},
	} {
		got, pages := xa.allItems(keeper, r)
		if want := map[string]string{"a type": "[0 4999 9998]", "a day": "[9998]", "nothing": "[]"}[name]; fmt.Sprint(got) != want {
			t.Errorf("%s finds %v, want %s", name, got, want)
		}
		if pages != many/mostLookedAt {
			t.Errorf("%s takes %d pages", name, pages)
		}
	}
	if got, pages := xa.allItems(keeper, &valisev1.ListItemsRequest{PageSize: 500}); len(got) != many || pages != many/500 {
		t.Errorf("all are %d on %d pages", len(got), pages)
	}
}
