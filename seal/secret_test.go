package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"valise.example/proto/ident"
	"valise.example/seal"
)

func TestSecretFileIsOneKindInOneRealm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.key")
	secret := []byte("0123456789abcdef0123456789abcdef")
	if err := seal.WriteSecret(path, ident.Operational, "record", secret, nil); err != nil {
		t.Fatal(err)
	}
	got, err := seal.ReadSecret(path, ident.Operational, "record", nil)
	if err != nil || string(got) != string(secret) {
		t.Fatalf("came back as %x, %v", got, err)
	}
	if err := seal.WriteSecret(path, ident.Operational, "record", secret, nil); err == nil {
		t.Error("an existing secret was overwritten")
	}
	if _, err := seal.ReadSecret(path, ident.Operational, "relay-nkey", nil); !errors.Is(err, seal.ErrKeyFile) {
		t.Errorf("taken for another kind: %v", err)
	}
	other, err := ident.ExerciseRealm("lab", [16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadSecret(path, other, "record", nil); !errors.Is(err, seal.ErrWrongRealm) {
		t.Errorf("taken in another realm: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadSecret(path, ident.Operational, "record", nil); !errors.Is(err, seal.ErrUnsafePermissions) {
		t.Errorf("read although others may: %v", err)
	}
}

func TestSecretFileNoticesAChangedDigit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	if err := seal.WriteSecret(path, ident.Operational, "relay-nkey", []byte("seed"), nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadSecret(path, ident.Operational, "relay-nkey", nil); !errors.Is(err, seal.ErrKeyFile) {
		t.Errorf("a changed secret was read: %v", err)
	}
}
