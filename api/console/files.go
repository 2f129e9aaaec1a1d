package console

import (
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// piece is how many bytes of a file one message to the node carries.
const piece = 512 << 10

// files shows the files of a draft, and takes more.
func (v *visit) files() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	if !forms[w.form].Files {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	v.show(http.StatusOK, "files", &writePage{frame: v.inner(v.t.Write.Files, ""), writing: w, Form: forms[w.form]})
	return nil
}

// attach brings one file to the node as it comes from the browser; none of it stays here. docs/protocol.md §6
func (v *visit) attach() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" || !forms[w.form].Files {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	if len(w.files) >= mostFiles {
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT)
	}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	brought, err := v.bring(parts)
	if err != nil {
		return err
	}
	// What was typed meanwhile on another page stays.
	if w = v.c.writings.find(w.id); w == nil || w.sent != "" {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	w.files = append(w.files, brought)
	w.revision++
	v.c.writings.put(w, v.now)
	return v.goTo("draft/" + w.id + "/files")
}

// bring reads the one part that the form has, a file with a name; more are refused.
func (v *visit) bring(parts *multipart.Reader) (*valisev1.Attachment, error) {
	part, err := parts.NextPart()
	if err != nil || part.FormName() != "file" || part.FileName() == "" {
		return nil, refuse(valisev1.Reason_REASON_BAD_ATTACHMENT)
	}
	name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	if err := draft.CheckLine(name); err != nil || len(name) > 200 {
		return nil, refuse(valisev1.Reason_REASON_BAD_ATTACHMENT)
	}
	got, err := v.upload(part)
	if err != nil {
		return nil, err
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		return nil, refuse(valisev1.Reason_REASON_BAD_ATTACHMENT)
	}
	return &valisev1.Attachment{Name: name, Size: got.GetSize(), Sha256: got.GetSha256()}, nil
}

func (v *visit) upload(from io.Reader) (*valisev1.UploadAttachmentResponse, error) {
	stream, err := v.c.door.inquiry.UploadAttachment(v.ctx())
	if err != nil {
		return nil, err
	}
	b, total := make([]byte, piece), 0
	for {
		n, err := io.ReadFull(from, b)
		if total += n; total > mostFile {
			return nil, refuse(valisev1.Reason_REASON_TOO_LARGE)
		}
		if n > 0 && stream.Send(&valisev1.UploadAttachmentRequest{Data: b[:n]}) != nil {
			break // the answer says why
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && n < len(b) {
			break
		}
		if err != nil {
			return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST)
		}
	}
	return stream.CloseAndRecv()
}

// detach takes a file out of a draft, by its place and its hash, so that a second click takes no other.
func (v *visit) detach() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	for i, f := range w.files {
		if hex.EncodeToString(f.GetSha256()) == v.r.PostFormValue("sha256") && f.GetName() == v.r.PostFormValue("name") {
			w.files = append(w.files[:i], w.files[i+1:]...)
			w.revision++
			v.c.writings.put(w, v.now)
			break
		}
	}
	return v.goTo("draft/" + w.id + "/files")
}

// Digest is a hash as it is compared by eye, in groups of four.
func (f *frame) Digest(b []byte) string {
	var groups []string
	for text := hex.EncodeToString(b); text != ""; text = text[min(4, len(text)):] {
		groups = append(groups, text[:min(4, len(text))])
	}
	return strings.Join(groups, " ")
}
