package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	"valise.example/seal"
)

const (
	// sealingKeysNamed is how many a bundle names at most. docs/protocol.md §8.4
	sealingKeysNamed = 16
	// How the names of key files begin that are not written yet, and that are being destroyed. No
	// start reads them.
	newPrefix, gonePrefix = ".new-", ".gone-"
)

// sealingKey opens mail to one of our POCs. docs/protocol.md §8.4
type sealingKey struct {
	key  seal.SealingKey
	made time.Time // as its file's name says
}

func (k sealingKey) ends() time.Time { return k.made.Add(bundleLife) }

func (k sealingKey) id() ident.KeyID { return ident.KeyID(k.key.Recipient().ID()) }

// makeSealingKey stores a sealing key durably, before anything public names it. A crash leaves the
// whole file under its name, or none. docs/protocol.md §8.4
func makeSealingKey(keys string, realm ident.Realm, track ident.Track, passphrase []byte, now time.Time) (sealingKey, error) {
	made := sealingKey{made: now.UTC().Truncate(time.Second)}
	var err error
	if made.key, err = seal.GenerateSealingKey(); err != nil {
		return sealingKey{}, err
	}
	for {
		_, err := os.Lstat(filepath.Join(keys, sealingFile(track, made.made)))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return sealingKey{}, err
		}
		made.made = made.made.Add(time.Second)
	}
	err = writeKey(keys, sealingFile(track, made.made), func(path string) error {
		return seal.WriteSealingKey(path, realm, made.key, passphrase)
	})
	crashpoint.Hit("K1")
	return made, err
}

// writeKey writes a key file under another name first: a crash must not leave a part of a key where
// the next start looks for a whole one.
func writeKey(keys, name string, write func(path string) error) error {
	unlock, err := lockFolder(keys)
	if err != nil {
		return err
	}
	defer unlock()
	path := filepath.Join(keys, newPrefix+name)
	if err := erase(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // what a crash has left
		return err
	}
	if err := write(path); err != nil {
		return err
	}
	return takeName(path, filepath.Join(keys, name))
}

func readSealingKeys(keys string, realm ident.Realm, track ident.Track, passphrase []byte) ([]sealingKey, error) {
	prefix := "sealing-" + track.String() + "-"
	entries, err := os.ReadDir(keys)
	if err != nil {
		return nil, err
	}
	var out []sealingKey
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		stamp, isKey := strings.CutSuffix(rest, ".key")
		if !ok || !isKey {
			continue
		}
		made, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("node: a sealing key file has no date in its name, so its age is unknown: %w", err)
		}
		key, err := seal.ReadSealingKey(filepath.Join(keys, e.Name()), realm, passphrase)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the node that runs has destroyed it since the folder was read
		}
		if err != nil {
			return nil, err
		}
		out = append(out, sealingKey{key: key, made: time.Unix(made, 0).UTC()})
	}
	sortSealing(out)
	return out, nil
}

func sortSealing(keys []sealingKey) {
	slices.SortFunc(keys, func(a, b sealingKey) int { return b.made.Compare(a.made) })
}

func sealingFile(track ident.Track, made time.Time) string {
	return fmt.Sprintf("sealing-%s-%d.key", track, made.Unix())
}

// sealingOf lists the sealing keys of a POC of ours, newest first.
func (r *keyring) sealingOf(track ident.Track) []sealingKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.sealing[track]
}

func (r *keyring) addSealing(track ident.Track, k sealingKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := append(slices.Clone(r.sealing[track]), k)
	sortSealing(list)
	r.sealing[track] = list
}

func (r *keyring) dropSealing(track ident.Track, k sealingKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealing[track] = slices.DeleteFunc(slices.Clone(r.sealing[track]), func(x sealingKey) bool { return x.id() == k.id() })
}

// currentSealing is the key that mail to a POC should be sealed to now: the newest that has begun.
// Where the clock is behind all of them it is the one that begins first, which a peer with such a
// clock takes too. A key that was made while the clock was ahead waits for its time.
// docs/protocol.md §8.4
func (r *keyring) currentSealing(track ident.Track, now time.Time) (sealingKey, bool) {
	keys := r.sealingOf(track)
	for _, k := range keys {
		if !k.made.After(now) {
			return k, true
		}
	}
	if len(keys) == 0 {
		return sealingKey{}, false
	}
	return keys[len(keys)-1], true
}

// sealingDates are the keys that a bundle names: those that have begun, newest first, then those
// that the clock is behind of. docs/protocol.md §8.4
func (r *keyring) sealingDates(track ident.Track, now time.Time) []directory.SealingKeyDates {
	var begun, ahead []directory.SealingKeyDates
	for _, k := range r.sealingOf(track) {
		dates := directory.SealingKeyDates{Recipient: k.key.Recipient(), ValidFrom: k.made, AcceptedUntil: k.ends()}
		if k.made.After(now) {
			ahead = append([]directory.SealingKeyDates{dates}, ahead...)
		} else {
			begun = append(begun, dates)
		}
	}
	all := append(begun, ahead...)
	return all[:min(len(all), sealingKeysNamed)]
}

// held lists every sealing key that still opens mail: those of first, then those of our other
// POCs, newest first within each.
func (r *keyring) held(c Config, first ident.Address) []seal.HeldKey {
	var out, others []seal.HeldKey
	for _, track := range c.Tracks {
		a := ident.Address{State: c.State, Track: track}
		for _, k := range r.sealingOf(track) {
			if a == first {
				out = append(out, seal.HeldKey{Key: k.key, Address: a})
			} else {
				others = append(others, seal.HeldKey{Key: k.key, Address: a})
			}
		}
	}
	return append(out, others...)
}

// sealingEnds is when the first of our POCs has no live sealing key any more.
func (h *Home) sealingEnds(now time.Time) time.Time {
	var first time.Time
	for _, track := range h.config.Tracks {
		k, ok := h.keys.currentSealing(track, now)
		if !ok {
			return time.Time{}
		}
		if first.IsZero() || k.ends().Before(first) {
			first = k.ends()
		}
	}
	return first
}
