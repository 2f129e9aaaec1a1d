package node

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/BurntSushi/toml"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

const testRealm = ident.Realm("exercise:lab-00112233445566778899aabbccddeeff")

// archiveOf makes a home of one POC and gives its plain backup, wholly read.
func archiveOf(t *testing.T, state ident.State) (dir string, entries []entry) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "home")
	if err := Init(InitConfig{Dir: dir, State: state, Realm: testRealm, Tracks: []ident.Track{ident.Technical}, Now: time.Now, Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "backup")
	backUp(t, dir, out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return dir, parse(t, b)
}

func backUp(t *testing.T, dir, out string) {
	t.Helper()
	home, err := OpenHome(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	record, err := home.OpenRecord(OpenConfig{Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	_, err = home.Backup(context.Background(), BackupConfig{Out: out, Record: record, Now: time.Now})
	if err := errors.Join(err, record.Close()); err != nil {
		t.Fatal(err)
	}
}

// entry is one file of an archive, as a forger sees it.
type entry struct {
	header  tar.Header
	content []byte
}

func parse(t *testing.T, b []byte) (all []entry) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry{*h, content})
	}
}

func pack(t *testing.T, all []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range all {
		if e.header.Typeflag == tar.TypeReg {
			e.header.Size = int64(len(e.content))
		}
		if err := w.WriteHeader(&e.header); err != nil {
			t.Fatal(err)
		}
		if e.header.Typeflag != tar.TypeReg {
			continue
		}
		if _, err := w.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// signedAnew makes the head and the end fit what the forger changed: a plain archive has no secret
// in it that would stop that.
func signedAnew(t *testing.T, all []entry, change func(*backupHead)) []entry {
	t.Helper()
	var h backupHead
	if _, err := toml.Decode(string(all[0].content), &h); err != nil {
		t.Fatal(err)
	}
	for i := range h.Files {
		for _, e := range all {
			if e.header.Name == h.Files[i].Name {
				sum := sha256.Sum256(e.content)
				h.Files[i].Size, h.Files[i].SHA256 = int64(len(e.content)), hex.EncodeToString(sum[:])
			}
		}
	}
	change(&h)
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(h); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	all = slices.Clone(all)
	all[0].content = b.Bytes()
	all[len(all)-1].content = []byte(hex.EncodeToString(sum[:]))
	return all
}

func place(all []entry, name string) int {
	return slices.IndexFunc(all, func(e entry) bool { return e.header.Name == name })
}

func named(h *backupHead, name string) *backupFile {
	for i := range h.Files {
		if h.Files[i].Name == name {
			return &h.Files[i]
		}
	}
	return &backupFile{}
}

// restored tries a backup and gives the error; what is refused must leave nothing behind.
func restored(t *testing.T, b, passphrase []byte) error {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	_, err := Restore(context.Background(), RestoreConfig{Dir: dir, File: bytes.NewReader(b), Passphrase: passphrase, Now: time.Now, Rand: rand.Reader})
	left, read := os.ReadDir(dir)
	if read != nil {
		t.Fatal(read)
	}
	if _, opened := OpenHome(dir, nil); (err == nil) != (opened == nil) {
		t.Errorf("restored as %v, and the home opens as %v", err, opened)
	}
	if err != nil && len(left) > 0 {
		t.Errorf("a restore that was refused left %d things", len(left))
	}
	return err
}

// TestHostileArchives: whoever can hand over a backup can make one; nothing of it is written
// outside of the folder, larger than it says, or under another name.
func TestHostileArchives(t *testing.T) {
	_, all := archiveOf(t, "XA")
	_, others := archiveOf(t, "XB")
	if err := restored(t, pack(t, all), nil); err != nil {
		t.Fatalf("the backup as it is: %v", err)
	}
	if err := restored(t, pack(t, signedAnew(t, all, func(*backupHead) {})), nil); err != nil {
		t.Fatalf("the forger's own hand changes nothing: %v", err)
	}
	damaged := valisev1.Reason_REASON_RECORD_DAMAGED
	extra := func(name string) []entry {
		e := entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600}, []byte("evil")}
		return signedAnew(t, slices.Insert(slices.Clone(all), len(all)-1, e), func(h *backupHead) {
			sum := sha256.Sum256(e.content)
			h.Files = append(h.Files, backupFile{Name: name, Size: 4, SHA256: hex.EncodeToString(sum[:])})
		})
	}
	like := func(name string, change func(*tar.Header)) []entry {
		out := slices.Clone(all)
		change(&out[place(out, name)].header)
		return out
	}
	swapped := func(name string, from []entry) []entry {
		out := slices.Clone(all)
		out[place(out, name)].content = from[place(from, name)].content
		return signedAnew(t, out, func(*backupHead) {})
	}
	for name, c := range map[string]struct {
		archive []entry
		want    valisev1.Reason
	}{
		"a path that leads out":       {extra("../evil"), damaged},
		"a path from the root":        {extra("/tmp/evil"), damaged},
		"a path with a detour":        {extra("keys/../keys/record.key"), damaged},
		"a sealing key":               {extra("keys/sealing-technical-1.key"), damaged},
		"a socket's name":             {extra("valise.sock"), damaged},
		"a file twice":                {extra("keys/record.key"), damaged},
		"a folder's name":             {extra("keys"), damaged},
		"a symbolic link":             {like("keys/record.key", func(h *tar.Header) { h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc/passwd" }), damaged},
		"a hard link":                 {like("keys/record.key", func(h *tar.Header) { h.Typeflag, h.Linkname = tar.TypeLink, "valise.toml" }), damaged},
		"a device":                    {like("keys/record.key", func(h *tar.Header) { h.Typeflag = tar.TypeChar }), damaged},
		"a folder":                    {like("keys/record.key", func(h *tar.Header) { h.Typeflag = tar.TypeDir }), damaged},
		"other records in the header": {like("keys/record.key", func(h *tar.Header) { h.Format, h.PAXRecords = tar.FormatPAX, map[string]string{"VALISE.x": "1"} }), damaged},
		"something unannounced":       {slices.Insert(slices.Clone(all), 2, entry{tar.Header{Typeflag: tar.TypeReg, Name: "keys/more", Mode: 0o600}, nil}), damaged},
		"something after the end":     {append(slices.Clone(all), entry{tar.Header{Typeflag: tar.TypeReg, Name: "more", Mode: 0o600}, nil}), damaged},
		"no end":                      {all[:len(all)-1], damaged},
		"no head":                     {all[1:], damaged},
		"nothing":                     {nil, damaged},
		"a missing file":              {slices.Delete(slices.Clone(all), 2, 3), damaged},
		"two files changed places":    {slices.Concat(all[:1], all[2:3], all[1:2], all[3:]), damaged},
		"another head's end":          {slices.Concat(all[:len(all)-1], others[len(others)-1:]), damaged},
		"a newer format":              {signedAnew(t, all, func(h *backupHead) { h.Format = 2 }), valisev1.Reason_REASON_LATER_VERSION},
		"a newer home":                {signedAnew(t, all, func(h *backupHead) { h.Home = HomeFormat + 1 }), valisev1.Reason_REASON_LATER_VERSION},
		"a home of no number":         {signedAnew(t, all, func(h *backupHead) { h.Home = -1 }), damaged},
		"another State":               {signedAnew(t, all, func(h *backupHead) { h.State = "XB" }), damaged},
		"another realm":               {signedAnew(t, all, func(h *backupHead) { h.Realm = "exercise:lab-ffffffffffffffffffffffffffffffff" }), damaged},
		"the operational realm":       {signedAnew(t, all, func(h *backupHead) { h.Realm = "operational" }), valisev1.Reason_REASON_NOT_PERMITTED},
		"no realm":                    {signedAnew(t, all, func(h *backupHead) { h.Realm = "training" }), damaged},
		"no date":                     {signedAnew(t, all, func(h *backupHead) { h.Created = time.Time{} }), damaged},
		"fewer items than it holds":   {signedAnew(t, all, func(h *backupHead) { h.Root = strings.Repeat("ab", 32) }), damaged},
		"more than the disk holds":    {signedAnew(t, all, func(h *backupHead) { named(h, "record.db").Size = 1 << 49 }), valisev1.Reason_REASON_DISK_FULL},
		"a negative size":             {signedAnew(t, all, func(h *backupHead) { named(h, "record.db").Size = -1 }), damaged},
		"a key larger than a key":     {signedAnew(t, all, func(h *backupHead) { named(h, "keys/record.key").Size = 1 << 20 }), damaged},
		"another size than its head":  {signedAnew(t, all, func(h *backupHead) { named(h, "keys/record.key").Size++ }), damaged},
		"another hash than its head":  {signedAnew(t, all, func(h *backupHead) { named(h, "keys/record.key").SHA256 = strings.Repeat("0", 64) }), damaged},
		"another home's record":       {swapped("record.db", others), damaged},
		"another home's record key":   {swapped("keys/record.key", others), damaged},
		"another home's settings":     {swapped("valise.toml", others), damaged},
	} {
		t.Run(name, func(t *testing.T) {
			if err := restored(t, pack(t, c.archive), nil); ReasonOf(err) != c.want {
				t.Errorf("%v, want reason %s", err, c.want)
			}
		})
	}
}

// TestNoKeyThatOpensMailIsInABackup: the keys that sign are there, which shows that the search
// finds keys; those that open mail are not, in no form.
func TestNoKeyThatOpensMailIsInABackup(t *testing.T) {
	dir, all := archiveOf(t, "XA")
	b := pack(t, all)
	home, err := OpenHome(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	signing, err := os.ReadFile(filepath.Join(dir, keysFolder, signingFile(ident.Technical, 1)))
	if err != nil || !bytes.Contains(b, signing) {
		t.Fatalf("the signing key is not in the backup: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, keysFolder, "sealing-*.key"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d sealing key files, %v", len(files), err)
	}
	_, secret, _ := strings.Cut(home.keys.sealing[ident.Technical][0].key.Secret(), "-PQ-1")
	for at := 0; at+16 <= len(secret); at += 16 {
		if part := secret[at : at+16]; bytes.Contains(b, []byte(part)) || bytes.Contains(b, []byte(strings.ToLower(part))) {
			t.Errorf("the backup holds a part of a sealing key")
		}
	}
	for _, e := range all {
		if strings.Contains(e.header.Name, "sealing") {
			t.Errorf("the backup holds %s", e.header.Name)
		}
	}
	restoredHome := filepath.Join(t.TempDir(), "new")
	if _, err := Restore(context.Background(), RestoreConfig{Dir: restoredHome, File: bytes.NewReader(b), Now: time.Now, Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	again, err := OpenHome(restoredHome, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fresh := again.keys.sealing[ident.Technical]; len(fresh) != 1 || fresh[0].key.Recipient().ID() == home.keys.sealing[ident.Technical][0].key.Recipient().ID() {
		t.Errorf("the restored home has %d sealing keys, and not a new one", len(fresh))
	}
}

// lock puts an archive under a passphrase that costs little to try.
func lock(t *testing.T, plain, words []byte) []byte {
	t.Helper()
	r, err := age.NewScryptRecipient(string(words))
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(4)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDamagedBackups: cut anywhere or changed in any byte, a backup is refused, or what is restored
// is the same: the bytes between two files of a plain archive mean nothing.
func TestDamagedBackups(t *testing.T) {
	_, all := archiveOf(t, "XA")
	plain := pack(t, all)
	words := []byte("the words of a test")
	locked := lock(t, plain, words)
	if err := restored(t, locked, words); err != nil {
		t.Fatalf("the backup as it is: %v", err)
	}
	for i := range 12 {
		if err := restored(t, plain[:len(plain)*i/12], nil); ReasonOf(err) != valisev1.Reason_REASON_RECORD_DAMAGED {
			t.Errorf("%d twelfths of a backup: %v", i, err)
		}
		flipped := bytes.Clone(plain)
		flipped[(len(plain)*i+300)/12] ^= 1
		if err := restored(t, flipped, nil); err != nil && ReasonOf(err) != valisev1.Reason_REASON_RECORD_DAMAGED {
			t.Errorf("a byte of %d twelfths changed: %v", i, err)
		}
	}
	for _, cut := range []int{0, 10, 100, len(locked) / 2, len(locked) - 1} {
		if err := restored(t, locked[:cut], words); ReasonOf(err) != valisev1.Reason_REASON_RECORD_DAMAGED {
			t.Errorf("%d bytes of a backup under a passphrase: %v", cut, err)
		}
	}
	for _, at := range []int{200, len(locked) / 3, len(locked) - 2} {
		flipped := bytes.Clone(locked)
		flipped[at] ^= 1
		if err := restored(t, flipped, words); ReasonOf(err) != valisev1.Reason_REASON_RECORD_DAMAGED {
			t.Errorf("byte %d of a backup under a passphrase changed: %v", at, err)
		}
	}
	if err := restored(t, append(bytes.Clone(locked), 0), words); ReasonOf(err) != valisev1.Reason_REASON_RECORD_DAMAGED {
		t.Errorf("something follows a backup: %v", err)
	}
}

// TestPieces: whatever is written comes out in order, and a reader that stands still ends it.
func TestPieces(t *testing.T) {
	w := &pieceWriter{ctx: context.Background(), out: make(chan []byte, 8), patience: time.Hour}
	var want []byte
	for n := range 40 {
		p := bytes.Repeat([]byte{byte(n)}, 10_000+n)
		want = append(want, p...)
		if got, err := w.Write(p); err != nil || got != len(p) {
			t.Fatal(got, err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	close(w.out)
	var got []byte
	for piece := range w.out {
		if len(piece) > copyPiece {
			t.Errorf("a piece of %d bytes", len(piece))
		}
		got = append(got, piece...)
	}
	if !bytes.Equal(got, want) {
		t.Error("the pieces are not what was written")
	}
	still := &pieceWriter{ctx: context.Background(), out: make(chan []byte), patience: time.Millisecond}
	if _, err := still.Write(make([]byte, copyPiece)); ReasonOf(err) != valisev1.Reason_REASON_TIMED_OUT {
		t.Errorf("nobody reads: %v", err)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	stop(fmt.Errorf("gone"))
	left := &pieceWriter{ctx: ctx, out: make(chan []byte), patience: time.Hour}
	if _, err := left.Write(make([]byte, copyPiece)); err == nil || err.Error() != "gone" {
		t.Errorf("the reader left: %v", err)
	}
}
