package gateway

import (
	"bytes"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// listedTables are those that Relist makes.
var listedTables = []string{tableCalls, tableLive, tableConsent, tableReceivedFile}

// lists is what stands in them.
func (s *memStore) lists() map[string]map[uint64][]byte {
	out := map[string]map[uint64][]byte{}
	for key, rows := range s.rows {
		if table, _, _ := strings.Cut(key, "\x00"); slices.Contains(listedTables, table) && len(rows.values) > 0 {
			out[key] = maps.Clone(rows.values)
		}
	}
	return out
}

// forgetLists makes of a store one that a program without these lists wrote.
func (s *memStore) forgetLists() {
	maps.DeleteFunc(s.rows, func(key string, _ *rowSet) bool {
		table, _, _ := strings.Cut(key, "\x00")
		return slices.Contains(listedTables, table)
	})
}

// listedWorld is a home with something for every list: a thread that nobody opened, a promise, a
// consent that was given, and a file of a peer, in more items than one transaction looks at.
func listedWorld(t *testing.T) (w *world, xb *home, file []byte) {
	w = newWorld(t, "XA", "XB", "XC")
	xa, xb := w.homes["XA"], w.homes["XB"]
	file = bytes.Repeat([]byte("abc"), 1000)
	said := xa.sendFiles(file)
	w.converge()
	xb.replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: "XC"})
	w.converge()
	xa.reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
	xa.inquire(xbTech, "nobody opens it")
	w.converge()
	for range 2 * relistAtOnce {
		if _, err := xb.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{
			Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: timestamppb.New(w.now), Person: "B", Peer: "XA/technical", Note: "x",
		}}); err != nil {
			t.Fatal(err)
		}
	}
	xa.inquire(xbTech, "the last of all")
	w.converge()
	return w, xb, file
}

func (h *home) relist() {
	h.w.t.Helper()
	if err := h.g.Relist(context.Background()); err != nil {
		h.w.t.Fatal(err)
	}
}

// A home whose record lacks the lists calls nobody and sends a peer's file on; listed anew it is as if
// it had them from the start. Doing it twice, or over again after an end in the middle, changes
// nothing, and nothing is appended. docs/protocol.md §9.5
func TestRelistMakesWhatAnEarlierRecordLacks(t *testing.T) {
	w, xb, file := listedWorld(t)
	want, items := xb.store.lists(), len(xb.store.items)
	for _, table := range listedTables {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(key string) bool { return strings.HasPrefix(key, table+"\x00") }) {
			t.Fatalf("the story puts nothing into the table %s", table)
		}
	}
	xb.store.forgetLists()
	w.callsOf(xb, nobodyQuiet)
	if a, err := xb.g.Attention(context.Background()); err != nil || a.GetUnopened() != 0 {
		t.Fatalf("without lists %v waits, %v", a, err)
	}
	ended := 0
	xb.store.fail = func() (before, after error) {
		if ended++; ended == 2 {
			return context.Canceled, nil
		}
		return nil, nil
	}
	if err := xb.g.Relist(context.Background()); err == nil {
		t.Fatal("it did not end in the middle")
	}
	xb.store.fail = nil
	xb.start()
	for range 2 {
		xb.relist()
		if got := xb.store.lists(); !reflect.DeepEqual(got, want) {
			t.Fatalf("listed anew are\n%v\nwant\n%v", got, want)
		}
	}
	if len(xb.store.items) != items {
		t.Errorf("%d items were appended", len(xb.store.items)-items)
	}
	if a, err := xb.g.Attention(context.Background()); err != nil || a.GetUnopened() != 3 {
		t.Errorf("%v waits, %v", a, err)
	}
	if _, err := xb.forward("XC/technical", file, nil); err != nil {
		t.Errorf("a file with consent: %v", err)
	}
}

// changeThread writes a summary as an earlier program left it.
func (h *home) changeThread(thread string, change func(*valisev1.Thread)) {
	h.w.t.Helper()
	err := h.g.update(context.Background(), "test", func(w *work) error {
		th, err := w.findThread(officer, thread)
		if err != nil {
			return err
		}
		before := proto.CloneOf(th)
		change(th)
		th.Id = before.GetId()
		return w.saveThread(th)
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
}

// Where no program noted what was opened, what nobody has acknowledged waits since it came; what was
// acknowledged, or opened by a person, does not. docs/protocol.md §12.7
func TestRelistFindsWhatNobodyOpened(t *testing.T) {
	for name, c := range map[string]struct {
		before func(xb *home, thread string)
		waits  bool
	}{
		"nobody did anything": {func(*home, string) {}, true},
		"acknowledged":        {func(xb *home, thread string) { xb.reply(thread, &valisev1.Acknowledgement{}) }, false},
		"opened":              {func(xb *home, thread string) { xb.open(officer, thread, 0) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			thread := xa.inquire(xbTech, "x").GetThread()
			w.converge()
			came := xb.unopened(thread)
			c.before(xb, thread)
			w.converge()
			xb.changeThread(thread, func(th *valisev1.Thread) { th.UnopenedSince, th.UnopenedItem = nil, 0 })
			xb.start()
			xb.relist()
			if got := xb.unopened(thread); got.IsZero() == c.waits || c.waits && !got.Equal(came) {
				t.Errorf("it waits since %v, came at %v", got, came)
			}
		})
	}
}
