package gateway

import (
	"bytes"
	"math/bits"
	"strings"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Limits of attachments. docs/protocol.md §6
const (
	// PartSize is how many bytes of a file one part carries; the last one carries the rest.
	PartSize = 245_760
	// MaxAttachment is how many bytes one attachment may have, MaxAttachments all of a message.
	MaxAttachment  = 64 << 20
	MaxAttachments = 128 << 20
	// mostAttachments is how many a message may have.
	mostAttachments = 32
	// attachmentRounds is how often an attachment is sent in all, where its SHA-256 is wrong again
	// and again: its sender may lie for ever.
	attachmentRounds = 3
)

// partsOf is how many parts a file of a size has: none for an empty one. docs/protocol.md §6
func partsOf(size uint64) uint32 { return uint32((size + PartSize - 1) / PartSize) }

// partLength is how many bytes a part carries. docs/protocol.md §6
func partLength(size uint64, index uint32) int {
	return int(min(size-uint64(index)*PartSize, PartSize))
}

// attachmentsOf are the attachments that a payload of any kind names.
func attachmentsOf(m proto.Message) []*valisev1.Attachment {
	if a, ok := m.(interface{ GetAttachments() []*valisev1.Attachment }); ok {
		return a.GetAttachments()
	}
	return nil
}

// attachmentsFit holds what a peer's message says of its attachments to the numbers of the
// protocol: parts as the size makes them, and no more bytes than a message may bring. Names are
// not judged: they are shown, and made safe when a file is saved. docs/protocol.md §6
func attachmentsFit(list []*valisev1.Attachment) bool {
	var total uint64
	for _, a := range list {
		total += a.GetSize()
		if a.GetSize() > MaxAttachment || a.GetParts() != partsOf(a.GetSize()) || len(a.GetSha256()) != 32 {
			return false
		}
	}
	return len(list) <= mostAttachments && total <= MaxAttachments
}

// checkNames refuses what is no plain file name, and two that some systems take for one: the other
// side could not save both. docs/protocol.md §6
func checkNames(list []*valisev1.Attachment) error {
	if len(list) > mostAttachments {
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "a message has at most %d attachments", mostAttachments)
	}
	seen := map[string]bool{}
	for _, a := range list {
		if flaw := ident.FileNameFlaw(a.GetName()); flaw != "" {
			return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "%s", flaw)
		}
		folded := strings.ToLower(a.GetName())
		if seen[folded] {
			return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "a file name stands there twice")
		}
		seen[folded] = true
	}
	return nil
}

// attachmentKey is the key of one attachment: D of its message, and which one of it.
func attachmentKey(d []byte, index uint32) []byte {
	return append(bytes.Clone(d), byte(index))
}

// parseAttachmentKey is the inverse of attachmentKey.
func parseAttachmentKey(b []byte) (d []byte, index uint32, err error) {
	if len(b) != 33 {
		return nil, 0, damaged("an attachment that is listed cannot be read")
	}
	return b[:32], uint32(b[32]), nil
}

// attachment loads what is known of one attachment of a message.
func (w *work) attachment(d []byte, index uint32) (row *valisev1.AttachmentRow, found bool, err error) {
	row = new(valisev1.AttachmentRow)
	if index >= mostAttachments {
		return row, false, nil
	}
	found, err = w.load(tableAttachment, attachmentKey(d, index), row)
	return row, found, err
}

func (w *work) saveAttachment(d []byte, index uint32, row *valisev1.AttachmentRow) error {
	return w.save(tableAttachment, attachmentKey(d, index), row)
}

// attachmentEnded records how an attachment ended, as an item of its thread. docs/protocol.md §6
func (w *work) attachmentEnded(d []byte, index uint32, row *valisev1.AttachmentRow) error {
	if err := w.noteReceivedFile(d, index, row); err != nil {
		return err
	}
	_, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_ATTACHMENT, Thread: row.GetThread(), Digest: d, Reason: row.GetReason(),
		Attachment: &valisev1.AttachmentFact{Index: index, State: row.GetState()},
	})
	return err
}

// partSet is one bit a part.
type partSet []byte

func allParts(n uint32) partSet {
	s := make(partSet, (n+7)/8)
	for i := range n {
		s.add(i)
	}
	return s
}

func noParts(n uint32) partSet { return make(partSet, (n+7)/8) }

func (s partSet) has(i uint32) bool {
	return int(i/8) < len(s) && s[i/8]&(1<<(i%8)) != 0
}

func (s partSet) add(i uint32) {
	if int(i/8) < len(s) {
		s[i/8] |= 1 << (i % 8)
	}
}

func (s partSet) remove(i uint32) {
	if int(i/8) < len(s) {
		s[i/8] &^= 1 << (i % 8)
	}
}

func (s partSet) count() (n uint32) {
	for _, b := range s {
		n += uint32(bits.OnesCount8(b))
	}
	return n
}
