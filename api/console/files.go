package console

import (
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"

	"valise.example/api/draft"
	"valise.example/api/locale"
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
	v.showFiles(http.StatusOK, w, nil)
	return nil
}

// filesPage shows what leaves with a draft, and what is wrong with the file that was chosen last.
type filesPage struct {
	*writePage
	Wrong *fault
}

func (v *visit) showFiles(code int, w *writing, wrong *fault) {
	v.show(code, "files", &filesPage{&writePage{frame: v.inner(v.t.Write.Files, ""), writing: w, Form: forms[w.form]}, wrong})
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
	parts, err := v.r.MultipartReader()
	if err != nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	wrong := &fault{Text: v.t.Write.Fault.FileLarge}
	var brought *valisev1.Attachment
	if v.r.ContentLength <= mostFile+mostHead { // else the node is not troubled with any of it
		brought, wrong, err = v.bring(w, parts)
	}
	if err != nil {
		return err
	}
	if wrong != nil {
		_, _ = io.Copy(io.Discard, v.r.Body) // a browser reads no answer before it has sent all; bodyTime bounds it
		v.showFiles(http.StatusUnprocessableEntity, w, wrong)
		return nil
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

// bring reads the one part that the form has, a file with a name. What cannot be taken of it is told beside
// the field.
func (v *visit) bring(w *writing, parts *multipart.Reader) (*valisev1.Attachment, *fault, error) {
	t := &v.t.Write.Fault
	part, err := parts.NextPart()
	if err != nil || part.FormName() != "file" || part.FileName() == "" {
		return nil, &fault{Text: t.FileNone}, nil
	}
	name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	if wrong := w.nameless(name, t); wrong != nil {
		return nil, wrong, nil
	}
	got, err := v.upload(part)
	if err != nil {
		wrong, err := v.fileFault(err)
		return nil, wrong, err
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		return nil, &fault{Text: t.FileOne}, nil
	}
	return &valisev1.Attachment{Name: name, Size: got.GetSize(), Sha256: got.GetSha256()}, nil, nil
}

// nameless says why no file of a name can be added; nil where it can. The names that some systems take for
// one would overwrite each other at the other side. docs/protocol.md §6
func (w *writing) nameless(name string, t *locale.FaultTexts) *fault {
	switch {
	case len(w.files) >= mostFiles:
		return &fault{Text: t.FileMany, pairs: []any{"most", mostFiles}}
	case draft.CheckAttachmentName(name) != nil:
		return &fault{Text: t.FileName}
	}
	for _, f := range w.files {
		if strings.EqualFold(norm.NFC.String(f.GetName()), norm.NFC.String(name)) {
			return &fault{Text: t.FileTwice}
		}
	}
	return nil
}

// fileFault says what the node does not take of a file; an error that is not of the file stays one.
func (v *visit) fileFault(err error) (*fault, error) {
	switch r := refusalOf(err); r.reason {
	case valisev1.Reason_REASON_TOO_LARGE:
		return &fault{Text: v.t.Write.Fault.FileLarge}, nil
	case valisev1.Reason_REASON_BAD_ATTACHMENT:
		return &fault{told: v.catalog.Sentence(r.reason), Detail: r.detail}, nil
	}
	return nil, err
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
