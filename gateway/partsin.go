package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// mostEarly is how many parts of a pair are kept whose message has not come. P7, docs/protocol.md §6
const mostEarly = 64

// landing is where a part that may be taken belongs.
type landing struct {
	key   []byte // of its attachment; nil while its message has not come
	row   *valisev1.AttachmentRow
	ended bool // the attachment is whole or damaged with it
}

// consumePart records one part under its number. What is refused uses its number too, but its
// bytes are not kept: the item holds what proves who sent it. docs/protocol.md §6, §7.3
func (w *work) consumePart(in incoming, c channel, ch *valisev1.InboundChannel, a arrival, effects *Effects) error {
	h, d := in.opened.Header, in.opened.Digest
	said, _ := in.opened.Message.(*valisev1.AttachmentPart)
	to, reason, err := w.judgePart(in, said)
	if err != nil {
		return err
	}
	w.refuseMessage(&in, reason)
	item := &valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_RECEIVED, Digest: d[:], Signed: in.opened.Bytes, Kind: h.Kind,
		Marks: w.marks(in.opened), Reason: in.refused,
	}
	if in.refused != valisev1.Reason_REASON_UNSPECIFIED {
		item.Type, item.Signed, item.Evidence = valisev1.ItemType_ITEM_TYPE_REFUSED, nil, withoutBody(in.opened.Signed)
	}
	number, err := w.append(item)
	if err != nil {
		return err
	}
	before, err := w.lives(Pair{Ours: h.To, Peer: h.From}, h.Lane)
	if err != nil {
		return err
	}
	all, err := w.takeIn(in, c, a, number)
	if err != nil {
		return err
	}
	next, _ := takeArrival(ch, a, in.refused)
	if err := w.save(tableInChannel, c.key(), next); err != nil {
		return err
	}
	if err := w.land(in, to, said, number); err != nil {
		return err
	}
	if err := w.stepLives(in, c, before, all); err != nil {
		return err
	}
	p := Pair{Ours: h.To, Peer: h.From}
	w.after.dirty = append(w.after.dirty, p)
	*effects = Effects{Reason: in.refused, Item: number, Recorded: true, ReceiptTo: []Pair{p}}
	return nil
}

// withoutBody is a Signed with the SHA-256 of its body in the place of the body: D and both
// signatures can still be verified with it. docs/protocol.md §4.1
func withoutBody(s seal.Signed) []byte {
	sum := sha256.Sum256(s.Content.Body)
	s.Content.Body = sum[:]
	return s.Marshal()
}

// judgePart finds the attachment that a part belongs to, or why it is refused. The reason tells
// the sender what to do: docs/protocol.md §6.
func (w *work) judgePart(in incoming, said *valisev1.AttachmentPart) (to landing, reason valisev1.Reason, err error) {
	if in.refused != valisev1.Reason_REASON_UNSPECIFIED || said == nil {
		return to, in.refused, nil
	}
	p := Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	d, known, err := w.namedMessage(p, said.GetMessage())
	if err != nil {
		return to, 0, err
	}
	if !known {
		reason, err = w.judgeEarly(p, said)
		return to, reason, err
	}
	row, found, err := w.attachment(d, said.GetAttachment())
	if err != nil {
		return to, 0, err
	}
	switch {
	case !found || row.GetOutbound() || row.GetOurs() != p.Ours.String() || row.GetPeer() != p.Peer.String():
		return to, valisev1.Reason_REASON_PAYLOAD, nil
	case said.GetIndex() >= row.GetParts() || len(said.GetData()) != partLength(row.GetSize(), said.GetIndex()):
		return to, valisev1.Reason_REASON_PAYLOAD, nil
	case partSet(row.GetArrived()).has(said.GetIndex()):
		reason, err = w.samePart(d, said)
		return to, reason, err
	case !isOpen(row):
		return to, valisev1.Reason_REASON_ATTACHMENT_DAMAGED, nil
	}
	to = landing{key: attachmentKey(d, said.GetAttachment()), row: row}
	reason, err = w.addPart(&to, d, said.GetAttachment(), said.GetIndex(), said.GetData())
	return to, reason, err
}

// namedMessage finds the message that a part names. One that was made again in a later epoch
// stands for the one that was taken: its parts are the same. docs/protocol.md §7.6
func (w *work) namedMessage(p Pair, d []byte) (of []byte, known bool, err error) {
	at, found, err := w.placeAt(tableDigest, d)
	if err != nil || !found {
		return d, false, err
	}
	first, found, err := w.placeAt(tableMessage, messageKey(p.Peer, at.id))
	if err != nil || !found || at.ours {
		return d, true, err
	}
	return digestOf(first.digest), true, nil
}

// samePart compares a part with the one that is here already under its index.
func (w *work) samePart(d []byte, said *valisev1.AttachmentPart) (valisev1.Reason, error) {
	before, err := w.recordedPart(d, said.GetAttachment(), said.GetIndex())
	if err != nil {
		return 0, err
	}
	if bytes.Equal(before, said.GetData()) {
		return valisev1.Reason_REASON_DUPLICATE, nil
	}
	return valisev1.Reason_REASON_EQUIVOCATION, nil
}

// judgeEarly keeps a part whose message has not come, within bounds. docs/protocol.md §6
func (w *work) judgeEarly(p Pair, said *valisev1.AttachmentPart) (reason valisev1.Reason, err error) {
	kept := 0
	err = w.eachEarly(p, func(_ uint64, of *valisev1.PartOf) (bool, error) {
		kept++
		if bytes.Equal(of.GetMessage(), said.GetMessage()) && of.GetAttachment() == said.GetAttachment() && of.GetIndex() == said.GetIndex() {
			reason = valisev1.Reason_REASON_DUPLICATE
		}
		return true, nil
	})
	if err == nil && reason == valisev1.Reason_REASON_UNSPECIFIED && kept >= mostEarly {
		reason = valisev1.Reason_REASON_ATTACHMENT_EARLY
	}
	return reason, err
}

func (w *work) eachEarly(p Pair, visit func(item uint64, of *valisev1.PartOf) (bool, error)) error {
	return w.tx.Rows(tablePartEarly, p.key(), 0, false, func(item uint64, value []byte) (bool, error) {
		of := new(valisev1.PartOf)
		if err := unmarshalOwn(value, of); err != nil {
			return false, err
		}
		return visit(item, of)
	})
}

// addPart counts a part in, and carries the SHA-256 as far as parts are there without a gap. The
// part that makes the whole wrong is refused, which asks for all of them again.
func (w *work) addPart(to *landing, d []byte, index, part uint32, data []byte) (valisev1.Reason, error) {
	partSet(to.row.Arrived).add(part)
	if part != to.row.GetHashed() {
		return valisev1.Reason_REASON_UNSPECIFIED, nil
	}
	sum, err := w.hashOn(to.row, d, index, data)
	if err != nil || to.row.GetHashed() < to.row.GetParts() {
		return valisev1.Reason_REASON_UNSPECIFIED, err
	}
	to.ended = true
	if bytes.Equal(sum, to.row.GetSha256()) {
		to.row.State, to.row.Reason = valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE, valisev1.Reason_REASON_UNSPECIFIED
		to.row.Hash = nil
		return valisev1.Reason_REASON_UNSPECIFIED, nil
	}
	to.row.Round++
	to.row.State, to.row.Reason = valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED, valisev1.Reason_REASON_ATTACHMENT_DAMAGED
	to.row.Arrived, to.row.Hashed, to.row.Hash = noParts(to.row.GetParts()), 0, nil
	return valisev1.Reason_REASON_ATTACHMENT_DAMAGED, nil
}

// hashOn adds the next part to the SHA-256, and those behind it that came before it.
func (w *work) hashOn(row *valisev1.AttachmentRow, d []byte, index uint32, data []byte) ([]byte, error) {
	h := sha256.New()
	if len(row.GetHash()) > 0 {
		if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(row.GetHash()); err != nil {
			return nil, damaged("the SHA-256 of an attachment cannot be carried on")
		}
	}
	for {
		h.Write(data)
		row.Hashed++
		if row.GetHashed() >= row.GetParts() || !partSet(row.GetArrived()).has(row.GetHashed()) {
			break
		}
		var err error
		if data, err = w.recordedPart(d, index, row.GetHashed()); err != nil {
			return nil, err
		}
	}
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	row.Hash = state
	return h.Sum(nil), err
}

// land lets the attachment know of the part that was just recorded.
func (w *work) land(in incoming, to landing, said *valisev1.AttachmentPart, item uint64) error {
	if to.row == nil {
		if in.refused != valisev1.Reason_REASON_UNSPECIFIED {
			return nil
		}
		b, err := proto.Marshal(&valisev1.PartOf{Message: said.GetMessage(), Attachment: said.GetAttachment(), Index: said.GetIndex()})
		if err != nil {
			return err
		}
		return w.tx.PutRow(tablePartEarly, Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}.key(), item, b)
	}
	if in.refused == valisev1.Reason_REASON_UNSPECIFIED {
		if err := w.tx.PutRow(tablePart, to.key, uint64(said.GetIndex()), appendNumber(nil, item)); err != nil {
			return err
		}
	}
	return w.saveLanding(to)
}

// saveLanding writes what became of an attachment. Of a damaged one no part counts any more.
func (w *work) saveLanding(to landing) error {
	d, index, err := parseAttachmentKey(to.key)
	if err != nil {
		return err
	}
	if to.ended && to.row.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED {
		for i := range to.row.GetParts() {
			if err := w.tx.DeleteRow(tablePart, to.key, uint64(i)); err != nil {
				return err
			}
		}
	}
	if err := w.saveAttachment(d, index, to.row); err != nil || !to.ended {
		return err
	}
	return w.attachmentEnded(d, index, to.row)
}

// expect notes the attachments that a message of a peer names, and gives them the parts that came
// before it. docs/protocol.md §6
func (w *work) expect(in incoming, thread []byte) error {
	h, d := in.opened.Header, in.opened.Digest
	list := attachmentsOf(in.opened.Message)
	if in.refused != valisev1.Reason_REASON_UNSPECIFIED || len(list) == 0 {
		return nil
	}
	for i, a := range list {
		row := &valisev1.AttachmentRow{
			Ours: h.To.String(), Peer: h.From.String(), Thread: thread, Size: a.GetSize(), Sha256: a.GetSha256(),
			Parts: a.GetParts(), State: valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY, Arrived: noParts(a.GetParts()),
		}
		if a.GetParts() == 0 {
			row.State = emptyState(row)
		}
		if err := w.saveAttachment(d[:], uint32(i), row); err != nil {
			return err
		}
	}
	p := Pair{Ours: h.To, Peer: h.From}
	return w.eachEarly(p, func(item uint64, of *valisev1.PartOf) (bool, error) {
		if !bytes.Equal(of.GetMessage(), d[:]) {
			return true, nil
		}
		if err := w.tx.DeleteRow(tablePartEarly, p.key(), item); err != nil {
			return false, err
		}
		return true, w.adopt(d, of, item)
	})
}

// emptyState: an empty file is there at once, if it is the one that is meant.
func emptyState(row *valisev1.AttachmentRow) valisev1.AttachmentState {
	if bytes.Equal(row.GetSha256(), emptyFile[:]) {
		return valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
	}
	row.Round, row.Reason = attachmentRounds, valisev1.Reason_REASON_ATTACHMENT_DAMAGED
	return valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED
}

// adopt gives an attachment a part that came before its message. It was receipted, so that nothing
// can be asked again with it: an attachment that is damaged now stays so.
func (w *work) adopt(d ident.Digest, of *valisev1.PartOf, item uint64) error {
	row, found, err := w.attachment(d[:], of.GetAttachment())
	if err != nil || !found || of.GetIndex() >= row.GetParts() || !isOpen(row) {
		return err
	}
	key := attachmentKey(d[:], of.GetAttachment())
	if err := w.tx.PutRow(tablePart, key, uint64(of.GetIndex()), appendNumber(nil, item)); err != nil {
		return err
	}
	data, err := w.recordedPart(d[:], of.GetAttachment(), of.GetIndex())
	if err != nil {
		return err
	}
	to := landing{key: key, row: row}
	if len(data) != partLength(row.GetSize(), of.GetIndex()) {
		row.State, row.Reason = valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED, valisev1.Reason_REASON_ATTACHMENT_DAMAGED
		row.Arrived, row.Round, to.ended = noParts(row.GetParts()), attachmentRounds, true
	} else if reason, err := w.addPart(&to, d[:], of.GetAttachment(), of.GetIndex(), data); err != nil {
		return err
	} else if reason != valisev1.Reason_REASON_UNSPECIFIED {
		row.Round = attachmentRounds
	}
	return w.saveLanding(to)
}
