package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
)

// backupSecrets are the passphrase of a backup and, where it is another, that of the keys in it.
type backupSecrets struct{ file, keys secret }

func (s *backupSecrets) flags(cmd *cobra.Command) {
	s.file.credential, s.keys.credential = "valise-passphrase", "valise-keys-passphrase"
	s.keys.descriptor = -1
	fs := cmd.Flags()
	fs.StringVar(&s.file.file, "passphrase-file", "", "file with the passphrase of the backup (default $CREDENTIALS_DIRECTORY/valise-passphrase)")
	fs.IntVar(&s.file.descriptor, "passphrase-fd", -1, "file descriptor from which the passphrase is read")
	fs.StringVar(&s.keys.file, "keys-passphrase-file", "", "file with the passphrase of the keys, where they have another (default $CREDENTIALS_DIRECTORY/valise-keys-passphrase)")
}

// read gives both; the keys' is the backup's where none is named.
func (s *backupSecrets) read(p *program) (file, keys []byte, err error) {
	if file, err = s.file.read(p); err != nil {
		return nil, nil, err
	}
	if keys, err = s.keys.read(p); err != nil {
		return nil, nil, err
	}
	if keys == nil {
		keys = file
	}
	return file, keys, nil
}

func newNodeBackupCommand(p *program) *cobra.Command {
	var (
		out     string
		secrets backupSecrets
	)
	cmd := &cobra.Command{
		Use:   "backup --out FILE",
		Short: "Write one file from which the home can be made again; works while the node runs",
		Annotations: documented("one file from which the home can be made again, `--out`; while the node runs and when it does not; never a sealing key; `--passphrase-file` protects it, `--keys-passphrase-file` where the keys have another",
			`{"backup","items","tree_size","root","created","noted"}`),
		Long: `The file holds the record, the signing keys, the record key, the connection key, the mailboxes,
the configuration and the directory; never a sealing key. In the operational realm it is written
under a passphrase only. It is whole or not there, and nothing is overwritten.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runNodeBackup(cmd.Context(), out, &secrets) },
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write; it must not exist")
	secrets.flags(cmd)
	mustHave(cmd, "out")
	return cmd
}

func (p *program) runNodeBackup(ctx context.Context, out string, secrets *backupSecrets) error {
	dir, err := p.homeDir()
	if err != nil {
		return err
	}
	if out, err = absolute(out); err != nil {
		return err
	}
	words, keys, err := secrets.read(p)
	if err != nil {
		return err
	}
	home, err := node.OpenHome(dir, keys)
	if err != nil {
		return err
	}
	info, err := p.backup(ctx, home, node.BackupConfig{Out: out, Passphrase: words, Now: p.now})
	if err != nil {
		return err
	}
	if info.Unnoted != nil {
		p.tell("the backup is whole, but the record does not tell of it: %s", explain(info.Unnoted).message)
	}
	p.tell("keep it where neither this machine's failure nor its thief finds it")
	root := ident.Digest(info.Head.Root).String()
	return p.result(object{"backup": out, "items": info.Head.Size, "tree_size": info.Head.Size, "root": root, "created": info.Created, "noted": info.Unnoted == nil},
		fmt.Sprintf("wrote %s: %d items, root %s", out, info.Head.Size, root))
}

// backup asks the node where one runs, and else opens the record itself. A node that ends in the
// middle is no reason to begin again: the error says so.
func (p *program) backup(ctx context.Context, home *node.Home, config node.BackupConfig) (node.BackupInfo, error) {
	d, err := p.connect(ctx)
	if err != nil && passing(err) {
		return p.backupClosed(ctx, home, config)
	}
	if err != nil {
		return node.BackupInfo{}, err
	}
	defer d.close()
	config.Record = node.RunningRecord{Door: d.node}
	return home.Backup(ctx, config)
}

// backupClosed makes the backup of a home that no node runs.
func (p *program) backupClosed(ctx context.Context, home *node.Home, config node.BackupConfig) (info node.BackupInfo, err error) {
	record, err := home.OpenRecord(node.OpenConfig{Logger: p.logger(), Now: p.now, Rand: rand.Reader})
	if err != nil {
		return info, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	config.Record = record
	return home.Backup(ctx, config)
}

func newNodeRestoreCommand(p *program) *cobra.Command {
	var (
		file, realm string
		secrets     backupSecrets
	)
	cmd := &cobra.Command{
		Use:   "restore --home NEW --file F",
		Short: "Make a home from a backup, in an empty folder",
		Annotations: documented("`--home NEW --file F`: makes a home from a backup in an empty folder; new sealing keys, new epoch; `--realm`, passphrases as for `backup`",
			`{"home","state","realm","created","items","tree_size","root","epoch"}`),
		Long: `Everything in the file is checked first. The home gets new sealing keys and begins a new epoch:
when it runs it tells its peers by itself, and they send again what the backup does not have.
Never run the old home again: two that run are one State with two mouths.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runNodeRestore(cmd.Context(), file, realm, &secrets)
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the backup; - reads stdin")
	cmd.Flags().StringVar(&realm, "realm", "", "take a backup of this realm only")
	secrets.flags(cmd)
	mustHave(cmd, "file")
	return cmd
}

func (p *program) runNodeRestore(ctx context.Context, name, realm string, secrets *backupSecrets) error {
	dir, err := p.ownHome()
	if err != nil {
		return err
	}
	config := node.RestoreConfig{Dir: dir, Logger: p.logger(), Now: p.now, Rand: rand.Reader, File: p.in}
	if realm != "" {
		if config.Realm, err = p.parseRealm(realm); err != nil {
			return err
		}
	}
	if config.Passphrase, config.KeysPassphrase, err = secrets.read(p); err != nil {
		return err
	}
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		config.File = f
	}
	info, err := node.Restore(ctx, config)
	if err != nil {
		return err
	}
	p.speaksFor(info.Realm)
	created := info.Created.UTC().Format(time.RFC3339)
	if info.Created.After(p.now()) {
		p.tell("the clock of this machine is behind the backup: set it before the node runs")
	}
	p.tell("what happened since %s is not known here; the peers tell when the node runs", created)
	p.tell("next: valise directory import, if the directory has changed since; then valise node run")
	return p.result(object{
		"home": dir, "state": info.State, "realm": info.Realm, "created": info.Created, "items": info.Head.Size,
		"tree_size": info.Head.Size, "root": ident.Digest(info.Head.Root).String(), "epoch": info.Epoch.String(),
	}, fmt.Sprintf("restored %s in %s from a backup of %s: %d items", info.State, dir, created, info.Head.Size))
}
