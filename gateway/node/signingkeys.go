package node

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// signingKey speaks for one of our POCs. They are numbered from 1 in the order in which they were
// made. docs/protocol.md §8.2
type signingKey struct {
	key    *seal.SigningKey
	number int
}

// SigningKeyFile is the name of a signing key's file in the folder of keys.
func SigningKeyFile(track ident.Track, number int) string { return signingFile(track, number) }

// signingFile is the name of a signing key's file; the first has no number.
func signingFile(track ident.Track, number int) string {
	if number == 1 {
		return "signing-" + track.String() + ".key"
	}
	return fmt.Sprintf("signing-%s-%d.key", track, number)
}

// makeSigningKey stores a signing key durably. A crash leaves the whole file, or none.
func makeSigningKey(keys string, realm ident.Realm, track ident.Track, number int, passphrase []byte, rand io.Reader) (signingKey, error) {
	key, err := seal.GenerateSigningKey(rand)
	if err != nil {
		return signingKey{}, err
	}
	return signingKey{key, number}, writeKey(keys, signingFile(track, number), func(path string) error {
		return seal.WriteSigningKey(path, realm, key, passphrase)
	})
}

// signingNumbers are the numbers of the signing keys in a folder, in order.
func signingNumbers(keys string, track ident.Track) ([]int, error) {
	entries, err := os.ReadDir(keys)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), "signing-"+track.String()+"-")
		digits, isKey := strings.CutSuffix(digits, ".key")
		n, err := strconv.Atoi(digits)
		switch {
		case e.Name() == signingFile(track, 1):
			numbers = append(numbers, 1)
		case ok && isKey && err == nil && n > 1 && e.Name() == signingFile(track, n):
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func readSigningKeys(keys string, realm ident.Realm, track ident.Track, passphrase []byte) ([]signingKey, error) {
	numbers, err := signingNumbers(keys, track)
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 { // the error names the file that is missing
		numbers = []int{1}
	}
	var out []signingKey
	for _, n := range numbers {
		key, err := seal.ReadSigningKey(filepath.Join(keys, signingFile(track, n)), realm, passphrase)
		if err != nil {
			return nil, err
		}
		out = append(out, signingKey{key, n})
	}
	return out, nil
}

// signingOf lists the signing keys of a POC of ours, oldest first.
func (r *keyring) signingOf(track ident.Track) []signingKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.signing[track]
}

func (r *keyring) addSigning(track ident.Track, k signingKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.signing[track] = append(slices.Clone(r.signing[track]), k)
}

// speakers tells who a key speaks for: the directory, or one entry alone.
type speakers func(ident.KeyID) (seal.Speaker, bool)

// speaking is the key that signs for a POC of ours now: the newest that the entry in force names,
// that has begun, and that nobody revoked. Where none of those named has begun it is the one that
// begins first. One that no entry names yet would be nobody's at the peers, so it signs only where
// there is no other; and where all are revoked the newest does, so that what is said is kept and
// signed again once there is a key that speaks. docs/protocol.md §8.2, §8.5
func (r *keyring) speaking(realm ident.Realm, track ident.Track, named speakers, now time.Time) (*seal.SigningKey, error) {
	keys := r.signingOf(track)
	var coming, unnamed *seal.SigningKey
	for _, k := range slices.Backward(keys) {
		s, known := named(k.key.Public().ID(realm))
		switch {
		case known && !s.RevokedSince.IsZero():
		case known && !now.Before(s.ValidFrom):
			return k.key, nil
		case known:
			coming = k.key // of several the one that was made first
		case unnamed == nil:
			unnamed = k.key
		}
	}
	switch {
	case coming != nil:
		return coming, nil
	case unnamed != nil:
		return unnamed, nil
	case len(keys) > 0:
		return keys[len(keys)-1].key, nil
	}
	return nil, errors.New("node: there is no signing key for this POC, so it cannot speak")
}

// signers gives the core the key that signs now, as the directory in force says; it fills
// gateway.Signers.
type signers struct{ node *Node }

// SigningKey gives the key that speaks for one of our POCs.
func (s signers) SigningKey(a ident.Address) (*seal.SigningKey, error) {
	return s.node.home.keys.speaking(s.node.config.Realm, a.Track, s.node.book.Snapshot().Speaker, s.node.now())
}

// namedIn tells of the keys of one entry that may not be in force yet.
func namedIn(realm ident.Realm, entry *valisev1.Entry) speakers {
	named := map[ident.KeyID]seal.Speaker{}
	for _, point := range entry.GetPointsOfContact() {
		for _, k := range point.GetSigningKeys() {
			if key, err := seal.ParsePublicKey(k.GetKey()); err == nil {
				named[key.ID(realm)] = seal.Speaker{Key: key, ValidFrom: k.GetValidFrom().AsTime(), ValidUntil: k.GetValidUntil().AsTime()}
			}
		}
	}
	for _, r := range entry.GetRevocations() {
		if id, ok := ident.KeyIDFrom(r.GetKeyId()); ok {
			s := named[id]
			s.RevokedSince = r.GetSince().AsTime()
			named[id] = s
		}
	}
	return func(id ident.KeyID) (seal.Speaker, bool) {
		s, ok := named[id]
		return s, ok
	}
}

// takeName gives a finished file its name, which nothing may have yet, durably.
func takeName(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("node: %s is there already, and no key is overwritten", filepath.Base(to)))
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}
