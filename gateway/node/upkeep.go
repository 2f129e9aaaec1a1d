package node

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const upkeepTable = "upkeep"

var upkeepKey = []byte("home")

// records is a record that can be read and written; *store.Store is one.
type records interface {
	Update(context.Context, func(store.Tx) error) error
	View(context.Context, func(store.Tx) error) error
}

// readUpkeep tells what the home remembers of backups and restores; empty for none.
func readUpkeep(tx store.Tx) (*valisev1.Upkeep, error) {
	u := &valisev1.Upkeep{}
	b, err := tx.Get(upkeepTable, upkeepKey)
	if err != nil {
		return nil, err
	}
	return u, proto.Unmarshal(b, u)
}

// noteUpkeep changes what the home remembers and tells it in the record, in one transaction.
func noteUpkeep(ctx context.Context, r records, item *valisev1.Item, change func(*valisev1.Upkeep)) (number uint64, err error) {
	err = r.Update(ctx, func(tx store.Tx) error {
		u, err := readUpkeep(tx)
		if err != nil {
			return err
		}
		change(u)
		b, err := proto.Marshal(u)
		if err != nil {
			return err
		}
		if err := tx.Put(upkeepTable, upkeepKey, b); err != nil {
			return err
		}
		item.Type = valisev1.ItemType_ITEM_TYPE_NODE
		number, err = tx.Append(proto.CloneOf(item))
		return err
	})
	return number, err
}

// noteBackup records that a backup was made.
func noteBackup(ctx context.Context, r records, by string, now, created time.Time, items uint64) (uint64, error) {
	item := &valisev1.Item{
		Recorded: timestamppb.New(now), Officer: by,
		Note: fmt.Sprintf("backup of %d items made at %s", items, created.UTC().Format(time.RFC3339)),
	}
	return noteUpkeep(ctx, r, item, func(u *valisev1.Upkeep) { u.LastBackup = timestamppb.New(created) })
}

// noteRestore records that this home was made from a backup.
func noteRestore(ctx context.Context, r records, now, created time.Time) error {
	item := &valisev1.Item{
		Recorded: timestamppb.New(now),
		Note:     fmt.Sprintf("restored from a backup of %s; what happened since is not known", created.UTC().Format(time.RFC3339)),
	}
	_, err := noteUpkeep(ctx, r, item, func(u *valisev1.Upkeep) {
		u.LastBackup, u.RestoredFrom, u.Restored = timestamppb.New(created), timestamppb.New(created), timestamppb.New(now)
	})
	return err
}

// backupKeeper fills api.BackupKeeper.
type backupKeeper struct{ node *Node }

var _ api.BackupKeeper = backupKeeper{}

// NoteBackup puts into the record that a backup was made and by whom.
func (k backupKeeper) NoteBackup(ctx context.Context, by gateway.Actor, r *valisev1.NoteBackupRequest) (*valisev1.NoteBackupResponse, error) {
	now, created := k.node.now(), r.GetCreated().AsTime()
	if created.After(now) {
		created = now
	}
	number, err := noteBackup(ctx, record(k), by.Name, now, created, r.GetHead().GetSize())
	if err != nil {
		return nil, err
	}
	k.node.changes.ring()
	return &valisev1.NoteBackupResponse{Item: number}, nil
}
