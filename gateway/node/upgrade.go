package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// BeforeUpgradeFolder is where a home keeps the backups that are made before its form changes.
const BeforeUpgradeFolder = "before-upgrade"

// homeStep leads a home from the form before to the next one. It and those that follow may be ended at any
// moment, and all are then done over again from the first, so it must come to the same. docs/protocol.md §9.5
type homeStep struct {
	to   int
	what string // what it does, as officers read it
	do   func(context.Context, *Node) error
}

// homeSteps has one for every form but the first, in order.
var homeSteps = []homeStep{
	{2, "what waits to be opened, what was promised, consents and files of peers are listed anew, so that people are called for what an earlier version recorded", relist},
	{3, "what peers ask and nobody of ours has answered is noted anew, so that the desk shows what an earlier version recorded", relist},
}

// relist is done by the core on its own record, which nobody else has open meanwhile.
func relist(ctx context.Context, n *Node) error {
	l, err := n.begin(ctx)
	if err != nil {
		return err
	}
	return errors.Join(l.gateway.Relist(ctx), l.store.Close())
}

// upgrade leads a home of an earlier form forward, step by step, under a lock; the number is written
// after the last, so that whoever is ended between two steps does all of them over again and makes no second
// backup. Where keep is set a backup of the home as it was comes first.
func (n *Node) upgrade(ctx context.Context, passphrase []byte, keep bool) error {
	if format, err := knownFormat(n.home.dir); err != nil || format == HomeFormat {
		return err
	}
	unlock, err := lockFolder(n.home.dir)
	if err != nil {
		return err
	}
	defer unlock()
	format, err := knownFormat(n.home.dir) // another process may have been faster
	if err != nil || format == HomeFormat {
		return err
	}
	if keep {
		if err := n.backUpBefore(ctx, format, passphrase); err != nil {
			return err
		}
	}
	for _, s := range homeSteps {
		if s.to <= format {
			continue
		}
		n.log.Info("the home is led forward", slog.Int("format", s.to))
		if err := s.do(ctx, n); err != nil {
			return err
		}
	}
	return writeHomeFormat(n.home.dir, HomeFormat)
}

// backUpBefore writes a backup of the home as it is into a folder of it. Its name says how many items
// it holds: a step appends none, so whoever begins over again finds it there and makes no second one.
// Where keys in operation are under no passphrase one is drawn and laid beside it, in a file as private
// as the keys are.
func (n *Node) backUpBefore(ctx context.Context, format int, passphrase []byte) (err error) {
	folder := filepath.Join(n.home.dir, BeforeUpgradeFolder)
	if err := makeFolder(folder); err != nil {
		return err
	}
	if err := sweep(folder); err != nil {
		return err
	}
	record, err := n.home.OpenRecord(OpenConfig{Logger: n.log, Now: n.now, Rand: n.rand})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	head, err := record.store.Head(ctx)
	if err != nil {
		return err
	}
	out := filepath.Join(folder, fmt.Sprintf("format-%d-items-%d.backup", format, head.Size))
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := n.roomForCopies(); err != nil {
		return err
	}
	if passphrase == nil && n.config.Realm.IsOperational() {
		if passphrase, err = drawPassphrase(out+".passphrase", n.rand); err != nil {
			return err
		}
	}
	_, err = n.home.Backup(ctx, BackupConfig{Out: out, Passphrase: passphrase, Record: unnoted{record}, Now: n.now})
	return err
}

// sweep takes away what a backup that was killed has left.
func sweep(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, ".valise-backup-*"))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// roomForCopies refuses to begin where the disk has no room for a copy of the record and the backup
// that is made of it: a home that cannot be led forward is as it was.
func (n *Node) roomForCopies() error {
	info, err := os.Stat(filepath.Join(n.home.dir, recordFile))
	if err != nil {
		return err
	}
	free, _, err := n.disk()
	if err != nil {
		return err
	}
	if need := 2 * uint64(info.Size()); need > free {
		return &Fault{Why: valisev1.Reason_REASON_DISK_FULL, Detail: fmt.Sprintf("the backup before the upgrade takes up to %d bytes and the disk has room for %d, so the home stays as it is", need, free)}
	}
	return nil
}

// drawPassphrase writes a random one as a file that --passphrase-file reads.
func drawPassphrase(path string, random io.Reader) ([]byte, error) {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, err
	}
	words := fmt.Appendf(nil, "%x", b)
	return words, WriteDurably(path, append(words, '\n'))
}

// unnoted is a record that does not tell of its backup: what lies on the same disk is no backup that an
// administrator may rely on, and status and doctor go on to ask for one.
type unnoted struct{ *ClosedRecord }

// NoteBackup notes nothing.
func (unnoted) NoteBackup(context.Context, time.Time, store.Head) error { return nil }
