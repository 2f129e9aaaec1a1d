package gateway

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestFilesOutliveARestore: one home goes back to a backup taken at any moment of the way of a
// file, and the file is whole at both ends all the same.
func TestFilesOutliveARestore(t *testing.T) {
	oneGoroutine(t)
	file := fileOf("big", 12*PartSize+3)
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldIn(r)
		xa, xb := w.homes["XA"], w.homes["XB"]
		// Whom a backup does not know, nobody in this world tells of a restore; a node tells all.
		xa.inquire(xbTech, "before")
		w.settle()
		who := w.homes[rapid.SampledFrom([]ident.State{"XA", "XB"}).Draw(r, "who goes back")]
		sent := xa.sendFiles(file)
		step := func(n int) {
			for range n {
				xa.post()
				xb.fetch()
				xb.post()
				xa.fetch()
			}
		}
		step(rapid.IntRange(0, 5).Draw(r, "steps before the backup"))
		backup := who.store.backup()
		step(rapid.IntRange(0, 5).Draw(r, "steps after it"))
		who.restore(backup)
		w.converge()
		for _, h := range []*home{xa, xb} {
			h.wantFile(sent.GetThread(), 0, whole, 13)
			h.wantBytes(sent.GetMessage(), 0, file)
		}
	})
}

// TestAFileOfAMessageThatWasHeld: the backup holds a message for its undo time, its file with it; the
// message reached the peer, and no part of the file did. What the backup has is sent.
func TestAFileOfAMessageThatWasHeld(t *testing.T) {
	for name, kept := range map[string]*valisev1.SendOptions{"held for undo": {UndoSeconds: 10}, "a draft": {Draft: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			file := fileOf("held", 3*PartSize+1)
			xa.inquire(xbTech, "before")
			w.settle()
			q := inquiry("with a file")
			q.Attachments = append(q.Attachments, xa.bring(officer, "a.bin", file))
			sent, err := xa.g.Inquire(t.Context(), officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q, Options: kept})
			if err != nil {
				t.Fatal(err)
			}
			backup := xa.store.backup()
			if kept.GetDraft() {
				if _, err := xa.g.Clear(t.Context(), officer, &valisev1.ClearMessageRequest{Message: sent.GetMessage()}); err != nil {
					t.Fatal(err)
				}
			}
			w.now = w.now.Add(time.Minute)
			if err := xa.g.Release(t.Context(), w.now); err != nil {
				t.Fatal(err)
			}
			for _, p := range xa.g.Due(w.now) {
				xb.mustTake(p.Signed) // it is there, and XA ends before it hears so
			}
			xa.restore(backup)
			w.converge()
			for _, h := range []*home{xa, xb} {
				h.wantFile(sent.GetThread(), 0, whole, 4)
				h.wantBytes(sent.GetMessage(), 0, file)
			}
			assertSameMail(t, w)
			if rows := xa.rowsIn(tableUploadData); rows != 0 {
				t.Fatalf("%d pieces of the file lie where they were brought, and no message needs them", rows)
			}
		})
	}
}
