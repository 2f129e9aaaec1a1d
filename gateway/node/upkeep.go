package node

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
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
	err = r.Update(ctx, func(tx store.Tx) (err error) {
		if err := changeUpkeep(tx, change); err != nil {
			return err
		}
		item.Type = valisev1.ItemType_ITEM_TYPE_NODE
		number, err = tx.Append(proto.CloneOf(item))
		return err
	})
	return number, err
}

func changeUpkeep(tx store.Tx, change func(*valisev1.Upkeep)) error {
	u, err := readUpkeep(tx)
	if err != nil {
		return err
	}
	change(u)
	b, err := proto.Marshal(u)
	if err != nil {
		return err
	}
	return tx.Put(upkeepTable, upkeepKey, b)
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
		u.Verification = nil // it was said of another file
	})
	return err
}

// noteAnnounced records that a bundle was made of which all of the directory is to hear.
func noteAnnounced(ctx context.Context, r records, now time.Time, a ident.Address, number uint64) error {
	item := &valisev1.Item{Recorded: timestamppb.New(now), Note: "new keys for " + a.String() + " are announced to all peers"}
	_, err := noteUpkeep(ctx, r, item, func(u *valisev1.Upkeep) {
		if u.Announced == nil {
			u.Announced = map[string]uint64{}
		}
		u.Announced[a.String()] = number
	})
	return err
}

// upkeep tells of the last backup, of the last look at the whole record and, in a home that was restored, what is not known and who has
// not shown yet that they know of it. P8
func (r statusReader) upkeep(ctx context.Context, out *valisev1.GetStatusResponse) error {
	var u *valisev1.Upkeep
	if err := (record)(r).View(ctx, func(tx store.Tx) (err error) {
		u, err = readUpkeep(tx)
		return err
	}); err != nil {
		return err
	}
	out.LastBackup = u.GetLastBackup()
	out.LastVerification = r.node.metrics.verified.Load()
	if v := out.GetLastVerification(); v != nil && !v.GetOk() {
		out.Standing = append(out.Standing, warn(valisev1.Warning_WARNING_NOT_AS_WRITTEN))
	}
	if u.GetRestored() == nil {
		return nil
	}
	unheard, err := r.node.unheard(ctx)
	if err != nil {
		return err
	}
	out.Restore = &valisev1.Restore{Backup: u.GetRestoredFrom(), Restored: u.GetRestored(), Unheard: unheard}
	if len(unheard) > 0 {
		out.Standing = append(out.Standing, warn(valisev1.Warning_WARNING_RESTORE_UNHEARD, withNames("peers", undated(unheard))))
	}
	return nil
}

// unheard lists the peers that this home spoke with and whose receipts name none of its bundles of
// today: they have not heard of it since it was restored.
func (n *Node) unheard(ctx context.Context) ([]string, error) {
	out := []string{}
	for _, a := range n.config.Addresses() {
		signed, _ := n.book.Snapshot().Bundle(a)
		body, err := directory.ParseBundle(n.config.Realm, signed)
		current := err == nil && n.home.namesKeys(a, body, n.now())
		named, err := n.Gateway().BundlesNamed(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, x := range named {
			if x.Spoke && (!current || x.Number < body.GetNumber()) && len(out) < 1000 {
				out = append(out, x.Peer.String())
			}
		}
	}
	return out, nil
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
	k.node.changes.Ring()
	return &valisev1.NoteBackupResponse{Item: number}, nil
}
