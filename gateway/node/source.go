package node

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// RecordSource gives the record to a backup: a node that runs, through its door, or the file of
// one that does not.
type RecordSource interface {
	// CopyRecord writes the whole record file as of one durable commit to w and gives its head.
	CopyRecord(ctx context.Context, w io.Writer) (store.Head, error)
	// NoteBackup puts into the record that a backup of this head was made.
	NoteBackup(ctx context.Context, created time.Time, head store.Head) error
}

// RunningRecord is the record of a node that runs, through its door.
type RunningRecord struct {
	Door valisev1.NodeServiceClient
}

var _ RecordSource = RunningRecord{}

// CopyRecord writes what the node sends to w. Without the head that ends it the copy is not whole.
func (r RunningRecord) CopyRecord(ctx context.Context, w io.Writer) (head store.Head, err error) {
	stream, err := r.Door.CopyRecord(ctx, &valisev1.CopyRecordRequest{})
	if err != nil {
		return head, err
	}
	var known *valisev1.KnownHead
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return head, err
		}
		known = piece.GetHead()
		if _, err := w.Write(piece.GetData()); err != nil {
			return head, err
		}
	}
	root, err := ident.ParseDigest(known.GetRoot())
	if err != nil {
		return head, &Fault{Why: valisev1.Reason_REASON_INTERNAL, Detail: "the node broke off before its record was copied", Err: err}
	}
	return store.Head{Size: known.GetSize(), Root: root}, nil
}

// NoteBackup lets the node put into its record that a backup was made.
func (r RunningRecord) NoteBackup(ctx context.Context, created time.Time, head store.Head) error {
	_, err := r.Door.NoteBackup(ctx, &valisev1.NoteBackupRequest{
		Created: timestamppb.New(created), Head: &valisev1.KnownHead{Size: head.Size, Root: ident.Digest(head.Root).String()},
	})
	return err
}

// ClosedRecord is the record of a home that no node runs; it fills RecordSource.
type ClosedRecord struct {
	store *store.Store
	now   func() time.Time
}

var _ RecordSource = (*ClosedRecord)(nil)

// OpenRecord opens the record of a home that no node runs. Close gives it back.
func (h *Home) OpenRecord(c OpenConfig) (*ClosedRecord, error) {
	s, err := store.Open(filepath.Join(h.dir, recordFile), store.Config{RecordKey: h.keys.record, Realm: h.config.Realm, Now: c.Now, Rand: c.Rand, Logger: c.Logger})
	if err != nil {
		return nil, err
	}
	return &ClosedRecord{store: s, now: c.Now}, nil
}

// CopyRecord writes the whole file to w.
func (r *ClosedRecord) CopyRecord(ctx context.Context, w io.Writer) (store.Head, error) {
	copied, err := r.store.CopyTo(ctx, w)
	return copied.Head, err
}

// NoteBackup puts into the record that a backup was made.
func (r *ClosedRecord) NoteBackup(ctx context.Context, created time.Time, head store.Head) error {
	_, err := noteBackup(ctx, r.store, "", r.now(), created, head.Size)
	return err
}

// Close gives the record back.
func (r *ClosedRecord) Close() error { return r.store.Close() }
