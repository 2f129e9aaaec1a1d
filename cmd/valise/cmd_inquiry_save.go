package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquirySaveCommand(p *program) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "save M INDEX --out FILE",
		Short: "Write an attachment of message M to a file; nothing of it is opened",
		Annotations: documented("M INDEX `--out`: writes an attachment to a new file, or into a folder under its name made safe",
			`{"message","index","name","path","size","sha256"}`),
		Long: `Writes attachment INDEX (from 0, as "inquiry show" lists them) of message M. FILE must
not exist; where it is a folder, the file gets the name that its sender gave it, made safe.
What it holds comes from the other State: open it only where it can do no harm.

` + exitTable,
		Args: idArgument("message", 2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			index, err := strconv.ParseUint(args[1], 10, 5)
			if err != nil {
				return usage(fmt.Sprintf("%q is no number of an attachment: want 0 to 31", shorten(args[1])))
			}
			return p.atDesk(cmd.Context(), func(d *desk) error {
				return p.runInquirySave(cmd.Context(), d, &valisev1.GetAttachmentRequest{Message: args[0], Index: uint32(index)}, out)
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write, or a folder that stands already")
	mustHave(cmd, "out")
	return cmd
}

func (p *program) runInquirySave(ctx context.Context, d *desk, request *valisev1.GetAttachmentRequest, out string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := d.inquiry.GetAttachment(ctx, request)
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	view := first.GetAttachment()
	folder, name := filepath.Split(out)
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		folder, name = out, view.GetSaveAs()
	}
	if err := saveNew(orElse(folder, "."), name, view, pieces(stream.Recv)); err != nil {
		return err
	}
	s, path := p.speech(), filepath.Join(folder, name)
	return p.result(object{
		"message": request.GetMessage(), "index": view.GetIndex(), "name": view.GetName(), "path": path,
		"size": view.GetSize(), "sha256": view.GetSha256(),
	}, s.line(s.say(s.Made.Saved, "path", s.theirs(path), "size", decimal(view.GetSize()), "digest", s.theirs(view.GetSha256()))))
}

// pieces writes what a stream brings until it ends.
type pieces func() (*valisev1.GetAttachmentResponse, error)

func (next pieces) writeTo(w io.Writer) error {
	for {
		piece, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(piece.GetData()); err != nil {
			return err
		}
	}
}

// saveNew makes a file that did not exist, for its owner alone, in a folder that no name leads out
// of. What does not come whole is removed again.
func saveNew(folder, name string, view *valisev1.AttachmentView, from pieces) (err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "a file of this name stands there already, and nothing was written over it", "name another one with --out")
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(name))
		}
	}()
	sum := sha256.New()
	err = from.writeTo(io.MultiWriter(f, sum))
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != view.GetSha256() {
		err = refuse(valisev1.Reason_REASON_ATTACHMENT_DAMAGED, "what the node gave is not the file that the message names", "")
	}
	return err
}
