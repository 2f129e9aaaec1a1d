package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// TestSecretForATokenOpensForNobodyElse: each recipient opens it alone, as what it is, in its realm.
func TestSecretForATokenOpensForNobodyElse(t *testing.T) {
	identity := func() *age.HybridIdentity {
		i, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	first, second, stranger := identity(), identity(), identity()
	path, secret := filepath.Join(t.TempDir(), "record.key"), []byte("0123456789abcdef0123456789abcdef")
	if err := seal.WriteSecretFor(path, ident.Operational, "record", secret); err == nil {
		t.Fatal("a secret was written for nobody")
	}
	if err := seal.WriteSecretFor(path, ident.Operational, "record", secret, first.Recipient(), second.Recipient()); err != nil {
		t.Fatal(err)
	}
	for _, i := range []*age.HybridIdentity{first, second} {
		if got, err := seal.ReadSecretWith(path, ident.Operational, "record", i); err != nil || string(got) != string(secret) {
			t.Errorf("came back as %x, %v", got, err)
		}
	}
	if _, err := seal.ReadSecretWith(path, ident.Operational, "record", stranger); !errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := seal.ReadSecretWith(path, ident.Operational, "relay-nkey", first); !errors.Is(err, seal.ErrKeyFile) {
		t.Errorf("taken for another kind: %v", err)
	}
	other, err := ident.ExerciseRealm("lab", [16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadSecretWith(path, other, "record", first); !errors.Is(err, seal.ErrWrongRealm) {
		t.Errorf("taken in another realm: %v", err)
	}
	if _, err := seal.ReadSecret(path, ident.Operational, "record", []byte("x")); !errors.Is(err, seal.ErrWrongPassphrase) {
		t.Errorf("opened with a passphrase: %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadSecretWith(path, ident.Operational, "record", first); !errors.Is(err, seal.ErrKeyFile) {
		t.Errorf("cut short: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadSecretWith(path, ident.Operational, "record", first); !errors.Is(err, seal.ErrUnsafePermissions) {
		t.Errorf("read although others may: %v", err)
	}
}
