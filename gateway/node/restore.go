package node

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"valise.example/api/others"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// ageIntro is how a file under a passphrase begins.
const ageIntro = "age-encryption.org/"

// maxScryptFactor bounds what a file can make us compute before it is known to be ours.
const maxScryptFactor = 20

// RestoreConfig says from what a home is made again.
type RestoreConfig struct {
	// Dir is the home to make. It must be empty or not there.
	Dir string
	// File is the backup.
	File io.Reader
	// Passphrase opens the backup; nil for a plain one.
	Passphrase []byte
	// KeysPassphrase opens the key files in it, where they have one of their own; nil: Passphrase.
	KeysPassphrase []byte
	// Realm, if set, is the only one whose backup is taken.
	Realm  ident.Realm
	Logger *slog.Logger
	Now    func() time.Time
	Rand   io.Reader
}

// RestoreInfo says what was restored.
type RestoreInfo struct {
	State   ident.State
	Realm   ident.Realm
	Created time.Time
	Head    store.Head
	Epoch   ident.Epoch
}

// Restore makes a home from a backup: everything of it is checked, it gets sealing keys of its own,
// and the record begins a new epoch before any node can open it, so that nothing is ever sent twice
// under one number. The configuration is written last: what a crash leaves before that is no home.
// An error leaves the folder as it was. docs/protocol.md §7.6
func Restore(ctx context.Context, c RestoreConfig) (RestoreInfo, error) {
	if err := emptyFolder(c.Dir); err != nil {
		return RestoreInfo{}, err
	}
	r := &restorer{config: c}
	err := r.run(ctx)
	if err != nil {
		return RestoreInfo{}, errors.Join(err, r.undo())
	}
	return r.info, nil
}

// restorer is one restore under way.
type restorer struct {
	config   RestoreConfig
	root     *os.Root
	settings []byte // valise.toml, kept back until the end
	info     RestoreInfo
}

func (r *restorer) run(ctx context.Context) (err error) {
	if r.root, err = os.OpenRoot(r.config.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.root.Close()) }()
	if err := r.unpack(); err != nil {
		return err
	}
	c, err := r.readConfig()
	if err != nil {
		return err
	}
	if err := r.renewSealingKeys(c); err != nil {
		return err
	}
	home, err := newHome(r.config.Dir, c, r.keysPassphrase())
	if err != nil {
		return err
	}
	if err := r.checkRecord(ctx, home); err != nil {
		return err
	}
	if err := r.beginEpoch(ctx, home); err != nil {
		return err
	}
	crashpoint.Hit("D5")
	return WriteDurably(filepath.Join(r.config.Dir, configFile), r.settings)
}

// undo takes away what a restore that failed has left.
func (r *restorer) undo() error {
	var failed error
	for _, name := range []string{keysFolder, directoryFolder, others.Folder, recordFile, configFile, formatFile, DoorCertificateFile} {
		failed = errors.Join(failed, os.RemoveAll(filepath.Join(r.config.Dir, name)))
	}
	return failed
}

func (r *restorer) keysPassphrase() []byte {
	if r.config.KeysPassphrase != nil {
		return r.config.KeysPassphrase
	}
	return r.config.Passphrase
}

// unpack writes every file but the configuration to its place.
func (r *restorer) unpack() error {
	b, err := r.open()
	if err != nil {
		return err
	}
	realm := ident.Realm(b.head.Realm)
	if r.config.Realm != "" && realm != r.config.Realm {
		return &Fault{Why: valisev1.Reason_REASON_WRONG_REALM, Detail: "the backup is of another realm"}
	}
	if err := r.hasRoom(b.head.total()); err != nil {
		return err
	}
	root, err := ident.ParseDigest(b.head.Root)
	if err != nil {
		return damagedBackup("it does not say what it holds", err)
	}
	r.info = RestoreInfo{
		State: ident.State(b.head.State), Realm: realm, Created: b.head.Created.UTC(),
		Head: store.Head{Size: b.head.Items, Root: root},
	}
	folders := []string{keysFolder, directoryFolder, path.Join(directoryFolder, "objects")}
	if slices.ContainsFunc(b.head.Files, func(f backupFile) bool { return otherName.MatchString(f.Name) }) {
		folders = append(folders, others.Folder)
	}
	for _, folder := range folders {
		if err := r.root.Mkdir(folder, 0o700); err != nil {
			return err
		}
	}
	if err := b.each(r.put); err != nil {
		return err
	}
	// It is led forward like any home of its form, but the backup is at hand already.
	if err := writeHomeFormat(r.config.Dir, b.head.home()); err != nil {
		return err
	}
	for _, folder := range append(folders, ".") {
		if err := syncFolder(filepath.Join(r.config.Dir, folder)); err != nil {
			return err
		}
	}
	return nil
}

// open reads the head, through age where the file is under a passphrase. A plain file is nobody's
// word: in the operational realm it is not taken.
func (r *restorer) open() (*backupReader, error) {
	file := bufio.NewReader(r.config.File)
	begin, err := file.Peek(len(ageIntro))
	if err != nil {
		return nil, damagedBackup("it is empty or cannot be read", err)
	}
	if !bytes.Equal(begin, []byte(ageIntro)) {
		b, err := newBackupReader(file)
		if err == nil && ident.Realm(b.head.Realm).IsOperational() {
			return nil, &Fault{Why: valisev1.Reason_REASON_NOT_PERMITTED, Detail: "the backup is under no passphrase, so anybody can have made it: in the operational realm it is not taken"}
		}
		return b, err
	}
	if r.config.Passphrase == nil {
		return nil, &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "the backup is under a passphrase", Err: seal.ErrPassphraseNeeded}
	}
	identity, err := age.NewScryptIdentity(string(r.config.Passphrase))
	if err != nil {
		return nil, &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "the passphrase is empty"}
	}
	identity.SetMaxWorkFactor(maxScryptFactor)
	plain, err := age.Decrypt(file, identity)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "the passphrase does not open the backup", Err: err}
	}
	if err != nil {
		return nil, damagedBackup("it is no file of age under a passphrase", err)
	}
	return newBackupReader(plain)
}

// put writes one file of the archive and syncs it.
func (r *restorer) put(f backupFile, content io.Reader) error {
	if f.Name == configFile {
		b, err := io.ReadAll(content)
		r.settings = b
		return err
	}
	file, err := r.root.OpenFile(f.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// readConfig wants the configuration to be of the home that the head names.
func (r *restorer) readConfig() (Config, error) {
	c, err := ParseConfig(r.settings)
	if err != nil {
		return Config{}, damagedBackup("its configuration cannot be read", err)
	}
	if c.State != r.info.State || c.Realm != r.info.Realm {
		return Config{}, damagedBackup("its head names another home than its configuration", nil)
	}
	return c, nil
}

// renewSealingKeys makes a key for every POC: the lost ones are in no backup. They are durable long
// before a bundle names them, and under a passphrase where the other keys are.
// docs/protocol.md §8.4
func (r *restorer) renewSealingKeys(c Config) error {
	begin, err := r.root.ReadFile(path.Join(keysFolder, relayKeyFile))
	if err != nil {
		return damagedBackup("it holds no connection key", err)
	}
	var passphrase []byte
	if bytes.HasPrefix(begin, []byte(ageIntro)) {
		passphrase = r.keysPassphrase()
	}
	for _, track := range c.Tracks {
		if _, err := makeSealingKey(filepath.Join(r.config.Dir, keysFolder), c.Realm, track, passphrase, r.config.Now()); err != nil {
			return err
		}
	}
	return nil
}

// checkRecord lets a child read the whole record against the head that the backup names.
func (r *restorer) checkRecord(ctx context.Context, home *Home) error {
	err := checkCopy(ctx, filepath.Join(r.config.Dir, recordFile), store.Config{RecordKey: home.keys.record, Realm: r.info.Realm, Now: r.config.Now}, r.info.Head)
	switch ReasonOf(err) {
	case valisev1.Reason_REASON_NOT_FOUND, valisev1.Reason_REASON_KEY_CHANGED:
		return damagedBackup("its record and its record key do not belong together", err)
	}
	return err
}

// beginEpoch opens the record as a node would and ends the epoch that the backup was made in.
func (r *restorer) beginEpoch(ctx context.Context, home *Home) (err error) {
	log := r.config.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	n, err := openNode(home, OpenConfig{Logger: log, Now: r.config.Now, Rand: r.config.Rand}, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := n.Gateway().BeginEpoch(ctx); err != nil {
		return err
	}
	r.info.Epoch = n.Gateway().Epoch()
	if err := noteRestore(ctx, record{n}, r.config.Now(), r.info.Created); err != nil {
		return fmt.Errorf("node: the restore is not told in the record: %w", err)
	}
	return nil
}
