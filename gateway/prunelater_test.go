package gateway

import (
	"bytes"
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// A thread of which the contents were removed goes on: what comes steps it from where it had led to,
// also when it is stepped anew, and it may lose that again.
func TestAThreadGoesOnAfterItsContentsWereRemoved(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa, xb := w.homes["XA"], w.homes["XB"]
	id := spoken(t, w)
	w.pass(48 * time.Hour)
	xa.prune()
	xb.reply(id, &valisev1.Reopen{})
	w.converge()
	late := xb.reply(id, outcome(valisev1.Outcome_OUTCOME_FULL))
	w.converge()
	v := xa.thread(id)
	if v.GetThread().GetState() != stateResponded || len(v.GetMessages()) != 2 || v.GetMessages()[1].GetMessage() != late.GetMessage() {
		t.Fatalf("after what came later the thread is %v with %d messages", v.GetThread().GetState(), len(v.GetMessages()))
	}
	was := xa.summary(id)
	if err := xa.g.update(context.Background(), "test", func(w *work) error {
		th := proto.CloneOf(was)
		if err := w.replayThread(th); err != nil {
			return err
		}
		th.Changed = was.GetChanged()
		if !proto.Equal(th, was) {
			t.Errorf("stepped anew the thread is\n%v\nwas\n%v", th, was)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, m := range []proto.Message{&valisev1.Acknowledgement{}, &valisev1.Supplement{Narrative: secret}, &valisev1.Closure{}} {
		xa.reply(id, m)
		w.converge()
	}
	w.pass(48 * time.Hour)
	if out := xa.prune(); out.GetPruned().GetThreads() != 1 || len(xa.says(secret)) != 0 {
		t.Errorf("the second time is removed %v, left in %q", out, xa.says(secret))
	}
	assertPromises(t, w)
}

func (h *home) summary(id string) (th *valisev1.Thread) {
	h.w.t.Helper()
	err := h.g.view(context.Background(), "test", func(w *work) (err error) {
		th, err = w.findThread(officer, id)
		return err
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return th
}

// A peer that was restored gets what is left of ours, and waits for nothing that nobody has.
// docs/protocol.md §9.3, §7.6
func TestARestoredPeerGetsWhatIsLeft(t *testing.T) {
	for _, files := range []bool{false, true} {
		w := newWorld(t)
		keepFor(w, "XA")
		xa, xb := w.homes["XA"], w.homes["XB"]
		w.talk(1)
		backup := xb.store.backup()
		gone := xa.inquire(xbTech, secret).GetThread()
		if files {
			gone = xa.sendFiles(bytes.Repeat([]byte(secret), 30_000)).GetThread()
		}
		w.converge()
		kept := xa.inquire(xbTech, "kept").GetThread()
		w.converge()
		xb.reply(kept, &valisev1.Acknowledgement{})
		xa.reply(gone, &valisev1.Supplement{Narrative: secret})
		xa.reply(gone, &valisev1.Closure{})
		w.converge()
		xa.reply(kept, &valisev1.Supplement{Narrative: "more"})
		w.converge()
		w.pass(48 * time.Hour)
		if out := xa.prune(); out.GetPruned().GetThreads() != 1 {
			t.Fatalf("removed %v", out)
		}
		xb.restore(backup)
		w.converge()
		if v := xb.thread(kept); len(v.GetMessages()) != 3 || v.GetThread().GetGap() {
			t.Errorf("the restored peer sees %d messages of what is left, gap %v", len(v.GetMessages()), v.GetThread().GetGap())
		}
		if rows := xa.outbox(); len(rows) != 0 {
			t.Errorf("still waits: %v", rows)
		}
		if gaps, err := xb.g.Gaps(context.Background()); err != nil || len(gaps) != 0 {
			t.Errorf("the restored peer waits for %v: %v", gaps, err)
		}
		w.talk(1)
		assertPromises(t, w)
	}
}

// A home that was restored asks for its own back from a peer that has removed it: that is lost, and
// nothing waits for it.
func TestWhatAPeerRemovedIsNotGivenBack(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XB")
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xa.store.backup()
	gone := xa.inquire(xbTech, secret).GetThread()
	w.converge()
	kept := xa.inquire(xbTech, "kept").GetThread()
	w.converge()
	xb.reply(gone, &valisev1.Closure{})
	w.converge()
	w.pass(48 * time.Hour)
	if out := xb.prune(); out.GetPruned().GetThreads() != 1 {
		t.Fatalf("removed %v", out)
	}
	xa.restore(backup)
	w.converge()
	if v := xa.thread(kept); v.GetThread().GetTitle() != "kept" {
		t.Errorf("what is left came back as %v", v)
	}
	if len(xa.says(secret)) != 0 {
		t.Error("what was removed came back")
	}
	w.talk(1)
	assertPromises(t, w)
}

// What belongs to no thread goes by its age alone, but for what tells of the record.
func TestLooseItemsGoByTheirAge(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa := w.homes["XA"]
	w.talk(1)
	if _, err := xa.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{
		Contact: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: secret, Peer: xbTech.String(), At: timestamppb.New(w.now)},
	}); err != nil {
		t.Fatal(err)
	}
	xa.note(officer, &valisev1.AddNoteRequest{Text: secret})
	if _, err := xa.take([]byte(secret)); err != nil {
		t.Fatal(err)
	}
	receipts := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIPT_IN))
	w.pass(48 * time.Hour)
	xa.note(officer, &valisev1.AddNoteRequest{Text: "a young note"})
	bound := keeper
	bound.Tracks = []ident.Track{ident.Technical}
	if out, err := xa.tryPrune(bound, &valisev1.PruneRecordRequest{Confirm: "XA"}); err != nil || out.GetPruned().GetItems() != 0 {
		t.Errorf("an officer of one track removed %v: %v", out, err)
	}
	out := xa.prune()
	if len(xa.says(secret)) != 0 || out.GetPruned().GetItems() < 3 || out.GetPruned().GetThreads() != 0 {
		t.Errorf("removed %v, left in %q", out, xa.says(secret))
	}
	if rows, err := xa.g.Quarantine(context.Background()); err != nil || len(rows) != 0 {
		t.Errorf("in quarantine is %v: %v", rows, err)
	}
	notes := xa.notes(officer, &valisev1.ListNotesRequest{}).GetNotes()
	if len(notes) != 1 || notes[0].GetText() != "a young note" {
		t.Errorf("the notes are %v", notes)
	}
	left := 0
	for _, item := range xa.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIPT_IN) {
		if len(item.GetSigned()) > 0 {
			left++
		}
	}
	if left < receipts {
		t.Errorf("%d receipts, want %d", left, receipts)
	}
}

// A file whose message lost its content still goes to nobody else: no consent held for it when it was
// removed, and none can be given now. A-11 s2
func TestAFileOfARemovedMessageIsStillOfItsState(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	keepFor(w, "XB")
	xa, xb := w.homes["XA"], w.homes["XB"]
	file := bytes.Repeat([]byte(secret), 1000)
	id := xa.sendFiles(file).GetThread()
	w.converge()
	xb.reply(id, &valisev1.Closure{})
	w.converge()
	w.pass(48 * time.Hour)
	if out := xb.prune(); out.GetPruned().GetThreads() != 1 || len(xb.says(secret)) != 0 {
		t.Fatalf("removed %v, left in %q", out, xb.says(secret))
	}
	if _, err := xb.forward("XC/technical", file, nil); reasonOf(err) != valisev1.Reason_REASON_NO_CONSENT {
		t.Errorf("to another State: %v", err)
	}
	if _, err := xb.forward("XA/technical", file, nil); err != nil {
		t.Errorf("back to whom it came from: %v", err)
	}
}

// What was removed is in no export, whichever way it is asked for. docs/protocol.md §9.4
func TestWhatWasRemovedIsInNoExport(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa := w.homes["XA"]
	id := spoken(t, w)
	message, number := xa.thread(id).GetMessages()[0].GetMessage(), xa.thread(id).GetMessages()[0].GetItem()
	w.pass(48 * time.Hour)
	xa.prune()
	for name, r := range map[string]*valisev1.ExportRecordRequest{
		"the thread":  {Threads: []string{id}},
		"the message": {Messages: []string{message}},
		"the item":    {Items: []uint64{number}},
		"all of it":   {},
	} {
		var got []*valisev1.ExportRecordResponse
		r.Form = valisev1.ExportForm_EXPORT_FORM_ARCHIVE
		err := xa.g.Export(context.Background(), keeper, r, func(out *valisev1.ExportRecordResponse) error {
			got = append(got, proto.CloneOf(out))
			return nil
		})
		if (err == nil) != (name == "all of it") {
			t.Errorf("%s: %v", name, err)
		}
		for _, out := range got {
			if b, err := proto.Marshal(out); err != nil || bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds what was removed: %v", name, err)
			}
		}
	}
}
