package gateway

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"google.golang.org/protobuf/proto"
	"valise.example/proto/ident"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// partForger is a peer that names a file and sends parts of it as it likes.
type partForger struct {
	*forger
	xb      *home
	message ident.Digest
	lane1   uint64
	last    ident.Digest
}

// newPartForger sends the message that names the files; parts come later.
func newPartForger(t testing.TB, files ...*valisev1.Attachment) (*partForger, *valisev1.Inquiry) {
	p := &partForger{forger: newForger(t), xb: newWorld(t).homes["XB"]}
	q := p.inquiryPayload()
	q.Attachments = files
	return p, q
}

// say delivers the message and lets parts name it.
func (p *partForger) say(q *valisev1.Inquiry) Effects {
	signed := p.sign(p.header(valisev1.Kind_KIND_INQUIRY, 1, 1), q)
	p.message = p.previous
	return p.xb.mustTake(signed)
}

// part delivers one part under the next number of lane 1.
func (p *partForger) part(m *valisev1.AttachmentPart) Effects {
	p.t.Helper()
	if m.Message == nil {
		m.Message = p.message[:]
	}
	keep, at := p.previous, p.sequence
	h := p.header(valisev1.Kind_KIND_ATTACHMENT_PART, 0, 0)
	p.lane1++
	h.Sequence, h.Previous = p.lane1, p.last
	h.MessageID = ident.MessageID{1, byte(p.lane1), byte(p.lane1 >> 8), 7}
	signed := p.sign(h, m)
	p.last = p.previous
	p.previous, p.sequence = keep, at
	return p.xb.mustTake(signed)
}

func (p *partForger) view(i int) *valisev1.AttachmentView {
	p.t.Helper()
	return p.xb.files(ident.ThreadID{1, 1}.String())[i]
}

// nameFile is what a message says of a file.
func nameFile(name string, file []byte) *valisev1.Attachment {
	sum := sha256.Sum256(file)
	return &valisev1.Attachment{Name: name, Size: uint64(len(file)), Sha256: sum[:], Parts: partsOf(uint64(len(file)))}
}

func piece(file []byte, i uint32) []byte {
	return file[int(i)*PartSize : min(len(file), int(i+1)*PartSize)]
}

// TestHostileParts: what does not fit the message that it names is consumed and refused, and none
// of its bytes are kept.
func TestHostileParts(t *testing.T) {
	file := fileOf("big", 2*PartSize+5)
	for _, c := range []struct {
		name string
		m    *valisev1.AttachmentPart
		want valisev1.Reason
	}{
		{"an attachment that the message does not have", &valisev1.AttachmentPart{Attachment: 1, Data: piece(file, 0)}, valisev1.Reason_REASON_PAYLOAD},
		{"attachment 32", &valisev1.AttachmentPart{Attachment: 32, Data: piece(file, 0)}, valisev1.Reason_REASON_PAYLOAD},
		{"a part behind the last one", &valisev1.AttachmentPart{Index: 3, Data: piece(file, 0)}, valisev1.Reason_REASON_PAYLOAD},
		{"a part that is too short", &valisev1.AttachmentPart{Data: piece(file, 0)[1:]}, valisev1.Reason_REASON_PAYLOAD},
		{"a last part that is too long", &valisev1.AttachmentPart{Index: 2, Data: piece(file, 0)}, valisev1.Reason_REASON_PAYLOAD},
		{"no bytes", &valisev1.AttachmentPart{}, valisev1.Reason_REASON_PAYLOAD},
		{"the same part again", &valisev1.AttachmentPart{Index: 1, Data: piece(file, 1)}, valisev1.Reason_REASON_DUPLICATE},
		{"other bytes under an index that was used", &valisev1.AttachmentPart{Index: 1, Data: piece(file, 0)}, valisev1.Reason_REASON_EQUIVOCATION},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, q := newPartForger(t, nameFile("a.bin", file))
			wantEffects(t, p.say(q), 0, true)
			wantEffects(t, p.part(&valisev1.AttachmentPart{Index: 1, Data: piece(file, 1)}), 0, true)
			wantEffects(t, p.part(c.m), c.want, true)
			item := p.xb.store.items[len(p.xb.store.items)-1]
			if item.GetType() != valisev1.ItemType_ITEM_TYPE_REFUSED || len(item.GetSigned()) > 0 || len(item.GetEvidence()) > 5000 {
				t.Fatalf("%v keeps %d bytes and %d of evidence", item.GetType(), len(item.GetSigned()), len(item.GetEvidence()))
			}
			wantProof(t, item)
			// The honest rest still makes the file whole.
			wantEffects(t, p.part(&valisev1.AttachmentPart{Index: 2, Data: piece(file, 2)}), 0, true)
			wantEffects(t, p.part(&valisev1.AttachmentPart{Index: 0, Data: piece(file, 0)}), 0, true)
			if v := p.view(0); v.GetState() != whole {
				t.Fatalf("the file is %v with %d parts", v.GetState(), v.GetArrived())
			}
		})
	}
}

// wantProof: what is left of a refused part still proves its digest.
func wantProof(t *testing.T, item *valisev1.Item) {
	t.Helper()
	s, err := seal.ParseSigned(item.GetEvidence())
	if err != nil {
		t.Fatal(err)
	}
	header := sha256.Sum256(s.Content.Header)
	d := sha256.Sum256(bytes.Join([][]byte{[]byte("valise/v1/content\x00"), header[:], s.Content.Body}, nil))
	if !bytes.Equal(d[:], item.GetDigest()) {
		t.Error("the evidence does not lead to the digest of the part")
	}
}

// TestMessagesThatLieAboutTheirFiles are refused by what they say, before any part comes.
func TestMessagesThatLieAboutTheirFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		list []*valisev1.Attachment
	}{
		{"more than 64 MiB", []*valisev1.Attachment{{Name: "a", Size: MaxAttachment + 1, Parts: 274, Sha256: make([]byte, 32)}}},
		{"more parts than bytes", []*valisev1.Attachment{{Name: "a", Size: 5, Parts: 2, Sha256: make([]byte, 32)}}},
		{"no parts for bytes", []*valisev1.Attachment{{Name: "a", Size: 5, Sha256: make([]byte, 32)}}},
		{"three of 60 MiB", []*valisev1.Attachment{
			{Name: "a", Size: 60 << 20, Parts: 256, Sha256: make([]byte, 32)}, {Name: "b", Size: 60 << 20, Parts: 256, Sha256: make([]byte, 32)},
			{Name: "c", Size: 60 << 20, Parts: 256, Sha256: make([]byte, 32)},
		}},
		{"a name of 300 bytes", []*valisev1.Attachment{nameFile(string(bytes.Repeat([]byte("n"), 300)), []byte("x"))}},
		{"a name with a NUL byte", []*valisev1.Attachment{nameFile("a\x00b", []byte("x"))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, q := newPartForger(t, c.list...)
			wantEffects(t, p.say(q), valisev1.Reason_REASON_PAYLOAD, true)
			wantEffects(t, p.part(&valisev1.AttachmentPart{Data: []byte("x")}), valisev1.Reason_REASON_PAYLOAD, true)
		})
	}
}

// TestTooManyFiles: bytes that name more files than a message may are none that an envelope brings. A
// message that came in another way would be refused for what it says.
func TestTooManyFiles(t *testing.T) {
	for count, want := range map[int]valisev1.Reason{33: valisev1.Reason_REASON_WIRE_FORM, 10_000: valisev1.Reason_REASON_TOO_LARGE} {
		p, q := newPartForger(t, slices.Repeat([]*valisev1.Attachment{nameFile("a", []byte("x"))}, count)...)
		payload, err := proto.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		_, err = seal.NewContent(p.header(valisev1.Kind_KIND_INQUIRY, 1, 1), [32]byte{1}, payload)
		if r, is := errors.AsType[*seal.Refusal](err); !is || r.Reason != want {
			t.Errorf("%d files: %v, want %v", count, err, want)
		}
		if attachmentsFit(q.GetAttachments()) {
			t.Errorf("%d files fit", count)
		}
	}
}

// TestNamesOfAPeerAreMadeSafe: they are shown as they are, and saved as something that is no path.
func TestNamesOfAPeerAreMadeSafe(t *testing.T) {
	for name, safe := range map[string]string{
		"../../x": ".._.._x", "/etc/x": "_etc_x", `a\..\b`: "a_.._b", "C:x": "C_x", "NUL": "_NUL", "dot.": "dot", "blank ": "blank",
	} {
		p, q := newPartForger(t, nameFile(name, []byte("x")))
		wantEffects(t, p.say(q), 0, true)
		if v := p.view(0); v.GetName() != name || v.GetSaveAs() != safe {
			t.Errorf("%q is shown as %q and saved as %q, want %q", name, v.GetName(), v.GetSaveAs(), safe)
		}
	}
}

// TestAnEmptyFileThatIsNone: a message may name an empty file by a SHA-256 that no empty file has.
func TestAnEmptyFileThatIsNone(t *testing.T) {
	p, q := newPartForger(t, &valisev1.Attachment{Name: "a", Sha256: make([]byte, 32)})
	wantEffects(t, p.say(q), 0, true)
	if v := p.view(0); v.GetState() != spoiled {
		t.Fatalf("it is %v", v.GetState())
	}
}

// TestALiarIsAskedThreeTimes: a file whose SHA-256 is wrong is asked for again by refusing its last
// part, and after three rounds no more.
func TestALiarIsAskedThreeTimes(t *testing.T) {
	file := fileOf("big", PartSize+5)
	lie := nameFile("a.bin", file)
	lie.Sha256 = make([]byte, 32)
	p, q := newPartForger(t, lie)
	wantEffects(t, p.say(q), 0, true)
	for range attachmentRounds {
		wantEffects(t, p.part(&valisev1.AttachmentPart{Index: 1, Data: piece(file, 1)}), 0, true)
		wantEffects(t, p.part(&valisev1.AttachmentPart{Index: 0, Data: piece(file, 0)}), valisev1.Reason_REASON_ATTACHMENT_DAMAGED, true)
		if v := p.view(0); v.GetState() != spoiled || v.GetArrived() != 0 {
			t.Fatalf("after a round it is %v with %d parts", v.GetState(), v.GetArrived())
		}
	}
	received := len(p.xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED))
	for range 5 {
		wantEffects(t, p.part(&valisev1.AttachmentPart{Index: 1, Data: piece(file, 1)}), valisev1.Reason_REASON_ATTACHMENT_DAMAGED, true)
	}
	if n := len(p.xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); n != received {
		t.Errorf("%d more parts were kept after the last round", n-received)
	}
	_, err := p.xb.read(officer, ident.MessageID{1, byte(p.epoch), 1}.String(), 0)
	wantError(t, err, valisev1.Reason_REASON_ATTACHMENT_DAMAGED, "")
}

// TestPartsOfMessagesThatNeverCome: a peer can make us keep 64 of them, and no more, for ever.
func TestPartsOfMessagesThatNeverCome(t *testing.T) {
	p, _ := newPartForger(t)
	for i := range mostEarly + 10 {
		want := valisev1.Reason_REASON_UNSPECIFIED
		if i >= mostEarly {
			want = valisev1.Reason_REASON_ATTACHMENT_EARLY
		}
		d := sha256.Sum256([]byte{byte(i)})
		wantEffects(t, p.part(&valisev1.AttachmentPart{Message: d[:], Data: []byte("x")}), want, true)
	}
	d := sha256.Sum256([]byte{1})
	wantEffects(t, p.part(&valisev1.AttachmentPart{Message: d[:], Data: []byte("y")}), valisev1.Reason_REASON_DUPLICATE, true)
	if n := p.xb.rowsIn(tablePartEarly); n != mostEarly {
		t.Errorf("%d parts are kept", n)
	}
}

// TestPartsOfOthersMessages: a part names a message of ours, or of another State.
func TestPartsOfOthersMessages(t *testing.T) {
	p, q := newPartForger(t, nameFile("a", []byte("x")))
	wantEffects(t, p.say(q), 0, true)
	ours := p.xb.reply(ident.ThreadID{1, 1}.String(), &valisev1.Supplement{Narrative: "Ours."})
	d, err := ident.ParseDigest(p.xb.thread(ours.GetThread()).GetMessages()[1].GetDigest())
	if err != nil {
		t.Fatal(err)
	}
	wantEffects(t, p.part(&valisev1.AttachmentPart{Message: d[:], Data: []byte("x")}), valisev1.Reason_REASON_PAYLOAD, true)
	other := &partForger{forger: &forger{t: t, from: xcTech, to: xbTech, epoch: 0xC1, now: start}, xb: p.xb, message: p.message}
	wantEffects(t, other.part(&valisev1.AttachmentPart{Data: []byte("x")}), valisev1.Reason_REASON_PAYLOAD, true)
	if v := p.view(0); v.GetState() != underWay || v.GetArrived() != 0 {
		t.Fatalf("another State's part changed it: %v", v)
	}
}

// TestAnyOrderOfParts: whatever subset, order and repetition of parts comes, before or after the
// message, the file is whole exactly when each of its parts has come, and then it is the file.
func TestAnyOrderOfParts(t *testing.T) {
	file := fileOf("big", 4*PartSize+9)
	rapid.Check(t, func(r *rapid.T) {
		p, q := newPartForger(t, nameFile("a.bin", file))
		order := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 12).Draw(r, "parts")
		after := rapid.IntRange(0, len(order)).Draw(r, "message after")
		signed := p.sign(p.header(valisev1.Kind_KIND_INQUIRY, 1, 1), q)
		p.message = p.previous
		come := map[int]bool{}
		for i, n := range order {
			if i == after {
				p.xb.mustTake(signed)
			}
			e := p.part(&valisev1.AttachmentPart{Index: uint32(n), Data: piece(file, uint32(n))})
			if want := map[bool]valisev1.Reason{true: valisev1.Reason_REASON_DUPLICATE}[come[n]]; e.Reason != want {
				r.Fatalf("part %d of %v: %v, want %v", i, order, e.Reason, want)
			}
			come[n] = true
		}
		if after == len(order) {
			p.xb.mustTake(signed)
		}
		want := map[bool]valisev1.AttachmentState{true: whole, false: underWay}[len(come) == 5]
		if v := p.view(0); v.GetState() != want || int(v.GetArrived()) != len(come) {
			r.Fatalf("%v: the file is %v with %d parts", order, v.GetState(), v.GetArrived())
		}
		if want != whole {
			return
		}
		id := ident.MessageID{1, byte(p.epoch), 1}.String()
		if got, err := p.xb.read(officer, id, 0); err != nil || !bytes.Equal(got, file) {
			r.Fatalf("%v: %d bytes, %v", order, len(got), err)
		}
	})
}

// TestPartsThatOvertakeTheirMessage: the relay loses a message and keeps its parts. They are kept
// within bounds, and the rest follows when the message has come.
func TestPartsThatOvertakeTheirMessage(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.sendFiles(fileOf("large", 80*PartSize))
	xa.post()
	if _, ok := w.relay.pop(xbTech, 0); !ok {
		t.Fatal("the message did not leave")
	}
	w.settle()
	if n := xb.rowsIn(tablePartEarly); n != partsAhead {
		t.Fatalf("%d parts are kept without their message, want %d", n, partsAhead)
	}
	if len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED)) > 0 {
		t.Fatal("an honest sender sent more than a receiver must keep")
	}
	w.tick(firstRepeat + firstRepeat/10)
	w.converge()
	xb.wantFile(sent.GetThread(), 0, whole, 80)
	xa.wantFile(sent.GetThread(), 0, whole, 80)
	xb.wantBytes(sent.GetMessage(), 0, fileOf("large", 80*PartSize))
}

// TestRefusedAsEarlyGoesAgain: a peer that has no room for parts without their message gets them
// again when it has the message.
func TestRefusedAsEarlyGoesAgain(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	f := &partForger{forger: &forger{t: t, from: xaTech, to: xbTech, epoch: 0xF1, now: start}, xb: xb}
	for i := range mostEarly - 2 {
		d := sha256.Sum256([]byte{byte(i)})
		f.part(&valisev1.AttachmentPart{Message: d[:], Data: []byte("x")})
	}
	sent := xa.sendFiles(fileOf("big", 6*PartSize))
	xa.post()
	w.relay.pop(xbTech, 0)
	w.settle()
	if n := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED)); n < 4 {
		t.Fatalf("%d parts were refused for want of room", n)
	}
	for range 3 {
		w.tick(time.Hour)
	}
	w.converge()
	xb.wantFile(sent.GetThread(), 0, whole, 6)
	xb.wantBytes(sent.GetMessage(), 0, fileOf("big", 6*PartSize))
}
