package node

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
)

// SecretState says how a file that holds a secret is found.
type SecretState string

// The states of a SecretFile.
const (
	SecretKept    SecretState = "kept"    // there, and only this user reads it
	SecretOpen    SecretState = "open"    // others can read or change it
	SecretMissing SecretState = "missing" // the configuration wants it and it is not there
	SecretUnknown SecretState = "unknown" // it is there and the configuration does not know it
)

// SecretFile is a file of the home that holds a secret, by its name in the home with slashes, or by its
// whole path.
type SecretFile struct {
	Name  string
	State SecretState
}

// sealingName: there are several sealing keys, each under the second in which it was made.
var sealingName = regexp.MustCompile(`^keys/sealing-(diplomatic|technical)-[0-9]+\.key$`)

// nextSigningName: signing keys after the first have a number. docs/protocol.md §8.2
var nextSigningName = regexp.MustCompile(`^keys/signing-(diplomatic|technical)-[0-9]{1,4}\.key$`)

// Secrets lists the files with secrets that the configuration wants and those that stand in the
// folder of keys, by name. It reads none of them. Every error is one of the file system.
func (c Config) Secrets(dir string) ([]SecretFile, error) {
	wanted := c.secretNames()
	names := slices.Clone(wanted)
	there, err := os.ReadDir(filepath.Join(dir, keysFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range there {
		names = append(names, path.Join(keysFolder, entry.Name()))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	list := make([]SecretFile, 0, len(names))
	for _, name := range names {
		state, err := secretState(secretPath(dir, name))
		if err != nil {
			return nil, err
		}
		if state == SecretKept && !slices.Contains(wanted, name) && !sealingName.MatchString(name) && !nextSigningName.MatchString(name) && name != path.Join(keysFolder, doorKeyFile) && name != path.Join(keysFolder, recordIdentityFile) {
			state = SecretUnknown
		}
		list = append(list, SecretFile{name, state})
	}
	return list, nil
}

// secretNames are the files without which this configuration cannot run.
func (c Config) secretNames() []string {
	names := []string{path.Join(keysFolder, recordKeyFile), path.Join(keysFolder, relayKeyFile)}
	for _, t := range c.Tracks {
		names = append(names, path.Join(keysFolder, signingFile(t, 1)), path.Join(keysFolder, mailboxFile(t)))
	}
	return append(names, c.Away.secrets()...)
}

func secretState(file string) (SecretState, error) {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return SecretMissing, nil
	case err != nil:
		return "", err
	case info.Mode().Perm()&0o077 != 0 || !info.Mode().IsRegular():
		return SecretOpen, nil
	}
	return SecretKept, nil
}
