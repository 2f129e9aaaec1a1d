package gateway

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Short names for the states of an attachment.
const (
	underWay = valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY
	whole    = valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
	spoiled  = valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED
	rejected = valisev1.AttachmentState_ATTACHMENT_STATE_REFUSED
	halted   = valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED
)

// fileOf is a file of n bytes, the same for the same name.
func fileOf(name string, n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(randomness("file "+name), b); err != nil {
		panic(err)
	}
	return b
}

// bring uploads a file and names it as an attachment.
func (h *home) bring(a Actor, name string, file []byte) *valisev1.Attachment {
	h.w.t.Helper()
	got, err := h.g.Upload(context.Background(), a, bytes.NewReader(file))
	if err != nil {
		h.w.t.Fatal(err)
	}
	if got.GetSize() != uint64(len(file)) || got.GetParts() != partsOf(uint64(len(file))) {
		h.w.t.Fatalf("brought %v", got)
	}
	return &valisev1.Attachment{Name: name, Sha256: got.GetSha256()}
}

// sendFiles sends an inquiry with the files as attachments.
func (h *home) sendFiles(files ...[]byte) *valisev1.Sent {
	h.w.t.Helper()
	q := inquiry("with files")
	for i, file := range files {
		q.Attachments = append(q.Attachments, h.bring(officer, string(rune('a'+i))+".bin", file))
	}
	sent, err := h.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return sent
}

// files are the attachments of the first message of a thread, as this home shows them.
func (h *home) files(thread string) []*valisev1.AttachmentView {
	h.w.t.Helper()
	return h.thread(thread).GetMessages()[0].GetAttachments()
}

func (h *home) wantFile(thread string, index int, state valisev1.AttachmentState, arrived uint32) {
	h.w.t.Helper()
	v := h.files(thread)[index]
	if v.GetState() != state || v.GetArrived() != arrived {
		h.w.t.Fatalf("%s: attachment %d is %v with %d of %d parts, want %v with %d", h.state, index, v.GetState(), v.GetArrived(), v.GetParts(), state, arrived)
	}
}

// read is the bytes of an attachment as an officer gets them.
func (h *home) read(a Actor, message string, index uint32) ([]byte, error) {
	ctx := context.Background()
	view, part, err := h.g.Attachment(ctx, a, &valisev1.GetAttachmentRequest{Message: message, Index: index})
	if err != nil {
		return nil, err
	}
	var out []byte
	for i := range view.GetParts() {
		b, err := part(ctx, i)
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

func (h *home) wantBytes(message string, index uint32, want []byte) {
	h.w.t.Helper()
	got, err := h.read(officer, message, index)
	if err != nil {
		h.w.t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		h.w.t.Fatalf("%s: attachment %d has %d other bytes, want %d", h.state, index, len(got), len(want))
	}
}

// rowsIn counts the rows of a table.
func (h *home) rowsIn(table string) (n int) {
	for k, r := range h.store.rows {
		if strings.HasPrefix(k, table+"\x00") {
			n += len(r.order)
		}
	}
	return n
}

// TestAttachmentsCross: what was brought arrives, byte for byte, and only once; the thread shows
// how far it is and holds none of the bytes.
func TestAttachmentsCross(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	big, small := fileOf("big", 2*PartSize+1), fileOf("small", 7)
	sent := xa.sendFiles(big, small, nil)
	xa.wantFile(sent.GetThread(), 0, underWay, 0)
	xa.wantBytes(sent.GetMessage(), 0, big)
	w.converge()
	for _, h := range []*home{xa, xb} {
		h.wantFile(sent.GetThread(), 0, whole, 3)
		h.wantFile(sent.GetThread(), 1, whole, 1)
		h.wantFile(sent.GetThread(), 2, whole, 0)
		h.wantBytes(sent.GetMessage(), 0, big)
		h.wantBytes(sent.GetMessage(), 1, small)
		h.wantBytes(sent.GetMessage(), 2, nil)
		if n := proto.Size(h.thread(sent.GetThread())); n > 4096 {
			t.Errorf("%s: the thread is shown in %d bytes, so it holds bytes of the files", h.state, n)
		}
		if n := len(h.itemsOf(valisev1.ItemType_ITEM_TYPE_ATTACHMENT)); n != 2 {
			t.Errorf("%s: %d items tell that attachments are whole, want 2", h.state, n)
		}
	}
	if n := xa.rowsIn(tableUploadData) + xa.rowsIn(tableUploads) + xa.rowsIn(tablePartQueue) + xa.rowsIn(tablePartAhead); n > 0 {
		t.Errorf("%d rows are left of files that have arrived", n)
	}
	for _, n := range w.relay.count {
		if n != 1 {
			t.Errorf("a message was published %d times", n)
		}
	}
}

// TestMessageIsShownBeforeItsParts: an officer reads and answers while a file is under way.
func TestMessageIsShownBeforeItsParts(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.sendFiles(fileOf("big", 12*PartSize))
	xa.post()
	xb.fetch()
	xb.wantFile(sent.GetThread(), 0, underWay, 0)
	xa.post()
	for range 3 {
		b, _ := w.relay.pop(xbTech, 0)
		xb.mustTake(b.pub.Signed)
	}
	xb.wantFile(sent.GetThread(), 0, underWay, 3)
	_, err := xb.read(officer, sent.GetMessage(), 0)
	wantError(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE, "3 of 12 parts have arrived")
	xb.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	w.converge()
	xb.wantFile(sent.GetThread(), 0, whole, 12)
}

func wantError(t *testing.T, err error, reason valisev1.Reason, text string) {
	t.Helper()
	if reasonOf(err) != reason || text != "" && !strings.Contains(err.Error(), text) {
		t.Fatalf("%v, want %v %q", err, reason, text)
	}
}

// TestPartsKeepToTheWindow: of a large file no more parts have a number than the peer must keep,
// and no more than eight come from one call.
func TestPartsKeepToTheWindow(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.sendFiles(fileOf("large", 70*PartSize))
	xa.post()
	before := len(xa.store.items)
	if more, err := xa.g.ReleaseParts(context.Background()); err != nil || !more || len(xa.store.items) != before+partsAtOnce {
		t.Fatalf("one call made %d items, more %v, %v", len(xa.store.items)-before, more, err)
	}
	for range 100 {
		xa.post()
	}
	if n := xa.rowsIn(tableOutNumber); n != 1+partsAhead {
		t.Fatalf("%d numbers are used before any receipt, want %d", n, 1+partsAhead)
	}
	rows := xa.outbox()
	if last := rows[len(rows)-1]; len(rows) != 2+partsAhead || last.GetMessage() != sent.GetMessage() || last.GetReason() != valisev1.Reason_REASON_MAILBOX_FULL {
		t.Fatalf("the outbox shows %d rows, the last %v", len(rows), last)
	}
	w.converge()
	xb.wantFile(sent.GetThread(), 0, whole, 70)
	xb.wantBytes(sent.GetMessage(), 0, fileOf("large", 70*PartSize))
}

// TestPartsResume: both homes end in the middle and the relay loses everything; nothing that was
// receipted goes out again.
func TestPartsResume(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.sendFiles(fileOf("big", 30*PartSize))
	for range 3 {
		xa.post()
		xb.fetch()
		xb.post()
		xa.fetch()
	}
	arrived := xa.files(sent.GetThread())[0].GetArrived()
	if arrived == 0 || arrived == 30 {
		t.Fatalf("%d parts are receipted: this is not the middle", arrived)
	}
	xa.post()
	w.relay.wipe()
	receipted := map[string]int{}
	for d, n := range w.relay.count {
		if p, found := xa.placeOf(d); found && p.row == 0 {
			receipted[string(d[:])] = n
		}
	}
	xa.start()
	xb.start()
	w.converge()
	xb.wantFile(sent.GetThread(), 0, whole, 30)
	xb.wantBytes(sent.GetMessage(), 0, fileOf("big", 30*PartSize))
	for d, n := range w.relay.count {
		if before, was := receipted[string(d[:])]; was && n != before {
			t.Errorf("a part that was receipted went out again")
		}
	}
	if n := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); n != 31 {
		t.Errorf("%d items are received, want the inquiry and 30 parts", n)
	}
}

// placeOf is where a message stands at this home.
func (h *home) placeOf(d ident.Digest) (p place, found bool) {
	h.w.t.Helper()
	err := h.g.view(context.Background(), "test", func(w *work) (err error) {
		p, found, err = w.placeAt(tableDigest, d[:])
		return err
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return p, found
}
