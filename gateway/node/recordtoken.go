package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/plugin"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// recordIdentityFile, beside the record key, says by which age plugin that is opened. It is no secret by
// itself: the token is.
const recordIdentityFile = "record.identity"

const (
	maxIdentityFile = 64 << 10
	maxRecipients   = 8
	scryptStanza    = "-> scrypt "
)

// openRecordKey reads the record key: through an age plugin where an identity stands beside it, else
// plain or under the passphrase, as it was written.
func openRecordKey(keys string, c Config, passphrase []byte) ([]byte, error) {
	path := filepath.Join(keys, recordKeyFile)
	identity, err := recordIdentity(keys, passphrase)
	if err != nil {
		return nil, err
	}
	begin, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// The identity comes first and the key that needs it after: between them is the key of before.
	if identity == nil || !bytes.HasPrefix(begin, []byte(ageIntro)) || underPassphrase(begin) {
		return seal.ReadSecret(path, c.Realm, recordSecret, passphrase)
	}
	key, err := seal.ReadSecretWith(path, c.Realm, recordSecret, identity)
	if err != nil && !errors.Is(err, seal.ErrUnsafePermissions) && !errors.Is(err, seal.ErrWrongRealm) {
		return nil, &Fault{Why: valisev1.Reason_REASON_BAD_CONFIG, Detail: "the age plugin " + identity.Name() + " did not open the record key, so nothing of the record can be read", Err: err}
	}
	return key, err
}

func underPassphrase(file []byte) bool {
	_, rest, _ := bytes.Cut(file, []byte("\n"))
	return bytes.HasPrefix(rest, []byte(scryptStanza))
}

// recordIdentity is nil where the record key needs no plugin.
func recordIdentity(keys string, passphrase []byte) (*plugin.Identity, error) {
	text, err := os.ReadFile(filepath.Join(keys, recordIdentityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parsePluginIdentity(text, passphrase)
}

// parsePluginIdentity takes a file with the one identity of a plugin. A key that stands in the file
// itself is refused: beside what it opens it protects nothing.
func parsePluginIdentity(text, passphrase []byte) (*plugin.Identity, error) {
	lines, err := meantLines(text)
	if err != nil {
		return nil, err
	}
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "AGE-PLUGIN-") {
		return nil, badToken("want a file with one identity of an age plugin, AGE-PLUGIN-…, and nothing else but comments", nil)
	}
	identity, err := plugin.NewIdentity(lines[0], silentUI(passphrase))
	if err != nil {
		return nil, badToken("the identity of the age plugin cannot be read", err)
	}
	return identity, nil
}

func meantLines(text []byte) (lines []string, err error) {
	if len(text) > maxIdentityFile {
		return nil, badToken("the file is larger than 64 KiB", nil)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

func badToken(detail string, err error) error {
	return &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: detail, Err: err}
}

// silentUI answers a plugin where nobody sits: a secret that it asks for is the passphrase of the keys.
// What it says is for nobody, and what it wants to have confirmed is not.
func silentUI(passphrase []byte) *plugin.ClientUI {
	return &plugin.ClientUI{
		DisplayMessage: func(string, string) error { return nil },
		RequestValue: func(_, _ string, secret bool) (string, error) {
			if !secret || passphrase == nil {
				return "", errors.New("nobody can be asked")
			}
			return string(passphrase), nil
		},
		Confirm: func(string, string, string, string) (bool, error) { return false, errors.New("nobody can be asked") },
	}
}

// RecordTokenConfig says who is to open the record key from now on.
type RecordTokenConfig struct {
	// Identity is the text of an identity file of an age plugin; nil: no plugin any longer, the key is
	// plain or under the passphrase as the node's other keys are.
	Identity []byte
	// Recipients is the text of a file with further recipients, one a line: age1pq1…, or those of plugins.
	// Each opens the key alone, as a second token does. Nil: the identity's own only.
	Recipients []byte
	// Passphrase is that of the home's keys.
	Passphrase []byte
}

// RecordToken says what ProtectRecordKey did.
type RecordToken struct {
	// Plugin is its name; empty where there is none.
	Plugin string
	// Recipients is how many can open the key.
	Recipients int
}

// ProtectRecordKey writes the record key anew for whoever is to open it, after it was opened once by them,
// and overwrites the file of before. A crash leaves the key of before or the new one, never
// neither. A node that runs has the key in memory and goes on.
func ProtectRecordKey(dir string, c RecordTokenConfig) (RecordToken, error) {
	home, err := OpenHome(dir, c.Passphrase)
	if err != nil {
		return RecordToken{}, err
	}
	keys := home.keysDir()
	unlock, err := lockFolder(keys)
	if err != nil {
		return RecordToken{}, err
	}
	defer unlock()
	fresh := filepath.Join(keys, newPrefix+recordKeyFile)
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return RecordToken{}, err
	}
	if c.Identity == nil {
		return RecordToken{}, home.unwrapRecordKey(keys, fresh)
	}
	return home.wrapRecordKey(keys, fresh, c)
}

func (h *Home) wrapRecordKey(keys, fresh string, c RecordTokenConfig) (RecordToken, error) {
	identity, err := parsePluginIdentity(c.Identity, c.Passphrase)
	if err != nil {
		return RecordToken{}, err
	}
	to, err := parseRecipients(identity, c)
	if err != nil {
		return RecordToken{}, err
	}
	if err := seal.WriteSecretFor(fresh, h.config.Realm, recordSecret, h.keys.record[:], to...); err != nil {
		return RecordToken{}, &Fault{Why: valisev1.Reason_REASON_BAD_CONFIG, Detail: "the record key could not be written for the age plugin, and is as it was", Err: err}
	}
	back, err := seal.ReadSecretWith(fresh, h.config.Realm, recordSecret, identity)
	if err != nil || !bytes.Equal(back, h.keys.record[:]) {
		return RecordToken{}, &Fault{Why: valisev1.Reason_REASON_BAD_CONFIG, Detail: "the age plugin did not open what was written for it, and the record key is as it was", Err: errors.Join(err, erase(fresh))}
	}
	if err := WriteDurably(filepath.Join(keys, recordIdentityFile), c.Identity); err != nil {
		return RecordToken{}, err
	}
	return RecordToken{identity.Name(), len(to)}, replaceKey(keys, fresh)
}

// unwrapRecordKey takes the plugin away: the key first, so that a crash leaves one that the identity
// beside it does not stop.
func (h *Home) unwrapRecordKey(keys, fresh string) error {
	if err := seal.WriteSecret(fresh, h.config.Realm, recordSecret, h.keys.record[:], h.keys.passphrase); err != nil {
		return err
	}
	if err := replaceKey(keys, fresh); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(keys, recordIdentityFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(keys)
}

func parseRecipients(identity *plugin.Identity, c RecordTokenConfig) ([]age.Recipient, error) {
	to := []age.Recipient{identity.Recipient()}
	lines, err := meantLines(c.Recipients)
	if err != nil {
		return nil, err
	}
	if len(lines) >= maxRecipients {
		return nil, badToken(fmt.Sprintf("at most %d recipients open a record key", maxRecipients), nil)
	}
	for _, line := range lines {
		if hybrid, err := age.ParseHybridRecipient(line); err == nil {
			to = append(to, hybrid)
			continue
		}
		r, err := plugin.NewRecipient(line, silentUI(c.Passphrase))
		if err != nil {
			return nil, badToken("a recipient is neither age1pq1… nor that of an age plugin", err)
		}
		to = append(to, r)
	}
	return to, nil
}

// replaceKey gives a new key file the place of the record key and overwrites the one of before, which
// has no name then: whatever happens, a whole key stands under the name.
func replaceKey(keys, fresh string) error {
	path := filepath.Join(keys, recordKeyFile)
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer old.Close()
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	if err := syncFolder(keys); err != nil {
		return err
	}
	return zero(old)
}
