package store

import (
	"context"
	"fmt"
	"io"
)

// Copied says what a copy of the record holds.
type Copied struct {
	// Head is the head of the state that was copied.
	Head Head
	// Bytes is how large the copy is.
	Bytes int64
}

// CopyTo writes the whole file, as it stood after one durable commit, to w while the Store works
// on: what is committed meanwhile is not in it. The copy opens with the same record key, is
// checked by a child when it is first opened, as after an unclean close, and holds the sealed
// values that the file's free pages still hold.
//
// While it runs no page that it reads is used anew, and a commit for which the map of the file
// must grow waits: w must not stand still. Errors are those of View, and what w returned.
func (s *Store) CopyTo(ctx context.Context, w io.Writer) (Copied, error) {
	var copied Copied
	watched := &watchedWriter{ctx: ctx, w: w}
	err := s.read(ctx, func(snap *snapshot) error {
		n, err := snap.tx.WriteTo(watched)
		copied = Copied{Head: snap.head.public(), Bytes: n}
		if watched.err != nil {
			// bbolt gives the text of it only.
			return fmt.Errorf("store: the copy is not whole: %w", watched.err)
		}
		if err != nil {
			return fmt.Errorf("store: the record cannot be read to its end: %w", err)
		}
		return nil
	})
	if err != nil {
		return Copied{}, err
	}
	return copied, nil
}

// watchedWriter ends when its context does, and keeps its first error.
type watchedWriter struct {
	ctx context.Context
	w   io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (n int, err error) {
	if w.err == nil {
		w.err = context.Cause(w.ctx)
	}
	if w.err == nil {
		n, w.err = w.w.Write(p)
	}
	return n, w.err
}
