package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// mostFiles is how many files one message brings: three such messages have more parts than the
	// window of lane 1 holds. docs/protocol.md §7.2
	mostFiles = 32
	// partSlots are the slots of lane 1. docs/protocol.md §7.8
	partSlots = 64
)

// loads is what of a swarm weighs on a home: files, a small quota for its peers, and a disk that
// fills up and is cleared. docs/protocol.md §6, §7.7
type loads struct {
	files float64 // a message brings files
	quota float64 // a home's peers may make it record little on a day
	space float64 // the room on a disk changes
}

// bring takes the files that a message names; the same each time that it is asked for. Most are of
// one short part, so that a window of parts costs little.
func (h *home) bring(request string, sizes []int) (list []*valisev1.Attachment, err error) {
	for i, size := range sizes {
		name := fmt.Sprint(request, "-", i)
		got, err := h.g.Upload(ctx, officer, strings.NewReader(fileOf(name, size)))
		if err != nil {
			return nil, err
		}
		list = append(list, &valisev1.Attachment{Name: name, Sha256: got.GetSha256()})
	}
	return list, nil
}

// fileOf is a file of a size, which no other is.
func fileOf(name string, size int) string {
	return name + strings.Repeat("x", max(size-len(name), 0))
}

// drawFiles are the sizes of the files that a message brings, none in most swarms.
func (s *sim) drawFiles() (sizes []int) {
	if !s.chance(s.f.files) {
		return nil
	}
	for range 1 + s.rng.IntN(mostFiles) {
		sizes = append(sizes, 30)
	}
	if s.rng.IntN(8) == 0 {
		sizes[0] = gateway.PartSize + s.rng.IntN(2*gateway.PartSize)
	}
	return sizes
}

// parts lets a home number the parts that may leave. A node can die between any two steps.
func (h *home) parts() {
	for h.s.loaded && h.g != nil {
		more, err := h.g.ReleaseParts(ctx)
		h.unexpected(err)
		if h.dies() || err != nil || !more {
			return
		}
	}
}

// fills changes the room on a disk.
func (h *home) fills(to gateway.Space) {
	h.space = to
	if h.g != nil {
		h.g.LookAtSpace(h.now())
	}
}

// shownFiles: in the end every file that a message brought is whole on both sides, byte for byte. What
// its sender takes back need not come; what no disk held any more cannot.
func (s *sim) shownFiles(h *home, m *valisev1.MessageView) {
	for _, a := range m.GetAttachments() {
		switch a.GetState() {
		case valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE:
			if sum, err := h.sum(m.GetMessage(), a.GetIndex()); err != nil || sum != a.GetSha256() {
				s.fault("%s shows a file as whole that is none: %v", h.state, err)
			}
			s.files++
		case valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED:
		default:
			if !s.backwards && m.GetRetractedBy() == "" {
				s.fault("after healing %s has a file that is %v (%v)", h.state, a.GetState(), a.GetReason())
			}
		}
	}
}

// sum reads a file as an officer does.
func (h *home) sum(message string, index uint32) (string, error) {
	view, part, err := h.g.Attachment(ctx, officer, &valisev1.GetAttachmentRequest{Message: message, Index: index})
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for n := range view.GetParts() {
		b, err := part(ctx, n)
		if err != nil {
			return "", err
		}
		sum.Write(b)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
