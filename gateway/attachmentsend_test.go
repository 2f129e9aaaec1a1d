package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// expectSum makes a home expect another SHA-256 than the message names, as if bytes had changed.
func (h *home) expectSum(message string, sum []byte) {
	h.w.t.Helper()
	err := h.g.update(context.Background(), "test", func(w *work) error {
		p, err := w.findMessage(officer, message)
		if err != nil {
			return err
		}
		row, _, err := w.attachment(p.digest[:], 0)
		if err != nil {
			return err
		}
		row.Sha256 = sum
		return w.saveAttachment(p.digest[:], 0, row)
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
}

// TestDamagedIsSentAgain: the peer refuses the last part, and all parts go again under new
// numbers, twice at most.
func TestDamagedIsSentAgain(t *testing.T) {
	file := fileOf("big", 5*PartSize)
	for _, c := range []struct {
		name   string
		mended bool
		rounds int
		state  valisev1.AttachmentState
	}{{"mended", true, 2, whole}, {"for ever", false, 3, spoiled}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			sent := xa.sendFiles(file)
			xa.post()
			xb.fetch()
			right, err := ident.ParseDigest(xb.files(sent.GetThread())[0].GetSha256())
			if err != nil {
				t.Fatal(err)
			}
			xb.expectSum(sent.GetMessage(), make([]byte, 32))
			for range 50 {
				if len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED)) > 0 {
					break
				}
				xa.post()
				xb.fetch()
			}
			xb.wantFile(sent.GetThread(), 0, spoiled, 0)
			if c.mended {
				xb.expectSum(sent.GetMessage(), right[:])
			}
			w.converge()
			for _, h := range []*home{xa, xb} {
				if v := h.files(sent.GetThread())[0]; v.GetState() != c.state {
					t.Errorf("%s: the file is %v", h.state, v)
				}
			}
			if n := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)); n != 1+5*c.rounds {
				t.Errorf("%d items were sent, want %d rounds of 5", n, c.rounds)
			}
			xa.wantBytes(sent.GetMessage(), 0, file)
		})
	}
}

// TestRetractingBeforeItLeft removes the bytes with the message.
func TestRetractingBeforeItLeft(t *testing.T) {
	for _, c := range []struct {
		name    string
		options *valisev1.SendOptions
	}{{"a draft", &valisev1.SendOptions{Draft: true}}, {"held for undo", &valisev1.SendOptions{UndoSeconds: 10}}, {"released", nil}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa := w.homes["XA"]
			q := inquiry("x")
			file := fileOf("big", 3*PartSize)
			q.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", file)}
			sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q, Options: c.options})
			if err != nil {
				t.Fatal(err)
			}
			xa.wantBytes(sent.GetMessage(), 0, file)
			if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
				t.Fatal(err)
			}
			if n := xa.rowsIn(tableUploadData); n != 0 {
				t.Errorf("%d parts are left of a message that was withdrawn", n)
			}
			w.converge()
			if n := w.homes["XB"].rowsIn(tablePart) + w.homes["XB"].rowsIn(tablePartEarly); n > 0 {
				t.Errorf("%d parts of it left", n)
			}
		})
	}
}

// TestRetractingAfterItLeft: parts without a number get none; those with one go their way.
func TestRetractingAfterItLeft(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.sendFiles(fileOf("large", 100*PartSize))
	for range 3 {
		xa.post()
	}
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	w.converge()
	xa.wantFile(sent.GetThread(), 0, halted, xb.files(sent.GetThread())[0].GetArrived())
	if v := xb.files(sent.GetThread())[0]; v.GetState() != underWay || v.GetArrived() == 0 || v.GetArrived() >= 70 {
		t.Fatalf("the peer sees %v", v)
	}
	if n := xa.rowsIn(tableUploadData); n != 0 {
		t.Errorf("%d parts are kept that nobody will send", n)
	}
	_, err := xa.read(officer, sent.GetMessage(), 0)
	wantError(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE, "")
}

// TestRefusedMessageBringsNoFiles: what the peer's node refuses is not followed by its parts.
func TestRefusedMessageBringsNoFiles(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	first := xa.inquire(xbTech, "first")
	w.settle()
	xb.dropThread(first.GetThread())
	q := &valisev1.Supplement{Narrative: "More.", Attachments: []*valisev1.Attachment{xa.bring(officer, "a.bin", fileOf("large", 100*PartSize))}}
	xa.reply(first.GetThread(), q)
	w.converge()
	v := xa.thread(first.GetThread()).GetMessages()[1].GetAttachments()[0]
	if v.GetState() != rejected || v.GetReason() == 0 {
		t.Fatalf("it is %v", v)
	}
	if n := xa.rowsIn(tableUploadData); n != 0 {
		t.Errorf("%d parts are kept that nobody will send", n)
	}
}

// dropThread makes a home take a thread for another State's.
func (h *home) dropThread(id string) {
	h.w.t.Helper()
	err := h.g.update(context.Background(), "test", func(w *work) error {
		th, err := w.findThread(officer, id)
		if err != nil {
			return err
		}
		th.Peer = "XC/technical"
		return w.saveThread(th)
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
}

// TestFilesWaitForTheSecondPerson: a clearer reads the file of what waits for them, and it goes
// with the message.
func TestFilesWaitForTheSecondPerson(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	file := fileOf("big", 3*PartSize)
	q := inquiry("x")
	q.Attachments = []*valisev1.Attachment{xa.bring(drafter, "a.bin", file)}
	sent, err := xa.g.Inquire(context.Background(), drafter, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q})
	if err != nil || !sent.GetPendingClearance() {
		t.Fatal(sent, err)
	}
	w.tick(48 * time.Hour)
	xa.start()
	if got, err := xa.read(clearer, sent.GetMessage(), 0); err != nil || !bytes.Equal(got, file) {
		t.Fatalf("the clearer reads %d bytes, %v", len(got), err)
	}
	_, err = xa.read(nodeAdmin, sent.GetMessage(), 0)
	wantError(t, err, valisev1.Reason_REASON_NOT_PERMITTED, "")
	if _, err := xa.g.Clear(context.Background(), clearer, &valisev1.ClearMessageRequest{Message: sent.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	w.converge()
	xb.wantBytes(sent.GetMessage(), 0, file)
}

// TestAskedTwiceSentOnce: the same request with the same files is one message, also when the files
// were brought again.
func TestAskedTwiceSentOnce(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	file := fileOf("big", PartSize+1)
	ask := func() (*valisev1.Sent, error) {
		q := inquiry("x")
		q.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", file)}
		return xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{
			To: xbTech.String(), Inquiry: q, Options: &valisev1.SendOptions{RequestId: "once"},
		})
	}
	first, err1 := ask()
	second, err2 := ask()
	if err1 != nil || err2 != nil || !proto.Equal(first, second) {
		t.Fatalf("%v, %v; %v, %v", first, err1, second, err2)
	}
	w.converge()
	if n := len(w.homes["XB"].itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); n != 3 {
		t.Errorf("%d items arrived, want the inquiry and two parts", n)
	}
	if n := xa.rowsIn(tableUploads); n != 1 {
		t.Fatalf("%d files wait, want the one that was brought again", n)
	}
	w.tick(uploadAge + time.Hour)
	xa.start()
	if n := xa.rowsIn(tableUploads) + xa.rowsIn(tableUploadData); n != 0 {
		t.Errorf("%d rows are left a day later", n)
	}
}

// TestFilesThatAreRefused: names, sizes, and bytes that are not here or belong to another officer.
func TestFilesThatAreRefused(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	one, two := xa.bring(officer, "a.bin", []byte("one")), xa.bring(officer, "b.bin", []byte("two"))
	others := xa.bring(drafter, "a.bin", []byte("others"))
	rename := func(a *valisev1.Attachment, name string) *valisev1.Attachment {
		out := proto.CloneOf(a)
		out.Name = name
		return out
	}
	wrongSize := rename(one, "a.bin")
	wrongSize.Size = 4
	cases := map[string][]*valisev1.Attachment{
		"another officer's":   {others},
		"twice the same file": {one, rename(one, "c.bin")},
		"twice the same name": {one, rename(two, "A.BIN")},
		"another size":        {wrongSize},
		"no SHA-256":          {{Name: "a.bin"}},
	}
	for _, name := range []string{"../../x", "/etc/x", `a\..\b`, "C:x", "NUL", strings.Repeat("n", 300), "x.", "x ", "a\x00b", ""} {
		cases["the name "+name] = []*valisev1.Attachment{rename(one, name)}
	}
	var many []*valisev1.Attachment
	for range 33 {
		many = append(many, one)
	}
	cases["33 of them"] = many
	for name, list := range cases {
		q := inquiry("x")
		q.Attachments = list
		wantReason(t, xa, valisev1.Reason_REASON_BAD_ATTACHMENT, func() error {
			return xa.tryInquire(officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q})
		})
		if t.Failed() {
			t.Fatal(name)
		}
	}
	if n := xa.rowsIn(tableUploads); n != 3 {
		t.Errorf("%d files are left, want the three that no message took", n)
	}
}

// TestBringingIsBounded: by size, by officer, by what breaks off.
func TestBringingIsBounded(t *testing.T) {
	ctx := context.Background()
	xa := newWorld(t).homes["XA"]
	_, err := xa.g.Upload(ctx, officer, io.LimitReader(zeros{}, MaxAttachment+1))
	wantError(t, err, valisev1.Reason_REASON_BAD_ATTACHMENT, "")
	_, err = xa.g.Upload(ctx, officer, io.MultiReader(bytes.NewReader(make([]byte, 5*PartSize)), broken{}))
	wantError(t, err, valisev1.Reason_REASON_BAD_REQUEST, "")
	_, err = xa.g.Upload(ctx, keeper, zeros{})
	wantError(t, err, valisev1.Reason_REASON_NOT_PERMITTED, "")
	if n := xa.rowsIn(tableUploads) + xa.rowsIn(tableUploadData); n != 0 {
		t.Errorf("%d rows are left of files that did not come whole", n)
	}
	for i := range officerUploads {
		xa.bring(officer, "a", []byte{byte(i)})
	}
	_, err = xa.g.Upload(ctx, officer, strings.NewReader("one more"))
	wantError(t, err, valisev1.Reason_REASON_BAD_ATTACHMENT, "")
	xa.bring(drafter, "a", []byte("another officer still may"))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the caller hung up") }

// TestTheLargestFileFits, and no more than 128 MiB of them in one message.
func TestTheLargestFileFits(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	q := inquiry("x")
	for i, n := range []int64{MaxAttachment, MaxAttachment - 1, 2} {
		got, err := xa.g.Upload(context.Background(), officer, io.LimitReader(zeros{}, n))
		if err != nil {
			t.Fatal(err)
		}
		q.Attachments = append(q.Attachments, &valisev1.Attachment{Name: string(rune('a' + i)), Sha256: got.GetSha256()})
	}
	wantReason(t, xa, valisev1.Reason_REASON_BAD_ATTACHMENT, func() error {
		return xa.tryInquire(officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q})
	})
	q.Attachments = q.Attachments[:2]
	if err := xa.tryInquire(officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q}); err != nil {
		t.Fatal(err)
	}
}
