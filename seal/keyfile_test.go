package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"

	"valise.example/proto/ident"
)

func TestKeyFilesComeBack(t *testing.T) {
	w := newWorld()
	for name, passphrase := range map[string][]byte{"plain": nil, "with passphrase": []byte("four words of peace")} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			signing, sealing := filepath.Join(dir, "signing.key"), filepath.Join(dir, "sealing.key")
			if err := WriteSigningKey(signing, testRealm, w.alder, passphrase); err != nil {
				t.Fatal(err)
			}
			if err := WriteSealingKey(sealing, testRealm, w.birch, passphrase); err != nil {
				t.Fatal(err)
			}
			key, err := ReadSigningKey(signing, testRealm, passphrase)
			if err != nil || !key.Public().Equal(w.alder.Public()) {
				t.Errorf("%v", err)
			}
			opens, err := ReadSealingKey(sealing, testRealm, passphrase)
			if err != nil || opens.Secret() != w.birch.Secret() {
				t.Errorf("%v", err)
			}
			for _, path := range []string{signing, sealing} {
				checkOnDisk(t, path, passphrase != nil)
			}
			if passphrase != nil {
				refusesPassphrases(t, signing, sealing)
			}
		})
	}
}

func checkOnDisk(t *testing.T, path string, protected bool) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("SECRET")) == protected && strings.Contains(path, "sealing") {
		t.Errorf("protected %v: %.30q, %v", protected, b, err)
	}
	stanza := regexp.MustCompile(fmt.Sprintf("^age-encryption.org/v1\n-> scrypt [A-Za-z0-9+/]{22} %d\n", PassphraseWork))
	if protected && (!stanza.Match(b) || bytes.Contains(b, []byte(testRealm))) {
		t.Errorf("not a binary scrypt file: %.40q", b)
	}
}

func refusesPassphrases(t *testing.T, signing, sealing string) {
	t.Helper()
	for _, c := range []struct {
		passphrase []byte
		want       error
	}{{nil, ErrPassphraseNeeded}, {[]byte{}, ErrPassphraseNeeded}, {[]byte("wrong"), ErrWrongPassphrase}} {
		if k, err := ReadSigningKey(signing, testRealm, c.passphrase); !errors.Is(err, c.want) || k != nil {
			t.Errorf("signing key with %q: %v", c.passphrase, err)
		}
		if k, err := ReadSealingKey(sealing, testRealm, c.passphrase); !errors.Is(err, c.want) || !k.IsZero() {
			t.Errorf("sealing key with %q: %v", c.passphrase, err)
		}
	}
}

// TestSealingKeyFileIsAnAgeIdentityFile reads it with what the age command uses.
func TestSealingKeyFileIsAnAgeIdentityFile(t *testing.T) {
	w := newWorld()
	path := filepath.Join(t.TempDir(), "sealing.key")
	if err := WriteSealingKey(path, testRealm, w.birch, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil || len(ids) != 1 {
		t.Fatalf("%d identities, %v", len(ids), err)
	}
	if _, err := age.Decrypt(bytes.NewReader(w.honestEnvelope(t, 3)), ids...); err != nil {
		t.Error(err)
	}
}

// TestKeyFilesOfOthersAreRefused. Bad input 59.
func TestKeyFilesOfOthersAreRefused(t *testing.T) {
	w := newWorld()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		want  error
	}{
		"readable by the group": {chmod(0o640), ErrUnsafePermissions},
		"readable by others":    {chmod(0o604), ErrUnsafePermissions},
		"writable by the group": {chmod(0o620), ErrUnsafePermissions},
		"executable by others":  {chmod(0o601), ErrUnsafePermissions},
		"a symbolic link": {func(t *testing.T, path string) {
			must(t, os.Rename(path, path+".real"))
			must(t, os.Symlink(path+".real", path))
		}, ErrUnsafePermissions},
		"a link to nothing": {func(t *testing.T, path string) {
			must(t, os.Remove(path))
			must(t, os.Symlink(path+".gone", path))
		}, ErrUnsafePermissions},
		"a folder": {func(t *testing.T, path string) {
			must(t, os.Remove(path))
			must(t, os.Mkdir(path, 0o700))
		}, ErrUnsafePermissions},
		"a pipe": {func(t *testing.T, path string) {
			must(t, os.Remove(path))
			must(t, syscall.Mkfifo(path, 0o600))
		}, ErrUnsafePermissions},
		"of another user": {func(t *testing.T, path string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can give a file away")
			}
			must(t, os.Chown(path, 65534, -1))
		}, ErrUnsafePermissions},
		"gone": {func(t *testing.T, path string) { must(t, os.Remove(path)) }, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "signing.key")
			must(t, WriteSigningKey(path, testRealm, w.alder, nil))
			c.spoil(t, path)
			if k, err := ReadSigningKey(path, testRealm, nil); !errors.Is(err, c.want) || k != nil {
				t.Errorf("signing: %v, want %v", err, c.want)
			}
			if k, err := ReadSealingKey(path, testRealm, nil); !errors.Is(err, c.want) || !k.IsZero() {
				t.Errorf("sealing: %v, want %v", err, c.want)
			}
		})
	}
}

func chmod(mode os.FileMode) func(*testing.T, string) {
	return func(t *testing.T, path string) { must(t, os.Chmod(path, mode)) }
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// spoiledKeyTexts is what a key file must not hold.
func spoiledKeyTexts(t testing.TB, w world) map[string]struct {
	text string
	want error
} {
	type row = struct {
		text string
		want error
	}
	good := keyText(t, w)
	swap := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	lines := strings.SplitAfter(good, "\n")
	id := w.cedar.Public().ID(testRealm)
	return map[string]row{
		"empty":                       {"", ErrKeyFile},
		"another realm":               {swap(string(testRealm), string(otherRealm)), ErrWrongRealm},
		"operational":                 {swap(string(testRealm), "operational"), ErrWrongRealm},
		"no realm":                    {lines[0] + lines[2] + lines[3], ErrKeyFile},
		"realm line of another form":  {swap("# realm: ", "# realm "), ErrKeyFile},
		"key id line of another form": {swap("# key id: ", "# key "), ErrKeyFile},
		"empty realm":                 {swap(string(testRealm), ""), ErrWrongRealm},
		"key id of another":           {lines[0] + lines[1] + "# key id: " + id.String() + "\n" + lines[3], ErrKeyFile},
		"key id cut":                  {swap("# key id: ", "# key id: 0"), ErrKeyFile},
		"a bit of the secret":         {good[:len(good)-2] + other(good[len(good)-2:len(good)-1]) + "\n", ErrKeyFile},
		"small letters":               {lines[0] + lines[1] + lines[2] + strings.ToLower(lines[3]), ErrKeyFile},
		"a secret cut":                {good[:len(good)-3] + "\n", ErrKeyFile},
		"no digits":                   {good[:len(good)-3] + "ZZ\n", ErrKeyFile},
		"two keys":                    {good + lines[3], ErrKeyFile},
		"no last line end":            {good[:len(good)-1], ErrKeyFile},
		"CRLF":                        {strings.ReplaceAll(good, "\n", "\r\n"), ErrKeyFile},
		"a comment more":              {"# hello\n" + good, ErrKeyFile},
		"a sealing key":               {"# valise sealing key\n" + lines[1] + "# key id: " + id.String() + "\n" + w.birch.Secret() + "\n", ErrKeyFile},
		"a sealing key in its coat":   {lines[0] + lines[1] + lines[2] + w.birch.Secret() + "\n", ErrKeyFile},
		"64 KiB and more":             {good + strings.Repeat("#", maxKeyFile), ErrKeyFile},
		"age that is none":            {"age-encryption.org/v1\n-> scrypt\n", ErrKeyFile},
		"scrypt with factor 30":       {string(hugeScrypt()), ErrKeyFile},
	}
}

func keyText(t testing.TB, w world) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	must(t, WriteSigningKey(path, testRealm, w.alder, nil))
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func other(digit string) string {
	if digit == "0" {
		return "1"
	}
	return "0"
}

func TestKeyFilesAreReadStrictly(t *testing.T) {
	w := newWorld()
	for name, c := range spoiledKeyTexts(t, w) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			must(t, os.WriteFile(path, []byte(c.text), 0o600))
			k, err := ReadSigningKey(path, testRealm, []byte("x"))
			if !errors.Is(err, c.want) || k != nil {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if strings.Contains(err.Error(), w.birch.Secret()[:40]) || strings.Contains(err.Error(), "VALISE-SIGNING") {
				t.Errorf("the error repeats a secret: %v", err)
			}
		})
	}
}

func TestSealingKeyFileNamesItsKey(t *testing.T) {
	w := newWorld()
	path := filepath.Join(t.TempDir(), "key")
	must(t, WriteSealingKey(path, testRealm, w.birch, nil))
	if _, err := ReadSealingKey(path, otherRealm, nil); !errors.Is(err, ErrWrongRealm) {
		t.Errorf("another realm: %v", err)
	}
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte(strings.Replace(string(b), w.birch.Secret(), w.stranger.Secret(), 1)), 0o600))
	if _, err := ReadSealingKey(path, testRealm, nil); !errors.Is(err, ErrKeyFile) {
		t.Errorf("another key under the same id: %v", err)
	}
}

func TestKeyFilesAreWrittenOnce(t *testing.T) {
	w := newWorld()
	path := filepath.Join(t.TempDir(), "key")
	must(t, WriteSigningKey(path, testRealm, w.alder, nil))
	if err := WriteSigningKey(path, testRealm, w.cedar, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten: %v", err)
	}
	if err := WriteSealingKey(path, testRealm, w.birch, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten: %v", err)
	}
	if k, err := ReadSigningKey(path, testRealm, nil); err != nil || !k.Public().Equal(w.alder.Public()) {
		t.Errorf("the first is gone: %v", err)
	}
	dir := t.TempDir()
	for name, err := range map[string]error{
		"no realm":         WriteSigningKey(filepath.Join(dir, "a"), "", w.alder, nil),
		"empty passphrase": WriteSigningKey(filepath.Join(dir, "b"), testRealm, w.alder, []byte{}),
		"no key":           WriteSigningKey(filepath.Join(dir, "c"), testRealm, nil, nil),
		"no sealing key":   WriteSealingKey(filepath.Join(dir, "d"), testRealm, SealingKey{}, nil),
		"no folder":        WriteSigningKey(filepath.Join(dir, "e", "f"), ident.Operational, w.alder, nil),
	} {
		if err == nil {
			t.Errorf("%s: written", name)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}
