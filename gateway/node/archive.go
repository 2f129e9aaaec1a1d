package node

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/api/others"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// A backup is a tar archive, under a passphrase inside an age file. It begins with backupHeadFile,
// which says whose it is and names every file with size and SHA-256; these follow in the order of
// the head; backupEndFile ends it with the SHA-256 of the head.
const (
	backupFormat   = 1
	backupHeadFile = "backup.toml"
	backupEndFile  = "backup.end"

	maxBackupHead  = 32 << 20
	maxBackupFiles = 100_000
)

// backupHead is what stands first in a backup.
type backupHead struct {
	Format int `toml:"format"`
	// Home is the form of the home, none for one without a number. docs/protocol.md §9.5
	Home    int          `toml:"home,omitempty"`
	Realm   string       `toml:"realm"`
	State   string       `toml:"state"`
	Created time.Time    `toml:"created"`
	Items   uint64       `toml:"items"`
	Root    string       `toml:"root"`
	Files   []backupFile `toml:"file"`
}

type backupFile struct {
	Name   string `toml:"name"`
	Size   int64  `toml:"size"`
	SHA256 string `toml:"sha256"`
}

// backupNames are all names that a backup may hold, and how large each may be. No sealing key is
// among them: mail that was captured stays closed to whoever finds a backup. docs/protocol.md §8.4
var backupNames = []struct {
	name *regexp.Regexp
	most int64
}{
	{regexp.MustCompile(`^valise\.toml$`), 64 << 10},
	{regexp.MustCompile(`^keys/signing-(diplomatic|technical)(-[0-9]{1,4})?\.key$`), 64 << 10},
	{regexp.MustCompile(`^keys/(record|relay|door)\.key$`), 64 << 10},
	{regexp.MustCompile(`^keys/record\.identity$`), 64 << 10},
	{secretName, 64 << 10},
	{regexp.MustCompile(`^door\.crt$`), 64 << 10},
	{regexp.MustCompile(`^keys/mailbox-(diplomatic|technical)\.toml$`), 64 << 10},
	{regexp.MustCompile(`^directory/objects/[0-9a-f]{64}$`), 2 << 20},
	{regexp.MustCompile(`^directory/current\.toml$`), 16 << 20},
	{otherName, others.MaxFile},
	{regexp.MustCompile(`^record\.db$`), 1 << 50},
}

// otherName is a file that holds the directory of another body. A-12
var otherName = regexp.MustCompile(`^others/[a-z][a-z0-9-]{1,31}\.contacts$`)

// fits reports whether a backup may hold such a file.
func (f backupFile) fits() bool {
	for _, known := range backupNames {
		if known.name.MatchString(f.Name) {
			return f.Size >= 0 && f.Size <= known.most
		}
	}
	return false
}

// check holds a head to its rules, before anything else of the archive is looked at.
func (h backupHead) check() error {
	if h.Format > backupFormat {
		return &Fault{Why: valisev1.Reason_REASON_LATER_VERSION, Detail: fmt.Sprintf("the backup has format %d, this version reads format %d, and nothing was changed", h.Format, backupFormat)}
	}
	if h.Home > HomeFormat {
		return laterHome("the home in the backup", h.Home)
	}
	if h.Format < backupFormat || h.Home < 0 {
		return damagedBackup("its head holds what no version wrote", nil)
	}
	if _, err := ident.ParseRealm(h.Realm); err != nil {
		return damagedBackup("it names no realm", err)
	}
	if _, err := ident.ParseState(h.State); err != nil {
		return damagedBackup("it names no State", err)
	}
	if _, err := ident.ParseDigest(h.Root); err != nil || h.Created.IsZero() {
		return damagedBackup("it does not say what it holds", err)
	}
	if len(h.Files) > maxBackupFiles {
		return damagedBackup("it holds more files than a home has", nil)
	}
	seen := map[string]bool{}
	for _, f := range h.Files {
		if !f.fits() || seen[f.Name] {
			return damagedBackup("it holds a file that no home has, or one twice", nil)
		}
		seen[f.Name] = true
	}
	return nil
}

// home is the form of the home in it.
func (h backupHead) home() int { return max(h.Home, unnumberedFormat) }

// total is how many bytes the files have.
func (h backupHead) total() (n uint64) {
	for _, f := range h.Files {
		n += uint64(f.Size)
	}
	return n
}

func damagedBackup(how string, cause error) error {
	return &Fault{Why: valisev1.Reason_REASON_RECORD_DAMAGED, Detail: "the backup cannot be used: " + how, Err: cause}
}

// writeEntry puts one file into an archive.
func writeEntry(w *tar.Writer, name string, size int64, made time.Time, content io.Reader) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: made.Truncate(time.Second), Format: tar.FormatUSTAR}
	if size >= 8<<30 {
		h.Format = tar.FormatGNU // the older form has no room for the size
	}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	n, err := io.Copy(w, content)
	if err == nil && n != size {
		err = fmt.Errorf("node: %s changed while it was put into the backup", name)
	}
	return err
}

// backupReader reads an archive strictly: what its head does not announce is not there.
type backupReader struct {
	head backupHead
	sum  [32]byte // of the head
	tar  *tar.Reader
	rest io.Reader // what the archive is read from
}

func newBackupReader(r io.Reader) (*backupReader, error) {
	b := &backupReader{tar: tar.NewReader(r), rest: r}
	content, err := b.small(backupHeadFile, maxBackupHead)
	if err != nil {
		return nil, err
	}
	b.sum = sha256.Sum256(content)
	meta, err := toml.Decode(string(content), &b.head)
	if err != nil {
		return nil, damagedBackup("its head cannot be read", err)
	}
	if b.head.Format == backupFormat && b.head.Home <= HomeFormat && len(meta.Undecoded()) > 0 {
		return nil, damagedBackup("its head holds what no version wrote", nil)
	}
	return b, b.head.check()
}

// next finds the entry that must come next: a plain file of this name, without links, other names
// or holes.
func (b *backupReader) next(name string) (int64, error) {
	h, err := b.tar.Next()
	if err != nil {
		return 0, notWhole(err)
	}
	plain := h.Typeflag == tar.TypeReg && h.Linkname == "" && len(h.PAXRecords) == 0 && (h.Format == tar.FormatUSTAR || h.Format == tar.FormatGNU)
	if !plain || h.Name != name || h.Size < 0 {
		return 0, damagedBackup("it holds something that its head does not name", nil)
	}
	return h.Size, nil
}

func (b *backupReader) small(name string, most int64) ([]byte, error) {
	size, err := b.next(name)
	if err != nil {
		return nil, err
	}
	if size > most {
		return nil, damagedBackup(name+" is too large", nil)
	}
	content, err := io.ReadAll(b.tar)
	if err != nil {
		return nil, notWhole(err)
	}
	return content, nil
}

// each gives every file in order to put, which must read it to its end, and compares size and hash
// with the head. It ends with the end of the archive.
func (b *backupReader) each(put func(f backupFile, content io.Reader) error) error {
	for _, f := range b.head.Files {
		size, err := b.next(f.Name)
		if err != nil {
			return err
		}
		if size != f.Size {
			return damagedBackup("a file has another size than its head says", nil)
		}
		sum := sha256.New()
		if err := put(f, io.TeeReader(archived{b.tar}, sum)); err != nil {
			return err
		}
		if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			return damagedBackup("a file is not what was put in", nil)
		}
	}
	return b.end()
}

// end makes sure that the archive is whole: under a passphrase only its very end is proof of that.
func (b *backupReader) end() error {
	content, err := b.small(backupEndFile, 2*sha256.Size)
	if err != nil {
		return err
	}
	if string(content) != hex.EncodeToString(b.sum[:]) {
		return damagedBackup("its end does not belong to its head", nil)
	}
	if _, err := b.tar.Next(); err != io.EOF {
		return damagedBackup("something follows its end", err)
	}
	rest, err := io.Copy(io.Discard, io.LimitReader(b.rest, 1))
	if err != nil || rest > 0 {
		return damagedBackup("something follows its end", err)
	}
	return nil
}

// archived gives what cannot be read of an archive the right reason.
type archived struct{ r io.Reader }

func (a archived) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a Reader gives exactly this
		err = notWhole(err)
	}
	return n, err
}

func notWhole(err error) error { return damagedBackup("it is not whole", err) }
