package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// Bounds of files that were brought and that no message names yet. P7
const (
	// uploadAge is how long one waits for its message.
	uploadAge = 24 * time.Hour
	// Of one officer, and of all together.
	officerUploads = 64
	officerBytes   = 256 << 20
	homeUploads    = 256
	homeBytes      = 1 << 30
	// uploadsAtOnce bounds memory: each one under way holds uploadStep parts.
	uploadsAtOnce = 8
	// uploadStep is how many parts one commit stores.
	uploadStep = 4
)

var emptyFile = sha256.Sum256(nil)

// Upload takes the bytes of a file, at most 64 MiB, and keeps them sealed in the store. A message
// of the same officer may then name the file by its SHA-256: the bytes are durable before the
// message can be (P1). What no message names within 24 hours is forgotten, and so is what was not
// finished when the node starts anew. The error is an *Error: NOT_PERMITTED, BAD_ATTACHMENT,
// NOT_ACCEPTING, DISK_FULL, BAD_REQUEST where file gives an error, or STORAGE_UNKNOWN. docs/protocol.md §6
func (g *Gateway) Upload(ctx context.Context, a Actor, file io.Reader) (*valisev1.UploadAttachmentResponse, error) {
	const op = "upload"
	if _, err := a.as(maySend); err != nil {
		return nil, asError(op, err, 0)
	}
	if !g.mayUpload() {
		return nil, &Error{Op: op, Reason: valisev1.Reason_REASON_NOT_ACCEPTING, Detail: "too many files are brought at once; try again in a moment"}
	}
	defer g.uploadEnded()
	u := upload{g: g, row: &valisev1.Upload{Id: make([]byte, 16), Officer: a.Name}}
	if err := g.fill(u.row.Id); err != nil {
		return nil, asError(op, err, 0)
	}
	err := u.take(ctx, op, file)
	if err != nil {
		u.drop(ctx, op)
		return nil, asError(op, err, valisev1.Reason_REASON_BAD_REQUEST)
	}
	return &valisev1.UploadAttachmentResponse{Sha256: u.row.GetSha256(), Size: u.row.GetSize(), Parts: u.row.GetParts()}, nil
}

func (g *Gateway) mayUpload() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.uploads >= uploadsAtOnce {
		return false
	}
	g.uploads++
	return true
}

func (g *Gateway) uploadEnded() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.uploads--
}

// upload is one file on its way in.
type upload struct {
	g       *Gateway
	begun   bool
	ordinal uint64
	row     *valisev1.Upload
}

// drop lets go of what was stored of a file that did not come whole. If even this fails, the next
// start forgets it.
func (u *upload) drop(ctx context.Context, op string) {
	if !u.begun {
		return
	}
	err := u.g.update(context.WithoutCancel(ctx), op, func(w *work) error { return w.dropUpload(u.ordinal, u.row) })
	if err != nil {
		u.g.cfg.Logger.Warn("a file that did not come whole is forgotten at the next start", slog.Any("error", err))
	}
}

func (u *upload) take(ctx context.Context, op string, file io.Reader) error {
	if err := u.g.update(ctx, op, u.begin); err != nil {
		return err
	}
	u.begun = true
	sum, buffer := sha256.New(), make([]byte, uploadStep*PartSize)
	for {
		n, err := io.ReadFull(file, buffer)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		sum.Write(buffer[:n])
		if last {
			u.row.Sha256 = sum.Sum(nil)
		}
		next := proto.CloneOf(u.row)
		if err := u.g.update(ctx, op, func(w *work) error {
			proto.Reset(next)
			proto.Merge(next, u.row)
			return w.keepPieces(u.ordinal, next, buffer[:n])
		}); err != nil {
			return err
		}
		u.row = next
		if last {
			return nil
		}
	}
}

// begin makes the row under which the bytes come to lie.
func (u *upload) begin(w *work) error {
	if err := w.forgetUploads(func(r *valisev1.Upload) bool { return w.now.Sub(r.GetCreated().AsTime()) > uploadAge }); err != nil {
		return err
	}
	last, _, found, err := w.firstRow(tableUploads, nil, highest, true)
	if err != nil {
		return err
	}
	u.ordinal = 0
	if found {
		u.ordinal = last + 1
	}
	u.row.Created = timestamppb.New(w.now)
	return w.saveUpload(u.ordinal, u.row)
}

// keepPieces stores the next parts of a file. With its SHA-256 the file is whole: then it can be
// found by it, in the place of one with the same bytes.
func (w *work) keepPieces(ordinal uint64, row *valisev1.Upload, piece []byte) error {
	if err := w.g.roomForNew(); err != nil {
		return err
	}
	row.Size += uint64(len(piece))
	if row.GetSize() > MaxAttachment {
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "the file has more than %d bytes", MaxAttachment)
	}
	if err := w.uploadFits(ordinal, row); err != nil {
		return err
	}
	for ; len(piece) > 0; row.Parts++ {
		n := min(len(piece), PartSize)
		if err := w.tx.PutRow(tableUploadData, row.GetId(), uint64(row.GetParts()), piece[:n]); err != nil {
			return err
		}
		piece = piece[n:]
	}
	if len(row.GetSha256()) == 0 {
		return w.saveUpload(ordinal, row)
	}
	key := uploadKey(row.GetOfficer(), row.GetSha256())
	before, found, err := w.uploadAt(key)
	if err != nil {
		return err
	}
	if found {
		if err := w.dropUpload(before.ordinal, before.row); err != nil {
			return err
		}
	}
	if row.GetSize() == 0 {
		return w.dropUpload(ordinal, row) // an empty file needs no keeping
	}
	if err := w.saveNumber(tableUpload, key, ordinal); err != nil {
		return err
	}
	return w.saveUpload(ordinal, row)
}

// uploadFits bounds what an officer, and all of them, may leave lying. P7
func (w *work) uploadFits(ordinal uint64, row *valisev1.Upload) error {
	var own, all struct{ files, bytes uint64 }
	err := w.eachUpload(func(n uint64, r *valisev1.Upload) error {
		if n == ordinal {
			r = row
		}
		all.files, all.bytes = all.files+1, all.bytes+r.GetSize()
		if r.GetOfficer() == row.GetOfficer() {
			own.files, own.bytes = own.files+1, own.bytes+r.GetSize()
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case own.files > officerUploads || own.bytes > officerBytes:
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "too many files of yours wait for a message that names them; they are forgotten after a day")
	case all.files > homeUploads || all.bytes > homeBytes:
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "too many files wait for messages that name them; they are forgotten after a day")
	}
	return nil
}

func uploadKey(officer string, sum []byte) []byte {
	return append(append([]byte(officer), 0), sum...)
}

func (w *work) saveUpload(ordinal uint64, row *valisev1.Upload) error {
	b, err := proto.Marshal(row)
	if err != nil {
		return err
	}
	return w.tx.PutRow(tableUploads, nil, ordinal, b)
}

func (w *work) eachUpload(visit func(ordinal uint64, row *valisev1.Upload) error) error {
	return w.tx.Rows(tableUploads, nil, 0, false, func(n uint64, value []byte) (bool, error) {
		row := new(valisev1.Upload)
		if err := unmarshalOwn(value, row); err != nil {
			return false, err
		}
		return true, visit(n, row)
	})
}

// keptUpload is a whole file that waits for its message.
type keptUpload struct {
	ordinal uint64
	row     *valisev1.Upload
}

func (w *work) uploadAt(key []byte) (u keptUpload, found bool, err error) {
	b, err := w.tx.Get(tableUpload, key)
	if err != nil || b == nil {
		return u, false, err
	}
	if u.ordinal, err = readNumber(b); err != nil {
		return u, false, err
	}
	value, err := w.row(tableUploads, nil, u.ordinal)
	if err != nil {
		return u, false, err
	}
	u.row = new(valisev1.Upload)
	return u, value != nil, unmarshalOwn(value, u.row)
}

// dropUpload forgets a file that no message will name.
func (w *work) dropUpload(ordinal uint64, row *valisev1.Upload) error {
	if err := w.dropBytes(row.GetId(), row.GetParts()); err != nil {
		return err
	}
	return w.dropUploadRow(ordinal, row)
}

// dropUploadRow lets go of the row alone: the bytes belong to a message, or are gone.
func (w *work) dropUploadRow(ordinal uint64, row *valisev1.Upload) error {
	if len(row.GetSha256()) > 0 {
		key := uploadKey(row.GetOfficer(), row.GetSha256())
		if u, found, err := w.uploadAt(key); err != nil {
			return err
		} else if found && bytes.Equal(u.row.GetId(), row.GetId()) {
			if err := w.tx.Delete(tableUpload, key); err != nil {
				return err
			}
		}
	}
	return w.tx.DeleteRow(tableUploads, nil, ordinal)
}

// dropBytes lets one message go of the parts that lie under an id.
func (w *work) dropBytes(id []byte, parts uint32) error {
	for n := range parts {
		if err := w.dropPart(id, n); err != nil {
			return err
		}
	}
	return nil
}

// forgetUploads drops the files that over says are of no use any more.
func (w *work) forgetUploads(over func(*valisev1.Upload) bool) error {
	return w.eachUpload(func(n uint64, row *valisev1.Upload) error {
		if !over(row) {
			return nil
		}
		return w.dropUpload(n, row)
	})
}

// forgetUnfinished drops at a start what nobody will finish, and what waited too long.
func (g *Gateway) forgetUnfinished(ctx context.Context) error {
	now, any := g.cfg.Now(), false
	over := func(r *valisev1.Upload) bool {
		return len(r.GetSha256()) == 0 || now.Sub(r.GetCreated().AsTime()) > uploadAge
	}
	err := g.view(ctx, "start", func(w *work) error {
		return w.eachUpload(func(_ uint64, r *valisev1.Upload) error {
			any = any || over(r)
			return nil
		})
	})
	if err != nil || !any {
		return err
	}
	return g.update(ctx, "start", func(w *work) error { return w.forgetUploads(over) })
}

// bindAttachments finds the bytes of every attachment among what the officer has brought, and
// completes what the message says of it. From here on they belong to the message.
// docs/protocol.md §6
func (w *work) bindAttachments(m *outgoing) error {
	list := attachmentsOf(m.payload)
	if err := checkNames(list); err != nil {
		return err
	}
	var total uint64
	m.uploads = nil
	for _, a := range list {
		id, err := w.bind(m.actor.Name, a)
		if err != nil {
			return err
		}
		total += a.GetSize()
		m.uploads = append(m.uploads, id)
	}
	if total > MaxAttachments {
		return refuseAt("attachments", valisev1.Reason_REASON_BAD_ATTACHMENT, "the attachments have more than %d bytes in all", MaxAttachments)
	}
	return nil
}

func (w *work) bind(officer string, a *valisev1.Attachment) (id []byte, err error) {
	said := a.GetSize()
	if bytes.Equal(a.GetSha256(), emptyFile[:]) {
		a.Size, a.Parts = 0, 0
	} else {
		u, found, err := w.uploadAt(uploadKey(officer, a.GetSha256()))
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, refuseAt("attachments", valisev1.Reason_REASON_BAD_ATTACHMENT,
				"the bytes of an attachment are not here: each file is brought once for each message, and named by its SHA-256")
		}
		if err := w.dropUploadRow(u.ordinal, u.row); err != nil {
			return nil, err
		}
		id, a.Size, a.Parts = u.row.GetId(), u.row.GetSize(), u.row.GetParts()
	}
	if said != 0 && said != a.GetSize() {
		return nil, refuseAt("attachments", valisev1.Reason_REASON_BAD_ATTACHMENT, "an attachment has another size than the message says")
	}
	return id, nil
}
