package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Types of notes, for short.
const (
	plainNote    = valisev1.NoteType_NOTE_TYPE_UNSPECIFIED
	coordination = valisev1.NoteType_NOTE_TYPE_COORDINATION
	handOver     = valisev1.NoteType_NOTE_TYPE_HAND_OVER
	legalBasis   = valisev1.NoteType_NOTE_TYPE_LEGAL_BASIS
	escalation   = valisev1.NoteType_NOTE_TYPE_ESCALATION
)

func (h *home) note(a Actor, r *valisev1.AddNoteRequest) uint64 {
	h.w.t.Helper()
	out, err := h.g.AddNote(context.Background(), a, r)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out.GetItem()
}

func (h *home) tryNote(a Actor, r *valisev1.AddNoteRequest) error {
	_, err := h.g.AddNote(context.Background(), a, r)
	return err
}

func (h *home) notes(a Actor, r *valisev1.ListNotesRequest) *valisev1.ListNotesResponse {
	h.w.t.Helper()
	out, err := h.g.Notes(context.Background(), a, r)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

func textsOf(list []*valisev1.NoteView) (texts []string) {
	for _, n := range list {
		texts = append(texts, n.GetText())
	}
	return texts
}

// An officer reads the notes of their own track, those that the other track wrote to it, and those
// of the State as a whole; in lists, in the record and among events alike, also after a start. A-9 s3
func TestNotesByTrack(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	tech, dip := xa.inquire(xbTech, "technical words").GetThread(), xa.inquire(xbDip, "diplomatic words").GetThread()
	onTech, onDip := on(ident.Technical), on(ident.Diplomatic)
	both := Actor{Name: "both", Roles: onTech.Roles}
	xa.note(onTech, &valisev1.AddNoteRequest{Thread: tech, Text: "tech thread"})
	xa.note(onTech, &valisev1.AddNoteRequest{Text: "tech desk", Type: handOver})
	xa.note(onTech, &valisev1.AddNoteRequest{Thread: tech, Text: "tech to dip", Type: coordination})
	xa.note(onDip, &valisev1.AddNoteRequest{Text: "dip to tech", Type: coordination})
	xa.note(both, &valisev1.AddNoteRequest{Thread: dip, Text: "dip thread", Type: legalBasis})
	xa.note(both, &valisev1.AddNoteRequest{Text: "whole", Type: coordination})
	xa.start()
	for _, c := range []struct {
		actor Actor
		want  []string
	}{
		{onTech, []string{"whole", "dip to tech", "tech to dip", "tech desk", "tech thread"}},
		{onDip, []string{"whole", "dip thread", "dip to tech", "tech to dip"}},
		{both, []string{"whole", "dip thread", "dip to tech", "tech to dip", "tech desk", "tech thread"}},
	} {
		if got := textsOf(xa.notes(c.actor, &valisev1.ListNotesRequest{}).GetNotes()); !slices.Equal(got, c.want) {
			t.Errorf("%s reads %q, want %q", c.actor.Name, got, c.want)
		}
		assertNotesElsewhere(t, xa, c.actor, c.want)
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error {
		_, err := xa.g.Notes(context.Background(), onDip, &valisev1.ListNotesRequest{Thread: tech})
		return err
	})
}

// assertNotesElsewhere: the record and its events show an officer the same notes as the list does.
func assertNotesElsewhere(t *testing.T, h *home, a Actor, want []string) {
	t.Helper()
	items, err := h.g.Items(context.Background(), a, &valisev1.ListItemsRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	var inRecord []string
	for _, v := range items.GetItems() {
		if v.GetItem().GetType() == valisev1.ItemType_ITEM_TYPE_NOTE {
			inRecord = append(inRecord, v.GetItem().GetNote())
		}
	}
	events := 0
	for n := range uint64(len(h.store.items)) {
		e, told, err := h.g.Event(context.Background(), a, n)
		if err != nil {
			t.Fatal(err)
		}
		if !told || e.GetType() != valisev1.ItemType_ITEM_TYPE_NOTE {
			continue
		}
		events++
		if e.GetOurs() != "" && !a.onNamed(trackName(e.GetOurs())) || e.GetPeer() != "" && !a.onNamed(trackName(e.GetPeer())) {
			t.Errorf("%s hears of a note: %v", a.Name, e)
		}
	}
	slices.Reverse(inRecord)
	if !slices.Equal(inRecord, want) || events != len(want) {
		t.Errorf("%s reads %q in the record and hears %d events, want %q", a.Name, inRecord, events, want)
	}
}

// A note says who wrote it, for which desk, about what; the thread shows it where it was written,
// and a message the notes on its legal basis. A-9 s3, A-10 s2
func TestNotesInAThread(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	draft := xa.send(officer, &valisev1.SendOptions{Draft: true})
	w.converge()
	before := len(w.homes["XB"].store.items)
	first := xa.note(keeper, &valisev1.AddNoteRequest{Thread: sent.GetThread()[:8], Message: sent.GetMessage()[:8], Type: legalBasis, Text: "Act 7, section 2"})
	onDraft := xa.note(officer, &valisev1.AddNoteRequest{Thread: draft.GetThread(), Message: draft.GetMessage(), Type: legalBasis, Text: "Act 9"})
	xa.note(officer, &valisev1.AddNoteRequest{Thread: sent.GetThread(), Message: sent.GetMessage(), Type: coordination, Text: "see\nthis"})
	if _, err := xa.clear(officer, draft.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	view := xa.thread(sent.GetThread())
	last := view.GetMessages()[len(view.GetMessages())-1]
	if n := last.GetNote(); n.GetText() != "see\nthis" || n.GetFrom() != "XA/technical" || n.GetTo() != "XA/diplomatic" ||
		n.GetMessage() != sent.GetMessage() || n.GetThread() != sent.GetThread() || n.GetOfficer() != "duty" || n.GetRole() != "duty_officer" {
		t.Errorf("the thread shows %v", last)
	}
	for id, want := range map[string]uint64{sent.GetMessage(): first, draft.GetMessage(): onDraft} {
		found := false
		for _, thread := range []string{sent.GetThread(), draft.GetThread()} {
			for _, m := range xa.thread(thread).GetMessages() {
				if m.GetMessage() == id {
					found = slices.Equal(m.GetLegalBasis(), []uint64{want})
				} else if m.GetMessage() == "" && len(m.GetLegalBasis()) > 0 {
					t.Errorf("a note has a legal basis: %v", m)
				}
			}
		}
		if !found {
			t.Errorf("message %.8s does not show its legal basis, item %d", id, want)
		}
	}
	if by := xa.notes(officer, &valisev1.ListNotesRequest{Thread: sent.GetThread(), Types: []valisev1.NoteType{legalBasis}}); len(by.GetNotes()) != 1 || by.GetNotes()[0].GetItem() != first {
		t.Errorf("by type the thread has %v", by)
	}
	// XB has got what was cleared, and nothing else.
	for _, item := range w.homes["XB"].store.items[before:] {
		if strings.Contains(item.String(), "Act 7") || strings.Contains(item.String(), "see\\nthis") {
			t.Errorf("a note left: %v", item)
		}
	}
}

// A thread that was brought to higher officials has a flag of our own; the peer has none. A-9a s2
func TestEscalationIsLocal(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	items := len(xb.store.items)
	if f := xa.thread(thread).GetThread().GetFlags(); len(f) != 0 {
		t.Fatalf("flags at first: %v", f)
	}
	xa.note(officer, &valisev1.AddNoteRequest{Thread: thread, Type: escalation, Text: "to the director"})
	xa.note(officer, &valisev1.AddNoteRequest{Thread: thread, Text: "a plain one takes nothing back"})
	xa.start()
	w.converge()
	if f := xa.thread(thread).GetThread().GetFlags(); !slices.Equal(f, []string{"escalated"}) {
		t.Errorf("flags: %v", f)
	}
	if f := xb.thread(thread).GetThread().GetFlags(); len(f) != 0 || len(xb.store.items) != items {
		t.Errorf("XB has %d items, had %d, and flags %v", len(xb.store.items), items, f)
	}
}

func TestNotesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	a, b := xa.inquire(xbTech, "a"), xa.inquire(xbTech, "b")
	for name, c := range map[string]struct {
		actor Actor
		r     *valisev1.AddNoteRequest
		want  valisev1.Reason
	}{
		"an administrator":      {nodeAdmin, &valisev1.AddNoteRequest{Text: "x"}, valisev1.Reason_REASON_NOT_PERMITTED},
		"no text":               {officer, &valisev1.AddNoteRequest{}, valisev1.Reason_REASON_BAD_REQUEST},
		"too long":              {officer, &valisev1.AddNoteRequest{Text: strings.Repeat("x", maxNote+1)}, valisev1.Reason_REASON_BAD_REQUEST},
		"an escape":             {officer, &valisev1.AddNoteRequest{Text: "\x1b[2J"}, valisev1.Reason_REASON_BAD_TEXT},
		"unknown type":          {officer, &valisev1.AddNoteRequest{Text: "x", Type: 50}, valisev1.Reason_REASON_BAD_REQUEST},
		"no such thread":        {officer, &valisev1.AddNoteRequest{Text: "x", Thread: "00000000"}, valisev1.Reason_REASON_NOT_FOUND},
		"no such message":       {officer, &valisev1.AddNoteRequest{Text: "x", Thread: a.GetThread(), Message: "00000000"}, valisev1.Reason_REASON_NOT_FOUND},
		"of another thread":     {officer, &valisev1.AddNoteRequest{Text: "x", Thread: a.GetThread(), Message: b.GetMessage()}, valisev1.Reason_REASON_BAD_REQUEST},
		"message, no thread":    {officer, &valisev1.AddNoteRequest{Text: "x", Message: a.GetMessage()}, valisev1.Reason_REASON_BAD_REQUEST},
		"escalation, no thread": {officer, &valisev1.AddNoteRequest{Text: "x", Type: escalation}, valisev1.Reason_REASON_BAD_REQUEST},
		"another track":         {on(ident.Diplomatic), &valisev1.AddNoteRequest{Text: "x", Thread: a.GetThread()}, valisev1.Reason_REASON_NOT_FOUND},
		"a long request id":     {officer, &valisev1.AddNoteRequest{Text: "x", RequestId: strings.Repeat("x", 200)}, valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, xa, c.want, func() error { return xa.tryNote(c.actor, c.r) })
		})
	}
}

// Where the State has the other track in another home, nobody would read what is written to it.
func TestCoordinationNeedsTheOtherTrackHere(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	xa.g.cfg.Ours = []ident.Address{xaTech}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error {
		return xa.tryNote(officer, &valisev1.AddNoteRequest{Text: "x", Type: coordination})
	})
	xa.note(officer, &valisev1.AddNoteRequest{Text: "to ourselves", Type: handOver})
}

// Pages go on where the last one ended, newest first, whatever was added in between.
func TestPagesOfNotes(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	for i := range 7 {
		xa.note(officer, &valisev1.AddNoteRequest{Text: fmt.Sprint(i), Type: valisev1.NoteType(i % 2 * 2)})
	}
	var got []string
	r := &valisev1.ListNotesRequest{PageSize: 2, Types: []valisev1.NoteType{plainNote}}
	for pages := 1; ; pages++ {
		out := xa.notes(officer, r)
		got = append(got, textsOf(out.GetNotes())...)
		if pages == 1 {
			xa.note(officer, &valisev1.AddNoteRequest{Text: "late"})
		}
		if r.PageToken = out.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	if want := []string{"6", "4", "2", "0"}; !slices.Equal(got, want) {
		t.Errorf("pages give %q, want %q", got, want)
	}
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error {
		_, err := xa.g.Notes(context.Background(), officer, &valisev1.ListNotesRequest{PageToken: "x"})
		return err
	})
}
