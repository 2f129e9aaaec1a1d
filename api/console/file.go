package console

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// mostFiles is how many attachments a message has. docs/protocol.md §6
	mostFiles = 32
	// fileTime is how long a browser may take for one file.
	fileTime = 10 * time.Minute
)

// attachment is one file of a message, as far as it has come.
type attachment struct {
	article
	*valisev1.AttachmentView
}

// Files are the attachments of the message.
func (a article) Files() (all []attachment) {
	for _, f := range a.GetAttachments() {
		all = append(all, attachment{a, f})
	}
	return all
}

// Whole reports whether it can be downloaded.
func (f attachment) Whole() bool {
	return f.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
}

// Stands says how it stands.
func (f attachment) Stands() (template.HTML, error) {
	s := f.sayer()
	return shown(s, s.enum(f.GetState().Descriptor(), f.GetState().Number()))
}

// Arrived is how many parts are where they should be.
func (f attachment) Arrived() (template.HTML, error) {
	pairs := []any{"arrived", strconv.Itoa(int(f.GetArrived())), "parts", strconv.Itoa(int(f.GetParts()))}
	if f.GetOutbound() {
		return f.Say(f.T.Reading.ArrivedThere, append(pairs, "state", f.article.State(f.x.peer))...)
	}
	return f.Say(f.T.Reading.Arrived, pairs...)
}

// Bytes is the size in words.
func (f attachment) Bytes() (template.HTML, error) {
	return f.Count(f.T.Reading.Bytes, int(min(f.GetSize(), 1<<40)))
}

// Digest is its SHA-256 in groups.
func (f attachment) Digest() template.HTML { return groups(f.GetSha256()) }

// Labels are the labels of its own; empty where it has none.
func (f attachment) Labels() (all []string) {
	for _, label := range []string{
		handling(f.GetTlp().Descriptor(), f.GetTlp().Number()), handling(f.GetPap().Descriptor(), f.GetPap().Number()),
	} {
		if label != "" {
			all = append(all, label)
		}
	}
	return all
}

// Safe is the name under which it is saved, whatever the message says.
func (f attachment) Safe() string { return ident.SafeFileName(f.GetSaveAs()) }

// file sends an attachment to be saved and never to be shown. It is whole and what the message named, or
// it is not sent. docs/protocol.md §6
func (v *visit) file() error {
	if _, err := v.id("thread"); err != nil {
		return err
	}
	message, err := v.id("message")
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(v.r.PathValue("index"), 10, 32)
	if err != nil || number >= mostFiles {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	stream, err := v.c.door.inquiry.GetAttachment(v.ctx(), &valisev1.GetAttachmentRequest{Message: message, Index: uint32(number)})
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	view := first.GetAttachment()
	if view.GetState() != valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE {
		return refuse(valisev1.Reason_REASON_PART_MISSING)
	}
	return v.handOver(view, stream)
}

// handOver passes on a file piece by piece. It keeps the last piece back until all of it has the SHA-256 that
// was named, so that what is damaged never looks whole to a browser.
func (v *visit) handOver(view *valisev1.AttachmentView, stream grpc.ServerStreamingClient[valisev1.GetAttachmentResponse]) error {
	sum, kept, began := sha256.New(), []byte(nil), false
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return v.broken(began, err)
		}
		if kept != nil {
			if !began {
				v.head(view)
				began = true
			}
			if _, err := v.w.Write(kept); err != nil {
				return nil // whoever hung up does not wait for it
			}
		}
		kept = bytes.Clone(piece.GetData())
		sum.Write(kept)
	}
	if hexOf(sum.Sum(nil)) != view.GetSha256() {
		return v.broken(began, refuse(valisev1.Reason_REASON_ATTACHMENT_DAMAGED))
	}
	if !began {
		v.head(view)
	}
	_, _ = v.w.Write(kept)
	return nil
}

// broken tells why nothing was sent. Once a piece is on its way it only ends short of the length that was
// announced, which a browser shows as a download that broke off.
func (v *visit) broken(began bool, err error) error {
	if began {
		return nil
	}
	return err
}

func (v *visit) head(view *valisev1.AttachmentView) {
	_ = http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(fileTime))
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition(ident.SafeFileName(view.GetSaveAs())))
	h.Set("Content-Length", strconv.FormatUint(view.GetSize(), 10))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	v.w.WriteHeader(http.StatusOK)
}

// disposition names a file for a browser: in plain letters, and in full for those that can read it.
// RFC 6266
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune(`"\%;/`, r) {
			return r
		}
		return '_'
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + url.PathEscape(name)
}
