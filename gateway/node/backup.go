package node

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"github.com/BurntSushi/toml"

	"valise.example/api/others"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// BackupConfig says where a backup goes.
type BackupConfig struct {
	// Out is the file to write. It must not exist.
	Out string
	// Passphrase protects the whole file. Nil leaves it plain, which only an exercise may.
	Passphrase []byte
	Record     RecordSource
	Now        func() time.Time
}

// BackupInfo says what a backup holds.
type BackupInfo struct {
	Created time.Time
	Head    store.Head
	// Unnoted is why the record does not tell of the backup, which is whole all the same; nil
	// where it does.
	Unnoted error
}

// Backup writes one file from which the home can be made again: record, signing keys, record key,
// connection key, mailboxes, configuration and directory, and never a sealing key. The record in it
// has been checked whole by a child process. After a crash at any moment the file is whole or not
// there. docs/protocol.md §7.6
func (h *Home) Backup(ctx context.Context, c BackupConfig) (BackupInfo, error) {
	if c.Passphrase == nil && h.config.Realm.IsOperational() {
		return BackupInfo{}, &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "a backup holds the keys of this node: in the operational realm it is made under a passphrase only"}
	}
	if _, err := os.Lstat(c.Out); !errors.Is(err, fs.ErrNotExist) {
		return BackupInfo{}, backupExists(err)
	}
	work, err := os.MkdirTemp(filepath.Dir(c.Out), ".valise-backup-*")
	if err != nil {
		return BackupInfo{}, err
	}
	defer os.RemoveAll(work)
	b := &backupWriter{home: h, config: c, work: work, info: BackupInfo{Created: c.Now().UTC().Truncate(time.Second)}}
	if err := b.copyRecord(ctx); err != nil {
		return BackupInfo{}, err
	}
	crashpoint.Hit("D4")
	if err := b.gather(); err != nil {
		return BackupInfo{}, err
	}
	if err := b.write(filepath.Join(work, "backup")); err != nil {
		return BackupInfo{}, err
	}
	if err := appear(filepath.Join(work, "backup"), c.Out); err != nil {
		return BackupInfo{}, err
	}
	b.info.Unnoted = c.Record.NoteBackup(ctx, b.info.Created, b.info.Head)
	return b.info, nil
}

func backupExists(err error) error {
	if err != nil {
		return err
	}
	return &Fault{Why: valisev1.Reason_REASON_ALREADY_EXISTS, Detail: "something stands where the backup should go, and nothing is overwritten"}
}

// backupWriter gathers what goes into a backup in a folder beside it.
type backupWriter struct {
	home   *Home
	config BackupConfig
	work   string
	info   BackupInfo
	head   backupHead
	small  [][]byte // the contents of head.Files; nil for the record
}

func (b *backupWriter) recordPath() string { return filepath.Join(b.work, recordFile) }

// copyRecord takes the copy and lets a child check all of it: what cannot be restored must not be
// taken for a backup.
func (b *backupWriter) copyRecord(ctx context.Context) error {
	f, err := os.OpenFile(b.recordPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	b.info.Head, err = b.config.Record.CopyRecord(ctx, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return checkCopy(ctx, b.recordPath(), store.Config{RecordKey: b.home.keys.record, Realm: b.home.config.Realm, Now: b.config.Now}, b.info.Head)
}

// checkCopy verifies a record that nobody runs and wants it to end in head.
func checkCopy(ctx context.Context, path string, c store.Config, head store.Head) error {
	report, err := store.VerifyFile(ctx, path, c, store.VerifyConfig{Heads: []store.Head{head}})
	if err != nil {
		return err
	}
	if !report.OK || report.TreeSize != head.Size || report.Root != head.Root {
		return &Fault{Why: valisev1.Reason_REASON_RECORD_DAMAGED, Detail: fmt.Sprintf("the record in it does not verify: %d problems", len(report.Problems))}
	}
	return nil
}

// gather reads every small file, the configuration first and the record last, and writes the head.
func (b *backupWriter) gather() error {
	c := b.home.config
	names := []string{configFile, filepath.Join(keysFolder, recordKeyFile), filepath.Join(keysFolder, relayKeyFile)}
	for _, t := range c.Tracks {
		for _, k := range b.home.keys.signingOf(t) {
			names = append(names, filepath.Join(keysFolder, signingFile(t, k.number)))
		}
		names = append(names, filepath.Join(keysFolder, mailboxFile(t)))
	}
	home, err := os.OpenRoot(b.home.dir)
	if err != nil {
		return err
	}
	defer home.Close()
	// By these two others know the door over TCP; a home that never had one has neither. Who is called
	// to the desk may have secrets here, or not yet; and the record key may need its plugin.
	optional := []string{filepath.Join(keysFolder, doorKeyFile), DoorCertificateFile, filepath.Join(keysFolder, recordIdentityFile)}
	for _, name := range c.Away.secrets() {
		if secretName.MatchString(name) && !slices.Contains(optional, filepath.FromSlash(name)) {
			optional = append(optional, filepath.FromSlash(name))
		}
	}
	for _, name := range append(names, optional...) {
		content, err := home.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && slices.Contains(optional, name) {
			continue
		}
		if err != nil {
			return err
		}
		b.add(filepath.ToSlash(name), content)
	}
	book, err := b.home.Directory()
	if err != nil {
		return err
	}
	if err := book.Files(func(name string, content []byte) error {
		b.add(directoryFolder+"/"+name, content)
		return nil
	}); err != nil {
		return err
	}
	if err := b.addOthers(home); err != nil {
		return err
	}
	size, sum, err := hashFile(b.recordPath())
	if err != nil {
		return err
	}
	format, err := knownFormat(b.home.dir)
	if err != nil {
		return err
	}
	if format == unnumberedFormat {
		format = 0 // versions that know of no number read such a backup too
	}
	b.head = backupHead{
		Format: backupFormat, Home: format, Realm: string(c.Realm), State: c.State.String(), Created: b.info.Created,
		Items: b.info.Head.Size, Root: ident.Digest(b.info.Head.Root).String(), Files: b.head.Files,
	}
	b.head.Files = append(b.head.Files, backupFile{Name: recordFile, Size: size, SHA256: hex.EncodeToString(sum[:])})
	b.small = append(b.small, nil)
	return b.head.check()
}

// addOthers adds what is kept of directories of other bodies, damaged or not: a person looks into it. A-12
func (b *backupWriter) addOthers(home *os.Root) error {
	files, err := fs.ReadDir(home.FS(), others.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range files {
		name := others.Folder + "/" + f.Name()
		if !otherName.MatchString(name) || !f.Type().IsRegular() {
			continue
		}
		content, err := home.ReadFile(filepath.FromSlash(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return err
		}
		if len(content) <= others.MaxFile {
			b.add(name, content)
		}
	}
	return err
}

func (b *backupWriter) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	b.head.Files = append(b.head.Files, backupFile{Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])})
	b.small = append(b.small, content)
}

func hashFile(path string) (size int64, sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, sum, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return size, [32]byte(h.Sum(nil)), err
}

// write makes the archive at path and syncs it.
func (b *backupWriter) write(path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := b.protected(f, b.archive); err != nil {
		return err
	}
	return f.Sync()
}

// protected lets fill write into f, through age where there is a passphrase.
func (b *backupWriter) protected(f io.Writer, fill func(io.Writer) error) error {
	if b.config.Passphrase == nil {
		return fill(f)
	}
	recipient, err := age.NewScryptRecipient(string(b.config.Passphrase))
	if err != nil {
		return &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "an empty passphrase protects nothing"}
	}
	recipient.SetWorkFactor(seal.PassphraseWork)
	w, err := age.Encrypt(f, recipient)
	if err != nil {
		return err
	}
	if err := fill(w); err != nil {
		return err
	}
	return w.Close()
}

func (b *backupWriter) archive(to io.Writer) error {
	var head bytes.Buffer
	if err := toml.NewEncoder(&head).Encode(b.head); err != nil {
		return err
	}
	sum := sha256.Sum256(head.Bytes())
	w := tar.NewWriter(to)
	if err := writeEntry(w, backupHeadFile, int64(head.Len()), b.info.Created, bytes.NewReader(head.Bytes())); err != nil {
		return err
	}
	for i, f := range b.head.Files {
		if err := b.entry(w, f, b.small[i]); err != nil {
			return err
		}
	}
	end := []byte(hex.EncodeToString(sum[:]))
	if err := writeEntry(w, backupEndFile, int64(len(end)), b.info.Created, bytes.NewReader(end)); err != nil {
		return err
	}
	return w.Close()
}

func (b *backupWriter) entry(w *tar.Writer, f backupFile, content []byte) error {
	if content != nil {
		return writeEntry(w, f.Name, f.Size, b.info.Created, bytes.NewReader(content))
	}
	record, err := os.Open(b.recordPath())
	if err != nil {
		return err
	}
	defer record.Close()
	return writeEntry(w, f.Name, f.Size, b.info.Created, record)
}

// appear gives a finished file its name, durably. A link refuses to replace what came meanwhile;
// where the file system has no links a look must do.
func appear(from, to string) error {
	err := os.Link(from, to)
	if err != nil {
		if _, there := os.Lstat(to); there == nil {
			return backupExists(nil)
		}
		err = os.Rename(from, to)
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}
