package directory

import (
	"io"
	"path/filepath"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// ManagerConfig makes a manager's folder, whose key stays in it.
type ManagerConfig struct {
	Realm ident.Realm
	// Passphrase protects the key file; nil writes it plain.
	Passphrase []byte
	Rand       io.Reader
	Now        time.Time
}

// InitManager makes a registry with one manager and threshold 1. docs/protocol.md §8.3
func InitManager(dir string, c ManagerConfig) (*Registry, error) {
	if err := refuseUsed(dir); err != nil {
		return nil, err
	}
	key, err := seal.GenerateSigningKey(c.Rand)
	if err != nil {
		return nil, err
	}
	set, err := NewManagerSet(c.Realm, 1, 1, []seal.PublicKey{key.Public()}, c.Now)
	if err != nil {
		return nil, err
	}
	signed, err := seal.SignObject(c.Realm, seal.PurposeManagerSet, set, key)
	if err != nil {
		return nil, err
	}
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	if err := seal.WriteSigningKey(filepath.Join(dir, ManagerKeyFile), c.Realm, key, c.Passphrase); err != nil {
		return nil, err
	}
	return InitRegistry(dir, c.Realm, signed)
}

// JoinQuorum makes the folder of one manager of several: a key and a card for the others. It waits
// for a set that threshold and number of managers fit. docs/protocol.md §8.7
func JoinQuorum(dir string, threshold, managers int, c ManagerConfig) (ManagerCard, error) {
	none := ManagerCard{}
	if err := refuseUsed(dir); err != nil {
		return none, err
	}
	if _, err := ident.ParseRealm(string(c.Realm)); err != nil {
		return none, aboutRegistry.refuse(valisev1.Reason_REASON_WRONG_REALM, "no manager without a realm: %w", err)
	}
	if threshold < 1 || managers < threshold || managers > seal.MaxSignatures {
		return none, aboutRegistry.refuse(valisev1.Reason_REASON_QUORUM, "%d of %d managers is no quorum: want at least 1, and at most %d of all", threshold, managers, seal.MaxSignatures)
	}
	key, err := seal.GenerateSigningKey(c.Rand)
	if err != nil {
		return none, err
	}
	card, err := FormatManagerCard(c.Realm, key.Public())
	if err != nil {
		return none, err
	}
	if err := makeFolder(filepath.Join(dir, admittedFolder)); err != nil {
		return none, err
	}
	if err := seal.WriteSigningKey(filepath.Join(dir, ManagerKeyFile), c.Realm, key, c.Passphrase); err != nil {
		return none, err
	}
	reading, err := seal.GenerateSealingKey()
	if err != nil {
		return none, err
	}
	r := &Registry{dir: dir, realm: c.Realm, disk: realDisk{}}
	r.notes = registryNotes{Realm: string(c.Realm), ReadingKey: reading.Secret(), Expects: &expectedQuorum{Threshold: threshold, Managers: managers}}
	if err := writeDurably(r.disk, r.path(ManagerCardFile), card); err != nil {
		return none, storage(err)
	}
	return ManagerCard{Key: key.Public(), ID: key.Public().ID(c.Realm)}, r.saveNotes()
}

// Card is the card of this manager; the error is NOT_FOUND where the folder was made without one.
func (r *Registry) Card() (ManagerCard, error) {
	b, err := readBounded(r.path(ManagerCardFile), MaxCardSize)
	if err != nil {
		return ManagerCard{}, err
	}
	if b == nil {
		return ManagerCard{}, aboutCard.refuse(valisev1.Reason_REASON_NOT_FOUND, "this manager has none: the key was in the set from the beginning")
	}
	return ParseManagerCard(r.realm, b)
}

// MajorityNeeded reports a quorum of which two can be found without a common manager: then two lists
// of one number can both be signed.
func MajorityNeeded(threshold, managers int) bool { return 2*threshold <= managers }
