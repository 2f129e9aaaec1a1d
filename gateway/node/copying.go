package node

import (
	"context"
	"errors"
	"io"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const (
	copyPiece = 256 << 10
	// copyPatience is how long the record waits for whoever reads its copy: while it is copied a
	// commit for which the file must grow waits too. P7
	copyPatience = 30 * time.Second
)

// CopyRecord sends the whole record file as of one durable commit, piece by piece, while the node
// works on. A reader that stands still loses the copy and holds nobody up.
func (k backupKeeper) CopyRecord(ctx context.Context, send func([]byte) error) (*valisev1.KnownHead, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	pieces := &pieceWriter{ctx: ctx, out: make(chan []byte, 1), patience: copyPatience}
	var copied store.Copied
	ended := make(chan error, 1)
	go func() {
		var err error
		copied, err = record(k).CopyTo(ctx, pieces)
		if err == nil {
			err = pieces.flush()
		}
		close(pieces.out)
		ended <- err
	}()
	var broken error
	for piece := range pieces.out {
		if broken == nil {
			if broken = send(piece); broken != nil {
				stop()
			}
		}
	}
	if err := errors.Join(broken, <-ended); err != nil {
		return nil, err
	}
	return &valisev1.KnownHead{Size: copied.Head.Size, Root: ident.Digest(copied.Head.Root).String()}, nil
}

// pieceWriter cuts what is written into pieces and hands them on, and does not wait for ever.
type pieceWriter struct {
	ctx      context.Context
	out      chan []byte
	patience time.Duration
	piece    []byte
}

var _ io.Writer = (*pieceWriter)(nil)

func (w *pieceWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		fits := min(len(p), copyPiece-len(w.piece))
		w.piece, p = append(w.piece, p[:fits]...), p[fits:]
		if len(w.piece) < copyPiece {
			break
		}
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (w *pieceWriter) flush() error {
	if len(w.piece) == 0 {
		return nil
	}
	patience := time.NewTimer(w.patience)
	defer patience.Stop()
	select {
	case w.out <- w.piece:
		w.piece = nil
		return nil
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	case <-patience.C:
		return &Fault{Why: valisev1.Reason_REASON_TIMED_OUT, Detail: "whoever reads the copy of the record stands still, so the copy was given up"}
	}
}

// CopyTo is store.CopyTo; it ends with the life that it copies.
func (r record) CopyTo(ctx context.Context, w io.Writer) (store.Copied, error) {
	l := r.node.life.Load()
	copied, err := l.store.CopyTo(ctx, lastingWriter{l, w})
	return copied, l.note(err)
}

// lastingWriter takes nothing more when its life is over: a copy that goes on would keep the record
// from being closed, and with it from being opened again.
type lastingWriter struct {
	life *life
	to   io.Writer
}

func (w lastingWriter) Write(p []byte) (int, error) {
	if w.life.isOver() {
		return 0, store.ErrStopped
	}
	return w.to.Write(p)
}
