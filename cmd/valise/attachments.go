package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// uploadPiece is how many bytes one message of an upload carries.
const uploadPiece = 512 << 10

// draftFolder is where the files that a draft names stand: beside it. A draft from stdin has the
// working folder.
func draftFolder(file string) string {
	if file == "" || file == "-" {
		return "."
	}
	return filepath.Dir(file)
}

// attachmentsOf are the attachments that a payload names.
func attachmentsOf(payload proto.Message) []*valisev1.Attachment {
	if a, ok := payload.(interface{ GetAttachments() []*valisev1.Attachment }); ok {
		return a.GetAttachments()
	}
	return nil
}

// measure reads every file that a draft names and completes what the message says of it, so that
// the check page shows what would leave and nothing is sent where a file is missing. No name
// leads out of the folder.
func measure(folder string, payload proto.Message) error {
	return eachFile(folder, payload, func(a *valisev1.Attachment, f *os.File) error {
		sum := sha256.New()
		n, err := io.Copy(sum, io.LimitReader(f, gateway.MaxAttachment+1))
		if err != nil {
			return err
		}
		if n > gateway.MaxAttachment {
			return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "a file that the draft names has more than 64 MiB", "")
		}
		a.Size, a.Sha256 = uint64(n), sum.Sum(nil)
		return nil
	})
}

// upload brings the files to the node, which keeps them until the message names them.
func (d *desk) upload(ctx context.Context, folder string, payload proto.Message) error {
	return eachFile(folder, payload, func(a *valisev1.Attachment, f *os.File) error {
		if a.GetSize() == 0 {
			return nil
		}
		got, err := d.uploadFile(ctx, f)
		if err == nil && !bytes.Equal(got.GetSha256(), a.GetSha256()) {
			err = refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "a file that the draft names changed while it was read", "nothing was sent; try again")
		}
		return err
	})
}

func (d *desk) uploadFile(ctx context.Context, f io.Reader) (*valisev1.UploadAttachmentResponse, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := d.inquiry.UploadAttachment(ctx)
	if err != nil {
		return nil, err
	}
	piece := make([]byte, uploadPiece)
	for {
		n, err := f.Read(piece)
		if n > 0 && stream.Send(&valisev1.UploadAttachmentRequest{Data: piece[:n]}) != nil {
			break // the answer says why
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return stream.CloseAndRecv()
}

// eachFile opens the files of a draft one after the other.
func eachFile(folder string, payload proto.Message, do func(*valisev1.Attachment, *os.File) error) error {
	list := attachmentsOf(payload)
	if len(list) == 0 {
		return nil
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, a := range list {
		if err := withFile(root, a, do); err != nil {
			return err
		}
	}
	return nil
}

func withFile(root *os.Root, a *valisev1.Attachment, do func(*valisev1.Attachment, *os.File) error) error {
	// Looked at before it is opened: a pipe would wait for ever.
	info, err := root.Stat(a.GetName())
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT,
			fmt.Sprintf("%s: the draft names a file that does not stand beside it", shorten(clean(a.GetName()))), "put it into the folder of the draft")
	}
	f, err := root.Open(a.GetName())
	if err != nil {
		return err
	}
	defer f.Close()
	return do(a, f)
}
